// The features of a mapped record, as an object of values by feature name.

import type { FieldPath } from './field-path.ts'
import { compileFieldPath } from './field-path.ts'
import { isUnsafeKey } from './fields.ts'
import type { JsonRecord } from './json-record.ts'
import { RecordError } from './record-error.ts'

export type ColumnKind = 'numeric' | 'categorical' | 'embedding'

export interface FeatureOptions {
  readonly textual: boolean
  readonly columnKinds?: ReadonlyMap<string, ColumnKind>
}

/** Turns one cell into the feature's value. */
type Conversion = (cell: unknown) => unknown

/** Feature columns by name, or their names alone. */
export type FeatureColumns = readonly string[] | Readonly<Record<string, string>>

/** Names with their columns. */
export function pathsByName(columns: FeatureColumns): ReadonlyArray<readonly [name: string, path: string]> {
  return Array.isArray(columns)
    ? columns.map((path: string) => [path, path] as const)
    : Object.entries(columns as Readonly<Record<string, string>>)
}

/** Compiles the features that a mapping names. */
export function compileNamedFeatures(
  features: FeatureColumns,
  options: FeatureOptions,
): (record: JsonRecord) => JsonRecord {
  const columns = pathsByName(features).map(
    ([name, path]): { name: string; cellOf: FieldPath; convert: Conversion } => {
      if (isUnsafeKey(name))
        throw new RangeError(`a feature cannot be called ${name}; give it another name in the mapping`)
      return { name, cellOf: compileFieldPath(path), convert: conversionOf(name, options) }
    },
  )
  return (record) => {
    const values: Record<string, unknown> = {}
    for (const { name, cellOf, convert } of columns) {
      const cell = cellOf(record)
      if (cell !== undefined) values[name] = convert(cell)
    }
    return values
  }
}

/** Takes every column but those in `taken`. Conversions are remembered by column, for rows of one file have one header. */
export function compileOtherColumns(
  taken: ReadonlySet<string>,
  options: FeatureOptions,
): (record: JsonRecord) => JsonRecord {
  const conversions = new Map<string, Conversion>()
  return (record) => {
    const values: Record<string, unknown> = {}
    for (const name of Object.keys(record)) {
      if (taken.has(name)) continue
      if (isUnsafeKey(name))
        throw new RecordError(
          'unsafe_key',
          `the column ${name} is never accepted as a feature; name the features in the mapping`,
        )
      const cell = record[name]
      if (cell !== undefined) values[name] = conversionFor(name, conversions, options)(cell)
    }
    return values
  }
}

/** A stranger's records may have any number of keys, of any length: what is remembered about them has a limit. */
const CONVERSIONS_MAX = 10_000
const REMEMBERED_LENGTH_MAX = 256

function conversionFor(name: string, conversions: Map<string, Conversion>, options: FeatureOptions): Conversion {
  let convert = conversions.get(name)
  if (convert === undefined) {
    convert = conversionOf(name, options)
    if (conversions.size < CONVERSIONS_MAX && name.length <= REMEMBERED_LENGTH_MAX) conversions.set(name, convert)
  }
  return convert
}

function conversionOf(name: string, { textual, columnKinds }: FeatureOptions): Conversion {
  if (!textual) return asNumberOrItself
  return columnKinds?.get(name) === 'numeric' ? numberFromCell : textFromCell
}

/** Whole numbers of 64 bits (Parquet) become numbers: a bin does not need the last digit. */
function asNumberOrItself(cell: unknown): unknown {
  return typeof cell === 'bigint' ? Number(cell) : cell
}

/** Text that is not a number stays text, so that the summary counts it as a wrong type. */
function numberFromCell(cell: unknown): unknown {
  if (typeof cell !== 'string') return asNumberOrItself(cell)
  if (cell === 'NaN' || cell === '') return null
  const number = Number(cell)
  return Number.isNaN(number) || cell.trim() === '' ? cell : number
}

function textFromCell(cell: unknown): unknown {
  return cell === '' || cell === 'NaN' ? null : asNumberOrItself(cell)
}
