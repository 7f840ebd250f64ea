// Writes everything of one commit; the caller holds the transaction.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Changes, Position, Quarantined } from './changes.ts'

/** Quarantined records kept; the oldest make room, and are counted. */
const QUARANTINE_MAX = 100_000

export class CommitWriter {
  readonly #db: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  constructor(db: DatabaseSync) {
    this.#db = db
  }

  #run(sql: string, ...values: Array<string | number | null | Uint8Array>) {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#db.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement.run(...values)
  }

  positions(positions: readonly Position[]): void {
    for (const { source, topic, partition, nextOffset, highestTime } of positions) {
      this.#run(
        'INSERT INTO positions VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET next_offset = excluded.next_offset, highest_time = excluded.highest_time',
        source, topic, partition, nextOffset, highestTime,
      )
    }
  }

  state(changes: Changes): void {
    for (const { index, model, version } of changes.streams) this.#run('INSERT OR IGNORE INTO streams VALUES (?, ?, ?)', index, model, version)
    for (const { stream, segment, part, start, cells } of changes.panes) this.#run('INSERT OR REPLACE INTO panes VALUES (?, ?, ?, ?, ?)', stream, segment, part, start, cells)
    this.#results(changes)
    for (const incident of changes.incidents) {
      this.#run('INSERT OR REPLACE INTO incidents VALUES (?, ?, ?, ?, ?, ?)', incident.id, incident.model, incident.kind, incident.state, incident.at, JSON.stringify(incident))
    }
    for (const { incidentId, sequence, change, because, at } of changes.transitions) {
      this.#run('INSERT OR IGNORE INTO transitions VALUES (?, ?, ?, ?, ?)', incidentId, sequence, change, because, at)
    }
    this.#outgoing(changes)
    for (const { name, model, version, value } of changes.counters) this.#run('INSERT OR REPLACE INTO counters VALUES (?, ?, ?, ?)', name, model, version, value)
    for (const { name, json } of changes.documents) this.#run('INSERT OR REPLACE INTO documents VALUES (?, ?)', name, json)
    this.#quarantine(changes.quarantine)
    this.#dropOld(changes)
  }

  #results({ results }: Changes): void {
    for (const { model, version, segment, window, end, revision, start, samples, labelled, provisional, verdicts } of results) {
      this.#run(
        'INSERT OR IGNORE INTO results VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
        model, version, segment, window, end, revision, start, samples, labelled, provisional ? 1 : 0, JSON.stringify(verdicts),
      )
    }
  }

  #outgoing({ notifications, triggers }: Changes): void {
    for (const { key, lane, order, envelope, attempts, dueAt, queuedAt } of notifications) {
      this.#run(
        "INSERT OR IGNORE INTO outbox VALUES (?, ?, ?, ?, ?, 'queued', ?, ?, ?, NULL, '')",
        key, lane, order, envelope.channel, JSON.stringify(envelope), attempts, dueAt, queuedAt,
      )
    }
    for (const { id, model, version, target, at } of triggers) {
      this.#run("INSERT OR IGNORE INTO triggers VALUES (?, ?, ?, ?, ?, 'queued', '')", id, model, version, target, at)
    }
  }

  #quarantine(rows: readonly Quarantined[]): void {
    if (rows.length === 0) return
    for (const { source, topic, partition, offset, reason, detail, sample, at } of rows) {
      this.#run('INSERT INTO quarantine VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)', source, topic, partition, offset, reason, detail, sample, at)
    }
    const { changes } = this.#run('DELETE FROM quarantine WHERE number <= (SELECT max(number) FROM quarantine) - ?', QUARANTINE_MAX)
    if (Number(changes) > 0) this.#run("INSERT INTO counters VALUES ('quarantine_evicted', '', '', ?) ON CONFLICT DO UPDATE SET value = value + excluded.value", Number(changes))
  }

  #dropOld({ dropInputsBefore, dropOutcomesBefore }: Changes): void {
    if (dropInputsBefore !== null) this.#run("DELETE FROM panes WHERE part = 'inputs' AND start < ?", dropInputsBefore)
    if (dropOutcomesBefore !== null) this.#run("DELETE FROM panes WHERE part = 'outcomes' AND start < ?", dropOutcomesBefore)
  }
}
