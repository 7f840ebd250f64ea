// What a digest tells of a model, read without the wide columns of the windows it counts.

import type { DigestFacts } from '../delivery/digest.ts'
import type { Incident } from '../incidents/incident.ts'
import type { Instant } from '../time.ts'
import { latestOf } from './results.ts'
import type { Statements } from './statements.ts'

interface Tile {
  readonly version: string
  readonly window_start: number
  readonly window_end: number
  readonly samples: number
  readonly labelled: number
}

/** Windows count by event time, requests by the clock. */
export function readDigestFacts(sql: Statements, model: string, from: Instant, to: Instant): DigestFacts {
  const { shortest, longest } = windowNames(sql, model, from, to)
  return {
    ...rowsIn(sql, model, { from, to, window: shortest }),
    newest: latestOf(sql, { model, window: longest, to, isMeasured: false }) ?? null,
    measured: latestOf(sql, { model, window: longest, to, isMeasured: true }) ?? null,
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

function windowNames(sql: Statements, model: string, from: Instant, to: Instant) {
  const names = sql
    .all(
      `SELECT window, min(window_end - window_start) AS size FROM results INDEXED BY results_by_end
       WHERE window_end > ? AND window_end <= ? AND model = ? GROUP BY window ORDER BY size`,
      from,
      to,
      model,
    )
    .map((row) => row['window'] as string)
  return { shortest: names[0] ?? '', longest: names.at(-1) ?? '' }
}

/** Windows overlap: of each version those are counted that follow one another without overlapping. */
function rowsIn(
  sql: Statements,
  model: string,
  { from, to, window }: { from: Instant; to: Instant; window: string },
): { predictions: number; labelled: number } {
  const tiles = sql.all(
    `SELECT version, window_start, window_end, samples, labelled, max(revision) FROM results
     WHERE model = ? AND window = ? AND segment = '' AND window_end > ? AND window_end <= ?
     GROUP BY version, window_end ORDER BY version, window_end`,
    model,
    window,
    from,
    to,
  ) as unknown as Tile[]
  let [predictions, labelled, version, end] = [0, 0, '', Number.NEGATIVE_INFINITY]
  for (const tile of tiles) {
    if (tile.version === version && tile.window_start < end) continue
    version = tile.version
    end = tile.window_end
    predictions += tile.samples
    labelled += tile.labelled
  }
  return { predictions, labelled }
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
