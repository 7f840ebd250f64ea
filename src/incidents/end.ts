// Incidents that end because what they were held against has changed: not by evidence, but by a decision.

import type { WindowKind } from '../monitors/verdict.ts'
import type { Instant } from '../time.ts'
import type { Incident, Transition } from './incident.ts'
import type { PolicyState } from './policy-state.ts'

/**
 * Ends what is open of these kinds, and forgets what their tests had seen: nothing of it comes back under its own name. What has not
 * been told yet is withdrawn.
 *
 * @returns the policy that goes on, and what happened; `state` stays as it is
 */
export function endAll(
  state: PolicyState,
  kinds: readonly WindowKind[],
  { at, because }: { readonly at: Instant; readonly because: string },
): { policy: PolicyState; transitions: Transition[] } {
  const incidents = { ...state.incidents }
  const episodes = { ...state.ended }
  const transitions = kinds.flatMap((kind): Transition[] => {
    const held = incidents[kind]
    delete incidents[kind]
    delete episodes[kind]
    if (held === undefined) return []
    const { clearingSince: _, ...incident } = held.incident
    const ended: Incident = { ...incident, state: 'resolved', at, sequence: incident.sequence + 1 }
    return [
      {
        incident: ended,
        change: incident.state === 'pending' ? 'withdrawn' : 'resolved',
        because,
        at,
        isDecided: true,
      },
    ]
  })
  const tests = Object.entries(state.tests).filter(([, { evidence }]) => !kinds.includes(evidence.kind))
  const { ended: _, ...rest } = state
  const ended = Object.keys(episodes).length === 0 ? {} : { ended: episodes }
  return { policy: { ...rest, ...ended, tests: Object.fromEntries(tests), incidents }, transitions }
}
