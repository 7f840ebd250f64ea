// What a transition means outside: which messages go where, and whether an orchestrator is asked.

import type { Incident, Transition } from '../incidents/incident.ts'
import { hasSeverity } from '../incidents/incident.ts'
import type { MonitorKind } from '../monitors/verdict.ts'
import type { AskingRule } from '../retraining/asking.ts'
import { requestRetraining } from '../retraining/asking.ts'
import type { Trigger } from '../retraining/trigger.ts'
import type { Instant, Millis } from '../time.ts'
import { compose } from './message.ts'
import type { Grouping, Notification } from './notification.ts'

/** Incidents that match go to these channels; null matches all. */
export interface Route {
  readonly model: string | null
  readonly kind: MonitorKind | null
  readonly severity: Incident['severity'] | null
  readonly to: readonly string[]
  /** How messages of this way are gathered; left out: each by itself. `waitMs`: each waits so long for others. */
  readonly grouping?: {
    /** What incidents of a group have in common; empty: nothing but the way. */
    readonly by: ReadonlyArray<'model' | 'kind'>
    readonly above: number
    readonly waitMs: Millis
    readonly intervalMs: Millis
  }
}

export interface PlanSettings {
  readonly routes: readonly Route[]
  /** By model: the name of the target, and the kinds of incidents that ask for a run. */
  readonly retraining: ReadonlyMap<string, AskingRule>
  readonly publicUrl: string | null
}

/** Outgoing rows of one transition; they enter the outbox in the commit that stores the transition. */
export interface Plan {
  readonly notifications: readonly Notification[]
  /** A request to retrain that is asked for in the same commit. */
  readonly trigger: Trigger | null
  /** Why an orchestrator is, or is not, asked. */
  readonly because: string
}

type Routed = Pick<Incident, 'model' | 'kind' | 'severity' | 'silence'>

/** The routes that an incident goes. */
export function routesFor<R extends Pick<Route, 'model' | 'kind' | 'severity'>>(
  incident: Routed,
  routes: readonly R[],
): R[] {
  const models = [incident.model, ...(incident.silence?.models ?? [])]
  const matches = (wanted: string | null, found: string) => wanted === null || wanted === found
  return routes.filter(
    ({ model, kind, severity }) =>
      (model === null || models.includes(model)) &&
      matches(kind, incident.kind) &&
      (severity === null || hasSeverity(severity, incident)),
  )
}

/** The channels that hear of an incident, each once, by the first way that leads there. */
export function channelsFor(incident: Routed, routes: readonly Route[]): Map<string, Route> {
  const channels = new Map<string, Route>()
  for (const way of routesFor(incident, routes))
    for (const channel of way.to) if (!channels.has(channel)) channels.set(channel, way)
  return channels
}

function groupOf(incident: Routed, channel: string, { grouping }: Route): Grouping | undefined {
  if (grouping === undefined) return undefined
  const { by, above, intervalMs } = grouping
  return { key: JSON.stringify([channel, ...by.map((what) => incident[what])]), above, intervalMs }
}

/** @param now wall-clock time, for the outbox */
export function planDelivery(transition: Transition, settings: PlanSettings, now: Instant): Plan {
  const { incident, change } = transition
  const { trigger, because } = requestRetraining(transition, settings.retraining.get(incident.model), now)
  const rows: Notification[] = []
  if (change === 'firing' || change === 'update' || change === 'resolved') {
    const message = compose(transition, settings)
    for (const [channel, route] of channelsFor(incident, settings.routes)) {
      const group = groupOf(incident, channel, route)
      rows.push({
        key: `${incident.id}:${incident.sequence}:${channel}`,
        lane: `${incident.id}:${channel}`,
        order: incident.sequence,
        envelope: { kind: 'message', channel, message },
        attempts: 0,
        dueAt: now + (route.grouping?.waitMs ?? 0),
        queuedAt: now,
        ...(group !== undefined && { group }),
      })
    }
  }
  return { notifications: rows, trigger, because }
}
