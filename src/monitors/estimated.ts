// Is the model still as good, as far as can be told without labels? Estimates may warn, never alarm.

import type { Calibration } from '../reference/estimation.ts'
import { estimatePerformance } from '../reference/estimation.ts'
import { worsening, worseningStatistic } from '../reference/performance.ts'
import type { Metric } from '../statistics/performance/metric.ts'
import type { WindowSpec } from '../windows/window.ts'
import type { CalibrationWatch } from './calibration-watch.ts'
import { tooFew } from './drift.ts'
import { floorOf, sizeOf, thresholdOf } from './performance.ts'
import { CLEAR_SHARE, judge, noiseOf, weigh } from './policy.ts'
import type { Subject } from './subject.ts'
import { tooFewRows, windowNoise } from './subject.ts'
import type { Verdict } from './verdict.ts'

/** One verdict per metric that can be estimated and has a floor; none where nothing is estimated. */
export function judgeEstimated(
  subject: Subject,
  spec: WindowSpec,
  inputs: Float64Array,
  watch: CalibrationWatch,
): Verdict[] {
  const cells = subject.reference.layout.inputs.estimation
  if (cells === null) return []
  // Two calibrations at most, each of which gives all metrics at once.
  const made = new Map<Calibration, Readonly<Record<string, Metric>>>()
  return subject.estimated.map((metric) => {
    const { calibration, broken } = watch.of(subject, metric)
    const estimates = made.get(calibration) ?? estimatePerformance(subject.reference, cells, inputs, calibration)
    made.set(calibration, estimates)
    const estimate = estimates[metric]
    return judgeMetric(subject, spec, { metric, estimate, broken, rows: inputs[0] as number })
  })
}

function judgeMetric(
  subject: Subject,
  spec: WindowSpec,
  {
    metric,
    estimate,
    broken,
    rows,
  }: { metric: string; estimate: Metric | undefined; broken: string | null; rows: number },
): Verdict {
  const monitor = `estimated/${metric}`
  const identity = { monitor, kind: 'estimated', feature: null, metric } as const
  const noise = noiseOf(windowNoise(subject, spec), monitor)
  const { calibrated } = noise
  const before = subject.performance[metric]
  const reference = before?.value ?? null
  const none = (reason: string): Verdict => ({ ...tooFew(identity, reason, calibrated), reference })
  if (broken !== null) return none(`calibration broken: ${broken}`)
  if (estimate === undefined) return none('the newest labels tell nothing of this metric')
  if (estimate.value === null) return none(estimate.reason)
  if (before === undefined || before.value === null) return none('the reference has no labelled rows to compare with')
  const { value, low, high } = estimate
  const few = tooFewRows(subject, spec, rows)
  if (few !== null) return { ...none(few), value, low, high }
  const floor = floorOf(subject, metric, before.value)
  const test = { statistic: worseningStatistic(metric, before, estimate), degrees: 1, share: 1, noise }
  // A change for the worse only is looked for, so the level is that of one tail.
  const evidence = weigh([test], spec, Math.min(1, 2 * subject.budget.rate('estimated', spec)))
  const size = sizeOf(worsening(metric, before.value, value), floor)
  const judgement = judge(evidence, { size, least: size, severe: false })
  return {
    ...identity,
    ...judgement,
    // What would be an alarm with labels is a warning without; what would be a warning is none.
    status: judgement.status === 'alarm' ? 'warning' : 'ok',
    clear: size < CLEAR_SHARE,
    value,
    low,
    high,
    reference,
    threshold: floor === null ? null : thresholdOf(metric, before.value, floor),
    effect: value - before.value,
    pValue: evidence.pValue / 2,
    calibrated,
  }
}
