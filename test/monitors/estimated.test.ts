// Estimates without labels: they warn, they are checked where labels come, and they learn from them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planDelivery } from '../../src/delivery/plan.ts'
import { advance } from '../../src/incidents/advance.ts'
import { emptyPolicy } from '../../src/incidents/policy-state.ts'
import { CalibrationWatch } from '../../src/monitors/calibration-watch.ts'
import { judgeEstimated } from '../../src/monitors/estimated.ts'
import { defaultAlarms } from '../../src/monitors/performance.ts'
import type { WatchSettings } from '../../src/monitors/subject.ts'
import { createSubject } from '../../src/monitors/subject.ts'
import { learnReference } from '../../src/reference/learn.ts'
import type { ReferenceRow } from '../../src/reference/reading.ts'
import { createReading } from '../../src/reference/reading.ts'
import { contributeEstimation } from '../../src/summaries/estimation-cells.ts'
import { contributeOutcome, contributePredicted } from '../../src/summaries/outcome.ts'
import { seeded } from '../build/random.ts'

const HOUR = 3_600_000
const ROWS = 1_000
const spec = { name: '10h', sizeMs: 10 * HOUR, slideMs: 10 * HOUR }
const metrics = ['roc_auc', 'accuracy', 'log_loss']

/** Rows with a score and a label; `blind` = the labels have nothing to do with the scores any more. */
function rows(count: number, { seed, hard = 0, blind = false }: { seed: number; hard?: number; blind?: boolean }) {
  const random = seeded(seed)
  return Array.from({ length: count }, (_, i): ReferenceRow => {
    // Near one half the model is as often wrong as right; the larger `hard`, the more rows lie there.
    const score = 0.5 + (random() < 0.5 ? -1 : 1) * (0.5 - 0.5 * random() ** (1 - hard))
    const chance = blind ? 0.5 : score
    const label = random() < chance ? '1' : '0'
    const event = {
      kind: 'prediction' as const,
      id: String(i),
      model: 'm',
      version: '',
      time: (i * 10 * HOUR) / ROWS,
      features: {},
      prediction: score > 0.5 ? '1' : '0',
      score,
      probabilities: null,
    }
    return { label, event }
  })
}

const reference = learnReference(rows(40 * ROWS, { seed: 1 }), {
  model: 'm',
  task: 'binary',
  positiveClass: '1',
  classes: null,
  columnKinds: {},
  textual: false,
  source: 'test',
  windows: [spec],
  minSamples: 100,
  estimation: true,
  multivariate: false,
})
const settings: WatchSettings = {
  windows: [spec],
  falseAlarmBudget: 1,
  minSamples: 100,
  minCoverage: 0.8,
  estimation: true,
  multivariate: false,
  metrics,
  alarms: defaultAlarms(metrics),
}
const subject = createSubject(reference, settings)

function summarise(window: readonly ReferenceRow[]) {
  const { inputs, outcomes } = reference.layout
  const reading = createReading('binary', reference.classes)
  const summary = { inputs: new Float64Array(inputs.size), outcomes: new Float64Array(outcomes.size) }
  for (const { event, label } of window) {
    const scored = { prediction: reading.prediction(event), outputs: reading.outputs(event) }
    summary.inputs[0] = (summary.inputs[0] as number) + 1
    assert.ok(inputs.estimation !== null)
    contributeEstimation(inputs.estimation, summary.inputs, scored.prediction, scored.outputs, 1)
    contributePredicted(outcomes, summary.outcomes)
    contributeOutcome(outcomes, summary.outcomes, { ...scored, label: reading.label(label as string) }, 1)
  }
  return summary
}

const windowOf = (number: number) => ({ start: number * spec.sizeMs, end: (number + 1) * spec.sizeMs })
const accuracyOf = (watch: CalibrationWatch, inputs: Float64Array) => {
  const verdict = judgeEstimated(subject, spec, inputs, watch).find(({ metric }) => metric === 'accuracy')
  assert.ok(verdict !== undefined)
  return verdict
}

