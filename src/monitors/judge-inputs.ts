// Every monitor that needs no labels, on one window.

import type { WindowSpec } from '../windows/window.ts'
import type { CalibrationWatch } from './calibration-watch.ts'
import { judgeDrift } from './drift.ts'
import { judgeEmbeddings } from './embedding.ts'
import { judgeEstimated } from './estimated.ts'
import { judgeMultivariate } from './multivariate.ts'
import { judgeQuality } from './quality.ts'
import type { Subject } from './subject.ts'
import type { Verdict } from './verdict.ts'
import { judgeVolume } from './volume.ts'

/**
 * What the inputs of a window say: drift of columns and of what they have in common, quality, volume, estimates.
 *
 * @param calibration whether estimates can be believed; null = none are made
 */
export function judgeInputs(
  subject: Subject,
  spec: WindowSpec,
  inputs: Float64Array,
  calibration: CalibrationWatch | null,
): Verdict[] {
  return [
    ...judgeDrift(subject, spec, inputs),
    ...judgeEmbeddings(subject, spec, inputs),
    ...judgeMultivariate(subject, spec, inputs),
    ...judgeQuality(subject, spec, inputs),
    judgeVolume(subject, spec, inputs[0] as number),
    ...(calibration === null ? [] : judgeEstimated(subject, spec, inputs, calibration)),
  ]
}
