// Writes everything of one commit; the caller holds the transaction.
//
// What a replay could bring again (results, transitions, outgoing rows) is kept as it was first written. ON CONFLICT, not OR
// IGNORE: the latter would also pass over a row that lacks a value, in silence.

import type { Envelope } from '../delivery/notification.ts'
import type { WindowResult } from '../monitors/window-result.ts'
import type { Moment, Probe } from '../probe.ts'
import { newRequest } from '../retraining/request.ts'
import type { Changes, Position } from './changes.ts'
import { insertRequest } from './retraining-rows.ts'
import { sealOf } from './seal.ts'
import type { Statements } from './statements.ts'

export function writePositions(sql: Statements, positions: readonly Position[]): void {
  for (const { source, topic, partition, nextOffset, highestTime, last } of positions) {
    const identity = [last?.offset ?? null, last?.timestamp ?? null, last?.hash ?? null]
    const values = [source, topic, partition, nextOffset, highestTime, ...identity]
    sql.run(
      `INSERT INTO positions (source, topic, partition, next_offset, highest_time, last_offset, last_timestamp, last_hash, seal) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET next_offset = excluded.next_offset, highest_time = excluded.highest_time,
         last_offset = excluded.last_offset, last_timestamp = excluded.last_timestamp, last_hash = excluded.last_hash, seal = excluded.seal`,
      ...values,
      sealOf(values),
    )
  }
}

/** All but the positions, the waiting entries and the quarantine. */
export function writeState(sql: Statements, changes: Changes, probe: Probe): void {
  const { streams, panes, results, incidents, notifications, counters, documents } = changes
  const written = (moment: Moment, rows: readonly unknown[]) => rows.length > 0 && probe(moment)
  for (const { index, model, version } of streams) {
    const values = [index, model, version]
    sql.run('INSERT INTO streams (number, model, version, seal) VALUES (?, ?, ?, ?)', ...values, sealOf(values))
  }
  written('commit: streams written', streams)
  writePanes(sql, changes)
  written('commit: panes written', panes)
  writeResults(sql, changes)
  written('commit: results written', results)
  writeIncidents(sql, changes)
  written('commit: incidents written', incidents)
  writeOutgoing(sql, changes)
  written('commit: outbox written', notifications)
  writeCounters(sql, counters)
  written('commit: counters written', counters)
  writeDocuments(sql, documents)
  written('commit: documents written', documents)
}

export function writeDocuments(sql: Statements, documents: Changes['documents']): void {
  for (const { name, json } of documents) {
    sql.run(
      'INSERT INTO documents (name, json, seal) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET json = excluded.json, seal = excluded.seal',
      name,
      json,
      sealOf([name, json]),
    )
  }
}

export function writeCounters(sql: Statements, counters: Changes['counters']): void {
  for (const { name, model, version, value } of counters) {
    const values = [name, model, version, value]
    sql.run(
      `INSERT INTO counters (name, model, version, value, seal) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET value = excluded.value, seal = excluded.seal`,
      ...values,
      sealOf(values),
    )
  }
}

function writePanes(sql: Statements, { panes, dropPanes, dropInputsBefore, dropOutcomesBefore }: Changes): void {
  for (const { stream, segment, part, start, cells } of panes) {
    const values = [stream, segment, part, start, cells]
    sql.run(
      `INSERT INTO panes (stream, segment, part, start, cells, seal) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET cells = excluded.cells, seal = excluded.seal`,
      ...values,
      sealOf(values),
    )
  }
  for (const { stream, segment, part, before } of dropPanes) {
    const values = [stream, segment, part, before]
    sql.run('DELETE FROM panes WHERE stream = ? AND segment = ? AND part = ? AND start < ?', ...values)
  }
  const drop = 'DELETE FROM panes WHERE part = ? AND start < ?'
  if (dropInputsBefore !== null) sql.run(drop, 'inputs', dropInputsBefore)
  if (dropOutcomesBefore !== null) sql.run(drop, 'outcomes', dropOutcomesBefore)
}

function writeResults(sql: Statements, { results }: Changes): void {
  for (const result of results) {
    const { model, version, segment, window, end, revision, start, samples, labelled } = result
    if (segment !== '') forgetRevisions(sql, result)
    const [provisional, verdicts] = [result.provisional ? 1 : 0, JSON.stringify(result.verdicts)]
    const values = [
      ...[model, version, segment, window, end, revision],
      ...[start, samples, labelled, provisional, verdicts],
    ]
    sql.run(
      `INSERT INTO results (model, version, segment, window, window_end, revision, window_start, samples, labelled, provisional, verdicts, seal)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      ...values,
      sealOf(values),
    )
  }
}

/** Of a segment's window only the newest revision is kept: there are many of them, and nobody asks what was said before. */
function forgetRevisions(sql: Statements, { model, version, segment, window, end, revision }: WindowResult): void {
  if (revision === 0) return
  sql.run(
    'DELETE FROM results WHERE model = ? AND version = ? AND window = ? AND window_end = ? AND segment = ? AND revision < ?',
    ...[model, version, window, end, segment, revision],
  )
}

export function writeIncidents(
  sql: Statements,
  { incidents, transitions }: Pick<Changes, 'incidents' | 'transitions'>,
): void {
  for (const incident of incidents) {
    const { id, model, kind, state, at } = incident
    const values = [id, model, kind, state, at, JSON.stringify(incident)]
    sql.run(
      `INSERT INTO incidents (id, model, kind, state, at, json, seal) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET state = excluded.state, at = excluded.at, json = excluded.json, seal = excluded.seal`,
      ...values,
      sealOf(values),
    )
  }
  for (const { incidentId, sequence, change, because, at } of transitions) {
    sql.run(
      'INSERT INTO transitions (incident, sequence, change, because, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
      incidentId,
      sequence,
      change,
      because,
      at,
    )
  }
}

/** Messages, and requests for retraining. */
export function writeOutgoing(
  sql: Statements,
  { notifications, triggers }: Pick<Changes, 'notifications' | 'triggers'>,
): void {
  for (const { key, lane, order, envelope, attempts, dueAt, queuedAt, group } of notifications) {
    const values = [key, lane, order, envelope.channel, incidentOf(envelope), JSON.stringify(envelope)]
    sql.run(
      `INSERT INTO outbox (key, lane, lane_order, channel, incident, envelope, seal, kind, state, attempts, due_at, queued_at, ended_at,
         detail, group_key, group_above, group_interval)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?, ?, ?, NULL, '', ?, ?, ?) ON CONFLICT DO NOTHING`,
      ...values,
      sealOf(values),
      envelope.kind,
      attempts,
      dueAt,
      queuedAt,
      group?.key ?? '',
      group?.above ?? 0,
      group?.intervalMs ?? 0,
    )
  }
  for (const { incident, at, askedAt, isHeld, ...ask } of triggers)
    insertRequest(sql, newRequest({ ...ask, cause: { is: 'incident', incident } }, askedAt, isHeld), at)
}

/** What the row is about; '' where it is about many incidents or none. */
function incidentOf(envelope: Envelope): string {
  return envelope.kind === 'message' ? envelope.message.incidentId : ''
}
