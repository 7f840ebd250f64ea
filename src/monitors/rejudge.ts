// Verdicts of the past under another floor.
//
// Evidence knows nothing of floors: what a verdict keeps of it (`evident`) and its numbers are all that its decision was made of. So
// another floor gives exactly the verdict that would have been given. What else decides (the budget, the size of windows, the rows
// that are needed, the rules of other tools, what adds up from pane to pane) is not in a verdict, and needs the rows.

import { worsening } from '../reference/performance.ts'
import { effectOfFall, effectOfRise, shareAt } from './floors.ts'
import { sizeOf, thresholdOf } from './performance.ts'
import type { Effect } from './policy.ts'
import { CLEAR_SHARE, decide, evidentIn } from './policy.ts'
import type { Judged, TestIdentity, Verdict } from './verdict.ts'

/** What a floor is measured in. */
export type FloorUnit = 'distance' | 'drop' | 'rise' | 'share of rows' | 'share of the usual rows'

const columnMonitor = /^(?:prediction-)?drift\//

/** How the floor of a monitor is given; or why it has none that could be moved. */
export function floorUnitOf(verdict: Verdict): { readonly unit: FloorUnit } | { readonly because: string } {
  const { monitor, kind, metric } = verdict
  switch (kind) {
    case 'drift':
      if (!columnMonitor.test(monitor))
        return {
          because: 'what numeric features have in common has no threshold of its own; it is on or off (multivariate)',
        }
      if (verdict.status !== 'insufficient' && verdict.low === null)
        return {
          because: "it is judged by another tool's rule, whose threshold needs the rows; replay them with --set",
        }
      return { unit: 'distance' }
    case 'quality':
      return { unit: 'share of rows' }
    case 'volume':
      return { unit: 'share of the usual rows' }
    case 'performance':
    case 'estimated':
      if (!monitor.endsWith(`/${metric}`))
        return {
          because:
            'its evidence adds up from pane to pane, so that another tolerance needs the rows; replay them with --set',
        }
      if (verdict.status !== 'insufficient' && verdict.threshold === null)
        return { because: 'it may not alarm: performance.alarm names other metrics' }
      return { unit: worsening(metric, 0, 1) > 0 ? 'rise' : 'drop' }
  }
}

/** The effect of a verdict over a floor; null where no floor decides. */
function effectAt(verdict: Judged, floor: number): Omit<Effect, 'severe'> | null {
  const { kind, metric, value, high, reference, threshold } = verdict
  switch (kind) {
    case 'drift':
      if (high === null) return null
      // The interval is that of `around` in drift.ts: 1.96 standard errors.
      return { size: value / floor, least: Math.max(0, value - (high - value) / STANDARD_ERRORS) / floor }
    case 'quality':
      return effectOfRise({ share: value, reference: reference as number }, floor)
    case 'volume':
      return effectOfFall({ rows: value, usual: reference as number }, floor)
    case 'performance':
    case 'estimated': {
      if (threshold === null || reference === null) return null
      const size = sizeOf(worsening(metric, reference, value), floor)
      return { size, least: size }
    }
  }
}

const STANDARD_ERRORS = 1.96

function thresholdAt(
  { kind, metric, reference }: TestIdentity & { readonly reference: number | null },
  floor: number,
): number {
  switch (kind) {
    case 'drift':
      return floor
    case 'quality':
      return shareAt(reference as number, floor)
    case 'volume':
      return (reference as number) * (1 - floor)
    case 'performance':
    case 'estimated':
      return thresholdOf(metric, reference as number, floor)
  }
}

/** The floor that a verdict was held against, in its unit; of a share of bad values that is already half as large again, that half. */
export function floorIn({ kind, metric, threshold, reference }: Judged): number | null {
  if (threshold === null) return null
  switch (kind) {
    case 'drift':
      return threshold
    case 'quality':
      return threshold - (reference as number)
    case 'volume':
      return reference === null || reference === 0 ? null : 1 - threshold / reference
    case 'performance':
    case 'estimated':
      return reference === null ? null : Math.abs(worsening(metric, reference, threshold))
  }
}

/** How large the effect is, in the unit of its floor: what is as large counts in full, half of it for persistence. */
export function effectIn(verdict: Judged): number {
  return effectAt(verdict, 1)?.size ?? 0
}

/**
 * The verdict under another floor.
 *
 * @param floor above 0, in the unit of the monitor
 * @returns null where the verdict does not tell: it is of an earlier version, and the floor is lower than the one that it was held against
 */
export function rejudge(verdict: Judged, floor: number): Judged | null {
  const effect = effectAt(verdict, floor)
  if (effect === null) return verdict
  const evident = verdict.evident ?? (floor < (floorIn(verdict) ?? 0) * (1 - ROUNDING) ? null : evidentIn(verdict))
  if (evident === null) return null
  const judgement = decide(evident, effect)
  const ofMetric = verdict.kind === 'performance' || verdict.kind === 'estimated'
  return {
    ...verdict,
    ...judgement,
    ...(ofMetric && { clear: effect.size < CLEAR_SHARE }),
    ...(verdict.kind === 'estimated' && { status: judgement.status === 'alarm' ? 'warning' : 'ok' }),
    threshold: thresholdAt(verdict, floor),
  }
}

/** A floor that is read from a threshold has lost its last digits. */
const ROUNDING = 1e-9
