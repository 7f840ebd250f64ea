// Settings of the process, not of what it watches: default < environment (LEEWAY_*) < flag.

import convict from 'convict'
import type { Millis } from '../time.ts'
import type { Problem } from './config-error.ts'
import { ConfigError } from './config-error.ts'
import { describeFound, editDistance, listNames, suggest } from './explain.ts'

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

export interface Settings {
  /** The configuration file. */
  readonly config: string
  /** Folder of the database. */
  readonly stateDir: string
  readonly host: string
  /** 0 = any free port. */
  readonly port: number
  readonly logLevel: LogLevel
  readonly commitIntervalMs: Millis
  readonly commitRecordsMax: number
  /** Series that /metrics shows at most. */
  readonly seriesMax: number
  /** MiB of free space under which the state directory warns. */
  readonly stateFreeMinMib: number
  /** Address under which people reach this daemon, without a slash at its end; null when there is none. */
  readonly publicUrl: string | null
}

export type SettingName = keyof Settings

/** A setting's default, its environment variable, and what is said of it in the documentation. */
export const settingsSchema = {
  config: { doc: 'Configuration file', default: 'config/leeway.yaml', format: 'leeway-text', env: 'LEEWAY_CONFIG' },
  stateDir: { doc: 'Folder of the database', default: './state', format: 'leeway-text', env: 'LEEWAY_STATE_DIR' },
  host: { doc: 'Address to listen on', default: '127.0.0.1', format: 'leeway-text', env: 'LEEWAY_HOST' },
  port: { doc: 'Port to listen on; 0 = any free one', default: 9464, format: 'leeway-port', env: 'LEEWAY_PORT' },
  logLevel: {
    doc: 'Least severe log lines to write',
    default: 'info',
    format: 'leeway-log-level',
    env: 'LEEWAY_LOG_LEVEL',
  },
  commitIntervalMs: {
    doc: 'Milliseconds between commits',
    default: 1_000,
    format: 'leeway-count',
    env: 'LEEWAY_COMMIT_INTERVAL_MS',
  },
  commitRecordsMax: {
    doc: 'Records after which a commit is due',
    default: 20_000,
    format: 'leeway-count',
    env: 'LEEWAY_COMMIT_RECORDS_MAX',
  },
  seriesMax: {
    doc: 'Series that /metrics shows at most',
    default: 20_000,
    format: 'leeway-count',
    env: 'LEEWAY_SERIES_MAX',
  },
  stateFreeMinMib: {
    doc: 'MiB of free space under which the state directory warns',
    default: 512,
    format: 'leeway-count',
    env: 'LEEWAY_STATE_FREE_MIN_MIB',
  },
  publicUrl: {
    doc: 'Address under which people reach this daemon',
    default: null,
    format: 'leeway-url',
    env: 'LEEWAY_PUBLIC_URL',
  },
} as const satisfies Record<SettingName, convict.SchemaObj & { doc: string; env: string; default: unknown }>

/** Whole numbers as text become numbers; convict's own conversion would take `9464x` for 9464. */
const toNumber = (value: unknown) =>
  typeof value === 'string' && /^\d{1,15}$/.test(value.trim()) ? Number(value) : value

function expectation(
  isRight: (value: unknown) => boolean,
  expected: string,
  coerce: (value: unknown) => unknown = (value) => value,
) {
  const validate = (value: unknown) => {
    if (!isRight(value)) throw new Error(`expected ${expected}`)
  }
  return { validate, coerce }
}

convict.addFormats({
  'leeway-text': expectation((value) => typeof value === 'string' && value !== '', 'text'),
  'leeway-count': expectation(
    (value) => Number.isInteger(value) && (value as number) > 0,
    'a whole number above 0',
    toNumber,
  ),
  'leeway-port': expectation(
    (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 65535,
    'a port from 0 to 65535',
    toNumber,
  ),
  'leeway-log-level': expectation((value) => logLevels.includes(value as LogLevel), listNames(logLevels)),
  'leeway-url': expectation(
    (value) => value === null || isWebAddress(value),
    'an address that begins with http:// or https://',
    withoutLastSlash,
  ),
})

function isWebAddress(value: unknown): boolean {
  return typeof value === 'string' && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)
}

function withoutLastSlash(value: unknown): unknown {
  return typeof value === 'string' ? value.replace(/\/+$/, '') : value
}

export interface SettingsInput {
  readonly env?: NodeJS.ProcessEnv
  /** What was given on the command line; what is undefined was not. */
  readonly flags?: Partial<Record<SettingName, string | number | undefined>>
}

/**
 * The settings of this process.
 *
 * @throws ConfigError with every wrong setting at once, each under the name of the variable or flag that gave it
 */
export function loadSettings({ env = process.env, flags = {} }: SettingsInput = {}): Settings {
  const config = convict<Record<string, unknown>>({ ...settingsSchema }, { env, args: [] })
  const given = new Set<string>()
  for (const [name, value] of Object.entries(flags)) {
    if (value === undefined) continue
    config.set(name, value)
    given.add(name)
  }
  const nameOf = (setting: SettingName) => (given.has(setting) ? flagOf(setting) : settingsSchema[setting].env)
  const problems = [...invalidSettings(config, nameOf), ...misspeltVariables(env)]
  if (problems.length > 0) throw new ConfigError(problems)
  return config.getProperties() as unknown as Settings
}

/** `stateDir` as `--state-dir`. */
function flagOf(setting: SettingName): string {
  return `--${setting.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

/** convict reports everything at once, a line each: `port: expected a port from 0 to 65535: value was "abc"`. */
function invalidSettings(
  config: convict.Config<Record<string, unknown>>,
  nameOf: (setting: SettingName) => string,
): Problem[] {
  try {
    config.validate({ allowed: 'strict' })
    return []
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return error.message.split('\n').map((line) => {
      const [, setting, expected] = /^(\w+): (expected .*?)(?:: value was .*)?$/.exec(line) ?? []
      if (setting === undefined || expected === undefined || !(setting in settingsSchema)) return problem('', line)
      const value = config.get(setting)
      const name = nameOf(setting as SettingName)
      return problem(
        name,
        `${describeFound(value)}; ${expected}${suggestLevel(setting, value)}${serviceLink(name, value)}`,
      )
    })
  }
}

function suggestLevel(setting: string, value: unknown): string {
  return setting === 'logLevel' && typeof value === 'string' ? suggest(value, logLevels) : ''
}

/** Kubernetes gives every container variables of every service; those of a service named leeway look like ours. */
function serviceLink(name: string, value: unknown): string {
  const isLink = name === 'LEEWAY_PORT' && typeof value === 'string' && value.startsWith('tcp://')
  return isLink ? '. Kubernetes has set it for a service named leeway: set enableServiceLinks: false in the pod' : ''
}

/** A variable with a slip of the pen would be ignored without a word. */
function misspeltVariables(env: NodeJS.ProcessEnv): Problem[] {
  const known: string[] = Object.values(settingsSchema).map((setting) => setting.env)
  return Object.keys(env).flatMap((name) => {
    if (!name.startsWith('LEEWAY_') || known.includes(name)) return []
    const meant = known.find((other) => editDistance(name, other) <= 2)
    return meant === undefined ? [] : [problem(name, `there is no such variable; did you mean ${meant}?`)]
  })
}

function problem(path: string, message: string): Problem {
  return { file: null, line: null, column: null, path, message }
}
