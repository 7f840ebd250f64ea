// What a reference says of performance without labels, and whether labels that come agree.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { calibrationOf, estimatePerformance, recalibrate, testCalibration } from '../../src/reference/estimation.ts'
import { learnReference } from '../../src/reference/learn.ts'
import type { ReferenceRow } from '../../src/reference/reading.ts'
import { createReading } from '../../src/reference/reading.ts'
import type { Reference } from '../../src/reference/reference.ts'
import { deserialise, leavesOf, serialise } from '../../src/reference/reference.ts'
import type { Metric } from '../../src/statistics/performance/metric.ts'
import { contributeOutcome } from '../../src/summaries/outcome.ts'
import type { Task } from '../../src/summaries/schema.ts'
import { seeded } from '../build/random.ts'

type Draw = (random: () => number) => Pick<
  ReferenceRow['event'],
  'features' | 'score' | 'prediction' | 'probabilities'
> & {
  label: string | number
}

function rows(count: number, seed: number, draw: Draw): ReferenceRow[] {
  const random = seeded(seed)
  return Array.from({ length: count }, (_, i) => {
    const { label, ...event } = draw(random)
    return { label, event: { kind: 'prediction', id: String(i), model: 'm', version: '', time: i, ...event } }
  })
}

function learn(task: Task, reference: readonly ReferenceRow[]): Reference {
  return learnReference(reference, {
    model: 'm',
    task,
    positiveClass: null,
    classes: null,
    columnKinds: {},
    multivariate: false,
    textual: false,
    source: 'test',
    windows: [],
    minSamples: 100,
    estimation: true,
  })
}

function outcomesOf(reference: Reference, labelled: readonly ReferenceRow[]): Float64Array {
  const { outcomes } = reference.layout
  const reading = createReading(reference.task, reference.classes, leavesOf(reference))
  const summary = new Float64Array(outcomes.size)
  for (const { event, label } of labelled) {
    const outcome = {
      prediction: reading.prediction(event),
      outputs: reading.outputs(event),
      label: reading.label(label as string),
    }
    contributeOutcome(outcomes, summary, outcome, 1)
  }
  return summary
}

/** What the estimates say of labelled rows, by the reference's calibration or the one learnt from other rows. */
function estimate(reference: Reference, outcomes: Float64Array, from?: Float64Array): Readonly<Record<string, Metric>> {
  const calibration = from === undefined ? calibrationOf(reference) : recalibrate(reference, from)
  const { estimation } = reference.layout.outcomes
  assert.ok(calibration !== null && estimation !== null)
  return estimatePerformance(reference, estimation.block, outcomes, calibration)
}

const off = (metric: Metric | undefined, value: number) => Math.abs((metric?.value ?? Number.NaN) - value)

/** Scores that are too sure: the chance is drawn towards one half. `drift` turns it away from what it was. */
const overconfident =
  (drift: number): Draw =>
  (random) => {
    const score = random()
    const chance = 0.5 + 0.6 * (score - 0.5) + drift
    const label = random() < chance ? '1' : '0'
    return { features: { a: score }, score, prediction: score > 0.5 ? '1' : '0', probabilities: null, label }
  }

test('binary: what is calibrated holds, what has drifted is refuted, and a new calibration mends it', () => {
  const reference = learn('binary', rows(8_000, 1, overconfident(0)))
  assert.ok(reference.estimator?.task === 'binary' && reference.estimator.calibrated)
  const calibration = calibrationOf(reference)
  assert.ok(calibration !== null)
  const same = outcomesOf(reference, rows(2_000, 2, overconfident(0)))
  assert.ok(testCalibration(reference, calibration, same).pValue > 0.001)
  assert.ok(off(estimate(reference, same)['accuracy'], 0.65) < 0.02)
  const [first, second] = [3, 4].map((seed) => outcomesOf(reference, rows(2_000, seed, overconfident(-0.15))))
  assert.ok(first !== undefined && second !== undefined)
  assert.ok(testCalibration(reference, calibration, first).pValue < 1e-12)
  assert.ok(testCalibration(reference, recalibrate(reference, first), second).pValue > 0.001)
  const { precision } = estimate(reference, second, first)
  assert.ok(off(precision, 0.5) < 0.04, `precision is estimated as ${precision?.value}`)
  assert.ok(off(estimate(reference, second)['precision'], 0.5) > 0.1)
})

