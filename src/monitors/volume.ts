// Are there as many rows as there should be? Only a fall alarms: a model that is used more is not broken.

import type { TestNoise } from '../reference/reference.ts'
import { normalUpperTail } from '../statistics/special/normal.ts'
import type { WindowSpec } from '../windows/window.ts'
import { tooFew } from './drift.ts'
import { effectOfFall, usualFloors } from './floors.ts'
import { judge, weigh } from './policy.ts'
import type { Subject } from './subject.ts'
import { usualRows, windowNoise } from './subject.ts'
import type { Verdict } from './verdict.ts'

/** The overdispersion of the reference's windows is in the deviation already. */
const untroubled: TestNoise = {
  windows: 0,
  designEffect: 1,
  varianceEffect: 1,
  skewEffect: 1,
  support: Number.POSITIVE_INFINITY,
  correlation: 0,
  largest: [0, 0, 0, 0],
}

const identity = { monitor: 'volume', kind: 'volume', feature: null, metric: 'rows' } as const

/**
 * Compares the number of rows with the reference's windows of the same size (and at the same hours, where it tells them apart), by
 * a z test with their overdispersion.
 *
 * Without at least one whole window in the reference there is nothing to compare with: `insufficient`.
 */
export function judgeVolume(subject: Subject, spec: WindowSpec, rows: number): Verdict {
  const noise = windowNoise(subject, spec)
  const volume = noise?.volume ?? null
  const usual = usualRows(subject, spec)
  if (noise === undefined || volume === null || usual === null) {
    return tooFew(identity, `the reference period is shorter than a window of ${spec.name}`, false)
  }
  const { mean } = usual
  if (mean === 0) return tooFew(identity, 'the reference has no rows at these hours', noise.calibrated)
  const deviation = Math.sqrt(volume.overdispersion * (mean + usual.variance))
  const z = (mean - rows) / deviation
  const { fall } = subject.settings.floors ?? usualFloors
  const test = { statistic: Math.max(0, z) ** 2, degrees: 1, share: 1, noise: untroubled }
  // A fall only is looked for, so the level is that of one tail.
  const evidence = weigh([test], spec, Math.min(1, 2 * subject.budget.rate('volume', spec)))
  return {
    ...identity,
    ...judge(evidence, effectOfFall({ rows, usual: mean }, fall)),
    value: rows,
    threshold: mean * (1 - fall),
    effect: rows - mean,
    pValue: normalUpperTail(z),
    low: null,
    high: null,
    reference: mean,
    calibrated: noise.calibrated,
  }
}
