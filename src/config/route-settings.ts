// Who is told of what: the `routes` of the document.

import { z } from 'zod'
import type { Severity } from '../incidents/incident.ts'
import type { MonitorKind } from '../monitors/verdict.ts'
import type { Millis } from '../time.ts'
import { HOUR, parseDuration } from '../time.ts'
import { duration, modelName, positiveDuration } from './forms.ts'

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

const groupByForm = 'all, or a list of: model, kind'
const groupAboveForm = 'a whole number of incidents, at least 0'
const repeatForm = 'a duration of at least 10m such as 24h, or never'
const REPEAT_DEFAULT: Millis = 24 * HOUR
const REPEAT_MIN: Millis = 10 * 60_000

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
  groupBy: z
    .union([z.literal('all'), z.array(z.enum(['model', 'kind']), groupByForm).min(1, groupByForm)], groupByForm)
    .default(['model'])
    .describe('Incidents that have these in common are a group; all: every incident of the route'),
  groupAbove: z
    .int(groupAboveForm)
    .min(0, groupAboveForm)
    .default(5)
    .describe('So many incidents of a group are told each by itself; more that are due at once come in one message'),
  groupWait: duration.prefault('0s').describe('How long a message waits for others of its group'),
  groupInterval: duration.prefault('0s').describe('At least so long between two messages about a group'),
  repeat: z
    .string(repeatForm)
    .refine((text) => text === 'never' || (parseDuration(text) ?? 0) >= REPEAT_MIN, repeatForm)
    .optional()
    .describe('After how long people are reminded of what still fires and nobody has acknowledged (default: 24h)'),
  escalate: z
    .strictObject({
      after: positiveDuration,
      to: z.array(z.string('the name of a channel'), 'a list of channels').min(1, 'at least one channel'),
    })
    .optional()
    .describe('Who else is told when nobody has acknowledged an incident for so long'),
})
export type RouteInput = z.output<typeof route>

/** Incidents that match go to these channels; null matches all. */
export interface RouteSettings {
  readonly model: string | null
  readonly kind: MonitorKind | null
  readonly severity: Severity | null
  /** Names of channels. */
  readonly to: readonly string[]
  readonly grouping: {
    /** Empty: every incident of the route is of one group. */
    readonly by: ReadonlyArray<'model' | 'kind'>
    readonly above: number
    readonly waitMs: Millis
    readonly intervalMs: Millis
  }
  /** Between reminders; null: none. */
  readonly repeatMs: Millis | null
  readonly escalate: { readonly afterMs: Millis; readonly to: readonly string[] } | null
}

export function resolveRoute({
  match,
  to,
  groupBy,
  groupAbove: above,
  groupWait: waitMs,
  groupInterval: intervalMs,
  repeat,
  escalate,
}: RouteInput): RouteSettings {
  return {
    model: match.model ?? null,
    kind: match.kind ?? null,
    severity: match.severity ?? null,
    to,
    grouping: { by: groupBy === 'all' ? [] : groupBy, above, waitMs, intervalMs },
    repeatMs: repeat === 'never' ? null : repeat === undefined ? REPEAT_DEFAULT : (parseDuration(repeat) as Millis),
    escalate: escalate === undefined ? null : { afterMs: escalate.after, to: escalate.to },
  }
}

/** Everything to these channels. */
export function routeToAll(to: readonly string[]): RouteSettings {
  return resolveRoute(route.parse({ to: [...to] }))
}
