// Writes everything of one commit; the caller holds the transaction.
//
// What a replay could bring again (results, transitions, outgoing rows) is kept as it was first written. ON CONFLICT, not OR
// IGNORE: the latter would also pass over a row that lacks a value, in silence.

import type { Envelope } from '../delivery/notification.ts'
import type { Changes, Position, Quarantined } from './changes.ts'
import type { Statements } from './statements.ts'

/** Quarantined records kept; the oldest make room, and are counted. */
const QUARANTINE_MAX = 100_000

export function writePositions(sql: Statements, positions: readonly Position[]): void {
  for (const { source, topic, partition, nextOffset, highestTime, last } of positions) {
    sql.run(
      `INSERT INTO positions (source, topic, partition, next_offset, highest_time, last_offset, last_timestamp, last_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET next_offset = excluded.next_offset, highest_time = excluded.highest_time,
         last_offset = excluded.last_offset, last_timestamp = excluded.last_timestamp, last_hash = excluded.last_hash`,
      source,
      topic,
      partition,
      nextOffset,
      highestTime,
      last?.offset ?? null,
      last?.timestamp ?? null,
      last?.hash ?? null,
    )
  }
}

/** All but the positions and the waiting entries. */
export function writeState(sql: Statements, changes: Changes): void {
  for (const { index, model, version } of changes.streams) {
    sql.run('INSERT INTO streams (number, model, version) VALUES (?, ?, ?)', index, model, version)
  }
  writePanes(sql, changes)
  writeResults(sql, changes)
  writeIncidents(sql, changes)
  writeOutgoing(sql, changes)
  for (const { name, model, version, value } of changes.counters) {
    sql.run(
      'INSERT INTO counters (name, model, version, value) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
      name,
      model,
      version,
      value,
    )
  }
  for (const { name, json } of changes.documents) {
    sql.run(
      'INSERT INTO documents (name, json) VALUES (?, ?) ON CONFLICT DO UPDATE SET json = excluded.json',
      name,
      json,
    )
  }
  writeQuarantine(sql, changes.quarantine)
}

function writePanes(sql: Statements, { panes, dropInputsBefore, dropOutcomesBefore }: Changes): void {
  for (const { stream, segment, part, start, cells } of panes) {
    sql.run(
      'INSERT INTO panes (stream, segment, part, start, cells) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET cells = excluded.cells',
      stream,
      segment,
      part,
      start,
      cells,
    )
  }
  const drop = 'DELETE FROM panes WHERE part = ? AND start < ?'
  if (dropInputsBefore !== null) sql.run(drop, 'inputs', dropInputsBefore)
  if (dropOutcomesBefore !== null) sql.run(drop, 'outcomes', dropOutcomesBefore)
}

function writeResults(sql: Statements, { results, dropResultsBefore }: Changes): void {
  if (dropResultsBefore !== null) sql.run('DELETE FROM results WHERE window_end < ?', dropResultsBefore)
  for (const {
    model,
    version,
    segment,
    window,
    end,
    revision,
    start,
    samples,
    labelled,
    provisional,
    verdicts,
  } of results) {
    sql.run(
      `INSERT INTO results (model, version, segment, window, window_end, revision, window_start, samples, labelled, provisional, verdicts)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      model,
      version,
      segment,
      window,
      end,
      revision,
      start,
      samples,
      labelled,
      provisional ? 1 : 0,
      JSON.stringify(verdicts),
    )
  }
}

function writeIncidents(sql: Statements, { incidents, transitions }: Changes): void {
  for (const incident of incidents) {
    const { id, model, kind, state, at } = incident
    sql.run(
      `INSERT INTO incidents (id, model, kind, state, at, json) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET state = excluded.state, at = excluded.at, json = excluded.json`,
      id,
      model,
      kind,
      state,
      at,
      JSON.stringify(incident),
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

function writeOutgoing(sql: Statements, { notifications, triggers }: Changes): void {
  for (const { key, lane, order, envelope, attempts, dueAt, queuedAt } of notifications) {
    sql.run(
      `INSERT INTO outbox (key, lane, lane_order, channel, incident, envelope, state, attempts, due_at, queued_at, ended_at, detail)
       VALUES (?, ?, ?, ?, ?, ?, 'queued', ?, ?, ?, NULL, '') ON CONFLICT DO NOTHING`,
      key,
      lane,
      order,
      envelope.channel,
      incidentOf(envelope),
      JSON.stringify(envelope),
      attempts,
      dueAt,
      queuedAt,
    )
  }
  for (const { id, model, version, target, at } of triggers) {
    sql.run(
      "INSERT INTO triggers (id, model, version, target, at, state, detail) VALUES (?, ?, ?, ?, ?, 'queued', '') ON CONFLICT DO NOTHING",
      id,
      model,
      version,
      target,
      at,
    )
  }
}

function incidentOf(envelope: Envelope): string {
  return envelope.kind === 'message' ? envelope.message.incidentId : envelope.trigger.incident.id
}

function writeQuarantine(sql: Statements, rows: readonly Quarantined[]): void {
  if (rows.length === 0) return
  for (const { source, topic, partition, offset, reason, detail, sample, at, range } of rows) {
    sql.run(
      `INSERT INTO quarantine (source, topic, partition, record_offset, reason, detail, sample, at, last_offset, records)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      source,
      topic,
      partition,
      offset,
      reason,
      detail,
      sample,
      at,
      range?.lastOffset ?? null,
      range?.records ?? 1,
    )
  }
  const evicted = sql.run(
    'DELETE FROM quarantine WHERE number <= (SELECT max(number) FROM quarantine) - ?',
    QUARANTINE_MAX,
  )
  if (evicted > 0) {
    sql.run(
      "INSERT INTO counters (name, model, version, value) VALUES ('quarantine_evicted', '', '', ?) ON CONFLICT DO UPDATE SET value = value + excluded.value",
      evicted,
    )
  }
}