test('a profile keeps its estimator, and gives the same estimates', () => {
  const reference = learn('binary', rows(3_000, 1, overconfident(0)))
  const read = deserialise(serialise(reference))
  assert.deepEqual(read.estimator, reference.estimator)
  assert.deepEqual(estimate(read, read.outcomes), estimate(reference, reference.outcomes))
})

/** Three classes; `blur` is the share of labels that are drawn from all classes alike. */
const threeClasses =
  (blur: number): Draw =>
  (random) => {
    const raw = [random() ** 3, random() ** 3, random() ** 3]
    const total = raw.reduce((sum, value) => sum + value, 0)
    const chances = raw.map((value) => value / total)
    let [draw, label] = [random(), 0]
    if (random() < blur) label = Math.floor(random() * 3)
    else while (label < 2 && draw >= (chances[label] as number)) draw -= chances[label++] as number
    const [a, b, c] = chances as [number, number, number]
    const prediction = 'abc'[chances.indexOf(Math.max(a, b, c))] as string
    return { features: {}, score: null, prediction, probabilities: { a, b, c }, label: 'abc'[label] as string }
  }

test('multiclass: what is calibrated holds, what has drifted is refuted, and a new calibration mends it', () => {
  const reference = learn('multiclass', rows(6_000, 1, threeClasses(0)))
  const calibration = calibrationOf(reference)
  assert.ok(calibration !== null)
  const same = outcomesOf(reference, rows(2_000, 2, threeClasses(0)))
  assert.ok(testCalibration(reference, calibration, same).pValue > 0.001)
  const [first, second] = [3, 4].map((seed) => outcomesOf(reference, rows(2_000, seed, threeClasses(0.4))))
  assert.ok(first !== undefined && second !== undefined)
  assert.ok(testCalibration(reference, calibration, first).pValue < 1e-12)
  const layout = reference.layout.outcomes
  assert.ok(layout.task === 'multiclass')
  const accuracy = (second[layout.right] as number) / 2_000
  assert.ok(off(estimate(reference, second)['accuracy'], accuracy) > 0.05)
  assert.ok(off(estimate(reference, second, first)['accuracy'], accuracy) < 0.03)
})

/** A regression that is bad for the category `z`. `growth` multiplies all errors. */
const regression =
  (growth: number, share: number): Draw =>
  (random) => {
    const kind = random() < share ? 'z' : 'x'
    const error = (random() + random() - 1) * (kind === 'z' ? 30 : 5) * growth
    const label = 100 * random()
    return { features: { kind }, score: null, prediction: label + error, probabilities: null, label }
  }

test('regression: more of the rows it is bad at raises the estimate; when all rows get worse that is refuted and mended', () => {
  const reference = learn('regression', rows(5_000, 1, regression(1, 0.2)))
  const calibration = calibrationOf(reference)
  assert.ok(calibration !== null)
  const tilted = outcomesOf(reference, rows(2_000, 2, regression(1, 0.7)))
  const expected = (0.7 * 30 + 0.3 * 5) / 3
  const { mae } = estimate(reference, tilted)
  assert.ok(off(mae, expected) < 0.5, `MAE is estimated as ${mae?.value} where ${expected} is right`)
  assert.ok(testCalibration(reference, calibration, tilted).pValue > 0.001)
  const [first, second] = [3, 4].map((seed) => outcomesOf(reference, rows(2_000, seed, regression(1.5, 0.2))))
  assert.ok(first !== undefined && second !== undefined)
  assert.ok(testCalibration(reference, calibration, first).pValue < 1e-12)
  assert.ok(testCalibration(reference, recalibrate(reference, first), second).pValue > 0.001)
  assert.ok(off(estimate(reference, second, first)['mae'], 5) < 0.4)
})
