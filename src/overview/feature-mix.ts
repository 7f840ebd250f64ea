// What of a loss the mix of each feature is expected to bring, in a window whose labels need not have come.

import type { Subject } from '../monitors/subject.ts'
import type { FeatureMix } from '../reference/losses.ts'
import { mixOfFeatures } from '../reference/losses.ts'
import type { Instant } from '../time.ts'
import type { Panes } from '../windows/pane.ts'
import { sumInTurns } from './pane-sums.ts'

export interface MixOfWindow {
  readonly loss: 'log loss' | 'absolute error'
  /** Mean loss of the reference. */
  readonly reference: number
  /** By feature. */
  readonly features: ReadonlyMap<string, FeatureMix>
}

/**
 * @param subject what the window is held against
 * @returns undefined where the reference does not know what its rows lose, or the window's rows are not kept any more
 */
export async function mixOfWindow(
  { reference: { losses }, baseline, columns }: Subject,
  panes: Panes,
  { start, end }: { readonly start: Instant; readonly end: Instant },
): Promise<MixOfWindow | undefined> {
  if (losses === undefined || start < panes.droppedBefore || panes.firstIn(start, end) === undefined) return undefined
  const current = await sumInTurns(panes, start, end)
  const features = mixOfFeatures(losses, columns, { reference: baseline.inputs, current })
  return {
    loss: losses.loss,
    reference: losses.mean,
    features: new Map(features.map((one) => [one.feature, one])),
  }
}
