// Incidents that end because what they were held against has changed: not by evidence, but by a decision.

import type { MonitorKind } from '../monitors/verdict.ts'
import type { Instant } from '../time.ts'
import type { PolicyState } from './advance.ts'
import type { Transition } from './incident.ts'

/**
 * Ends what is open of these kinds, and forgets what their tests had seen. What has not been told yet is withdrawn.
 *
 * @returns the policy that goes on, and what happened; `state` stays as it is
 */
export function endAll(
  state: PolicyState,
  kinds: readonly MonitorKind[],
  { at, because }: { readonly at: Instant; readonly because: string },
): { policy: PolicyState; transitions: Transition[] } {
  const incidents = { ...state.incidents }
  const transitions = kinds.flatMap((kind): Transition[] => {
    const held = incidents[kind]
    if (held === undefined) return []
    delete incidents[kind]
    const { incident } = held
    const change = incident.state === 'pending' ? 'withdrawn' : 'resolved'
    return [{ incident: { ...incident, state: 'resolved', at, sequence: incident.sequence + 1 }, change, because, at }]
  })
  const tests = Object.entries(state.tests).filter(([, { evidence }]) => !kinds.includes(evidence.kind))
  return { policy: { ...state, tests: Object.fromEntries(tests), incidents }, transitions }
}
