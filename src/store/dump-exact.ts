// The state as lines that two states with the same history share byte for byte.
//
// Left out is what the same history may write differently: wall-clock times, how often a message was tried, together with which
// others, and what its receiver said, numbers of rows and of streams, and how waiting entries are laid out in runs.

import type { DatabaseSync } from 'node:sqlite'
import type { Entry } from '../join/entry.ts'
import { unpackEntry } from '../join/entry.ts'
import { entriesOf } from '../summaries/summary.ts'
import type { SavedSegments } from './memory.ts'
import { segmentsName } from './memory.ts'
import { waitingRows } from './waiting-rows.ts'

/** Positions, counters, watermarks, panes, waiting entries, windows, incidents, outgoing rows, quarantine, and what the tests remember. */
export function* dumpExactly(db: DatabaseSync): Iterable<object> {
  const rows = (sql: string) =>
    db
      .prepare(sql)
      .all()
      .map(({ seal: _, ...row }) => row)
  const parsed = (json: unknown) => JSON.parse(json as string)
  // One point in time, whatever a running daemon commits meanwhile.
  db.exec('BEGIN')
  try {
    const streams = new Map(rows('SELECT * FROM streams').map(({ number, ...stream }) => [number as number, stream]))
    for (const row of rows('SELECT * FROM positions ORDER BY source, topic, partition'))
      yield { type: 'position', ...row }
    for (const row of rows('SELECT * FROM counters ORDER BY name, model, version')) yield { type: 'counter', ...row }
    for (const { number, cells, ...row } of rows(
      `SELECT model, version, panes.* FROM panes JOIN streams ON number = stream ORDER BY model, version, segment, part, start`,
    )) {
      const { stream: _, ...pane } = row
      yield { type: 'pane', ...pane, cells: Object.fromEntries(entriesOf(cells as Uint8Array)) }
    }
    const segments = segmentNames(db)
    for (const { hash, entry } of waitingRows(db))
      yield { type: 'waiting', hash, ...named(unpackEntry(entry), streams, segments) }
    for (const { verdicts, ...row } of rows(
      'SELECT * FROM results ORDER BY model, version, segment, window, window_end, revision',
    )) {
      yield { type: 'result', ...row, verdicts: parsed(verdicts) }
    }
    for (const { json } of rows('SELECT json FROM incidents ORDER BY id')) yield { type: 'incident', ...parsed(json) }
    for (const row of rows('SELECT * FROM transitions ORDER BY incident, sequence'))
      yield { type: 'transition', ...row }
    for (const { envelope, ...row } of rows(
      'SELECT key, lane, lane_order, channel, incident, state, envelope FROM outbox ORDER BY key',
    )) {
      yield { type: 'notification', ...row, envelope: parsed(envelope) }
    }
    for (const row of rows('SELECT id, model, version, target, at, state FROM retraining ORDER BY id'))
      yield { type: 'trigger', ...row }
    for (const row of rows(
      'SELECT model, version, id, kind, incident, before_id, rows, labelled, from_time, to_time, says, actor, note, ended_by, ended_because, profile FROM model_references ORDER BY number',
    ))
      yield { type: 'made reference', ...row }
    for (const { sample, ...row } of rows(
      'SELECT source, topic, partition, record_offset, reason, detail, sample FROM quarantine ORDER BY source, topic, partition, record_offset, reason',
    )) {
      yield { type: 'quarantined', ...row, sample: Buffer.from(sample as Uint8Array).toString('base64') }
    }
    yield* memories(db, streams)
  } finally {
    db.exec('COMMIT')
  }
}

type Streams = ReadonlyMap<number, { readonly model?: unknown }>
type SegmentNames = ReadonlyMap<unknown, readonly string[]>

/** By model, the names of its segments by number. */
function segmentNames(db: DatabaseSync): SegmentNames {
  const rows = db.prepare("SELECT name, json FROM documents WHERE name LIKE 'segments/%'").all()
  return new Map(
    rows.map(({ name, json }) => [
      (name as string).slice(segmentsName('').length),
      (JSON.parse(json as string) as SavedSegments).names,
    ]),
  )
}

/** An entry with the names of its stream and segments in place of their numbers. NaN, which JSON lacks, becomes null. */
function named(entry: Entry, streams: Streams, segmentsOf: SegmentNames): object {
  if (entry.kind === 'early-label') return entry
  const { stream: number, outputs, segments, ...prediction } = entry
  const stream = streams.get(number)
  const names = segmentsOf.get(stream?.model)
  return { ...stream, ...prediction, outputs: [...outputs], segments: segments.map((one) => names?.[one] ?? one) }
}

/** Not what the wall clock was, nor how events that are held back were written: counters and windows tell what became of them. */
const remembered = new Set(['watermark', 'stream', 'policy', 'reference'])

/** What the windows, the tests and the watermarks remember. */
function* memories(db: DatabaseSync, streams: Streams): Iterable<object> {
  const documents = db.prepare('SELECT name, json FROM documents').all()
  const lines = documents.flatMap(({ name, json }) => {
    const [kind, rest = ''] = (name as string).split(/\/(.*)/s)
    if (!remembered.has(kind as string)) return []
    const of = kind === 'stream' || kind === 'policy' ? streams.get(Number(rest)) : { name: rest }
    return [{ type: kind, ...of, state: JSON.parse(json as string) }]
  })
  const text = (line: object) => JSON.stringify(line)
  yield* lines.sort((a, b) => (text(a) < text(b) ? -1 : 1))
}
