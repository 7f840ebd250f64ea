// References that were made of production: which are in force, who made them of what, and what became of them.

import type { DatabaseSync } from 'node:sqlite'
import type { Incident, Transition } from '../incidents/incident.ts'
import type { Probe } from '../probe.ts'
import type { Instant } from '../time.ts'
import type { AuditEntry } from './audit.ts'
import { writeAudit } from './audit.ts'
import type { Changes } from './changes.ts'
import { writeDocuments, writeIncidents, writeOutgoing } from './commit.ts'
import { sealedColumns, sealOf } from './seal.ts'
import type { SqlRow, Statements } from './statements.ts'
import { transact } from './transact.ts'

/** How a reference came to be: somebody took an incident for the new normal, or a version got one of its own. */
export type ReferenceKind = 'accepted' | 'promoted'

/** One of them, as people see it. */
export interface MadeReference {
  readonly number: number
  /** The same for the same deed: it is done once. */
  readonly deed: string
  readonly model: string
  /** null: for all versions of the model without one of their own. */
  readonly version: string | null
  readonly id: string
  readonly kind: ReferenceKind
  /** What it was made because of; '' where no incident was. */
  readonly incident: string
  /** The reference whose place it took. */
  readonly before: string
  readonly source: string
  readonly rows: number
  readonly labelled: number
  /** Event times of its rows. */
  readonly from: Instant
  readonly to: Instant
  /** What it is made of, and what was taken over from the one before, in words. */
  readonly says: readonly string[]
  readonly at: Instant
  readonly by: string
  readonly note: string
  /** null while it is in force, or would be again when a later one ends. */
  readonly ended: { readonly at: Instant; readonly by: string; readonly because: string } | null
}

export type NewReference = Omit<MadeReference, 'number' | 'ended'> & { readonly profile: string }

/** What puts a reference into force, or takes it out again: all of it, or nothing. */
export interface ReferenceChange {
  readonly made: NewReference | null
  readonly ended: ({ readonly number: number } & NonNullable<MadeReference['ended']>) | null
  /** How the model's versions go on under it. */
  readonly documents: Changes['documents']
  readonly transitions: readonly Transition[]
  readonly notifications: Changes['notifications']
  readonly audit: AuditEntry
}

export interface ModelReferences {
  /** Newest first; without their profiles, which are hundreds of KB each: kept in memory from the first look on. */
  list(): readonly MadeReference[]
  /** The profiles in force, one for each version and one for all others. */
  inForce(model: string): ReadonlyArray<Pick<MadeReference, 'number' | 'version'> & { readonly profile: string }>
  /** The profile of the newest with this id that is still kept. */
  profile(id: string): string | undefined
  /** On the disk when it returns. @throws StoreError; nothing has changed then */
  put(change: ReferenceChange): void
}

/** Of each version so many are kept whole; of those before only who, when, why and of what. */
const PROFILES_KEPT = 5

interface WritingOptions {
  readonly probe?: Probe | undefined
  /** For tests of exactness: see `NegativeControl`. */
  readonly referenceApart?: { readonly between: () => void }
}

