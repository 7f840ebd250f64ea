import assert from 'node:assert/strict'
import { test } from 'node:test'
import { advance } from '../../src/incidents/advance.ts'
import type { Course } from '../../src/incidents/history.ts'
import { History } from '../../src/incidents/history.ts'
import type { Played, Question } from '../../src/incidents/playback.ts'
import { firedMs, play } from '../../src/incidents/playback.ts'
import { emptyPolicy } from '../../src/incidents/policy-state.ts'
import { floorsToTry, foundAgain, sweep } from '../../src/incidents/sweep.ts'
import { decide } from '../../src/monitors/policy.ts'
import { floorUnitOf } from '../../src/monitors/rejudge.ts'
import type { Judged, Verdict } from '../../src/monitors/verdict.ts'
import type { WindowResult } from '../../src/monitors/window-result.ts'
import { HOUR, MINUTE } from '../../src/time.ts'
import type { WindowSpec } from '../../src/windows/window.ts'
import { seeded, testSeed } from '../build/random.ts'

const specs: readonly WindowSpec[] = [
  { name: '1h', sizeMs: HOUR, slideMs: 5 * MINUTE },
  { name: '6h', sizeMs: 6 * HOUR, slideMs: HOUR },
]

/** The evidence that every rung asks for, and that an alarm is not over. */
const EVIDENT = 0b11111

/** A verdict on the drift of a feature, as the monitor gives it with this floor. */
function drift(feature: string, value: number, { floor = 0.1, evident = EVIDENT } = {}): Judged {
  const standardError = 0.01
  const effect = { size: value / floor, least: Math.max(0, value - standardError) / floor }
  return {
    ...{ monitor: `drift/${feature}`, kind: 'drift', feature, metric: 'psi', value, threshold: floor, effect: value },
    ...{ pValue: 1e-9, low: Math.max(0, value - 1.96 * standardError), high: value + 1.96 * standardError },
    ...{ reference: null, calibrated: true },
    ...decide(evident, effect),
  }
}

interface Said {
  readonly spec: WindowSpec
  readonly result: WindowResult
}

function said(spec: WindowSpec, end: number, verdicts: readonly Verdict[]): Said {
  const start = end - spec.sizeMs
  const counts = { revision: 0, samples: 500, labelled: 0, provisional: true }
  return { spec, result: { model: 'm', version: '1', segment: '', window: spec.name, start, end, ...counts, verdicts } }
}

/** @param rule whose verdicts are kept whole */
function historyOf(windows: readonly Said[], rule = ''): { history: History; course: Course } {
  const history = new History({ model: 'm', version: '1' })
  const course: Course = new Map()
  for (const { spec, result } of windows) {
    const index = history.add({ spec, result, news: ['drift'] })
    const verdict = result.verdicts.find(({ monitor }) => monitor === rule)
    if (verdict !== undefined) course.set(index, verdict)
  }
  return { history, course }
}

function playAll(history: History, question: Question): Played {
  const playing = play(history, question)
  for (;;) {
    const step = playing.next()
    if (step.done === true) return step.value
  }
}

/** What the policy itself says, window by window. */
function advanceAll(windows: readonly Said[]): string[] {
  const state = emptyPolicy()
  return windows.flatMap(({ spec, result }) =>
    advance(state, result, { spec, kinds: ['drift'], at: result.end })
      .filter(({ change }) => change === 'firing' || change === 'resolved')
      .map(({ change, incident }) => `${incident.id} ${change} ${result.end}`),
  )
}

/** The same of a playback. */
function toldBy({ incidents }: Played): string[] {
  const told = incidents.flatMap(({ id, firings }) =>
    firings.flatMap(({ from, to }) => [
      { at: from, text: `${id} firing ${from}` },
      ...(to === null ? [] : [{ at: to, text: `${id} resolved ${to}` }]),
    ]),
  )
  return told.sort((a, b) => a.at - b.at).map(({ text }) => text)
}

