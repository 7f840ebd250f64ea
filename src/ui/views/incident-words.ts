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
