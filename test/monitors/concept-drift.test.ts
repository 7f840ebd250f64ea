// How errors are watched pane by pane: what is found, when it is over, and that it depends on the panes alone.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ConceptDrift } from '../../src/monitors/concept-drift.ts'
import type { ConceptDriftSettings } from '../../src/monitors/error-detectors.ts'
import { defaultAlarms } from '../../src/monitors/performance.ts'
import type { Subject } from '../../src/monitors/subject.ts'
import { createSubject } from '../../src/monitors/subject.ts'
import type { Verdict } from '../../src/monitors/verdict.ts'
import { learnReference } from '../../src/reference/learn.ts'
import type { ReferenceRow } from '../../src/reference/reading.ts'
import { contributeOutcome, contributePredicted } from '../../src/summaries/outcome.ts'
import { Panes } from '../../src/windows/pane.ts'
import { seeded, testSeed } from '../build/random.ts'
import { rows } from '../build/rows.ts'
import { runs } from '../events/seed.ts'

const MINUTE = 60_000
const PANE = 10 * MINUTE
const spec = { name: '1h', sizeMs: 60 * MINUTE, slideMs: PANE }
const seed = testSeed()

type Watched = Exclude<ConceptDriftSettings, { detector: 'none' }>
const detectors: Readonly<Record<string, Watched>> = {
  'e-detector': { detector: 'e-detector', tolerance: 0.01 },
  adwin: { detector: 'adwin', tolerance: 0.01, delta: 1e-5 },
  'page-hinkley': { detector: 'page-hinkley', tolerance: 0.01, delta: 0.02, threshold: 100 },
  ddm: { detector: 'ddm', tolerance: 0.01, warmStart: 1000, warning: 3, drift: 6 },
}

/** A reference whose decisions are wrong in one of ten rows. */
function subjectOf(conceptDrift: ConceptDriftSettings, count = 5000): Subject {
  const metrics = ['accuracy']
  const reference = learnReference(
    rows(count, { seed: 1, numbers: 1 }).map((row, i) => ({
      event: { ...row.event, prediction: i % 10 === 0 ? other(row.label) : String(row.label) },
      label: row.label,
    })),
    {
      model: 'm',
      task: 'binary',
      positiveClass: '1',
      classes: null,
      columnKinds: {},
      textual: false,
      source: 'test',
      windows: [spec],
      minSamples: 10,
      multivariate: false,
      estimation: false,
    },
  )
  return createSubject(reference, {
    windows: [spec],
    falseAlarmBudget: 1,
    minSamples: 10,
    minCoverage: 0.8,
    estimation: false,
    multivariate: false,
    metrics,
    alarms: defaultAlarms(metrics),
    conceptDrift,
  })
}

function other(label: ReferenceRow['label']): string {
  return label === '1' ? '0' : '1'
}

const subjects = new Map(Object.entries(detectors).map(([name, settings]) => [name, subjectOf(settings)]))
const { layout } = (subjects.get('e-detector') as Subject).reference

function emptyPanes(outcomes = layout.outcomes): Panes {
  return new Panes({ paneMs: PANE, size: outcomes.size, shelf: { starts: () => [], load: () => undefined } })
}

/** Counts labelled rows into the pane with this number, the first `errors` of them wrong. */
function fill(
  panes: Panes,
  pane: number,
  { trials, errors }: { trials: number; errors: number },
  outcomes = layout.outcomes,
): void {
  const cells = panes.writable(pane * PANE)
  for (let i = 0; i < trials; i++) {
    contributePredicted(outcomes, cells)
    const label = i % 2
    const prediction = i < errors ? 1 - label : label
    contributeOutcome(outcomes, cells, { prediction, label, outputs: Float64Array.of(0.5) }, 1)
  }
}

function monitorOf(name: string): ConceptDrift {
  return new ConceptDrift(detectors[name] as Watched, subjects.get(name) as Subject)
}

const complete = () => true

