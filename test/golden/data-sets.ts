// The data sets that golden cases name: test/data, and the example.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import type { PredictionEvent } from '../../src/events/event.ts'
import type { ReferenceRow } from '../../src/reference/reading.ts'
import type { Task } from '../../src/summaries/schema.ts'

export interface DataSet {
  readonly name: string
  readonly task: Task
  /** Whether numbers are written as text. */
  readonly textual: boolean
  readonly reference: readonly ReferenceRow[]
  readonly production: readonly ReferenceRow[]
}

const root = join(import.meta.dirname, '..', '..')

/** @throws RangeError if no data set has the name */
export async function readDataSet(name: string, task: Task, features: readonly string[]): Promise<DataSet> {
  const reference = fileOf(name, 'reference')
  const textual = reference.endsWith('.csv.gz')
  const wanted = (column: string) =>
    ['score', 'prediction', 'label', ...features].includes(column) || column.startsWith(PROBABILITY)
  const read = async (path: string) => {
    const rows = textual ? readCsv(path, wanted) : await readParquet(path, wanted)
    return rows.map((row) => rowOf(row, task, features))
  }
  return { name, task, textual, reference: await read(reference), production: await read(fileOf(name, 'production')) }
}

function fileOf(name: string, part: 'reference' | 'production'): string {
  const candidates = [
    join(root, 'examples', name, `${part}.csv.gz`),
    ...['csv.gz', 'parquet'].map((ending) => join(root, 'test', 'data', `${name}-${part}.${ending}`)),
  ]
  const found = candidates.find(existsSync)
  if (found === undefined)
    throw new RangeError(`dataset is ${JSON.stringify(name)}; there is no ${candidates.join(' or ')}`)
  return found
}

const PROBABILITY = 'p_'

type Row = Readonly<Record<string, unknown>>

/** Several times as fast as a reader of every CSV; these files quote nothing. */
function readCsv(path: string, wanted: (column: string) => boolean): Row[] {
  const text = gunzipSync(readFileSync(path)).toString()
  if (text.includes('"')) throw new Error(`${path} quotes cells, which this reader cannot read`)
  const [header = '', ...lines] = text.trimEnd().split(/\r?\n/)
  const columns = [...header.split(',').entries()].filter(([, name]) => wanted(name))
  return lines.map((line) => {
    const cells = line.split(',')
    const row: Record<string, unknown> = {}
    for (const [i, name] of columns) row[name] = cells[i] === '' ? null : cells[i]
    return row
  })
}

async function readParquet(path: string, wanted: (column: string) => boolean): Promise<Row[]> {
  const file = await asyncBufferFromFile(path)
  const [first = {}] = await parquetReadObjects({ file, compressors, rowStart: 0, rowEnd: 1 })
  const rows = await parquetReadObjects({ file, compressors, columns: Object.keys(first).filter(wanted) })
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [name, typeof value === 'bigint' ? Number(value) : value]),
    ),
  )
}

function rowOf(row: Record<string, unknown>, task: Task, names: readonly string[]): ReferenceRow {
  const features = Object.fromEntries(names.map((name) => [name, row[name]]))
  const probabilities = Object.keys(row).filter((name) => name.startsWith(PROBABILITY))
  const label = row['label'] as string | number | null
  const event: PredictionEvent = {
    kind: 'prediction',
    id: '',
    model: '',
    version: '',
    time: 0,
    features,
    prediction: task === 'regression' ? Number(row['prediction']) : (row['prediction'] as string | number),
    score: task === 'binary' ? Number(row['score']) : null,
    probabilities:
      task === 'multiclass'
        ? Object.fromEntries(probabilities.map((name) => [name.slice(PROBABILITY.length), Number(row[name])]))
        : null,
  }
  return { event, label }
}
