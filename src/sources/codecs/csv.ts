// CSV with a header line. Every value is text; an empty cell is null.

import { parse } from 'csv-parse'
import type { OnProgress, RowOrBytes } from './row-reader.ts'
import { openText } from './text-file.ts'

const CHUNK_ROWS = 1_000

/** A line with another number of cells than the header, or a broken quote, comes as its raw bytes. */
export async function* csvRows(path: string, onProgress: OnProgress): AsyncIterable<readonly RowOrBytes[]> {
  const text = openText(path, onProgress)
  const parser = parse({ bom: true, relax_column_count: true, relax_quotes: true, skip_empty_lines: true })
  text.on('error', (error) => parser.destroy(error))
  text.pipe(parser)
  let header: string[] | undefined
  let chunk: RowOrBytes[] = []
  try {
    for await (const cells of parser as AsyncIterable<string[]>) {
      if (header === undefined) {
        header = checkedHeader(cells, path)
        continue
      }
      chunk.push(cells.length === header.length ? toRow(header, cells) : new TextEncoder().encode(cells.join(',')))
      if (chunk.length === CHUNK_ROWS) {
        yield chunk
        chunk = []
      }
    }
  } catch (error) {
    throw new Error(`${path}: cannot be read as CSV: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    })
  }
  if (header === undefined) throw new Error(`${path}: the file has no header line`)
  if (chunk.length > 0) yield chunk
}

function checkedHeader(header: string[], path: string): string[] {
  const twice = header.find((name, i) => header.indexOf(name) !== i)
  if (twice !== undefined)
    throw new Error(`${path}: two columns are called ${JSON.stringify(twice)}; name each column once`)
  return header
}

function toRow(header: readonly string[], cells: readonly string[]): RowOrBytes {
  const row: Record<string, unknown> = Object.create(null)
  for (let i = 0; i < header.length; i++) row[header[i] as string] = cells[i] === '' ? null : cells[i]
  return row
}
