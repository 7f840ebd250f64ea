// Who is told of what: the `routes` of the document.

import { z } from 'zod'
import type { Severity } from '../incidents/incident.ts'
import type { MonitorKind } from '../monitors/verdict.ts'
import { modelName } from './forms.ts'

const kinds = [
  'drift',
  'performance',
  'estimated',
  'quality',
  'volume',
  'no_data',
  'stale_labels',
] as const satisfies readonly MonitorKind[]
const severities = ['warning', 'alarm', 'critical'] as const satisfies readonly Severity[]

export const route = z.strictObject({
  match: z
    .strictObject({
      model: modelName.optional(),
      kind: z.enum(kinds).optional(),
      severity: z.enum(severities).optional(),
    })
    .prefault({})
    .describe('Incidents that go this way; what is left out matches all'),
  to: z.array(z.string('the name of a channel'), 'a list of channels').min(1, 'at least one channel'),
})
export type RouteInput = z.output<typeof route>

/** Incidents that match go to these channels; null matches all. */
export interface RouteSettings {
  readonly model: string | null
  readonly kind: MonitorKind | null
  readonly severity: Severity | null
  /** Names of channels. */
  readonly to: readonly string[]
}

export function resolveRoute({ match, to }: RouteInput): RouteSettings {
  return { model: match.model ?? null, kind: match.kind ?? null, severity: match.severity ?? null, to }
}
