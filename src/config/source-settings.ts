// Where records come from and how they are read: the `sources` of the document.

import { z } from 'zod'
import type { EventMapping } from '../events/mapping.ts'
import type { Millis } from '../time.ts'
import { classLabel, column, duration, filePath, name, segmentColumn } from './forms.ts'
import type { ConnectionSettings, Surroundings } from './kafka-settings.ts'
import { kafkaConnection, resolveConnection, topic } from './kafka-settings.ts'

const segmentsForm = 'a list of columns, or columns by name of the segment'
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
  segments: z
    .union([z.array(segmentColumn).min(1, 'at least one column'), z.record(segmentColumn, column)], segmentsForm)
    .optional()
    .describe('Columns that tell segments apart, which then are no features'),
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

const bytesForm = 'a number of bytes, up to 1073741824'
const MAX_BYTES = 2 ** 30
const kafka = z.strictObject({
  type: z.literal('kafka'),
  ...kafkaConnection,
  topics: z
    .union(
      [z.array(topic).min(1, 'at least one topic'), z.record(topic, z.strictObject({ events: eventFormat }))],
      'a list of topics, or a map of topics such as {predictions: {events: canonical}}',
    )
    .describe('Topics that share `events`, or topics with `events` of their own'),
  events: eventFormat.optional(),
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

export interface KafkaSourceSettings extends Timing, ConnectionSettings {
  readonly type: 'kafka'
  /** How the records of each topic are read. */
  readonly topics: ReadonlyMap<string, EventFormat>
  readonly requestTimeoutMs: Millis
  readonly stallTimeoutMs: Millis
  /** What follows from records that are lost. */
  readonly onLoss: 'continue' | 'halt'
  readonly maxRecordBytes: number
  /** Once decompressed. */
  readonly maxBatchBytes: number
}

export interface FileSourceSettings extends Timing {
  readonly type: 'file'
  /** Absolute. */
  readonly path: string
  readonly events: EventFormat
}

export type SourceSettings = KafkaSourceSettings | FileSourceSettings

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
  return {
    ...common,
    type: 'kafka',
    ...resolveConnection(input, { absolute, allow }),
    topics: new Map(topicFormats(input).map(([topic, format]) => [topic, resolveFormat(format)])),
    onLoss: input.onLoss,
    maxRecordBytes: input.maxRecordBytes,
    maxBatchBytes: input.maxBatchBytes,
    requestTimeoutMs: input.requestTimeout,
    stallTimeoutMs: input.stallTimeout,
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