/** Windows of two sizes in which features wander about their floors. */
function wandering(random: () => number, { floor = 0.1, windows = 250 } = {}): Said[] {
  const levels = new Map(['income', 'age', 'job'].map((name) => [name, random() * 0.2]))
  const said_: Said[] = []
  for (let i = 1; i <= windows; i++) {
    for (const [name, level] of levels) levels.set(name, Math.max(0, level + (random() - 0.5) * 0.06))
    const end = i * 5 * MINUTE
    for (const spec of specs) {
      if (end % spec.slideMs !== 0) continue
      const verdicts = [...levels].map(([name, level]): Verdict => {
        if (random() < 0.03) return insufficient(name)
        const evident = random() < 0.85 ? EVIDENT : Math.floor(random() * 32)
        return drift(name, level, { evident, floor: name === 'income' ? floor : 0.1 })
      })
      said_.push(said(spec, end, verdicts))
    }
  }
  return said_
}

function insufficient(feature: string): Verdict {
  const none = { value: null, reference: null, low: null, high: null }
  const identity = { monitor: `drift/${feature}`, kind: 'drift', feature, metric: 'psi' } as const
  return { ...identity, status: 'insufficient', ...none, reason: '3 rows, 100 needed', calibrated: true }
}

test('played over what was said, the policy raises what it raised', () => {
  const random = seeded(testSeed())
  for (let i = 0; i < 3; i++) {
    const windows = wandering(random)
    const played = toldBy(playAll(historyOf(windows).history, { kind: 'drift' }))
    assert.deepEqual(played.sort(), advanceAll(windows).sort())
    assert.ok(played.length > 0, 'something was raised')
  }
})

test('with another floor of a rule it raises what it would have raised with that floor from the beginning', () => {
  const random = seeded(testSeed())
  for (let i = 0; i < 3; i++) {
    const seed = Math.floor(random() * 2 ** 31)
    const windows = wandering(seeded(seed))
    const { history, course } = historyOf(windows, 'drift/income')
    for (const floor of [0.02, 0.07, 0.1, 0.15, 0.4]) {
      const wanted = advanceAll(wandering(seeded(seed), { floor }))
      const played = playAll(history, { kind: 'drift', tuned: [{ monitor: 'drift/income', floor, course }] })
      assert.deepEqual(toldBy(played).sort(), wanted.sort(), `floor ${floor}, seed ${seed}`)
      assert.equal(played.untold, 0)
    }
  }
})

test('a playback that forgot the evidence of small effects would be caught', () => {
  const windows = wandering(seeded(7))
  const blind = windows.map(({ spec, result }) => ({
    spec,
    result: {
      ...result,
      verdicts: result.verdicts.map((verdict) =>
        verdict.status !== 'insufficient' && verdict.holds.every((held) => !held)
          ? { ...verdict, evident: 0 }
          : verdict,
      ),
    },
  }))
  const floor = 0.03
  const { history, course } = historyOf(blind, 'drift/income')
  const played = playAll(history, { kind: 'drift', tuned: [{ monitor: 'drift/income', floor, course }] })
  assert.notDeepEqual(toldBy(played).sort(), advanceAll(wandering(seeded(7), { floor })).sort())
})

test('verdicts of an earlier version are held against a higher threshold, and left out and counted under a lower one', () => {
  const windows = Array.from({ length: 40 }, (_, i) => {
    const { evident: __, ...old } = drift('income', i < 20 ? 0.06 : 0.3)
    return said(specs[0] as WindowSpec, (i + 1) * 5 * MINUTE, [old])
  })
  const { history, course } = historyOf(windows, 'drift/income')
  const at = (floor: number) => playAll(history, { kind: 'drift', tuned: [{ monitor: 'drift/income', floor, course }] })
  assert.equal(at(0.1).incidents.length, 1)
  assert.equal(at(0.2).untold, 0)
  assert.equal(at(0.2).incidents.length, 1)
  assert.equal(at(0.4).incidents.length, 0)
  assert.ok(at(0.05).untold > 0)
})

test('one rule by itself is played without the others', () => {
  const both = (i: number) => [drift('income', 0.3), drift('age', i < 20 ? 0.01 : 0.3)]
  const windows = Array.from({ length: 60 }, (_, i) => said(specs[0] as WindowSpec, (i + 1) * 5 * MINUTE, both(i)))
  const { history } = historyOf(windows)
  const [all] = playAll(history, { kind: 'drift' }).incidents
  const [age] = playAll(history, { kind: 'drift', only: 'drift/age' }).incidents
  assert.equal(all?.firings[0]?.from, 6 * 5 * MINUTE)
  assert.equal(age?.firings[0]?.from, 26 * 5 * MINUTE)
  assert.deepEqual(age?.monitors, ['drift/age'])
})

