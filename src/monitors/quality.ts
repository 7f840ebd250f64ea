// Are the values what they should be? Missing, of the wrong type, out of the reference's range, or in a category it never saw.

import type { Fault, PreparedColumn } from '../reference/comparison.ts'
import { countFault, faultsOf } from '../reference/comparison.ts'
import { chiSquaredTwoSample } from '../statistics/distances/chi-squared-two-sample.ts'
import { wilson } from '../statistics/intervals/wilson.ts'
import type { WindowSpec } from '../windows/window.ts'
import { tooFew } from './drift.ts'
import { judge, noiseOf, weigh } from './policy.ts'
import type { Subject } from './subject.ts'
import { windowNoise } from './subject.ts'
import type { Verdict } from './verdict.ts'

/** By how much a share must rise to matter, and from which rise on persistence is not awaited. */
const RISE = 0.05
const SEVERE_RISE = 0.2
/** … and at least this many times the reference's share. */
const RATIO = 1.5

const metricOf: Readonly<Record<Fault, string>> = {
  missing: 'missing_ratio',
  'type-error': 'type_error_ratio',
  unseen: 'unseen_ratio',
  'out-of-range': 'out_of_range_ratio',
}

export function judgeQuality(subject: Subject, spec: WindowSpec, inputs: Float64Array): Verdict[] {
  const features = subject.columns.filter(({ cells }) => cells.column.role === 'feature')
  return features.flatMap((column) =>
    faultsOf(column.cells).map((fault) => judgeFault(subject, spec, column, fault, inputs)),
  )
}

function judgeFault(
  subject: Subject,
  spec: WindowSpec,
  { cells }: PreparedColumn,
  fault: Fault,
  inputs: Float64Array,
): Verdict {
  const { reference, settings, level } = subject
  const { name } = cells.column
  const identity = {
    monitor: `quality/${fault}/${name}`,
    kind: 'quality',
    feature: name,
    metric: metricOf[fault],
  } as const
  const rows = inputs[0] as number
  const noise = noiseOf(windowNoise(subject, spec), `drift/${name}`)
  if (rows < settings.minSamples)
    return tooFew(identity, `${rows} rows, ${settings.minSamples} needed`, noise.calibrated)

  const now = countFault(cells, fault, inputs)
  const before = countFault(cells, fault, reference.inputs)
  const share = now / rows
  const referenceShare = before / reference.rows
  const rise = share - referenceShare
  const raw = chiSquaredTwoSample(Float64Array.of(before, reference.rows - before), Float64Array.of(now, rows - now))
  // A column's values and its faults cluster alike; the largest χ² of its values says nothing of its faults.
  const evidence = weigh({ ...raw, level, noise: { designEffect: noise.designEffect, largest: 0 } })
  const strength = rise <= 0 || share < RATIO * referenceShare ? 0 : rise / RISE
  const judgement = judge(rise > 0 ? evidence : { pValue: evidence.pValue, strength: 0 }, strength)
  return {
    ...identity,
    ...judgement,
    value: share,
    threshold: Math.max(referenceShare + RISE, RATIO * referenceShare),
    effect: rise,
    pValue: evidence.pValue,
    ...wilson(now, rows),
    reference: referenceShare,
    calibrated: noise.calibrated,
    severe: judgement.status === 'alarm' && rise >= SEVERE_RISE,
  }
}
