// What a transition means outside: which messages go where, and whether an orchestrator is asked.

import type { Incident, Transition } from '../incidents/incident.ts'
import { hasSeverity } from '../incidents/incident.ts'
import type { MonitorKind } from '../monitors/verdict.ts'
import { requestRetraining } from '../retraining/asking.ts'
import type { Trigger } from '../retraining/trigger.ts'
import type { Instant } from '../time.ts'
import { compose } from './message.ts'
import type { Notification } from './notification.ts'

/** Incidents that match go to these channels; null matches all. */
export interface Route {
  readonly model: string | null
  readonly kind: MonitorKind | null
  readonly severity: Incident['severity'] | null
  readonly to: readonly string[]
}

export interface PlanSettings {
  readonly routes: readonly Route[]
  /** By model: the name of the target, and the kinds of incidents that ask for a run. */
  readonly retraining: ReadonlyMap<string, { readonly target: string; readonly on: readonly MonitorKind[] }>
  readonly publicUrl: string | null
}

/** Outgoing rows of one transition; they enter the outbox in the commit that stores the transition. */
export interface Plan {
  readonly notifications: readonly Notification[]
  readonly trigger: Trigger | null
  /** Why an orchestrator is, or is not, asked. */
  readonly because: string
}

/** The channels that hear of an incident, each once. */
function channelsFor(
  incident: Pick<Incident, 'model' | 'kind' | 'severity' | 'silence'>,
  routes: readonly Route[],
): string[] {
  const models = [incident.model, ...(incident.silence?.models ?? [])]
  const matches = (wanted: string | null, found: string) => wanted === null || wanted === found
  const matching = routes.filter(
    ({ model, kind, severity }) =>
      (model === null || models.includes(model)) &&
      matches(kind, incident.kind) &&
      (severity === null || hasSeverity(severity, incident)),
  )
  return [...new Set(matching.flatMap(({ to }) => to))]
}

/** The name under which a model's orchestrator stands among the senders. */
export function retrainingChannel(model: string): string {
  return `retraining/${model}`
}

/** @param now wall-clock time, for the outbox */
export function planDelivery(transition: Transition, settings: PlanSettings, now: Instant): Plan {
  const { incident, change } = transition
  const { trigger, because } = requestRetraining(transition, settings.retraining.get(incident.model))
  const rows: Notification[] = []
  if (change === 'firing' || change === 'update' || change === 'resolved') {
    const message = compose(transition, settings)
    for (const channel of channelsFor(incident, settings.routes)) {
      rows.push({
        key: `${incident.id}:${incident.sequence}:${channel}`,
        lane: `${incident.id}:${channel}`,
        order: incident.sequence,
        envelope: { kind: 'message', channel, message },
        attempts: 0,
        dueAt: now,
        queuedAt: now,
      })
    }
  }
  if (trigger !== null) {
    rows.push({
      key: trigger.id,
      lane: `retraining:${trigger.model}`,
      order: trigger.at,
      envelope: { kind: 'retrain', channel: retrainingChannel(trigger.model), trigger },
      attempts: 0,
      dueAt: now,
      queuedAt: now,
    })
  }
  return { notifications: rows, trigger, because }
}
