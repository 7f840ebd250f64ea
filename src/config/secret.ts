import { readFileSync } from 'node:fs'
import { ConfigError } from './config-error.ts'

const secretLengthMax = 64 * 1024

/**
 * Reads a secret from its file. Blanks and line breaks around it do not belong to it.
 *
 * @param setting where the file is named, such as `channels.ml-team.tokenFile`, for the error
 * @throws ConfigError without a word of the secret
 */
export function readSecret(file: string, setting: string): string {
  const fail = (message: string, cause?: unknown) =>
    new ConfigError([{ file: null, line: null, column: null, path: setting, message }], { cause })
  let text: string
  try {
    text = readFileSync(file, 'utf8').trim()
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error'
    throw fail(
      `the secret cannot be read from ${file} (${code}); put it there, readable for the user that runs this program`,
      cause,
    )
  }
  if (text === '') throw fail(`${file} is empty; put the secret there`)
  if (text.length > secretLengthMax)
    throw fail(`${file} has ${text.length} characters, which is no secret; is it the right file?`)
  return text
}