test('a sweep says for each threshold how many alarms, for how long, and how late they found what was known', () => {
  // The distance climbs from nothing to 0.5 in 100 windows.
  const windows = Array.from({ length: 100 }, (_, i) =>
    said(specs[0] as WindowSpec, (i + 1) * 5 * MINUTE, [drift('income', (i + 1) / 200)]),
  )
  const { history, course } = historyOf(windows, 'drift/income')
  const rule = { monitor: 'drift/income', kind: 'drift', course } as const
  const known = playAll(history, { kind: 'drift', only: rule.monitor }).incidents
  const sweeping = sweep(history, { ...rule, floors: [0.05, 0.1, 0.2, 0.9], known })
  let step = sweeping.next()
  while (step.done !== true) step = sweeping.next()
  const points = step.value
  assert.deepEqual(
    points.map(({ alarms }) => alarms),
    [1, 1, 1, 0],
  )
  assert.deepEqual(points[1]?.known, { found: 1, missed: 0, laterMs: 0 })
  assert.deepEqual(points[3]?.known, { found: 0, missed: 1, laterMs: null })
  const [sooner, now, later] = points.map((point) => point.known.laterMs as number)
  assert.ok((sooner as number) < (now as number) && (now as number) < (later as number))
  assert.ok((points[0]?.firedMs as number) > (points[2]?.firedMs as number))
  assert.equal(firedMs(known, history.until as number), points[1]?.firedMs)
  assert.deepEqual(foundAgain([], known, 0), { found: 0, missed: 0, laterMs: null })
  const floors = floorsToTry(course, { current: 0.1, most: Number.POSITIVE_INFINITY })
  assert.ok(floors.includes(0.1) && (floors.at(-1) as number) >= 0.5, 'the last floor is one at which nothing alarms')
})

test('what has no threshold that could be moved says why', () => {
  const because = (verdict: Verdict) => {
    const found = floorUnitOf(verdict)
    return 'because' in found ? found.because : ''
  }
  const verdict = drift('income', 0.3)
  assert.deepEqual(floorUnitOf(verdict), { unit: 'distance' })
  assert.match(because({ ...verdict, low: null, high: null }), /another tool's rule/)
  assert.match(because({ ...verdict, monitor: 'multivariate/hotelling', feature: null }), /no threshold of its own/)
  const errors = { monitor: 'concept-drift/error', kind: 'performance', metric: 'log10_e_value' } as const
  assert.match(because({ ...verdict, ...errors }), /adds up/)
  const metric = { monitor: 'performance/f1', kind: 'performance', metric: 'f1', threshold: null } as const
  assert.match(because({ ...verdict, ...metric }), /may not alarm/)
})

test('thousands of windows at forty thresholds take seconds, and others have their turn every millisecond', () => {
  const random = seeded(3)
  // A calm model with an episode of a day now and then.
  const windows = Array.from({ length: 2_000 }, (_, i) => {
    const level = i % 1_000 < 288 ? 0.25 : 0.02
    return said(specs[0] as WindowSpec, (i + 1) * 5 * MINUTE, [drift('income', level * (0.8 + 0.4 * random()))])
  })
  const { history, course } = historyOf(windows, 'drift/income')
  const floors = floorsToTry(course, { current: 0.1, most: 1 })
  assert.ok(floors.length >= 40)
  const sweeping = sweep(history, { monitor: 'drift/income', kind: 'drift', course, floors, known: [] })
  const before = process.cpuUsage()
  let turns = 0
  for (let step = sweeping.next(); step.done !== true; step = sweeping.next()) turns++
  const { user, system } = process.cpuUsage(before)
  assert.ok(user + system < 3_000_000, `it took ${(user + system) / 1000} ms of processor time`)
  assert.ok(turns >= (windows.length * floors.length) / 128, `${turns} turns for others`)
})
