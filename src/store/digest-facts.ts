// What a digest tells of a model, read without the wide columns of the windows it counts.

import type { DigestFacts } from '../delivery/digest.ts'
import type { Incident } from '../incidents/incident.ts'
import type { WindowResult } from '../monitors/window-result.ts'
import type { Instant } from '../time.ts'
import { latestOf } from './results.ts'
import type { Statements } from './statements.ts'

interface Tile {
  readonly window_start: number
  readonly window_end: number
  readonly samples: number
  readonly labelled: number
}

/** Windows count by event time, requests by the clock. */
export function readDigestFacts(sql: Statements, model: string, from: Instant, to: Instant): DigestFacts {
  const all = sequencesOf(sql, model, from, to)
  const sizes = all.map(({ sizeMs }) => sizeMs)
  const [shortest, longest] = [Math.min(...sizes), Math.max(...sizes)]
  const longestOnes = all.filter(({ sizeMs }) => sizeMs === longest)
  return {
    ...rowsIn(
      sql,
      all.filter(({ sizeMs }) => sizeMs === shortest),
      { from, to },
    ),
    newest: newestOf(sql, longestOnes, { to, isMeasured: false }),
    measured: newestOf(sql, longestOnes, { to, isMeasured: true }),
    ...incidentsIn(sql, model, from, to),
    open: sql
      .allSealed(
        'incidents',
        "SELECT * FROM incidents WHERE model = ? AND state IN ('firing', 'clearing') ORDER BY at, id",
        model,
      )
      .map((row) => JSON.parse(row['json'] as string) as Incident)
      .map(({ kind, since }) => ({ kind, since })),
    retraining: sql
      .all(
        `SELECT state, count(*) AS count FROM retraining WHERE model = ? AND asked_at >= ? AND asked_at < ? GROUP BY state ORDER BY state`,
        model,
        from,
        to,
      )
      .map((row) => ({ state: row['state'] as string, count: row['count'] as number })),
  }
}

/** Windows of one size, of one version of a model. */
interface Sequence {
  readonly model: string
  readonly version: string
  readonly window: string
}

/** Those with windows that end in the period, one found from the other in the index, so that the windows of other models cost nothing. */
function sequencesOf(sql: Statements, model: string, from: Instant, to: Instant) {
  const found: Array<Sequence & { readonly sizeMs: number }> = []
  for (let last = { version: '', window: '' }; ; ) {
    const next = sql.get(
      `SELECT version, window FROM results INDEXED BY results_by_key WHERE model = ? AND (version, window) > (?, ?)
       ORDER BY version, window LIMIT 1`,
      ...[model, last.version, last.window],
    ) as unknown as typeof last | undefined
    if (next === undefined) return found
    last = next
    const { version, window } = next
    const size = sql.get(
      `SELECT window_end - window_start AS ms FROM results INDEXED BY results_by_key
       WHERE model = ? AND version = ? AND window = ? AND window_end > ? AND window_end <= ? LIMIT 1`,
      ...[model, version, window, from, to],
    )
    if (size !== undefined) found.push({ model, version, window, sizeMs: size['ms'] as number })
  }
}

/** Windows overlap: of each version those are counted that follow one another without overlapping. */
function rowsIn(
  sql: Statements,
  sequences: readonly Sequence[],
  { from, to }: { from: Instant; to: Instant },
): { predictions: number; labelled: number } {
  let [predictions, labelled] = [0, 0]
  for (const { model, version, window } of sequences) {
    const tiles = sql.all(
      `SELECT window_start, window_end, samples, labelled, max(revision) FROM results INDEXED BY results_by_key
       WHERE model = ? AND version = ? AND window = ? AND segment = '' AND window_end > ? AND window_end <= ?
       GROUP BY window_end ORDER BY window_end`,
      ...[model, version, window, from, to],
    ) as unknown as Tile[]
    let end = Number.NEGATIVE_INFINITY
    for (const tile of tiles) {
      if (tile.window_start < end) continue
      end = tile.window_end
      predictions += tile.samples
      labelled += tile.labelled
    }
  }
  return { predictions, labelled }
}

function newestOf(
  sql: Statements,
  sequences: readonly Sequence[],
  which: { readonly to: Instant; readonly isMeasured: boolean },
): WindowResult | null {
  const all = sequences.flatMap((sequence) => latestOf(sql, { ...sequence, ...which }) ?? [])
  return all.reduce<WindowResult | null>((best, one) => (best === null || one.end > best.end ? one : best), null)
}

function incidentsIn(sql: Statements, model: string, from: Instant, to: Instant): { opened: number; resolved: number } {
  const counts = sql.all(
    `SELECT change, count(*) AS count FROM transitions JOIN incidents ON id = incident
     WHERE model = ? AND transitions.at >= ? AND transitions.at < ? AND change IN ('firing', 'resolved') GROUP BY change`,
    model,
    from,
    to,
  )
  const of = (change: string) => (counts.find((row) => row['change'] === change)?.['count'] as number | undefined) ?? 0
  return { opened: of('firing'), resolved: of('resolved') }
}
