// How bad an incident is. It opens as what its kind makes of it, is critical from the window on in which one of its tests shows that
// the change is severe, and stays so: those who were called for it are told when it ends.

import type { Judged, WindowKind } from '../monitors/verdict.ts'
import type { Severity } from './incident.ts'

/** A metric that has lost this many times what it may lose. */
const LOSSES = 2

/** Estimates may only warn. */
export function severityOf(kind: WindowKind): Severity {
  return kind === 'estimated' ? 'warning' : 'alarm'
}

/** Whether this window alone shows that the change is severe. */
export function isCritical(verdict: Judged): boolean {
  if (verdict.status !== 'alarm') return false
  switch (verdict.kind) {
    case 'performance':
      return hasLostTwice(verdict)
    case 'drift':
      // The rule of another tool, which knows no interval, has one degree of severity only.
      return verdict.severe && verdict.low !== null
    case 'quality':
      return verdict.severe
    default:
      return false
  }
}

/** Twice what it may lose, and surely more than that once: a small window may show twice by chance. */
function hasLostTwice({ metric, value, threshold, reference, low, high }: Judged): boolean {
  if (threshold === null || reference === null) return false
  // A bias may go either way.
  const size = (number: number) => (metric === 'bias' ? Math.abs(number) : number)
  const allowed = threshold - size(reference)
  if (allowed === 0 || (size(value) - size(reference)) / allowed < LOSSES) return false
  if (low === null || high === null) return true
  if (metric === 'bias') return Math.min(Math.abs(low), Math.abs(high)) > threshold && low > 0 === high > 0
  return allowed > 0 ? low > threshold : high < threshold
}
