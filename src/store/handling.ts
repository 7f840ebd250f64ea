// What people decide about incidents, on disk. A change is written whole, with its rows of the audit and of the outbox, and is on the
// disk when the call returns.

import type { DatabaseSync } from 'node:sqlite'
import type { DigestFacts } from '../delivery/digest.ts'
import type { Notification } from '../delivery/notification.ts'
import type { Deed } from '../handling/deeds.ts'
import type { Silence } from '../handling/silence.ts'
import type { HandlingState } from '../handling/state.ts'
import type { Incident } from '../incidents/incident.ts'
import type { Probe } from '../probe.ts'
import type { Instant, Millis } from '../time.ts'
import type { AuditEntry } from './audit.ts'
import { writeAudit } from './audit.ts'
import { writeOutgoing } from './commit.ts'
import { readDigestFacts } from './digest-facts.ts'
import { sealOf } from './seal.ts'
import type { SqlRow, Statements } from './statements.ts'
import { transact } from './transact.ts'

/** What is written together. */
export interface HandlingChange {
  readonly states?: readonly HandlingState[]
  readonly deeds?: readonly Deed[]
  /** New ones, and those that are ended. */
  readonly silences?: readonly Silence[]
  /** Incidents that have resolved, and nobody waits for more. */
  readonly closed?: readonly string[]
  /** Which digest was told last, by name: when it was due. */
  readonly digests?: ReadonlyArray<{ readonly name: string; readonly at: Instant }>
  readonly notifications?: readonly Notification[]
  readonly audit?: readonly AuditEntry[]
}

/** A message about an incident, as far as it matters to the next one. */
export interface ToldRow {
  readonly incident: string
  readonly channel: string
  readonly key: string
  readonly order: number
  readonly state: string
  readonly queuedAt: Instant
  /** null: it waits. */
  readonly endedAt: Instant | null
}

export interface ActiveIncident {
  readonly incident: Incident
  /** The transition by which it fired last. */
  readonly fired: number
}

export interface HandlingStore {
  state(incident: string): HandlingState | undefined
  /** Of incidents that fire or clear, and of those whose end was not followed up yet: their ids, in order. */
  underWay(): readonly string[]
  /** Of these incidents, those that are under way. */
  open(incidents: readonly string[]): readonly HandlingState[]
  /** Oldest first. */
  deeds(incident: string): readonly Deed[]
  silence(id: string): Silence | undefined
  /** Those that end after an instant, the next to end first. */
  silences(endAfter: Instant): readonly Silence[]
  /** Of these, those that people have been told of and that have not resolved, with the transition by which each fired last. */
  active(incidents: readonly string[]): readonly ActiveIncident[]
  /** Those of a model, or of a source, and of some kinds. */
  activeOf(model: string, kinds: readonly string[]): readonly Incident[]
  incident(id: string): Incident | undefined
  /** The transition by which an incident fired last; 0: it has not. */
  fired(incident: string): number
  /** Messages about these incidents. */
  told(incidents: readonly string[]): readonly ToldRow[]
  /** Whether a channel was told that an incident fires, the last time that it fired before a message of that order. */
  isKnown(incident: string, channel: string, before: number): boolean
  digestAt(name: string): Instant | undefined
  /** What a digest tells of a model. */
  digestFacts(model: string, from: Instant, to: Instant): DigestFacts
  /** @throws StoreError; nothing is written then */
  write(change: HandlingChange): void
}

const isActive = "state IN ('firing', 'clearing')"
const lastFired = "(SELECT max(sequence) FROM transitions WHERE incident = incidents.id AND change = 'firing')"

