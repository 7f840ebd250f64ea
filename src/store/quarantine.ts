// The newest quarantined records, so many and so many bytes of them; the oldest make room, and are counted.

import type { Quarantined } from './changes.ts'
import { writeCounters } from './commit.ts'
import type { Statements } from './statements.ts'

export interface QuarantineLimits {
  readonly quarantineRows: number
  readonly quarantineBytes: number
}

/** Counters of what the store itself did: the rest of the process does not keep them. */
const EVICTED = 'store/quarantine_evicted'

/** Oldest rows looked at in one step; a commit takes as many steps as it needs, which is about as many rows as it brings. */
const STEP = 256

/** Writes rows and makes room for them; the caller holds the transaction. */
export class Quarantine {
  readonly #sql: Statements
  readonly #limits: () => QuarantineLimits
  /** Of all samples; undefined while it must be counted. */
  #bytes: number | undefined

  constructor(sql: Statements, limits: () => QuarantineLimits) {
    this.#sql = sql
    this.#limits = limits
  }

  write(rows: readonly Quarantined[]): void {
    if (rows.length === 0) return
    let bytes = this.#bytes ?? this.#count()
    for (const { source, topic, partition, offset, reason, detail, sample, at, range } of rows) {
      this.#sql.run(
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
      bytes += sample.length
    }
    this.#bytes = this.#makeRoom(bytes)
  }

  /** Nothing of the transaction was written. */
  failed(): void {
    this.#bytes = undefined
  }

  #makeRoom(bytesHeld: number): number {
    const { quarantineRows, quarantineBytes } = this.#limits()
    const ends = this.#sql.get('SELECT min(number) AS first, max(number) AS last FROM quarantine')
    const keepFrom = (ends?.['last'] as number) - quarantineRows + 1
    let bytes = bytesHeld
    let before = ends?.['first'] as number
    while (before < keepFrom || bytes > quarantineBytes) {
      const oldest = this.#sql.all(
        'SELECT number, length(sample) AS bytes FROM quarantine ORDER BY number LIMIT ?',
        STEP,
      )
      if (oldest.length === 0) break
      let evicted = 0
      for (const row of oldest) {
        before = row['number'] as number
        if (before >= keepFrom && bytes <= quarantineBytes) break
        bytes -= row['bytes'] as number
        before++
        evicted++
      }
      this.#sql.run('DELETE FROM quarantine WHERE number < ?', before)
      addTo(this.#sql, EVICTED, evicted)
    }
    return bytes
  }

  #count(): number {
    return (this.#sql.get('SELECT sum(length(sample)) AS bytes FROM quarantine')?.['bytes'] as number | null) ?? 0
  }
}

/** Adds to one of the store's own counters. */
export function addTo(sql: Statements, counter: string, count: number): void {
  if (count === 0) return
  const before = sql.getSealed('counters', 'SELECT * FROM counters WHERE name = ?', counter)?.['value'] ?? 0
  writeCounters(sql, [{ name: counter, model: '', version: '', value: (before as number) + count }])
}
