// Records in a shop's own format: which of their columns is the id, the time, a feature, the label.

import type { Instant } from '../time.ts'
import { className } from './class-name.ts'
import type { Decoder } from './decode.ts'
import { reject } from './decode.ts'
import type { LabelEvent, OutcomeValue, PredictionEvent, RejectionReason } from './event.ts'
import type { FieldPath } from './field-path.ts'
import { compileFieldPath, rootOf } from './field-path.ts'
import {
  readId,
  readOptionalTime,
  readOutcome,
  readProbabilities,
  readScore,
  readVersion,
  refuseUnsafeKeys,
} from './fields.ts'
import type { JsonRecord, RecordLimits } from './json-record.ts'
import { readJsonRecord, usualRecordLimits } from './json-record.ts'
import type { ColumnKind, FeatureColumns } from './mapped-features.ts'
import { compileNamedFeatures, compileOtherColumns, pathsByName } from './mapped-features.ts'
import { describeValue, RecordError } from './record-error.ts'

/** Column names, or field paths into nested JSON, by what they hold. */
export interface EventMapping {
  readonly id: string
  /** Time of the prediction. A record that has it is a prediction. */
  readonly time?: string | undefined
  /** Columns, or feature names with their columns; left out: every column that the mapping names nowhere else. */
  readonly features?: FeatureColumns | undefined
  readonly score?: string | undefined
  /** Class name to column. */
  readonly probabilities?: Readonly<Record<string, string>> | undefined
  readonly prediction?: string | undefined
  /** A record that has it is a label, or a prediction that brings its label with it. */
  readonly label?: string | undefined
  /** When the label became known; where there is none, it is known at the time of the prediction. */
  readonly labelTime?: string | undefined
  readonly version?: string | undefined
  /** Segment columns, or names of segments with their columns. */
  readonly segments?: FeatureColumns | undefined
}

export interface MappingOptions {
  /** The model that owns the records: mapped records name none. */
  readonly model: string
  /** True where cells are text (CSV): numbers are written as text, and an empty cell is a missing value. */
  readonly textual: boolean
  /** True for a regression: predictions and labels are numbers, also where they are written as text. */
  readonly regression: boolean
  /** True for a multilabel model: a cell of text holds names, with a bar between them, and the bar alone is none of them. */
  readonly multilabel?: boolean
  /** By feature; says which text cells are to be read as numbers. */
  readonly columnKinds?: ReadonlyMap<string, ColumnKind>
  /** Larger records are rejected unread; for records that come as bytes. */
  readonly limits?: RecordLimits
}

/** Compiles a mapping into the decoder of its records. */
export function compileMapping(mapping: EventMapping, options: MappingOptions): Decoder {
  const { limits = usualRecordLimits } = options
  const readEvents = compileEvents(mapping, options)
  return {
    decode(value, sink) {
      if (value === null) return
      let events: MappedEvents
      try {
        events = readEvents(value instanceof Uint8Array ? readRecord(value, limits) : value)
      } catch (error) {
        return reject(error, sink)
      }
      if (events.prediction !== null) sink.prediction(events.prediction)
      if (events.label !== null) sink.label(events.label)
    },
  }
}

function readRecord(bytes: Uint8Array, limits: RecordLimits): JsonRecord {
  const record = readJsonRecord(bytes, limits)
  refuseUnsafeKeys(record, 'the record')
  return record
}

/** At least one of the two. */
interface MappedEvents {
  readonly prediction: PredictionEvent | null
  readonly label: LabelEvent | null
}

function compileEvents(mapping: EventMapping, options: MappingOptions): (record: JsonRecord) => MappedEvents {
  const { model, textual } = options
  const cell = (path: string | undefined) => compileCell(path, textual)
  const idOf = cell(mapping.id)
  const timeOf = cell(mapping.time)
  const versionOf = cell(mapping.version)
  const scoreOf = compileScore(cell(mapping.score), textual)
  const probabilitiesOf = compileProbabilities(mapping, textual)
  const predictionOf = compileOutcome(cell(mapping.prediction), 'bad_prediction', options)
  const labelOf = compileOutcome(cell(mapping.label), 'bad_label', options)
  const labelTimeOf = cell(mapping.labelTime)
  const segmentsOf = compileSegments(mapping, textual)
  const featuresOf =
    mapping.features === undefined
      ? compileOtherColumns(takenColumns(mapping), options)
      : compileNamedFeatures(mapping.features, options)

  return (record) => {
    const id = readId(idOf(record))
    const time = readOptionalTime(timeOf(record))
    const label = labelOf(record)
    if (time === null && label === null) throw nothingIn(mapping)
    return {
      prediction:
        time === null
          ? null
          : {
              kind: 'prediction',
              id,
              model,
              version: readVersion(versionOf(record)),
              time,
              features: featuresOf(record),
              prediction: predictionOf(record),
              score: scoreOf(record),
              probabilities: probabilitiesOf(record),
              segments: segmentsOf(record),
            },
      label:
        label === null
          ? null
          : { kind: 'label', id, model, time: labelInstant(labelTimeOf(record), time, mapping), op: 'upsert', label },
    }
  }
}