/** Feeds errors pane by pane and says what the monitor says after each. */
function verdictsOf(name: string, errors: readonly number[], trials = 200): Verdict[] {
  const panes = emptyPanes()
  const monitor = monitorOf(name)
  return errors.map((count, pane) => {
    fill(panes, pane, { trials, errors: count })
    monitor.feed(panes, 0, (pane + 1) * PANE, complete)
    return monitor.judge(null)
  })
}

/** Errors among 200 rows at this rate, pane after pane. */
function drawn(random: () => number, rate: number, panes: number): number[] {
  return Array.from({ length: panes }, () => Array.from({ length: 200 }).filter(() => random() < rate).length)
}

const at = (verdicts: readonly Verdict[], status: Verdict['status']) =>
  verdicts.findIndex((verdict) => verdict.status === status)

test('a reference that has learnt its performance is held against what comes, not against what was fed before', () => {
  const panes = emptyPanes()
  const monitor = monitorOf('e-detector')
  for (let pane = 0; pane < 20; pane++) fill(panes, pane, { trials: 200, errors: 180 })
  monitor.feed(panes, 0, 20 * PANE, complete)
  assert.equal(monitor.judge(null).status, 'alarm')
  monitor.follow(subjects.get('e-detector') as Subject)
  assert.equal(monitor.judge(null).status, 'insufficient')
  fill(panes, 20, { trials: 200, errors: 20 })
  monitor.feed(panes, 0, 21 * PANE, complete)
  assert.equal(monitor.judge(null).status, 'ok')
})

for (const name of Object.keys(detectors)) {
  test(`${name}: a rise alarms soon, until the model is well again; better errors never alarm`, () => {
    const random = seeded(seed)
    const [good, bad, well, better] = [
      drawn(random, 0.1, 150),
      drawn(random, 0.3, 60),
      drawn(random, 0.095, 60),
      drawn(random, 0.03, 60),
    ]
    const verdicts = verdictsOf(name, [...good, ...bad, ...well, ...better])
    const alarm = at(verdicts, 'alarm')
    assert.ok(alarm >= 150 && alarm < 190, `alarmed in pane ${alarm}, it got worse in pane 150`)
    const first = verdicts[alarm]
    assert.ok(first?.status === 'alarm' && first.severe && first.value >= (first.threshold as number) && !first.clear)
    const isOver = verdicts.findIndex((verdict, pane) => pane > alarm && verdict.status === 'ok' && verdict.clear)
    assert.ok(isOver >= 210 && isOver < 245, `over in pane ${isOver}, it was well again in pane 210`)
    assert.ok(verdicts.slice(alarm, 210).every(({ status }) => status === 'alarm'))
    assert.equal(at(verdicts.slice(isOver), 'alarm'), -1)
  })

  test(`${name}: a restart after any pane changes nothing`, () => {
    const rates = fc.array(fc.constantFrom(0, 5, 20, 20, 20, 45, 100), { minLength: 1, maxLength: 40 })
    let alarms = 0
    fc.assert(
      fc.property(rates, fc.nat(40), (errors, restart) => {
        const [straight, restarted] = [emptyPanes(), emptyPanes()]
        const uninterrupted = monitorOf(name)
        let monitor = monitorOf(name)
        for (const [pane, count] of errors.entries()) {
          if (pane === restart) {
            const saved = JSON.parse(JSON.stringify(monitor.save()))
            monitor = monitorOf(name)
            monitor.restore(saved)
          }
          fill(straight, pane, { trials: 20, errors: Math.min(20, count) })
          fill(restarted, pane, { trials: 20, errors: Math.min(20, count) })
          uninterrupted.feed(straight, 0, (pane + 1) * PANE, complete)
          monitor.feed(restarted, 0, (pane + 1) * PANE, complete)
          const verdict = uninterrupted.judge(null)
          if (verdict.status === 'alarm') alarms++
          assert.deepEqual(monitor.judge(null), verdict)
        }
        assert.equal(JSON.stringify(monitor.save()), JSON.stringify(uninterrupted.save()))
      }),
      runs(250),
    )
    assert.ok(name === 'ddm' || name === 'page-hinkley' || alarms > 0, 'no alarm came, so none was compared')
  })
}

