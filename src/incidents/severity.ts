// How bad an incident is. It opens as what its kind makes of it, is critical from the window on in which one of its tests shows that
// the change is severe, and stays so: those who were called for it are told when it ends.

import type { Judged, WindowKind } from '../monitors/verdict.ts'
import type { Severity } from './incident.ts'

/** So many times what alarms is no matter of a threshold any more. */
const STRONG = 2

/** Estimates may only warn. */
export function severityOf(kind: WindowKind): Severity {
  return kind === 'estimated' ? 'warning' : 'alarm'
}

/** Whether this window alone shows that the change is severe. */
export function isCritical(verdict: Judged): boolean {
  switch (verdict.kind) {
    case 'performance':
      return isStrong(verdict)
    case 'drift':
      // The rule of another tool, which knows no interval, has one degree of severity only.
      return verdict.severe && verdict.low !== null
    case 'quality':
      return verdict.severe
    default:
      return false
  }
}

/** Whether the change is at least twice what alarms, as far as the whole interval says: a small window may show twice by chance. */
export function isStrong({ matters, holds, metric, value, threshold, reference, low, high }: Judged): boolean {
  if (!matters || threshold === null || !holds.some((held) => held)) return false
  // A bias may go either way.
  const size = (number: number) => (metric === 'bias' ? Math.abs(number) : number)
  const from = size(reference ?? 0)
  const allowed = threshold - from
  if (allowed === 0) return false
  const all = [value, ...(low === null || high === null ? [] : [low, high])]
  const crossesZero = metric === 'bias' && low !== null && high !== null && low < 0 !== high < 0
  return !crossesZero && all.every((number) => (size(number) - from) / allowed >= STRONG)
}
