// What can be read of what people decided: who looks after an incident, silences, maintenance.

import type { Deed } from '../handling/deeds.ts'
import type { Maintenance } from '../handling/maintenance.ts'
import { spanAfter, spanAt } from '../handling/maintenance.ts'
import type { Silence } from '../handling/silence.ts'
import { phaseOf } from '../handling/silence.ts'
import type { HandlingState } from '../handling/state.ts'
import type { Clock, Instant } from '../time.ts'
import { DAY, formatInstant } from '../time.ts'
import { oneOf } from './query.ts'
import type { ReadRoute } from './route.ts'

const phases = ['waiting', 'active', 'ended'] as const
/** Silences that have ended are shown for so long. */
const ENDED_SHOWN = 30 * DAY

export interface HandlingSource {
  /** Those that end after an instant. */
  silences(endAfter: Instant): readonly Silence[]
  maintenance(): readonly Maintenance[]
  readonly now: Clock
}

export function handlingReadRoutes({ silences, maintenance, now }: HandlingSource): readonly ReadRoute[] {
  return [
    {
      method: 'GET',
      path: '/api/v1/silences',
      query: { phase: 'text' },
      needs: 'read',
      handle({ query }) {
        const { phase } = oneOf(query, 'phase', phases)
        const found = silences(now() - ENDED_SHOWN).map((silence) => silenceView(silence, now()))
        return {
          status: 200,
          json: { silences: phase === undefined ? found : found.filter((one) => one.phase === phase) },
        }
      },
    },
    {
      method: 'GET',
      path: '/api/v1/maintenance',
      query: {},
      needs: 'read',
      handle: () => ({ status: 200, json: { maintenance: maintenance().map((one) => maintenanceView(one, now())) } }),
    },
  ]
}

function silenceView({ start, end, createdAt, ...rest }: Silence, now: Instant) {
  return {
    ...rest,
    phase: phaseOf({ start, end }, now),
    start: formatInstant(start),
    end: formatInstant(end),
    createdAt: formatInstant(createdAt),
  }
}

function maintenanceView({ name, matchers, calendar }: Maintenance, now: Instant) {
  const shown = (span: { from: Instant; to: Instant } | undefined) =>
    span === undefined ? null : { from: formatInstant(span.from), to: formatInstant(span.to) }
  return { name, matchers, now: shown(spanAt(calendar, now)), next: shown(spanAfter(calendar, now)) }
}

/** Who looks after an incident. */
export function handlingView(state: HandlingState | undefined) {
  const instant = (at: Instant | null | undefined) => (at == null ? null : formatInstant(at))
  return {
    acknowledgedBy: state?.acknowledgedBy ?? null,
    acknowledgedAt: instant(state?.acknowledgedAt),
    assignee: state?.assignee ?? null,
    snoozedUntil: instant(state?.snoozedUntil),
    snoozedBy: state?.snoozedBy ?? null,
    escalatedTo: Object.keys(state?.escalated ?? {}),
  }
}

/** Comments apart from what was done. */
export function deedViews(deeds: readonly Deed[]) {
  const comments = deeds.filter(({ kind }) => kind === 'comment')
  return {
    comments: comments.map(({ number, at, by, via, detail }) => ({
      number,
      at: formatInstant(at),
      by,
      via,
      text: detail,
    })),
    deeds: deeds
      .filter(({ kind }) => kind !== 'comment')
      .map(({ number, at, kind, by, via, detail }) => ({ number, at: formatInstant(at), kind, by, via, detail })),
  }
}
