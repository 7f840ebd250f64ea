// Where records come from and how they are read: the `sources` of the document.

import { z } from 'zod'
import type { EventMapping } from '../events/mapping.ts'
import type { TlsFiles } from '../sources/kafka-socket.ts'
import type { Millis } from '../time.ts'
import { classLabel, column, duration, filePath, name, secretPath, url } from './forms.ts'

const columnsByName = z.record(column, column, 'columns by name')

/** Which column holds what (design of mapped events). */
export const eventMapping = z.strictObject({
  id: column.describe('Column of the id that joins a label to its prediction'),
  time: column
    .optional()
    .describe('Column of the time of the prediction; leave it out for records that are labels only'),
  features: z
    .union(
      [z.array(column).min(1, 'at least one column'), columnsByName],
      'a list of columns, or columns by feature name',
    )
    .optional()
    .describe('Feature columns; left out: every column that is named nowhere else'),
  score: column.optional().describe('Column of the probability of the positive class'),
  probabilities: columnsByName.optional().describe('Columns of the probabilities, by class'),
  prediction: column.optional().describe('Column of the predicted class or value'),
  label: column.optional().describe('Column of the true class or value'),
  labelTime: column.optional().describe('Column of the time at which the label became known'),
  version: column.optional().describe('Column of the version of the model'),
})

const eventsForm = 'canonical, or a mapping of columns such as {id: row_id, time: scored_at}'
const eventFormat = z
  .union([z.literal('canonical'), eventMapping], eventsForm)
  .describe('canonical: JSON events in the format of this program; otherwise which column holds what')

const timing = {
  outOfOrderness: duration.prefault('1m').describe('How far events may lag behind the newest one of their partition'),
  idleTimeout: duration
    .prefault('10s')
    .describe('After this long without predictions a caught-up partition holds nothing back'),
  maxFutureSkew: duration
    .prefault('5m')
    .describe('How far ahead of the clock an event may be; beyond it is quarantined'),
  allowedLateness: duration.prefault('1h').describe('How late an event may come and still change its windows'),
}

const endpointForm = 'an address that begins with https:// (http:// only for this machine)'
const extensionForm = 'printable text'

/** A secret goes there: nobody may read along. */
function isTokenEndpoint(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname } = new URL(text)
  return protocol === 'https:' || (protocol === 'http:' && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname))
}

const brokerForm = 'a broker such as localhost:9092'
const topicForm = 'the name of a topic'
const topic = z.string(topicForm).regex(/^[\w.-]{1,249}$/, topicForm)
const bytesForm = 'a number of bytes, up to 1073741824'
const MAX_BYTES = 2 ** 30
const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const
const pem = (what: string) => filePath.describe(`${what} (PEM)`)

const tls = z
  .strictObject({
    caFile: pem('Certificates of the authorities that may have signed those of the brokers').optional(),
    certFile: pem('Our own certificate, with what leads to its authority').optional(),
    keyFile: secretPath.optional().describe('The key of our own certificate (PEM)'),
  })
  .refine(({ certFile, keyFile }) => (certFile === undefined) === (keyFile === undefined), {
    error: 'certFile and keyFile belong together; give both, or neither',
  })

const passwordLogin = z.strictObject({
  mechanism: z.enum(mechanisms),
  username: z.string('a user name').min(1, 'a user name'),
  passwordFile: secretPath,
})

const tokenLogin = z
  .strictObject({
    mechanism: z.literal('oauthbearer'),
    tokenFile: secretPath.optional().describe('A token that something else keeps fresh'),
    tokenEndpoint: url
      .refine(isTokenEndpoint, endpointForm)
      .optional()
      .describe('Where tokens are asked for (OAuth 2.0 client credentials)'),
    clientId: z.string('a client id').min(1, 'a client id').optional(),
    clientSecretFile: secretPath.optional(),
    scope: z.string('a scope').min(1, 'a scope').optional(),
    extensions: z
      .record(
        z.string().regex(/^[A-Za-z]+$/, 'letters alone'),
        z.string(extensionForm).regex(/^[\x20-\x7e\t\r\n]+$/, extensionForm),
        'values by name',
      )
      .default({})
      .describe('Sent with the token, such as logicalCluster'),
  })
  .refine(
    ({ tokenFile, tokenEndpoint, clientId, clientSecretFile }) =>
      tokenFile !== undefined
        ? tokenEndpoint === undefined && clientId === undefined && clientSecretFile === undefined
        : tokenEndpoint !== undefined && clientId !== undefined && clientSecretFile !== undefined,
    { error: 'give tokenFile, or tokenEndpoint with clientId and clientSecretFile' },
  )