test('rows that the model finds hard warn at once, and never alarm', () => {
  const verdict = accuracyOf(new CalibrationWatch(), summarise(rows(ROWS, { seed: 2, hard: 0.7 })).inputs)
  assert.equal(verdict.status, 'warning')
  assert.ok(verdict.status === 'warning' && verdict.effect < -0.03)
  const same = judgeEstimated(subject, spec, summarise(rows(ROWS, { seed: 3 })).inputs, new CalibrationWatch())
  assert.deepEqual(
    same.map(({ monitor, status }) => [monitor, status]),
    [
      ['estimated/roc_auc', 'ok'],
      ['estimated/accuracy', 'ok'],
      ['estimated/log_loss', 'ok'],
    ],
  )
})

test('warnings that last become an incident that no route for alarms matches', () => {
  const policy = emptyPolicy()
  const watch = new CalibrationWatch()
  const told: string[] = []
  for (let number = 0; number < 8; number++) {
    const verdicts = judgeEstimated(
      subject,
      spec,
      summarise(rows(ROWS, { seed: 10 + number, hard: 0.7 })).inputs,
      watch,
    )
    const result = {
      model: 'm',
      version: '',
      segment: '',
      window: spec.name,
      ...windowOf(number),
      revision: 0,
      samples: ROWS,
      labelled: 0,
      provisional: true,
      verdicts,
    }
    for (const transition of advance(policy, result, { spec, kinds: ['estimated'], at: result.end })) {
      const routes = [
        { model: null, kind: null, severity: 'alarm' as const, to: ['pager'] },
        { model: null, kind: null, severity: 'warning' as const, to: ['notes'] },
      ]
      const retraining = new Map([['m', { target: 'webhook', on: ['performance' as const, 'drift' as const] }]])
      const plan = planDelivery(transition, { routes, retraining, publicUrl: null }, 0)
      assert.equal(plan.trigger, null)
      for (const { envelope } of plan.notifications) told.push(`${envelope.channel} ${transition.incident.severity}`)
    }
  }
  assert.deepEqual(told, ['notes warning'])
})

test('labels that refute the estimates break them; the newest labels mend them; and a restart anywhere changes nothing', () => {
  const seen: string[] = []
  const statuses = (restarts: boolean) => {
    let watch = new CalibrationWatch()
    const said: unknown[] = []
    for (let number = 0; number < 10; number++) {
      const { inputs, outcomes } = summarise(rows(ROWS, { seed: 30 + number, blind: number >= 3 }))
      const verdict = accuracyOf(watch, inputs)
      said.push(verdict)
      if (!restarts) {
        const reason = verdict.status === 'insufficient' ? verdict.reason.slice(0, 18) : verdict.status
        seen.push(
          verdict.value === null
            ? reason
            : `${reason} ${verdict.value > 0.7 ? 'good' : Math.abs(verdict.value - 0.5) < 0.05 ? 'bad' : 'odd'}`,
        )
      }
      watch.labelled(subject, spec, windowOf(number), outcomes)
      if (restarts) {
        const saved = JSON.stringify(watch.save())
        watch = new CalibrationWatch()
        watch.restore(JSON.parse(saved))
        assert.equal(JSON.stringify(watch.save()), saved)
      }
    }
    return { said, saved: JSON.stringify(watch.save()) }
  }
  assert.deepEqual(statuses(true), statuses(false))
  const [before, broken, after] = [seen.slice(0, 4), seen.slice(4, 5), seen.slice(-4)]
  assert.deepEqual(
    before,
    ['ok good', 'ok good', 'ok good', 'ok good'],
    'the labels of the fourth window come after its estimate',
  )
  assert.deepEqual(broken, ['calibration broken'])
  assert.deepEqual(after, Array(4).fill('warning bad'), `it said ${seen.join('; ')}`)
})

test('windows that overlap with one that was compared tell nothing new', () => {
  const watch = new CalibrationWatch()
  const { outcomes } = summarise(rows(ROWS, { seed: 60 }))
  watch.labelled(subject, spec, windowOf(0), outcomes)
  const saved = JSON.stringify(watch.save())
  watch.labelled(subject, spec, { start: spec.sizeMs - 1, end: 2 * spec.sizeMs - 1 }, outcomes)
  assert.equal(JSON.stringify(watch.save()), saved)
})

test('where estimation is off nothing is estimated', () => {
  const off = createSubject(reference, { ...settings, estimation: false })
  assert.deepEqual(judgeEstimated(off, spec, reference.inputs, new CalibrationWatch()), [])
})