function nothingIn({ time, label }: EventMapping): RecordError {
  if (time === undefined) return new RecordError('missing_label', `the record has no label (${label})`)
  const both = label === undefined ? '' : `, and no label (${label})`
  return new RecordError('missing_time', `the record has no time (${time})${both}`)
}

function labelInstant(value: unknown, time: Instant | null, mapping: EventMapping): Instant {
  const known = readOptionalTime(value) ?? time
  if (known !== null) return known
  const where = [mapping.labelTime, mapping.time].filter((path) => path !== undefined).join(', ')
  throw new RecordError(
    'missing_time',
    `the label has no time (${where === '' ? 'the mapping names neither labelTime nor time' : where})`,
  )
}

/** Reads one cell; an empty cell of a text file has no value. */
function compileCell(path: string | undefined, textual: boolean): FieldPath {
  if (path === undefined) return () => undefined
  const cellOf = compileFieldPath(path)
  if (!textual) return cellOf
  return (record) => {
    const value = cellOf(record)
    return value === '' ? undefined : value
  }
}

function compileScore(cellOf: FieldPath, textual: boolean): (record: JsonRecord) => number | null {
  return (record) => readScore(asProbability(cellOf(record), textual))
}

function compileProbabilities(
  { probabilities }: EventMapping,
  textual: boolean,
): (record: JsonRecord) => Readonly<Record<string, number>> | null {
  if (probabilities === undefined) return () => null
  const columns = Object.entries(probabilities).map(([name, path]) => ({
    name: className(name),
    cellOf: compileCell(path, textual),
  }))
  return (record) => {
    const found: Record<string, unknown> = {}
    let present = 0
    for (const { name, cellOf } of columns) {
      const value = asProbability(cellOf(record), textual)
      found[name] = value ?? null
      if (value !== undefined && value !== null) present++
    }
    return present === 0 ? null : readProbabilities(found)
  }
}

function compileSegments({ segments }: EventMapping, textual: boolean): (record: JsonRecord) => JsonRecord | null {
  if (segments === undefined) return () => null
  const columns = pathsByName(segments).map(([name, path]) => ({ name, cellOf: compileCell(path, textual) }))
  return (record) => {
    const found: Record<string, unknown> = {}
    for (const { name, cellOf } of columns) found[name] = cellOf(record) ?? null
    return found
  }
}

/** A number written as text, or held as a whole number of 64 bits; anything else as it is. */
function asProbability(value: unknown, textual: boolean): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (!textual || typeof value !== 'string') return value
  const number = Number(value)
  return Number.isNaN(number) ? value : number
}

function compileOutcome(
  cellOf: FieldPath,
  reason: RejectionReason,
  { regression, multilabel = false }: MappingOptions,
): (record: JsonRecord) => OutcomeValue | null {
  if (multilabel) return (record) => readOutcome(asNames(cellOf(record)), reason)
  if (!regression) return (record) => readOutcome(cellOf(record), reason)
  return (record) => {
    const value = readOutcome(cellOf(record), reason)
    if (value === null || typeof value === 'number') return value
    const number = typeof value === 'string' ? Number(value) : Number.NaN
    if (Number.isFinite(number)) return number
    throw new RecordError(reason, `the prediction or label of a regression is a number, found ${describeValue(value)}`)
  }
}

/** `a|b` as a list of names; anything else as it is. */
function asNames(value: unknown): unknown {
  return typeof value === 'string' ? value.split('|').filter((name) => name !== '') : value
}

/** Column names that the mapping uses for something else than features, and the roots of its paths. */
function takenColumns({
  id,
  time,
  score,
  probabilities,
  prediction,
  label,
  labelTime,
  version,
  segments,
}: EventMapping): Set<string> {
  const taken = new Set<string>()
  const named = [...Object.values(probabilities ?? {}), ...pathsByName(segments ?? []).map(([, path]) => path)]
  for (const path of [id, time, score, prediction, label, labelTime, version, ...named]) {
    if (path !== undefined) taken.add(path).add(rootOf(path))
  }
  return taken
}