const kafka = z.strictObject({
  type: z.literal('kafka'),
  brokers: z
    .array(z.string(brokerForm).regex(/^[^\s/]+:\d{1,5}$/, brokerForm), 'a list of brokers such as [localhost:9092]')
    .min(1, 'at least one broker'),
  topics: z
    .union(
      [z.array(topic).min(1, 'at least one topic'), z.record(topic, z.strictObject({ events: eventFormat }))],
      'a list of topics, or a map of topics such as {predictions: {events: canonical}}',
    )
    .describe('Topics that share `events`, or topics with `events` of their own'),
  events: eventFormat.optional(),
  ssl: z
    .union([z.boolean(), tls], 'true, false, or {caFile: …} and the like')
    .default(false)
    .describe('TLS; the host of a broker is always verified. true: its authority is one that the system trusts'),
  sasl: z
    .discriminatedUnion('mechanism', [passwordLogin, tokenLogin])
    .optional()
    .describe('How to log in; what the files hold is read again for every connection'),
  requestTimeout: duration
    .prefault('30s')
    .describe('A connection that is asked and brings nothing for this long is dead'),
  stallTimeout: duration
    .prefault('60s')
    .describe(
      'A client that brings nothing for this long, although there is something, is replaced; twice in a row ends the process',
    ),
  onLoss: z
    .enum(['continue', 'halt'], 'continue or halt')
    .default('continue')
    .describe(
      'Records that were removed before they were read, or that cannot be decoded: count them and go on, or stop',
    ),
  maxRecordBytes: z
    .int(bytesForm)
    .min(1, bytesForm)
    .max(MAX_BYTES, bytesForm)
    .default(1_048_576)
    .describe('A larger record is quarantined'),
  maxBatchBytes: z
    .int(bytesForm)
    .min(1, bytesForm)
    .max(MAX_BYTES, bytesForm)
    .default(67_108_864)
    .describe('A batch that decompresses to more is counted as lost'),
  ...timing,
})

const file = z.strictObject({
  type: z.literal('file'),
  path: filePath.describe('CSV, JSON lines (both also .gz) or Parquet'),
  events: eventFormat,
  ...timing,
})

export const sourceSettings = z.discriminatedUnion('type', [kafka, file])
export const sources = z.record(name, sourceSettings, 'sources by name')
export type SourceInput = z.output<typeof sourceSettings>
export type MappingInput = z.output<typeof eventMapping>
export type EventFormat = 'canonical' | EventMapping

interface Timing {
  readonly name: string
  readonly outOfOrdernessMs: Millis
  readonly idleTimeoutMs: Millis
  readonly maxFutureSkewMs: Millis
  readonly allowedLatenessMs: Millis
}

export interface KafkaSourceSettings extends Timing {
  readonly type: 'kafka'
  readonly brokers: readonly string[]
  /** How the records of each topic are read. */
  readonly topics: ReadonlyMap<string, EventFormat>
  /** false: no TLS. Paths are absolute. */
  readonly ssl: TlsFiles | false
  readonly sasl: LoginSettings | null
  readonly requestTimeoutMs: Millis
  readonly stallTimeoutMs: Millis
  /** What follows from records that are lost. */
  readonly onLoss: 'continue' | 'halt'
  readonly maxRecordBytes: number
  /** Once decompressed. */
  readonly maxBatchBytes: number
}

export type LoginSettings =
  | { readonly mechanism: (typeof mechanisms)[number]; readonly username: string; readonly passwordFile: string }
  | ({ readonly mechanism: 'oauthbearer'; readonly extensions: Readonly<Record<string, string>> } & (
      | { readonly tokenFile: string }
      | {
          readonly tokenEndpoint: string
          readonly clientId: string
          readonly clientSecretFile: string
          readonly scope: string | null
          /** Where it may be beside public addresses: `network.allow`. */
          readonly allow: readonly string[]
        }
    ))

