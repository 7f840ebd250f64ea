// The words and signs that stand for an incident's kind, state and severity.

import { html } from '../html.ts'
import type { StatusName } from '../status.ts'
import { Status } from '../status.ts'

export const kindWords: Readonly<Record<string, string>> = {
  drift: 'data drift',
  performance: 'performance',
  estimated: 'estimated performance',
  quality: 'data quality',
  volume: 'volume',
  no_data: 'no data',
  stale_labels: 'no labels',
}

export const stateWords: Readonly<Record<string, string>> = {
  pending: 'pending',
  firing: 'firing',
  clearing: 'clearing',
  resolved: 'over',
}

/** What is over is well again; what may yet fire, or be over, warns. */
function statusOf(state: string, severity: string): StatusName {
  if (state === 'resolved') return 'ok'
  return state === 'firing' && severity !== 'warning' ? 'alarm' : 'warning'
}

export function IncidentStatus({
  state,
  severity,
  span,
}: {
  readonly state: string
  readonly severity: string
  readonly span?: string
}) {
  const words = [
    severity === 'critical' && state !== 'resolved' ? 'critical,' : '',
    stateWords[state] ?? state,
    span ?? '',
  ]
  return html`<${Status} of=${statusOf(state, severity)} word=${words.filter((word) => word !== '').join(' ')} />`
}

/** Rows that are older than this are of the past: a replay, or a stream that has stopped. */
const BEHIND_MS = 2 * 86_400_000

/**
 * Up to when what goes on has lasted, epoch ms: now, or where its windows are far behind the clock the end of the newest one. What
 * does not come is told by the clock.
 */
export function presentOf(
  { evidence }: { readonly evidence: ReadonlyArray<{ readonly end: string }> },
  now: number = Date.now(),
): number {
  const newest = Math.max(...evidence.map(({ end }) => Date.parse(end)))
  return evidence.length > 0 && newest + BEHIND_MS < now ? newest : now
}
