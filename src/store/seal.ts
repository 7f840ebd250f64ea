// Checksums of rows. SQLite notices a damaged page only where its structure is hit; a flipped bit in a count or a sum would be
// counted on with. The rows that count or are sent carry a seal, which is checked whenever one is read.

import { crc32 } from 'node:zlib'

/** What the seal of a row is made of, in this order. */
export const sealedColumns = {
  positions: [
    'source',
    'topic',
    'partition',
    'next_offset',
    'highest_time',
    'last_offset',
    'last_timestamp',
    'last_hash',
  ],
  streams: ['number', 'model', 'version'],
  panes: ['stream', 'segment', 'part', 'start', 'cells'],
  results: [
    'model',
    'version',
    'segment',
    'window',
    'window_end',
    'revision',
    'window_start',
    'samples',
    'labelled',
    'provisional',
    'verdicts',
  ],
  incidents: ['id', 'model', 'kind', 'state', 'at', 'json'],
  outbox: ['key', 'lane', 'lane_order', 'channel', 'incident', 'envelope'],
  batches: ['key', 'channel', 'envelope'],
  retraining: ['id', 'model', 'incident', 'state', 'json'],
  counters: ['name', 'model', 'version', 'value'],
  documents: ['name', 'json'],
  handling: ['incident', 'is_open', 'json'],
  silences: ['id', 'starts_at', 'ends_at', 'json'],
  runs: ['id', 'day', 'age', 'entries', 'state', 'bloom', 'first_hashes'],
  run_pages: ['id', 'data'],
  model_references: [
    'number',
    'deed',
    'model',
    'version',
    'id',
    'kind',
    'incident',
    'before_id',
    'source',
    'rows',
    'labelled',
    'from_time',
    'to_time',
    'says',
    'at',
    'actor',
    'note',
    'profile',
    'ended_at',
    'ended_by',
    'ended_because',
  ],
} as const

export type SealedTable = keyof typeof sealedColumns

/** The seal of a row with these values. */
export function sealOf(values: readonly unknown[]): number {
  let seal = 0
  for (const value of values) seal = crc32(value instanceof Uint8Array ? value : `${value}|`, seal)
  return seal
}

/** Whether the row is what was written; a row from before there were seals is taken for granted. */
export function isWhole(table: SealedTable, row: Readonly<Record<string, unknown>>): boolean {
  const { seal } = row
  return seal === null || seal === sealOf(sealedColumns[table].map((column) => row[column]))
}
