// Settings of the process, not of what it watches: default < environment (LEEWAY_*) < flag.

import convict from 'convict'
import type { Millis } from '../time.ts'
import type { Problem } from './config-error.ts'
import { ConfigError } from './config-error.ts'
import { describeFound, editDistance, listNames, suggest } from './explain.ts'

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]
const accesses = ['open', 'token'] as const
type Access = (typeof accesses)[number]

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
  /** Entries kept for the join of predictions and labels. */
  readonly joinEntriesMax: number
  /** A state that begins empty goes through the past without telling it again. */
  readonly rebuild: boolean
  /** MiB of free space under which the state directory warns. */
  readonly stateFreeMinMib: number
  /** MiB that the process may use; 0 = what its container has. */
  readonly memoryLimitMib: number
  /** Address under which people reach this daemon, without a slash at its end; null when there is none. */
  readonly publicUrl: string | null
  /** Who may do what over HTTP: see `tokens-file.ts`. null: nothing can be changed. */
  readonly tokensFile: string | null
  /** Whether the API is read by all, or with a token. null: by all on this machine's own address, else with a token. */
  readonly readAccess: Access | null
  readonly metricsAccess: Access
  /** A port of their own for metrics and probes; null: they share the API's. */
  readonly metricsPort: number | null
  /** null: the host of the API. */
  readonly metricsHost: string | null
  /** Names in Host headers that are answered besides this machine's own and that of `publicUrl`. */
  readonly allowedHosts: readonly string[]
  /** From one address. */
  readonly requestsPerSecond: number
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
    default: 10_000,
    format: 'leeway-count',
    env: 'LEEWAY_COMMIT_RECORDS_MAX',
  },
  seriesMax: {
    doc: 'Series that /metrics shows at most',
    default: 20_000,
    format: 'leeway-count',
    env: 'LEEWAY_SERIES_MAX',
  },
  joinEntriesMax: {
    doc: 'Entries kept for the join of predictions and labels; beyond it the oldest are dropped',
    default: 50_000_000,
    format: 'leeway-count',
    env: 'LEEWAY_JOIN_ENTRIES_MAX',
  },
  stateFreeMinMib: {
    doc: 'MiB of free space under which the state directory warns',
    default: 512,
    format: 'leeway-count',
    env: 'LEEWAY_STATE_FREE_MIN_MIB',
  },
  memoryLimitMib: {
    doc: 'MiB of memory that the process may use; 0 = what its container has, and the heap of Node in any case',
    default: 0,
    format: 'leeway-limit',
    env: 'LEEWAY_MEMORY_LIMIT_MIB',
  },
  rebuild: {
    doc: 'Rebuild a state that is empty quietly: what has passed is not told again',
    default: false,
    format: 'leeway-flag',
    env: 'LEEWAY_REBUILD',
  },
  publicUrl: {
    doc: 'Address under which people reach this daemon',
    default: null,
    format: 'leeway-url',
    env: 'LEEWAY_PUBLIC_URL',
  },
  tokensFile: {
    doc: 'File of tokens: who may do what over HTTP; without one nothing can be changed',
    default: null,
    format: 'leeway-text-or-null',
    env: 'LEEWAY_TOKENS_FILE',
  },
  readAccess: {
    doc: 'Who reads the API: open (all) or token; left out: all on a loopback address, else token',
    default: null,
    format: 'leeway-access-or-null',
    env: 'LEEWAY_READ_ACCESS',
  },
  metricsAccess: {
    doc: 'Who reads /metrics: open (all) or token',
    default: 'open',
    format: 'leeway-access',
    env: 'LEEWAY_METRICS_ACCESS',
  },
  metricsPort: {
    doc: 'Port of their own for metrics and probes; 0 = any free one',
    default: null,
    format: 'leeway-port-or-null',
    env: 'LEEWAY_METRICS_PORT',
  },
  metricsHost: {
    doc: 'Address of that port',
    default: null,
    format: 'leeway-text-or-null',
    env: 'LEEWAY_METRICS_HOST',
  },
  allowedHosts: {
    doc: 'Names under which the HTTP server is reached, with commas between them',
    default: [],
    format: 'leeway-hosts',
    env: 'LEEWAY_ALLOWED_HOSTS',
  },
  requestsPerSecond: {
    doc: 'HTTP requests a second from one address',
    default: 50,
    format: 'leeway-count',
    env: 'LEEWAY_REQUESTS_PER_SECOND',
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

const isText = (value: unknown) => typeof value === 'string' && value !== ''
const isPort = (value: unknown) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 65535
const isAccess = (value: unknown) => accesses.includes(value as Access)
const toList = (value: unknown) => (typeof value === 'string' ? value.split(',').map((one) => one.trim()) : value)

convict.addFormats({
  'leeway-text': expectation(isText, 'text'),
  'leeway-text-or-null': expectation((value) => value === null || isText(value), 'text'),
  'leeway-access': expectation(isAccess, listNames(accesses)),
  'leeway-access-or-null': expectation((value) => value === null || isAccess(value), listNames(accesses)),
  'leeway-port-or-null': expectation((value) => value === null || isPort(value), 'a port from 0 to 65535', toNumber),
  'leeway-hosts': expectation(
    (value) => Array.isArray(value) && value.every((name) => /^[a-z0-9.-]+$/i.test(String(name))),
    'names of hosts without ports, such as leeway.example.org,leeway.monitoring.svc',
    toList,
  ),
  'leeway-count': expectation(
    (value) => Number.isInteger(value) && (value as number) > 0,
    'a whole number above 0',
    toNumber,
  ),
  'leeway-limit': expectation(
    (value) => Number.isInteger(value) && (value as number) >= 0,
    'a whole number of at least 0',
    toNumber,
  ),
  'leeway-flag': expectation(
    (value) => typeof value === 'boolean',
    'true or false',
    (value) => (value === 'true' ? true : value === 'false' ? false : value),
  ),
  'leeway-port': expectation(isPort, 'a port from 0 to 65535', toNumber),
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
