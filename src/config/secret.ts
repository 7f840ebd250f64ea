// Where secrets come from: files, and variables of the environment. Never from the document itself.

import { readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { faultOfUrl } from '../outbound/addresses.ts'
import { Secret } from '../secret.ts'
import { ConfigError } from './config-error.ts'

const secretLengthMax = 64 * 1024
const fromEnvironment = 'env:'

/** Secrets that stood in variables: those are emptied when they have been read. */
const taken = new Map<string, Secret>()

/** A secret that may be replaced while this program runs. */
export type SecretSource = () => Secret

/**
 * Reads a secret from its file, or from the variable of `env:NAME`. Blanks and line breaks around it do not belong to it.
 *
 * A variable is removed from the environment of this process when it has been read, so that nothing that prints the environment
 * shows it. When its name ends in _FILE, it names a file.
 *
 * @param place where it is: a path, or `env:NAME`
 * @param setting where that is named, such as `channels.ml-team.tokenFile`, for the error
 * @throws ConfigError without a word of the secret
 */
export function readSecret(place: string, setting: string): Secret {
  return place.startsWith(fromEnvironment)
    ? readVariable(place.slice(fromEnvironment.length), setting)
    : new Secret(readFile(place, setting))
}

/**
 * A secret that is read anew each time it is asked for, so that one that was replaced counts from the next connection on. While
 * its file cannot be read, as happens for a moment when it is replaced, the last one stays.
 *
 * @throws as `readSecret`, at once, not later
 */
export function rotatingSecret(place: string, setting: string): SecretSource {
  let last = readSecret(place, setting)
  return () => {
    try {
      const now = readSecret(place, setting)
      if (now.reveal() !== last.reveal()) last = now
    } catch {
      // The last one stays.
    }
    return last
  }
}

/**
 * An address that is a secret, because who knows it may use it. The parts of it that make it one are secrets, too: a receiver may
 * repeat them alone.
 *
 * @throws ConfigError as `readSecret`, and when it is no address, without a word of it
 */
export function rotatingUrl(place: string, setting: string): SecretSource {
  const source = rotatingSecret(place, setting)
  const address = () => {
    const secret = source()
    const text = secret.reveal()
    if (URL.canParse(text)) {
      const { pathname, searchParams } = new URL(text)
      for (const part of [...pathname.split('/'), ...searchParams.values()])
        if (part.length >= PART_LENGTH_MIN) new Secret(part)
    }
    return secret
  }
  const fault = faultOfUrl(address().reveal())
  if (fault !== undefined) throw problem(setting, `${place} holds no usable address: expected one that ${fault}`)
  return address
}

/** Shorter parts of an address are words: `workflows`, `triggers`, `2016-10-01`. */
const PART_LENGTH_MIN = 16

/** Why others on this machine can read a secret; null when they cannot, or when there is no such file. */
export function exposureOf(place: string): string | null {
  if (place.startsWith(fromEnvironment)) {
    const name = place.slice(fromEnvironment.length)
    const file = name.endsWith('_FILE') ? (process.env[name]?.trim() ?? '') : ''
    return file === '' ? null : exposureOf(resolve(file))
  }
  try {
    if ((statSync(place).mode & 0o004) === 0) return null
    for (let folder = dirname(place); ; folder = dirname(folder)) {
      if ((statSync(folder).mode & 0o001) === 0) return null
      if (folder === dirname(folder)) break
    }
  } catch {
    return null
  }
  return `${place} can be read by every user of this machine; close it with: chmod o-r ${place}`
}

function readVariable(name: string, setting: string): Secret {
  const known = taken.get(name)
  if (known !== undefined) return known
  const value = process.env[name]?.trim() ?? ''
  if (value === '') throw problem(setting, `the variable ${name} is not set; put the secret there, or name a file`)
  if (name.endsWith('_FILE')) return new Secret(readFile(value, setting))
  delete process.env[name]
  const secret = new Secret(value)
  taken.set(name, secret)
  return secret
}

function readFile(file: string, setting: string): string {
  let text: string
  try {
    text = readFileSync(file, 'utf8').trim()
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error'
    throw problem(
      setting,
      `the secret cannot be read from ${file} (${code}); put it there, readable for the user that runs this program`,
      cause,
    )
  }
  if (text === '') throw problem(setting, `${file} is empty; put the secret there`)
  if (text.length > secretLengthMax)
    throw problem(setting, `${file} has ${text.length} characters, which is no secret; is it the right file?`)
  return text
}

function problem(setting: string, message: string, cause?: unknown): ConfigError {
  return new ConfigError([{ file: null, line: null, column: null, path: setting, message }], { cause })
}
