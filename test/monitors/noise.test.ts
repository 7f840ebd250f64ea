// Noise is learnt in one room and asked for in another: by the same names, and weighed by as many tails as a metric has.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PredictionEvent } from '../../src/events/event.ts'
import { CalibrationWatch } from '../../src/monitors/calibration-watch.ts'
import { ConceptDrift } from '../../src/monitors/concept-drift.ts'
import { judgeInputs } from '../../src/monitors/judge-inputs.ts'
import { defaultAlarms, judgePerformance } from '../../src/monitors/performance.ts'
import type { Floor, Subject } from '../../src/monitors/subject.ts'
import { createSubject } from '../../src/monitors/subject.ts'
import type { Judged } from '../../src/monitors/verdict.ts'
import { learnReference } from '../../src/reference/learn.ts'
import { defaultMetricsOf, measurePerformance, worseningStatistic } from '../../src/reference/performance.ts'
import type { ReferenceRow } from '../../src/reference/reading.ts'
import type { Reference } from '../../src/reference/reference.ts'
import type { Metric } from '../../src/statistics/performance/metric.ts'
import { chiSquaredUpperTail } from '../../src/statistics/special/chi-squared.ts'
import type { Task } from '../../src/summaries/schema.ts'
import { MINUTE } from '../../src/time.ts'
import { seeded } from '../build/random.ts'
import { normal, rows } from '../build/rows.ts'

const spec = { name: 'w', sizeMs: 150 * MINUTE, slideMs: 150 * MINUTE }
const names = ['x', 'y', 'z']

function rowsOf(task: Task, count = 3300): ReferenceRow[] {
  const random = seeded(1)
  return rows(count, { seed: 2, numbers: 3 }).map(({ event, label }) => {
    const features = { ...event.features, text: [normal(random), normal(random), normal(random)] }
    const made = (change: Partial<PredictionEvent>, truth: ReferenceRow['label']): ReferenceRow => ({
      event: { ...event, features, ...change },
      label: truth,
    })
    if (task === 'regression') {
      const value = normal(random)
      return made({ score: null, prediction: value }, value + normal(random))
    }
    if (task === 'multilabel') {
      const truth = names.filter(() => random() < 0.5)
      const given = names.filter((name) => random() < 0.8 === truth.includes(name))
      return made({ score: null, prediction: given }, truth)
    }
    if (task === 'multiclass') {
      const truth = names[Math.floor(random() * 3)] as string
      return made({ score: null, prediction: random() < 0.8 ? truth : 'x' }, truth)
    }
    return made({}, label)
  })
}

function learn(task: Task, from = rowsOf(task)): Reference {
  return learnReference(from, {
    model: 'm',
    task,
    positiveClass: task === 'binary' ? '1' : null,
    classes: null,
    columnKinds: { text: 'embedding' },
    multivariate: true,
    textual: false,
    source: 'test',
    windows: [spec],
    minSamples: 100,
    estimation: task !== 'multilabel',
  })
}

function subjectOf(reference: Reference, metrics: readonly string[], alarms: Record<string, Floor>): Subject {
  return createSubject(reference, {
    windows: [spec],
    falseAlarmBudget: 1,
    minSamples: 100,
    minCoverage: 0.8,
    estimation: true,
    multivariate: true,
    metrics,
    alarms,
    conceptDrift: { detector: 'e-detector', tolerance: 0.01 },
  })
}

for (const task of ['binary', 'multiclass', 'multilabel', 'regression'] as const) {
  test(`${task}: all noise that is asked for has been learnt, but that of faults which the reference never saw`, () => {
    const reference = learn(task)
    const noise = reference.noise['w']
    assert.equal(noise?.calibrated, true)
    const unknown = new Set<string>()
    const tests = new Proxy(noise.tests, {
      get: (target, name: string) => {
        if (target[name] === undefined) unknown.add(name)
        return target[name]
      },
    })
    const measured = measurePerformance(reference.layout.outcomes, reference.outcomes)
    const metrics = defaultMetricsOf[task].filter((metric) => measured[metric]?.value != null)
    const watched = { ...reference, noise: { w: { ...noise, tests } } }
    const subject = subjectOf(watched, metrics, defaultAlarms(metrics))
    const calibration = new CalibrationWatch()
    const window = (summary: Float64Array) => summary.map((cell) => Math.round((cell * 150) / reference.rows))
    judgeInputs(subject, spec, window(reference.inputs), calibration)
    judgePerformance(subject, spec, window(reference.outcomes), false)
    calibration.labelled(subject, spec, { start: 0, end: 1 }, window(reference.outcomes))
    new ConceptDrift({ detector: 'e-detector', tolerance: 0.01 }, subject)
    // In windows this small every single bin is too rare to be tested.
    const missed = [...unknown].filter((name) => !name.startsWith('quality/') && !name.endsWith('#fine'))
    assert.deepEqual(missed, [])
  })
}

const unknown = learn('regression', rowsOf('regression', 140))

test('a bias may be worse on either side, a loss on one: their p-values count as many tails', () => {
  const subject = subjectOf(unknown, ['bias', 'mae'], defaultAlarms(['bias', 'mae']))
  const { outcomes: layout } = unknown.layout
  const higher = learn(
    'regression',
    rowsOf('regression', 280).map((row) => ({ ...row, label: (row.label as number) + 1 })),
  )
  const now = measurePerformance(layout, higher.outcomes)
  const verdicts = judgePerformance(subject, spec, higher.outcomes, false) as Judged[]
  for (const [metric, sides] of [
    ['bias', 1],
    ['mae', 2],
  ] as const) {
    const statistic = worseningStatistic(metric, subject.performance[metric] as Metric, now[metric] as Metric)
    assert.ok(statistic > 0, metric)
    // Noise that could not be learnt is taken to be twice that of independent rows.
    const expected = chiSquaredUpperTail(statistic / 2, 1) / sides
    const { pValue } = verdicts.find((verdict) => verdict.metric === metric) as Judged
    assert.ok(Math.abs((pValue as number) / expected - 1) < 1e-9, `${metric}: ${pValue}, ${expected}`)
  }
})

test('a metric that may not get worse at all is well when it has not', () => {
  const subject = subjectOf(unknown, ['mae'], { mae: { rise: 0 } })
  const [verdict] = judgePerformance(subject, spec, unknown.outcomes, false) as Judged[]
  assert.equal(verdict?.status, 'ok')
  assert.equal(verdict?.clear, true)
})

test('a regression that is often exactly right is measured like any other', () => {
  const right = rowsOf('regression', 280).map((row, i) => (i % 3 === 0 ? { ...row, label: row.event.prediction } : row))
  const { layout, outcomes } = learn('regression', right)
  const { value } = measurePerformance(layout.outcomes, outcomes)['median_absolute_error'] as Metric
  assert.ok(value !== null && value > 0 && value < 1, `${value}`)
})
