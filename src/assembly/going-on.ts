// How model versions go on under another reference: what is remembered of their windows, and which incidents end.

import { endAll } from '../incidents/end.ts'
import type { Transition } from '../incidents/incident.ts'
import type { MonitorKind, WindowKind } from '../monitors/verdict.ts'
import type { Standing } from '../pipeline.ts'
import type { Reference } from '../reference/reference.ts'
import type { Changes } from '../store/changes.ts'
import { streamDocuments } from '../store/memory.ts'
import type { Instant } from '../time.ts'

/** Kinds of monitors that hold inputs against the reference, and those that hold performance against it. */
const ofInputs: readonly WindowKind[] = ['drift', 'quality', 'volume']
const ofPerformance: readonly WindowKind[] = ['performance', 'estimated']

/** Whether an incident of this kind is about what the reference says of performance; undefined where it is about no reference. */
export function isOfPerformance(kind: MonitorKind): boolean | undefined {
  if (ofPerformance.some((one) => one === kind)) return true
  return ofInputs.some((one) => one === kind) ? false : undefined
}

/**
 * By somebody's word incidents end where what they were held against is another: those about performance go on when it stays.
 *
 * @param next what a version is compared with from now on
 * @param why null: nobody has said that anything is over, and they go on until evidence ends them
 */
export function goOn(
  standings: readonly Standing[],
  next: (version: string) => Reference,
  why: { readonly at: Instant; readonly because: string } | null,
): { documents: Changes['documents']; transitions: Transition[] } {
  const [documents, transitions]: [Array<Changes['documents'][number]>, Transition[]] = [[], []]
  for (const { watched, policy } of standings) {
    const [before, reference] = [watched.subject.reference, next(watched.stream.version)]
    if (before.id === reference.id) continue
    const performance = !areEqual(before.outcomes, reference.outcomes)
    const kinds = performance ? [...ofInputs, ...ofPerformance] : ofInputs
    const ended = why === null ? { policy, transitions: [] } : endAll(policy, kinds, why)
    transitions.push(...ended.transitions)
    const state = watched.saveFor({ performance })
    documents.push(...streamDocuments(watched, { reference, state, policy: ended.policy }))
  }
  return { documents, transitions }
}

function areEqual(a: Float64Array, b: Float64Array): boolean {
  return a.every((value, i) => value === b[i])
}
