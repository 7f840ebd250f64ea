// Flat files as rows, whatever their format: CSV, JSON lines (both also .gz) and Parquet.

import { access, stat } from 'node:fs/promises'
import { csvRows } from './csv.ts'
import { jsonLinesRows } from './json-lines.ts'
import { parquetRows } from './parquet.ts'
import type { OnProgress, RowOrBytes, RowReader } from './row-reader.ts'

/** Whether values of the file are text in which numbers are written as text. */
export function isTextual(path: string): boolean {
  return /\.csv(\.gz)?$/i.test(path)
}

/**
 * The rows of a file, in chunks, in the file's order.
 *
 * @throws Error that says what is wrong with the file and what to do
 */
export async function* readRows(path: string, onProgress: OnProgress = () => {}): AsyncIterable<readonly RowOrBytes[]> {
  const read = readerOf(path)
  try {
    await access(path)
  } catch (error) {
    throw new Error(
      `${path}: the file is missing or may not be read; check the path (relative paths start at the configuration file)`,
      { cause: error },
    )
  }
  if ((await stat(path)).size === 0) throw new Error(`${path}: the file is empty`)
  yield* read(path, onProgress)
}

function readerOf(path: string): RowReader {
  if (/\.csv(\.gz)?$/i.test(path)) return csvRows
  if (/\.(jsonl|ndjson)(\.gz)?$/i.test(path)) return jsonLinesRows
  if (/\.parquet$/i.test(path)) return parquetRows
  throw new Error(
    `${path}: the name does not say what the file holds; .csv, .jsonl, .ndjson (each also .gz) and .parquet can be read`,
  )
}
