// Window results: the newest revision of each window, found without reading the wide rows of the others.

import type { SQLInputValue } from 'node:sqlite'
import type { WindowResult } from '../monitors/window-result.ts'
import type { Instant } from '../time.ts'
import type { SqlRow, Statements } from './statements.ts'
import type { ResultQuery, SegmentQuery, Views } from './views.ts'

const isNewestRevision = `revision = (
  SELECT max(revision) FROM results AS other
  WHERE other.model = this.model AND other.version = this.version AND other.window = this.window
    AND other.window_end = this.window_end AND other.segment = this.segment)`

/** Walks windows in the order of their ends and stops at the limit: the newest of one sequence of windows, or of all. */
export function selectResults(sql: Statements, query: ResultQuery): WindowResult[] {
  const { text, values } = selection('*', query)
  return sql.allSealed('results', text, ...values).map(toResult)
}

/** What the verdicts of these windows weigh, told from the heads of their rows alone. */
export function bytesOfResults(sql: Statements, query: ResultQuery): number {
  const { text, values } = selection('octet_length(verdicts) AS bytes', query)
  return Number(sql.get(`SELECT coalesce(sum(bytes), 0) AS bytes FROM (${text})`, ...values)?.['bytes'])
}

function selection(columns: string, query: ResultQuery): { text: string; values: SQLInputValue[] } {
  const { model, version, window, segment = '', from, to, limit } = query
  const isOneSequence = model !== undefined && version !== undefined && window !== undefined
  const index = isOneSequence ? 'results_by_key' : 'results_by_end'
  const wanted: Array<[string, SQLInputValue | undefined]> = [
    ['model = ?', model],
    ['version = ?', version],
    ['window = ?', window],
    ['window_end >= ?', from],
    ['window_end < ?', to],
    ['segment = ?', segment],
  ]
  const given = wanted.filter((condition): condition is [string, SQLInputValue] => condition[1] !== undefined)
  const order = query.order === 'oldest' ? 'ASC' : 'DESC'
  return {
    text: `SELECT ${columns} FROM results AS this INDEXED BY ${index} WHERE ${[...given.map(([condition]) => condition), isNewestRevision].join(' AND ')}
       ORDER BY window_end ${order}, model, version, window, segment LIMIT ?`,
    values: [...given.map(([, value]) => value), limit],
  }
}

/** The window sizes of a stream are found one from the other in the index, so that a long history costs nothing. */
const sequences = `sequences (model, version, window) AS (
  SELECT model, version, (
    SELECT min(window) FROM results AS any WHERE any.model = streams.model AND any.version = streams.version
  ) FROM streams
  UNION ALL
  SELECT model, version, (
    SELECT min(window) FROM results AS any
    WHERE any.model = sequences.model AND any.version = sequences.version AND any.window > sequences.window
  ) FROM sequences WHERE window IS NOT NULL
)`
const newestEnd = `(
  SELECT max(window_end) FROM results AS any
  WHERE any.model = sequences.model AND any.version = sequences.version AND any.window = sequences.window AND any.segment = ''
)`

/** CROSS JOIN holds SQLite to the order in which it is written. */
export function latestResults(sql: Statements): WindowResult[] {
  return sql
    .allSealed(
      'results',
      `WITH RECURSIVE ${sequences}
       SELECT this.* FROM sequences CROSS JOIN results AS this INDEXED BY results_by_key USING (model, version, window)
       WHERE this.window_end = ${newestEnd} AND this.segment = '' AND ${isNewestRevision}
       ORDER BY model, version, window, segment`,
    )
    .map(toResult)
}

/** The same from the index alone. */
export function newestWindows(sql: Statements): ReturnType<Views['newestWindows']> {
  return sql
    .all(
      `WITH RECURSIVE ${sequences}
       SELECT model, version, window, window_end, max(revision) AS revision
       FROM sequences CROSS JOIN results AS this INDEXED BY results_by_key USING (model, version, window)
       WHERE this.window_end = ${newestEnd} AND this.segment = '' GROUP BY model, version, window ORDER BY model, version, window`,
    )
    .map((row) => ({
      model: row['model'] as string,
      version: row['version'] as string,
      window: row['window'] as string,
      end: row['window_end'] as number,
      revision: row['revision'] as number,
    }))
}

/** Of the windows of one size the last that ends by then; with `isMeasured` the last whose labels suffice for performance. */
export function latestOf(
  sql: Statements,
  {
    model,
    version,
    window,
    to,
    isMeasured,
  }: { model: string; version: string; window: string; to: number; isMeasured: boolean },
): WindowResult | undefined {
  const [row] = sql.allSealed(
    'results',
    `SELECT * FROM results AS this INDEXED BY results_by_key WHERE model = ? AND version = ? AND window = ? AND window_end <= ? AND segment = ''
       AND ${isNewestRevision} ${isMeasured ? 'AND provisional = 0 AND labelled > 0' : ''} ORDER BY window_end DESC LIMIT 1`,
    model,
    version,
    window,
    to,
  )
  return row === undefined ? undefined : toResult(row)
}

/** A window of the whole is evaluated with each of its segments, so that this walks no more than what it returns. */
export function segmentResults(sql: Statements, query: SegmentQuery): WindowResult[] {
  const { model, version, window, from, to, segment, limit = -1 } = query
  const wanted = segment === undefined ? "segment <> ''" : 'segment = ?'
  return sql
    .allSealed(
      'results',
      `SELECT * FROM results AS this INDEXED BY results_by_key WHERE model = ? AND version = ? AND window = ?
         AND window_end >= ? AND window_end < ? AND ${wanted} AND ${isNewestRevision} ORDER BY window_end, segment LIMIT ?`,
      ...[model, version, window, from, to, ...(segment === undefined ? [] : [segment]), limit],
    )
    .map(toResult)
}

/** Found from the end of the index: only windows of the whole that are newer are passed over. */
export function newestOfSegments(
  sql: Statements,
  { model, version, window }: Pick<SegmentQuery, 'model' | 'version' | 'window'>,
): Instant | undefined {
  const row = sql.get(
    `SELECT window_end FROM results INDEXED BY results_by_key WHERE model = ? AND version = ? AND window = ? AND segment <> ''
       ORDER BY window_end DESC LIMIT 1`,
    ...[model, version, window],
  )
  return row?.['window_end'] as Instant | undefined
}

export function toResult(row: SqlRow): WindowResult {
  return {
    model: row['model'] as string,
    version: row['version'] as string,
    segment: row['segment'] as string,
    window: row['window'] as string,
    start: row['window_start'] as number,
    end: row['window_end'] as number,
    revision: row['revision'] as number,
    samples: row['samples'] as number,
    labelled: row['labelled'] as number,
    provisional: row['provisional'] === 1,
    verdicts: JSON.parse(row['verdicts'] as string),
  }
}
