// Are the values what they should be? Missing, of the wrong type, out of the reference's range, or in a category it never saw.

import type { Fault, PreparedColumn } from '../reference/comparison.ts'
import { countFault, faultsOf, testFault } from '../reference/comparison.ts'
import { driftTest, faultTest, noiseKey } from '../reference/noise.ts'
import type { TestNoise, WindowNoise } from '../reference/reference.ts'
import { wilson } from '../statistics/intervals/wilson.ts'
import type { WindowSpec } from '../windows/window.ts'
import { tooFew } from './drift.ts'
import { effectOfRise, shareAt, usualFloors } from './floors.ts'
import { derived, judge, noiseOf, weigh } from './policy.ts'
import type { Subject } from './subject.ts'
import { tooFewRows, windowNoise } from './subject.ts'
import type { Verdict } from './verdict.ts'

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
  const before = subject.baseline.inputs
  const { name } = cells.column
  const monitor = faultTest(fault, name)
  const identity = { monitor, kind: 'quality', feature: name, metric: metricOf[fault] } as const
  const rows = inputs[0] as number
  const learnt = windowNoise(subject, spec)
  const calibrated = learnt?.calibrated === true
  const obstacle = tooFewRows(subject, spec, rows)
  if (obstacle !== null) return tooFew(identity, obstacle, calibrated)

  const now = countFault(cells, fault, inputs)
  const share = now / rows
  const referenceShare = countFault(cells, fault, before) / (before[0] as number)
  const noise = noiseOfFault(learnt, monitor, cells)
  // One row, or one burst of rows that come together, is no evidence where none is expected: χ² would take it for certainty.
  const together = Math.ceil(noise.designEffect)
  const test = testFault(cells, fault, before, inputs, together)
  const isMore = (now - together) / rows > referenceShare
  const evidence = weigh(isMore ? [{ ...test, share: 1, noise }] : [], spec, subject.budget.rate('quality', spec))
  const { rise, riseOf } = subject.settings.floors ?? usualFloors
  const floor = riseOf[name]?.[fault] ?? rise
  return {
    ...identity,
    ...judge(evidence, effectOfRise({ share, reference: referenceShare }, floor)),
    value: share,
    threshold: shareAt(referenceShare, floor),
    effect: share - referenceShare,
    pValue: evidence.pValue,
    ...wilson(now, rows),
    reference: referenceShare,
    calibrated,
  }
}

/** A fault that the reference never saw has shown no noise: its rows are taken to cluster as the column's values do. */
function noiseOfFault(learnt: WindowNoise | undefined, monitor: string, cells: PreparedColumn['cells']): TestNoise {
  if (learnt?.tests[monitor] !== undefined) return noiseOf(learnt, monitor)
  const values = noiseKey(driftTest(cells.column), cells.kind === 'embedding' ? 'clusters' : 'whole')
  return withoutLargest(noiseOf(learnt, values))
}

/** The largest χ² of a column's values says nothing of its faults. */
const withoutLargest = derived((noise) => ({ ...noise, largest: noise.largest.map(() => 0) }))
