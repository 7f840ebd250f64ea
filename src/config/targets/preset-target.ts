// From what the document says of an orchestrator with a preset to its whole description.

import { z } from 'zod'
import type { Auth, HttpTarget } from '../../delivery/orchestrators/target.ts'
import type { JsonValue } from '../../retraining/orchestrator.ts'
import { SECOND } from '../../time.ts'
import { positiveDuration, secretPath, url } from '../forms.ts'
import { readBlocks, resolveBlocks } from './http-blocks.ts'
import { named } from './named.ts'
import type { Preset, PresetLogin } from './presets/preset.ts'
import type { SecretPlace } from './secret-place.ts'

/** The settings of a login, by what it is done with. */
const loginSettings = {
  user: named('a user name'),
  passwordFile: secretPath.describe('File with the password'),
  tokenFile: secretPath.describe('File with the token'),
  accessKeyFile: secretPath.describe('File with the id of the access key'),
  secretKeyFile: secretPath.describe('File with the secret access key'),
  sessionTokenFile: secretPath.describe('File with the session token of temporary keys'),
}
type LoginSetting = keyof typeof loginSettings
type Given = Readonly<Record<string, unknown>>

const needs = {
  nothing: [],
  basic: ['user', 'passwordFile'],
  'user token': ['user', 'tokenFile'],
  login: ['user', 'passwordFile'],
  token: ['tokenFile'],
  aws: ['accessKeyFile', 'secretKeyFile'],
} as const satisfies Readonly<Record<PresetLogin['by'], readonly LoginSetting[]>>

const USUAL_TIMEOUT_MS = 15 * SECOND

/** Settings that every target over HTTP has. */
export const timing = {
  timeout: positiveDuration.default(USUAL_TIMEOUT_MS).describe('How long an answer is waited for'),
}

/** What the document says of a target with a preset. */
export function presetSettings<const Name extends string>(name: Name, preset: Preset) {
  return z.strictObject({
    target: z.literal(name),
    url: (preset.url === undefined ? url : url.optional()).describe(`Where ${preset.calls} is`),
    ...preset.settings,
    ...(loginShape(preset) as Partial<Record<LoginSetting, z.ZodOptional<z.ZodString>>>),
    ...timing,
    parameters: z
      .json()
      .optional()
      .describe('What is given to the run, with {{placeholders}}; left out: the whole request'),
    every: positiveDuration.optional().describe('How often it is asked how the run stands'),
    link: z.string('an address').optional().describe('Where people look at the run, with {{run.id}}'),
  })
}

function loginShape({ logins }: Preset): Readonly<Record<string, z.ZodOptional<z.ZodString>>> {
  const names = new Set(logins.flatMap(settingsOf))
  return Object.fromEntries([...names].map((name) => [name, loginSettings[name].optional()]))
}

function settingsOf({ by }: PresetLogin): readonly LoginSetting[] {
  return by === 'aws' ? [...needs.aws, 'sessionTokenFile'] : needs[by]
}

/** What is wrong with the login, in words: what the preset needs. */
export function faultOfLogin(preset: Preset, given: Given): string | undefined {
  if (preset.logins.length === 0 || loginOf(preset, given) !== undefined) return undefined
  const ways = preset.logins.map(({ by }) => (by === 'nothing' ? 'nothing' : needs[by].join(' and ')))
  const found = Object.keys(loginSettings).filter((name) => given[name] !== undefined)
  return `found ${found.length === 0 ? 'no login' : found.join(' and ')}; expected ${ways.join(', or ')}`
}

/** The login that fits exactly what is named. */
function loginOf({ logins }: Preset, given: Given): PresetLogin | undefined {
  const isGiven = (name: string) => given[name] !== undefined
  return logins.find((login) => {
    const may: readonly string[] = settingsOf(login)
    const others = Object.keys(loginSettings).filter((name) => !may.includes(name))
    return needs[login.by].every(isGiven) && !others.some(isGiven)
  })
}

/**
 * @param input has passed all checks
 * @param absolute makes a path absolute against the folder of the document
 */
export function resolvePreset(
  preset: Preset,
  input: { readonly url?: string | undefined; readonly timeout?: number | undefined } & Given,
  absolute: (path: string) => string,
): HttpTarget<SecretPlace> {
  const blocks = resolveBlocks(readBlocks(preset.blocks))
  const settings = Object.fromEntries(Object.keys(preset.settings).map((name) => [name, String(input[name])]))
  const secret = (setting: LoginSetting): SecretPlace => ({ setting, place: absolute(String(input[setting])) })
  const { every, link, parameters } = input as { every?: number; link?: string; parameters?: JsonValue }
  const linked = <T extends object>(block: T) => (link === undefined ? block : { ...block, link })
  return {
    ...blocks,
    calls: preset.calls,
    url: (input.url ?? preset.url ?? '').replace(/\{\{settings\.(\w+)\}\}/g, (_, name: string) => settings[name] ?? ''),
    timeoutMs: input.timeout ?? USUAL_TIMEOUT_MS,
    auth: authOf(preset, input, secret),
    settings,
    secrets: {},
    parameters: parameters ?? blocks.parameters,
    launch: linked(blocks.launch),
    find: blocks.find === null ? null : linked(blocks.find),
    queue: blocks.queue === null ? null : linked(blocks.queue),
    poll: blocks.poll === null || every === undefined ? blocks.poll : { ...blocks.poll, everyMs: every },
  }
}

function authOf(preset: Preset, given: Given, secret: (setting: LoginSetting) => SecretPlace): Auth<SecretPlace> {
  const login = loginOf(preset, given)
  const user = String(given['user'])
  switch (login?.by) {
    case 'basic':
      return { type: 'basic', user, password: secret('passwordFile') }
    case 'user token':
      return { type: 'basic', user, password: secret('tokenFile') }
    case 'login':
      return { type: 'login', path: login.path, user, password: secret('passwordFile'), token: login.token }
    case 'token':
      return { type: 'header', header: login.header, prefix: login.prefix, token: secret('tokenFile') }
    case 'aws':
      return {
        type: 'aws',
        region: String(given['region']),
        service: login.service,
        accessKey: secret('accessKeyFile'),
        secretKey: secret('secretKeyFile'),
        sessionToken: given['sessionTokenFile'] === undefined ? null : secret('sessionTokenFile'),
      }
    default:
      return { type: 'none' }
  }
}
