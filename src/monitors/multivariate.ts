// Do the numeric features still belong together? Their means at once, the correlation that changed most, and whether rows keep
// to the directions that the reference uses.

import { WARNING_RUNG } from '../reference/ladder.ts'
import type { JointMethod, JointTest } from '../reference/second-moments.ts'
import { jointMethods, jointMonitor, testJointly } from '../reference/second-moments.ts'
import type { WindowSpec } from '../windows/window.ts'
import { tooFew } from './drift.ts'
import type { Judgement } from './policy.ts'
import { judge, noiseOf, weigh } from './policy.ts'
import type { Subject } from './subject.ts'
import { tooFewRows, windowNoise } from './subject.ts'
import type { Verdict } from './verdict.ts'

/** From where on the effect matters, and from where on it is worth a warning. */
const floors: Readonly<Record<JointMethod, { readonly warning: number; readonly alarm: number }>> = {
  hotelling: { warning: 0.05, alarm: 0.1 },
  correlation: { warning: 0.1, alarm: 0.2 },
  reconstruction: { warning: 1.1, alarm: 1.25 },
}

/** One verdict per method; none when the model has no numeric features to watch together. */
export function judgeMultivariate(subject: Subject, spec: WindowSpec, inputs: Float64Array): Verdict[] {
  const { joint, baseline } = subject
  if (joint === null) return []
  const rows = inputs[0] as number
  const obstacle = tooFewRows(subject, spec, rows)
  const tests = obstacle === null ? testJointly(joint, baseline.inputs, inputs) : []
  return jointMethods.map((method) => {
    const test = tests.find((one) => one.method === method)
    if (test !== undefined) return judgeTest(subject, spec, test)
    const calibrated = windowNoise(subject, spec)?.calibrated === true
    return tooFew(identityOf(method), obstacle ?? `${rows} rows are too few for correlations`, calibrated)
  })
}

function identityOf(method: JointMethod) {
  return { monitor: jointMonitor(method), kind: 'drift', feature: null, metric: method } as const
}

function judgeTest(subject: Subject, spec: WindowSpec, test: JointTest): Verdict {
  const { method, degrees, against, questions, pair } = test
  const identity = identityOf(method)
  const noise = noiseOf(windowNoise(subject, spec), identity.monitor)
  const { calibrated } = noise
  // Each question has its share of the rate; the strongest of them is told.
  const tests = [{ statistic: against, degrees, share: 1 / questions, noise }]
  const evidence = weigh(tests, spec, subject.budget.rate('drift', spec))
  const { value, standardError } = withoutChance(test, noise.designEffect)
  const judgement = judge(evidence, {
    size: strengthOf(method, value),
    least: strengthOf(method, value - standardError),
    severe: false,
  })
  return {
    ...identity,
    ...(calibrated ? lasting(judgement) : atMostWarning(judgement)),
    value,
    threshold: floors[method].alarm,
    effect: value,
    pValue: Math.min(1, evidence.pValue),
    low: Math.max(0, value - 1.96 * standardError),
    high: value + 1.96 * standardError,
    reference: null,
    calibrated,
    ...(pair !== null && { pair }),
  }
}

/**
 * One row far out in two columns is a correlation, in each of the windows that hold it: only what windows without a common row say
 * counts for an incident.
 */
function lasting(judgement: Judgement): Judgement {
  return { ...judgement, holds: judgement.holds.map((held, rung) => held && rung >= WARNING_RUNG) }
}

/** Joint tests see what no column shows; while their noise is not known, what they see must not wake anybody. */
function atMostWarning(judgement: Judgement): Judgement {
  const status = judgement.status === 'alarm' ? 'warning' : judgement.status
  return { ...judgement, status, matters: false, severe: false }
}

/**
 * Takes out of the effect what chance alone would make of it at these sizes: a squared distance loses it as it is, a change in
 * squares. With the standard error of what is left.
 */
function withoutChance({ method, degrees, effect, chance }: JointTest, designEffect: number) {
  const expected = designEffect * chance
  switch (method) {
    case 'hotelling': {
      const value = Math.max(0, effect - expected)
      const h = expected / degrees
      return { value, standardError: Math.sqrt(2 * degrees * h * h + 4 * h * value) }
    }
    case 'correlation':
      return { value: Math.sqrt(Math.max(0, effect ** 2 - expected)), standardError: Math.sqrt(expected) }
    case 'reconstruction':
      return { value: effect, standardError: Math.sqrt(expected) }
  }
}

/** 1 at the alarm's floor, half at the warning's. */
function strengthOf(method: JointMethod, value: number): number {
  const { warning, alarm } = floors[method]
  const none = method === 'reconstruction' ? 1 : 0
  if (value >= alarm) return (value - none) / (alarm - none)
  if (value >= warning) return 0.5 + (0.5 * (value - warning)) / (alarm - warning)
  return Math.max(0, (0.5 * (value - none)) / (warning - none))
}
