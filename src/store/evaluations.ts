// Evaluated windows in the order in which they were evaluated: a window comes once for its inputs (its first revision), and once when
// its labels were complete (the first revision that is not provisional). Further revisions changed what is shown, and no alarm.

import type { Verdict, WindowKind } from '../monitors/verdict.ts'
import type { WindowResult } from '../monitors/window-result.ts'
import type { Instant } from '../time.ts'
import { toResult } from './results.ts'
import type { Statements } from './statements.ts'
import type { EvaluationHead, EvaluationQuery } from './views.ts'

const ofInputs: readonly WindowKind[] = ['quality', 'drift', 'volume', 'estimated']
const ofLabels: readonly WindowKind[] = ['performance']

/** The heads of the evaluations of a range of windows, which are read without their verdicts. */
export function evaluationHeads(sql: Statements, query: EvaluationQuery): EvaluationHead[] {
  const { model, version, window, from, to, limit } = query
  const rows = sql.all(
    `SELECT rowid AS number, window_end, revision, provisional FROM results INDEXED BY results_by_key
     WHERE model = ? AND version = ? AND window = ? AND segment = '' AND window_end >= ? AND window_end < (
       SELECT coalesce(min(window_end), ?) FROM (
         SELECT DISTINCT window_end FROM results INDEXED BY results_by_key
         WHERE model = ? AND version = ? AND window = ? AND window_end >= ? AND window_end < ? ORDER BY window_end LIMIT 1 OFFSET ?))
     ORDER BY window_end, revision`,
    ...[model, version, window, from, to],
    ...[model, version, window, from, to, limit],
  )
  const heads: EvaluationHead[] = []
  let settled: number | undefined
  for (const { number, window_end: end, revision, provisional } of rows as unknown as HeadRow[]) {
    const settles = provisional === 0 && settled !== end
    if (settles) settled = end
    const news = [...(revision === 0 ? ofInputs : []), ...(settles ? ofLabels : [])]
    if (news.length > 0) heads.push({ number, end, news })
  }
  return heads
}

interface HeadRow {
  readonly number: number
  readonly window_end: Instant
  readonly revision: number
  readonly provisional: number
}

/** The number of the evaluation that was committed last; 0: there is none. */
export function newestEvaluation(sql: Statements): number {
  return (sql.get('SELECT coalesce(max(rowid), 0) AS number FROM results')?.['number'] ?? 0) as number
}

/** One evaluation; undefined when it was forgotten meanwhile. */
export function evaluation(sql: Statements, number: number): WindowResult | undefined {
  const row = sql.getSealed('results', 'SELECT * FROM results WHERE rowid = ?', number)
  return row === undefined ? undefined : toResult(row)
}

/**
 * What one monitor said in an evaluation; undefined when it said nothing. Only that is parsed: a tenth of the work where there are
 * many monitors.
 */
export function verdictIn(sql: Statements, number: number, monitor: string): Verdict | undefined {
  const row = sql.getSealed('results', 'SELECT * FROM results WHERE rowid = ?', number)
  const text = (row?.['verdicts'] ?? '') as string
  // Quotes inside of strings are escaped: this stands at the beginning of a verdict, and nowhere else.
  const from = text.indexOf(`{"monitor":${JSON.stringify(monitor)},`)
  if (from < 0) return undefined
  const next = text.indexOf(',{"monitor":"', from)
  return JSON.parse(text.slice(from, next < 0 ? text.lastIndexOf(']') : next)) as Verdict
}