export function createHandlingStore(
  db: DatabaseSync,
  sql: Statements,
  { probe = () => {}, outboxApart }: { probe?: Probe | undefined; outboxApart?: object },
): HandlingStore {
  const columns = 'incident, channel, key, lane_order, state, queued_at, ended_at'
  return {
    state: (incident) => readState(sql, incident),
    underWay: () =>
      sql
        .all(
          `SELECT id FROM incidents INDEXED BY incidents_firing WHERE ${isActive}
           UNION SELECT incident FROM handling INDEXED BY handling_open WHERE is_open = 1 ORDER BY id`,
        )
        .map((row) => row['id'] as string),
    open: (incidents) =>
      sql
        .allSealed(
          'handling',
          `SELECT * FROM handling WHERE incident IN (SELECT value FROM json_each(?))
           AND (is_open = 1 OR EXISTS (SELECT 1 FROM incidents WHERE id = handling.incident AND ${isActive}))`,
          JSON.stringify(incidents),
        )
        .map((row) => parsed(row) as HandlingState),
    deeds: (incident) => readDeeds(sql, incident),
    silence: (id) =>
      parsed(sql.getSealed('silences', 'SELECT * FROM silences WHERE id = ?', id)) as Silence | undefined,
    silences: (endAfter) =>
      sql
        .allSealed('silences', 'SELECT * FROM silences WHERE ends_at > ? ORDER BY ends_at, id', endAfter)
        .map((row) => parsed(row) as Silence),
    active: (incidents) =>
      sql
        .allSealed(
          'incidents',
          `SELECT *, ${lastFired} AS fired FROM incidents WHERE id IN (SELECT value FROM json_each(?)) AND ${isActive} ORDER BY id`,
          JSON.stringify(incidents),
        )
        .map((row) => ({ incident: parsed(row) as Incident, fired: (row['fired'] as number | null) ?? 0 })),
    activeOf: (model, kinds) =>
      sql
        .allSealed(
          'incidents',
          `SELECT * FROM incidents INDEXED BY incidents_firing
           WHERE ${isActive} AND (model = ? OR substr(model, 1, 7) = 'source ') AND kind IN (SELECT value FROM json_each(?)) ORDER BY id`,
          model,
          JSON.stringify(kinds),
        )
        .map((row) => parsed(row) as Incident),
    incident: (id) =>
      parsed(sql.getSealed('incidents', 'SELECT * FROM incidents WHERE id = ?', id)) as Incident | undefined,
    fired: (incident) =>
      (sql.get(`SELECT ${lastFired} AS fired FROM incidents WHERE id = ?`, incident)?.['fired'] as number | null) ?? 0,
    told: (incidents) =>
      sql
        .all(
          `SELECT ${columns} FROM outbox WHERE incident IN (SELECT value FROM json_each(?)) ORDER BY lane_order`,
          JSON.stringify(incidents),
        )
        .map(toToldRow),
    isKnown: (incident, channel, before) =>
      sql.get(
        `SELECT 1 FROM outbox WHERE incident = ?1 AND channel = ?2 AND state NOT IN ('queued', 'suppressed', 'dead', 'superseded')
         AND lane_order < ?3 AND lane_order >= coalesce(
           (SELECT max(sequence) FROM transitions WHERE incident = ?1 AND change = 'firing' AND sequence < ?3), 0) LIMIT 1`,
        incident,
        channel,
        before,
      ) !== undefined,
    digestAt: (name) => sql.get('SELECT at FROM digests WHERE name = ?', name)?.['at'] as number | undefined,
    digestFacts: (model, from, to) => readDigestFacts(sql, model, from, to),
    write(change) {
      const doing = 'what was decided about an incident'
      const outgoing = { notifications: change.notifications ?? [], triggers: [] }
      probe('handling: before the transaction')
      transact(db, { doing, isDurable: true }, () => {
        writeChange(sql, change)
        probe('handling: state written')
        if (outboxApart === undefined) writeOutgoing(sql, outgoing)
        probe('handling: messages written')
        for (const entry of change.audit ?? []) writeAudit(sql, entry)
        probe('handling: audit written')
      })
      probe('handling: committed')
      if (outboxApart !== undefined) transact(db, { doing, isDurable: true }, () => writeOutgoing(sql, outgoing))
    },
  }
}

export function readState(sql: Statements, incident: string): HandlingState | undefined {
  return parsed(sql.getSealed('handling', 'SELECT * FROM handling WHERE incident = ?', incident)) as
    | HandlingState
    | undefined
}

export function readDeeds(sql: Statements, incident: string): Deed[] {
  return sql.all('SELECT * FROM deeds WHERE incident = ? ORDER BY number', incident).map(toDeed)
}

function writeChange(sql: Statements, { states, deeds, silences, closed, digests }: HandlingChange): void {
  const close = new Set(closed)
  for (const state of states ?? []) {
    const values = [state.incident, close.has(state.incident) ? 0 : 1, JSON.stringify(state)]
    sql.run(
      `INSERT INTO handling (incident, is_open, json, seal) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET is_open = excluded.is_open, json = excluded.json, seal = excluded.seal`,
      ...(values as [string, number, string]),
      sealOf(values),
    )
  }
  for (const { incident, number, at, kind, by, via, request, detail } of deeds ?? []) {
    sql.run(
      'INSERT INTO deeds (incident, number, at, kind, actor, via, request, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      ...[incident, number, at, kind, by, via, request, detail],
    )
  }
  for (const silence of silences ?? []) {
    const values = [silence.id, silence.start, silence.end, JSON.stringify(silence)]
    sql.run(
      `INSERT INTO silences (id, starts_at, ends_at, json, seal) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET starts_at = excluded.starts_at, ends_at = excluded.ends_at, json = excluded.json, seal = excluded.seal`,
      ...(values as [string, number, number, string]),
      sealOf(values),
    )
  }
  for (const { name, at } of digests ?? [])
    sql.run('INSERT INTO digests (name, at) VALUES (?, ?) ON CONFLICT DO UPDATE SET at = excluded.at', name, at)
}

/** The clock was set by so much: lengths of time since people were told stay what they were. The caller holds the transaction. */
export function moveHandling(sql: Statements, by: Millis): void {
  sql.run(
    `UPDATE outbox SET queued_at = queued_at + ?1, ended_at = ended_at + ?1 WHERE state <> 'queued' AND incident IN (SELECT id FROM incidents WHERE ${isActive})`,
    by,
  )
}

/** What is kept of incidents that are forgotten goes with them. The caller holds the transaction. */
export function forgetHandling(sql: Statements, incident: string): void {
  sql.run('DELETE FROM handling WHERE incident = ?', incident)
  sql.run('DELETE FROM deeds WHERE incident = ?', incident)
}

function parsed(row: SqlRow | undefined): unknown {
  return row === undefined ? undefined : JSON.parse(row['json'] as string)
}

function toDeed(row: SqlRow): Deed {
  return {
    incident: row['incident'] as string,
    number: row['number'] as number,
    at: row['at'] as number,
    kind: row['kind'] as Deed['kind'],
    by: row['actor'] as string,
    via: row['via'] as Deed['via'],
    request: row['request'] as string,
    detail: row['detail'] as string,
  }
}

function toToldRow(row: SqlRow): ToldRow {
  return {
    incident: row['incident'] as string,
    channel: row['channel'] as string,
    key: row['key'] as string,
    order: row['lane_order'] as number,
    state: row['state'] as string,
    queuedAt: row['queued_at'] as number,
    endedAt: row['ended_at'] as number | null,
  }
}
