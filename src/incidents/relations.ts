// Which incidents of a model version were active at the same time: what may explain the one may be what the other is about.

import type { Incident, Transition } from './incident.ts'
import { isActive } from './incident.ts'

/**
 * Names in each incident that goes on the others that are active, changing `held`.
 *
 * @returns the transitions of this window, their incidents with the same names
 */
export function relate(
  held: Partial<Record<string, { readonly incident: Incident }>>,
  transitions: readonly Transition[],
): Transition[] {
  const all = Object.values(held)
  // Most windows: one incident goes on, if any, and nothing happens to it.
  if (transitions.length === 0 && all.length < 2 && all[0]?.incident.relatedTo === undefined) return []
  const active = all.flatMap((one) => (one !== undefined && isActive(one.incident) ? one.incident : []))
  for (const [kind, one] of Object.entries(held))
    if (one !== undefined) held[kind] = { ...one, incident: withRelated(one.incident, active) }
  return transitions.map((transition) => ({ ...transition, incident: withRelated(transition.incident, active) }))
}

function withRelated({ relatedTo: _, ...incident }: Incident, active: readonly Incident[]): Incident {
  const others = active.filter(({ id }) => id !== incident.id).map(({ id, kind }) => ({ id, kind }))
  return others.length === 0 ? incident : { ...incident, relatedTo: others }
}