export interface FileSourceSettings extends Timing {
  readonly type: 'file'
  /** Absolute. */
  readonly path: string
  readonly events: EventFormat
}

export type SourceSettings = KafkaSourceSettings | FileSourceSettings

interface Surroundings {
  /** Makes a path absolute against the folder of the document. */
  readonly absolute: (path: string) => string
  /** `network.allow` */
  readonly allow: readonly string[]
}

export function resolveSource(name: string, input: SourceInput, { absolute, allow }: Surroundings): SourceSettings {
  const common: Timing = {
    name,
    outOfOrdernessMs: input.outOfOrderness,
    idleTimeoutMs: input.idleTimeout,
    maxFutureSkewMs: input.maxFutureSkew,
    allowedLatenessMs: input.allowedLateness,
  }
  if (input.type === 'file') {
    return { ...common, type: 'file', path: absolute(input.path), events: resolveFormat(input.events) }
  }
  const { sasl } = input
  return {
    ...common,
    type: 'kafka',
    brokers: input.brokers,
    topics: new Map(topicFormats(input).map(([topic, format]) => [topic, resolveFormat(format)])),
    ssl: resolveTls(input.ssl, absolute),
    sasl: sasl === undefined ? null : resolveLogin(sasl, { absolute, allow }),
    onLoss: input.onLoss,
    maxRecordBytes: input.maxRecordBytes,
    maxBatchBytes: input.maxBatchBytes,
    requestTimeoutMs: input.requestTimeout,
    stallTimeoutMs: input.stallTimeout,
  }
}

type KafkaInput = Extract<SourceInput, { type: 'kafka' }>

function resolveTls(input: KafkaInput['ssl'], absolute: (path: string) => string): TlsFiles | false {
  if (typeof input === 'boolean') return input ? {} : false
  const { caFile, certFile, keyFile } = input
  const path = (file: string | undefined) => (file === undefined ? undefined : absolute(file))
  return { caFile: path(caFile), certFile: path(certFile), keyFile: path(keyFile) }
}

function resolveLogin(input: NonNullable<KafkaInput['sasl']>, { absolute, allow }: Surroundings): LoginSettings {
  if (input.mechanism !== 'oauthbearer') return { ...input, passwordFile: absolute(input.passwordFile) }
  const { mechanism, extensions, tokenFile, tokenEndpoint, clientId, clientSecretFile, scope } = input
  if (tokenFile !== undefined) return { mechanism, extensions, tokenFile: absolute(tokenFile) }
  if (tokenEndpoint === undefined || clientId === undefined || clientSecretFile === undefined)
    throw new Error('the schema lets no such login pass')
  return {
    mechanism,
    extensions,
    tokenEndpoint,
    clientId,
    clientSecretFile: absolute(clientSecretFile),
    scope: scope ?? null,
    allow,
  }
}

/** The format of each topic; a list of topics shares the source's. */
function topicFormats({
  topics,
  events,
}: Extract<SourceInput, { type: 'kafka' }>): Array<[string, z.output<typeof eventFormat>]> {
  if (Array.isArray(topics)) return topics.map((topic) => [topic, events ?? 'canonical'])
  return Object.entries(topics).map(([topic, own]) => [topic, own.events])
}

/** The format that all records of a source share; undefined where topics differ. */
export function sharedFormat(input: SourceInput): z.output<typeof eventFormat> | undefined {
  const formats = input.type === 'file' ? [input.events] : topicFormats(input).map(([, format]) => format)
  const [first] = formats
  return formats.every((format) => JSON.stringify(format) === JSON.stringify(first)) ? first : undefined
}

function resolveFormat(input: z.output<typeof eventFormat>): EventFormat {
  return input === 'canonical' ? input : resolveMapping(input)
}

/** Class names in a mapping get the one text that stands for them everywhere. */
export function resolveMapping({ probabilities, ...rest }: MappingInput): EventMapping {
  if (probabilities === undefined) return rest
  return {
    ...rest,
    probabilities: Object.fromEntries(
      Object.entries(probabilities).map(([name, path]) => [classLabel.parse(name), path]),
    ),
  }
}
