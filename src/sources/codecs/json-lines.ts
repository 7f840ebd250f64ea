// JSON lines: one object a line. Whatever else a line holds is handed on as raw bytes: the decoder says what is wrong with it.

import type { Row } from '../source.ts'
import type { OnProgress, RowOrBytes } from './row-reader.ts'
import { openText } from './text-file.ts'

const CHUNK_ROWS = 1_000
/** A line longer than this is not a record: it is cut, and the decoder says that it is too large. */
const LINE_BYTES_MAX = 2 * 1024 * 1024

export async function* jsonLinesRows(path: string, onProgress: OnProgress): AsyncIterable<readonly RowOrBytes[]> {
  let chunk: RowOrBytes[] = []
  for await (const line of lines(openText(path, onProgress), path)) {
    if (line.length === 0) continue
    chunk.push(toRow(line) ?? line)
    if (chunk.length === CHUNK_ROWS) {
      yield chunk
      chunk = []
    }
  }
  if (chunk.length > 0) yield chunk
}

async function* lines(text: AsyncIterable<Buffer>, path: string): AsyncIterable<Uint8Array> {
  let rest: Buffer[] = []
  let restBytes = 0
  const take = (piece: Buffer) => {
    if (restBytes < LINE_BYTES_MAX) {
      rest.push(piece)
      restBytes += piece.length
    }
  }
  try {
    for await (const data of text) {
      let from = 0
      for (let end = data.indexOf(10); end >= 0; end = data.indexOf(10, from)) {
        take(data.subarray(from, end))
        yield trimmed(Buffer.concat(rest))
        rest = []
        restBytes = 0
        from = end + 1
      }
      take(data.subarray(from))
    }
  } catch (error) {
    throw new Error(`${path}: cannot be read: ${error instanceof Error ? error.message : error}`, { cause: error })
  }
  yield trimmed(Buffer.concat(rest))
}

function trimmed(line: Buffer): Uint8Array {
  return line.at(-1) === 13 ? line.subarray(0, -1) : line
}

/** Keys that could reach a prototype; lines that name them anywhere are left to the decoder. */
const unsafe = /__proto__|constructor|prototype/
const toText = new TextDecoder('utf-8', { fatal: true })

function toRow(line: Uint8Array): Row | undefined {
  try {
    const text = toText.decode(line)
    const value: unknown = unsafe.test(text) ? undefined : JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Row) : undefined
  } catch {
    return undefined
  }
}
