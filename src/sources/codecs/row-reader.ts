// What every reader of a flat file yields.

import type { Row } from '../source.ts'

/** One row, or the raw bytes of a line that is not one: the decoder quarantines them with the reason. */
export type RowOrBytes = Row | Uint8Array

/** Told while a file is read: how much of how much. */
export type OnProgress = (done: number, total: number) => void

/** Reads the rows of a file in chunks, in the file's order. */
export type RowReader = (path: string, onProgress: OnProgress) => AsyncIterable<readonly RowOrBytes[]>