export function createModelReferences(
  db: DatabaseSync,
  sql: Statements,
  { probe = () => {}, referenceApart }: WritingOptions,
): ModelReferences {
  const all = (rest: string, ...values: Array<string | number | null>) =>
    sql.allSealed('model_references', `SELECT * FROM model_references ${rest}`, ...values)
  let known: readonly MadeReference[] | undefined
  return {
    list: () => {
      known ??= all('ORDER BY number DESC').map(toMade)
      return known
    },
    inForce: (model) =>
      all(
        `AS this WHERE model = ? AND number = (
           SELECT max(number) FROM model_references WHERE model = this.model AND version IS this.version AND ended_at IS NULL AND profile <> '')`,
        model,
      ).map((row) => ({
        number: row['number'] as number,
        version: row['version'] as string | null,
        profile: row['profile'] as string,
      })),
    profile: (id) =>
      all("WHERE id = ? AND profile <> '' ORDER BY number DESC LIMIT 1", id)[0]?.['profile'] as string | undefined,
    put({ made, ended, documents, transitions, notifications, audit }) {
      transact(db, { doing: 'putting a reference into force', isDurable: true }, () => {
        if (ended !== null) end(sql, all, ended)
        if (made !== null) {
          insert(sql, made)
          forgetProfiles(sql, all, made)
        }
        probe('reference: written')
        if (referenceApart !== undefined) {
          db.exec('COMMIT')
          referenceApart.between()
          db.exec('BEGIN IMMEDIATE')
        }
        writeDocuments(sql, documents)
        writeIncidents(sql, {
          incidents: transitions.map(({ incident }) => incident),
          transitions: stored(transitions),
        })
        writeOutgoing(sql, { notifications, triggers: [] })
        probe('reference: incidents ended')
        writeAudit(sql, audit)
      })
      const last = known?.[0]?.number ?? 0
      const changed = all('WHERE number > ? OR number = ? ORDER BY number DESC', last, ended?.number ?? -1).map(toMade)
      known &&= [
        ...changed.filter(({ number }) => number > last),
        ...known.map((one) => changed.find(({ number }) => number === one.number) ?? one),
      ]
      probe('reference: committed')
    },
  }
}

type All = (rest: string, ...values: Array<string | number | null>) => SqlRow[]

const columns = sealedColumns.model_references

function insert(sql: Statements, made: NewReference): void {
  const number = 1 + (sql.get('SELECT coalesce(max(number), 0) AS last FROM model_references')?.['last'] as number)
  const { deed, model, version, id, kind, incident, before, source, rows, labelled, from, to, says, at, by, note } =
    made
  write(sql, [
    ...[number, deed, model, version, id, kind, incident, before, source, rows, labelled, from, to],
    ...[JSON.stringify(says), at, by, note, made.profile, null, null, null],
  ])
}

function write(sql: Statements, values: ReadonlyArray<string | number | null>): void {
  sql.run(
    `INSERT OR REPLACE INTO model_references (${columns.join(', ')}, seal) VALUES (${columns.map(() => '?').join(', ')}, ?)`,
    ...values,
    sealOf(values),
  )
}

/** The row with some values replaced, and a new seal. */
function rewrite(sql: Statements, row: SqlRow, changed: Readonly<Record<string, string | number>>): void {
  write(
    sql,
    columns.map((column) => (changed[column] ?? row[column]) as string | number | null),
  )
}

function end(sql: Statements, all: All, { number, at, by, because }: NonNullable<ReferenceChange['ended']>): void {
  for (const row of all('WHERE number = ?', number))
    rewrite(sql, row, { ended_at: at, ended_by: by, ended_because: because })
}

function forgetProfiles(sql: Statements, all: All, { model, version }: Pick<NewReference, 'model' | 'version'>): void {
  // Ended ones go first: a revert goes back to one that is in force, never to one of them.
  const past = all(
    "WHERE model = ? AND version IS ? AND profile <> '' ORDER BY ended_at IS NOT NULL, number DESC LIMIT -1 OFFSET ?",
    model,
    version,
    PROFILES_KEPT,
  )
  for (const row of past) rewrite(sql, row, { profile: '' })
}

function stored(transitions: readonly Transition[]): Changes['transitions'] {
  return transitions.map(({ incident, change, because, at }) => {
    const { id: incidentId, sequence } = incident satisfies Incident
    return { incidentId, sequence, change, because, at }
  })
}

function toMade(row: SqlRow): MadeReference {
  const text = (name: string) => row[name] as string
  const number = (name: string) => row[name] as number
  return {
    number: number('number'),
    deed: text('deed'),
    model: text('model'),
    version: row['version'] as string | null,
    id: text('id'),
    kind: text('kind') as ReferenceKind,
    incident: text('incident'),
    before: text('before_id'),
    source: text('source'),
    rows: number('rows'),
    labelled: number('labelled'),
    from: number('from_time'),
    to: number('to_time'),
    says: JSON.parse(text('says')) as string[],
    at: number('at'),
    by: text('actor'),
    note: text('note'),
    ended:
      row['ended_at'] === null
        ? null
        : { at: number('ended_at'), by: text('ended_by'), because: text('ended_because') },
  }
}
