// What the state says of the work: how far it has read, what it turned away, what it must still send.

import type { DatabaseSync } from 'node:sqlite'
import { isExpected, isHeld, MARK } from '../rebuild.ts'
import type { Finding } from './finding.ts'
import { attempt, finding, fine } from './finding.ts'

type Counted = { name: string; count: number }

export function examineContents(db: DatabaseSync): Finding[] {
  return [
    ...attempt('position', () => positions(db)),
    ...attempt('rebuild', () => rebuild(db)),
    ...attempt('quarantine', () => [quarantine(db)]),
    ...attempt('outbox', () => outbox(db)),
    ...attempt('outbox', () => (has(db, 'batches') ? gathered(db) : [])),
    ...attempt('triggers', () => [triggers(db)]),
    ...attempt('references', () => references(db)),
    ...attempt('waiting entries', () => [waiting(db)]),
  ]
}

function positions(db: DatabaseSync): Finding[] {
  const rows = db.prepare('SELECT * FROM positions ORDER BY source, topic, partition').all()
  if (rows.length === 0) return [fine('position', 'nothing was read yet')]
  const watermark = db.prepare('SELECT json FROM documents WHERE name = ?')
  return rows.map((row) => {
    const time = JSON.parse((watermark.get(`watermark/${row['source']}`)?.['json'] as string | undefined) ?? 'null')
    return fine(
      'position',
      `${row['source']}: ${row['topic']}/${row['partition']} up to offset ${row['next_offset']}, newest prediction ${instant(row['highest_time'])}, watermark of the source ${instant(time)}`,
    )
  })
}

function instant(time: unknown): string {
  return typeof time === 'number' ? new Date(time).toISOString() : 'not known'
}

function counted(db: DatabaseSync, sql: string): Counted[] {
  return db.prepare(sql).all() as Counted[]
}

function inWords(counts: readonly Counted[]): string {
  return counts.map(({ name, count }) => `${name} ${count}`).join(', ')
}

function quarantine(db: DatabaseSync): Finding {
  const reasons = counted(
    db,
    'SELECT reason AS name, count(*) AS count FROM quarantine GROUP BY reason ORDER BY count DESC, reason',
  )
  return reasons.length === 0
    ? fine('quarantine', 'empty')
    : finding(
        'quarantine',
        'note',
        inWords(reasons),
        'records that could not be used, or were lost; /api/v1/quarantine shows a sample of each, and why',
      )
}

function rebuild(db: DatabaseSync): Finding[] {
  if (db.prepare('SELECT 1 FROM documents WHERE name = ?').get(MARK) === undefined) return []
  const { rows } = db.prepare(`SELECT count(*) AS rows FROM outbox WHERE ${isHeld}`).get() as { rows: number }
  return [
    finding(
      'rebuild',
      'note',
      `the state is being rebuilt; ${rows === 1 ? '1 message is' : `${rows} messages are`} held until every partition was read to its end`,
      'then what still fires is told, and what has passed is put aside (superseded); a partition that is halted or cannot be read holds all of them: /readyz?verbose names it',
    ),
  ]
}

function outbox(db: DatabaseSync): Finding[] {
  const states = counted(db, 'SELECT state AS name, count(*) AS count FROM outbox GROUP BY state ORDER BY state')
  const of = (state: string) => states.find(({ name }) => name === state)?.count ?? 0
  const { waiting, oldest } = db
    .prepare(`SELECT count(*) AS waiting, min(queued_at) AS oldest FROM outbox WHERE ${isExpected}`)
    .get() as { waiting: number; oldest: number | null }
  const findings = [fine('outbox', states.length === 0 ? 'empty' : inWords(states))]
  if (waiting > 0)
    findings.push(
      finding(
        'outbox',
        'note',
        `${waiting === 1 ? '1 message waits' : `${waiting} messages wait`}, the oldest since ${instant(oldest)}`,
        'they are tried for 72 hours; the log says what the receiver answers',
      ),
    )
  if (of('dead') > 0)
    findings.push(
      finding(
        'outbox',
        'warning',
        `${of('dead')} messages were given up`,
        'nobody was told: /api/v1/deliveries names them, and why each was given up',
      ),
    )
  return findings
}

/** States of an earlier schema lack tables. */
function has(db: DatabaseSync, table: string): boolean {
  return db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(table) !== undefined
}

/** What was put off on purpose, and what is under way in one message with others. */
function gathered(db: DatabaseSync): Finding[] {
  const { deferred } = db
    .prepare(`SELECT count(*) AS deferred FROM outbox WHERE ${isExpected} AND deferred = 1`)
    .get() as { deferred: number }
  const { lost } = db
    .prepare(
      `SELECT count(*) AS lost FROM outbox AS this WHERE state = 'queued' AND batch IS NOT NULL AND batch <> key
       AND NOT EXISTS (SELECT 1 FROM batches WHERE key = this.batch)`,
    )
    .get() as { lost: number }
  const findings: Finding[] = []
  if (deferred > 0)
    findings.push(
      finding('outbox', 'note', `${deferred} of them are put off on purpose`, 'until a snooze or an interval ends'),
    )
  if (lost > 0)
    findings.push(
      finding(
        'outbox',
        'broken',
        `${lost} messages are claimed for a batch that is not there`,
        'restore a backup, or rebuild the state',
      ),
    )
  return findings
}

function triggers(db: DatabaseSync): Finding {
  const table = has(db, 'retraining') ? 'retraining' : 'triggers'
  const states = counted(db, `SELECT state AS name, count(*) AS count FROM ${table} GROUP BY state ORDER BY state`)
  if (states.some(({ name }) => name === 'unknown'))
    return finding(
      'triggers',
      'warning',
      inWords(states),
      'of some it is not known whether a run began: look at the orchestrator, and say so with leeway retraining resolve',
    )
  return fine('triggers', states.length === 0 ? 'none' : inWords(states))
}

function references(db: DatabaseSync): Finding[] {
  if (!has(db, 'model_references')) return []
  const made = db
    .prepare(
      "SELECT model || coalesce(' ' || version, '') AS name, count(*) AS count FROM model_references WHERE ended_at IS NULL GROUP BY 1 ORDER BY 1",
    )
    .all() as Counted[]
  if (made.length === 0) return [fine('references', 'every model is compared with what the configuration says')]
  return [
    finding(
      'references',
      'note',
      `made of production: ${made.map(({ name }) => name).join(', ')}`,
      'people accepted or promoted them; they are in this state alone, and not in the log: leeway reference profile writes one into a file, and a backup has them',
    ),
  ]
}

function waiting(db: DatabaseSync): Finding {
  const { entries } = db.prepare("SELECT total(entries) AS entries FROM runs WHERE state = 'complete'").get() as {
    entries: number
  }
  const states = counted(db, 'SELECT state AS name, count(*) AS count FROM runs GROUP BY state ORDER BY state')
  const found = `${entries} entries${states.length === 0 ? '' : `; runs: ${inWords(states)}`}`
  const isLeft = states.some(({ name }) => name !== 'complete')
  return isLeft
    ? finding('waiting entries', 'note', found, 'what merging has left is removed by the next commits')
    : fine('waiting entries', found)
}
