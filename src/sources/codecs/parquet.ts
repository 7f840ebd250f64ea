// Parquet files, row group by row group.

import type { OnProgress, RowOrBytes } from './row-reader.ts'

const CHUNK_ROWS = 20_000

/** Whole numbers of 64 bits become numbers where they are exact, else text; times become epoch milliseconds. */
export async function* parquetRows(path: string, onProgress: OnProgress): AsyncIterable<readonly RowOrBytes[]> {
  try {
    // Only who reads Parquet waits for its modules.
    const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } = await import('hyparquet')
    const { compressors } = await import('hyparquet-compressors')
    const file = await asyncBufferFromFile(path)
    const metadata = await parquetMetadataAsync(file)
    const total = Number(metadata.num_rows)
    for (let rowStart = 0; rowStart < total; rowStart += CHUNK_ROWS) {
      const rowEnd = Math.min(total, rowStart + CHUNK_ROWS)
      const rows = await parquetReadObjects({ file, metadata, compressors, rowStart, rowEnd })
      onProgress(rowEnd, total)
      yield rows.map(toRow)
    }
  } catch (error) {
    throw new Error(`${path}: cannot be read as Parquet: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    })
  }
}

function toRow(columns: Record<string, unknown>): RowOrBytes {
  const row: Record<string, unknown> = Object.create(null)
  for (const [name, value] of Object.entries(columns)) row[name] = plain(value)
  return row
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (value instanceof Date) return value.getTime()
  return value
}
