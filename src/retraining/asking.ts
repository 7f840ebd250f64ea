// Whether a transition asks for a retraining run, and why (not).

import type { Transition } from '../incidents/incident.ts'
import type { MonitorKind } from '../monitors/verdict.ts'
import type { Instant } from '../time.ts'
import type { Trigger } from './trigger.ts'

/** Which incidents ask, and whom. */
export interface AskingRule {
  /** Name of the kind of receiver. */
  readonly target: string
  /** Kinds of incidents that ask for a run. */
  readonly on: readonly MonitorKind[]
}

/** An incident asks once, when it starts to fire; what becomes of that is decided afterwards, by the clock. */
export function requestRetraining(
  transition: Transition,
  rule: AskingRule | undefined,
  now: Instant,
): { trigger: Trigger | null; because: string } {
  const { incident, change, at } = transition
  if (rule === undefined) return { trigger: null, because: `no retraining is configured for ${incident.model}` }
  if (change !== 'firing') return { trigger: null, because: 'an incident asks once, when it starts to fire' }
  if (incident.reopened !== undefined)
    return { trigger: null, because: 'an incident asks once, and this one has come back after its end' }
  if (!rule.on.includes(incident.kind))
    return {
      trigger: null,
      because: `${incident.kind} is not among the kinds that ask for a run (${rule.on.join(', ')})`,
    }
  const { id, model, version } = incident
  return {
    trigger: { id, model, version, target: rule.target, at, askedAt: now, incident },
    because: `${incident.kind} incident ${id} fires`,
  }
}