test('closed panes give the same verdict whatever partition their rows came from, and in whatever order', () => {
  const counts = fc.array(fc.nat(60), { minLength: 1, maxLength: 15 })
  fc.assert(
    fc.property(counts, fc.nat(), (errors, shuffle) => {
      const random = seeded(shuffle)
      const parts = errors.flatMap((count, pane) => {
        const [trials, wrong] = [Math.floor(random() * 40), Math.floor(random() * count)]
        return [
          { pane, trials: 60 + trials, errors: count - wrong },
          { pane, trials: 80 - trials + wrong, errors: wrong },
        ]
      })
      const [straight, mixed] = [emptyPanes(), emptyPanes()]
      for (const { pane, ...part } of parts) fill(straight, pane, part)
      for (const { pane, ...part } of parts.sort(() => random() - 0.5)) fill(mixed, pane, part)
      const [one, two] = [monitorOf('e-detector'), monitorOf('e-detector')]
      // All at once, or pane by pane: panes are fed in their order.
      one.feed(straight, 0, errors.length * PANE, complete)
      for (let pane = 1; pane <= errors.length; pane++) two.feed(mixed, 0, pane * PANE, complete)
      assert.deepEqual(one.judge(null), two.judge(null))
    }),
    runs(200),
  )
})

test('a pane waits for its labels, those behind it wait for it, and each is fed once', () => {
  const panes = emptyPanes()
  const monitor = monitorOf('e-detector')
  for (const pane of [0, 1, 2, 3]) fill(panes, pane, { trials: 100, errors: 80 })
  const without = (missing: number) => (start: number) => start !== missing * PANE
  monitor.feed(panes, 0, 4 * PANE, without(0))
  assert.equal(monitor.judge(null).status, 'insufficient')
  monitor.feed(panes, 0, 4 * PANE, without(1))
  assert.equal(monitor.save().next, PANE)
  monitor.feed(panes, 0, 4 * PANE, complete)
  const said = JSON.stringify(monitor.save())
  assert.equal(monitor.save().next, 4 * PANE)
  // Rows that come to a pane that was fed change nothing any more.
  fill(panes, 2, { trials: 100, errors: 0 })
  monitor.feed(panes, 0, 4 * PANE, complete)
  assert.equal(JSON.stringify(monitor.save()), said)
})

test('a silence of years between two panes costs nothing', () => {
  const panes = emptyPanes()
  const monitor = monitorOf('e-detector')
  const far = 50 * 365 * 24 * 6
  fill(panes, 0, { trials: 10, errors: 1 })
  fill(panes, far, { trials: 10, errors: 1 })
  const startedAt = performance.now()
  monitor.feed(panes, 0, (far + 1) * PANE, complete)
  assert.ok(performance.now() - startedAt < 50)
  assert.equal(monitor.save().next, (far + 1) * PANE)
})

test('a short reference is not taken for the truth, and one without labels or room for errors says so', () => {
  const settings = { detector: 'e-detector', tolerance: 0.01 } as const
  const short = subjectOf(settings, 200)
  const monitor = new ConceptDrift(settings, short)
  const { outcomes } = short.reference.layout
  const panes = emptyPanes(outcomes)
  const random = seeded(seed + 1)
  // One of ten in 200 rows: the truth may well be one of eight.
  for (const [pane, errors] of drawn(random, 0.125, 200).entries()) fill(panes, pane, { trials: 200, errors }, outcomes)
  monitor.feed(panes, 0, 200 * PANE, complete)
  assert.equal(monitor.judge(null).status, 'ok')
  const few = new ConceptDrift(settings, subjectOf(settings, 60)).judge(null)
  assert.ok(few.status === 'insufficient' && few.reason === '60 labelled rows in the reference, 100 needed')
  const wide = { detector: 'e-detector', tolerance: 0.9 } as const
  const hopeless = new ConceptDrift(wide, subjectOf(wide)).judge(null)
  assert.ok(hopeless.status === 'insufficient' && /leaves no room to get worse/.test(hopeless.reason))
})
