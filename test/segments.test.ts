// Segments, as seen from what a commit leaves behind: whatever comes in whatever order, through restarts, the segments of a column add
// up to the whole, and each is what its own rows make by themselves.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { segmentsOf } from '../src/assembly/segments.ts'
import { panesIn, segmentsIn } from '../src/assembly/span-of-panes.ts'
import type { PredictionEvent } from '../src/events/event.ts'
import { segmentName, segmentOf, segmentText } from '../src/events/segment.ts'
import { packEntry, unpackEntry } from '../src/join/entry.ts'
import type { Waiting } from '../src/join/waiting.ts'
import type { WatchedStream } from '../src/monitors/watched-stream.ts'
import type { WindowResult } from '../src/monitors/window-result.ts'
import { measurePerformance } from '../src/reference/performance.ts'
import { createReading } from '../src/reference/reading.ts'
import { rebase } from '../src/reference/rebase.ts'
import type { Reference } from '../src/reference/reference.ts'
import { deserialise, serialise } from '../src/reference/reference.ts'
import type { NamedSegmentLayout } from '../src/reference/segments.ts'
import { segmentLayoutOf } from '../src/reference/segments.ts'
import type { Store } from '../src/store/store.ts'
import { contributeInputs } from '../src/summaries/contribute.ts'
import { contributeOutcome, contributePredicted } from '../src/summaries/outcome.ts'
import { coarsened } from '../src/summaries/segment-layout.ts'
import { add, decode } from '../src/summaries/summary.ts'
import { incidentPage } from './build/incident-page.ts'
import { seeded, testSeed } from './build/random.ts'
import { rows } from './build/rows.ts'
import type { Desk, Told } from './build/segment-desk.ts'
import {
  HOUR,
  MINUTE,
  modelOptions,
  openDesk,
  play,
  reference,
  referenceOf,
  segments,
  story,
  T0,
  withCountries,
} from './build/segment-desk.ts'

/** The sums of all panes of each segment ('' is the whole). */
function totals(store: Store, layout: NamedSegmentLayout, part: 'inputs' | 'outcomes', names: readonly string[]) {
  return new Map(
    names.map((name) => {
      const { size } = (name === '' ? reference.layout : layout)[part]
      const total = new Float64Array(size)
      for (const start of store.paneStarts(0, name, part))
        add(total, decode(store.pane(0, name, part, start) as Uint8Array, size))
      return [name, total]
    }),
  )
}

/** What some rows make by themselves, in the layout of the whole. */
function summarised(told: readonly Told[]) {
  const { layout } = reference
  const reading = createReading('binary', reference.classes)
  const inputs = new Float64Array(layout.inputs.size)
  const outcomes = new Float64Array(layout.outcomes.size)
  for (const { event, label } of told) {
    contributeInputs(layout.inputs, inputs, { ...event, prediction: reading.column(event) })
    contributePredicted(layout.outcomes, outcomes)
    if (label === null) continue
    const outcome = { prediction: reading.prediction(event), outputs: reading.outputs(event) }
    contributeOutcome(layout.outcomes, outcomes, { ...outcome, label: reading.label(label) }, 1)
  }
  return { inputs, outcomes }
}

function namesOf(store: Store): string[] {
  return (JSON.parse(store.document('segments/m') as string) as { names: string[] }).names
}

/** The segment that a row must have been counted in, given those that have one. */
function expectedSegment(event: PredictionEvent, column: string, names: readonly string[]): string {
  const name = segmentName(column, segmentText(segmentOf(event, column)))
  return names.includes(name) ? name : segmentName(column, '__other__')
}

function checkSegments(store: Store, told: readonly Told[]): void {
  const layout = segmentLayoutOf(reference)
  const names = namesOf(store)
  for (const part of ['inputs', 'outcomes'] as const) {
    const found = totals(store, layout, part, ['', ...names])
    const form = (whole: Float64Array) =>
      part === 'inputs' ? coarsened(layout, whole) : whole.slice(0, layout.outcomes.size)
    for (const column of segments.columns) {
      const sum = new Float64Array(layout[part].size)
      for (const name of names.filter((one) => one.startsWith(`${column}=`))) {
        const own = summarised(told.filter(({ event }) => expectedSegment(event, column, names) === name))
        assert.deepEqual(found.get(name), form(own[part]), `${part} of ${name}`)
        add(sum, found.get(name) as Float64Array)
      }
      assert.deepEqual(sum, form(found.get('') as Float64Array), `${part} of all ${column}`)
    }
  }
}

const seed = testSeed()

test('segments add up to the whole, and each is what its own rows make', () => {
  for (let round = 0; round < Number(process.env['LEEWAY_TEST_ROUNDS'] ?? 1); round++) {
    const { told, events } = story(seed + 10 * round)
    const desk = play(openDesk(), events, seed + round)
    desk.end()
    checkSegments(desk.store, told)
    desk.store.close()
  }
})

test('the same check finds a join whose entries do not know their segment', () => {
  const { told, events } = story(seed)
  /** As a version would do that writes entries back without their segments. */
  const forgetful = (waiting: Waiting): Waiting => ({
    get size() {
      return waiting.size
    },
    get: (id) => waiting.get(id),
    put(id, bytes, at) {
      const entry = unpackEntry(bytes)
      const isLabelled = entry.kind === 'prediction' && entry.labelTime >= 0
      waiting.put(id, isLabelled ? packEntry({ ...entry, segments: [] }) : bytes, at)
    },
    dropBefore: (before) => waiting.dropBefore(before),
    evictBeyond: (max) => waiting.evictBeyond(max),
  })
  const desk = openDesk({ waiting: forgetful })
  desk.send(events)
  desk.end()
  assert.throws(() => checkSegments(desk.store, told), /outcomes of/)
  desk.store.close()
})

/** Metrics of labelled rows by plain counting, row by row. */
function byRow(told: readonly Told[]): Record<string, number> {
  const labelled = told.filter(({ label }) => label !== null)
  const scoreOf = ({ event }: Told) => event.score as number
  const count = (is: (row: Told) => boolean) => labelled.filter(is).length
  const mean = (loss: (row: Told) => number) => labelled.reduce((sum, row) => sum + loss(row), 0) / labelled.length
  const hits = count(({ event, label }) => label === '1' && event.prediction === '1')
  const [positives, negatives] = ['1', '0'].map((name) => labelled.filter(({ label }) => label === name))
  let [before, pairs] = [0, 0]
  for (const one of positives as Told[]) {
    for (const other of negatives as Told[]) {
      before += scoreOf(one) > scoreOf(other) ? 1 : scoreOf(one) === scoreOf(other) ? 0.5 : 0
      pairs++
    }
  }
  return {
    roc_auc: before / pairs,
    accuracy: count(({ event, label }) => event.prediction === label) / labelled.length,
    f1: (2 * hits) / (count(({ label }) => label === '1') + count(({ event }) => event.prediction === '1')),
    log_loss: mean((row) => -Math.log(row.label === '1' ? scoreOf(row) : 1 - scoreOf(row))),
    brier: mean((row) => (scoreOf(row) - Number(row.label)) ** 2),
  }
}

function segmentWindows(store: Store, window: string): readonly WindowResult[] {
  return store.views.segmentResults({ model: 'm', version: '', window, from: 0, to: T0 + 100 * HOUR })
}

test('every metric of a segment is that of its rows in the window, counted one by one', () => {
  const { told, events } = story(seed, 900)
  const desk = play(openDesk(), events, seed)
  desk.end()
  const names = namesOf(desk.store)
  let compared = 0
  for (const { segment, start, end, samples, labelled, verdicts } of segmentWindows(desk.store, '6h')) {
    const column = segment.slice(0, segment.indexOf('='))
    const own = told.filter(
      ({ event }) => event.time >= start && event.time < end && expectedSegment(event, column, names) === segment,
    )
    assert.deepEqual([samples, labelled], [own.length, own.filter(({ label }) => label !== null).length], segment)
    const measured = measurePerformance(reference.layout.outcomes, summarised(own).outcomes)
    const counted = byRow(own)
    for (const { kind, metric, value, low, high } of verdicts) {
      if (kind !== 'performance') continue
      const { value: expected, ...interval } = measured[metric] as { value: number | null; low?: number; high?: number }
      assert.deepEqual([value, low, high], [expected, interval.low ?? null, interval.high ?? null])
      if (value === null || counted[metric] === undefined) continue
      // Scores share bins, which is all that areas under curves lose; losses are summed in quanta.
      const tolerance = metric === 'roc_auc' ? 0.02 : 1e-6
      assert.ok(Math.abs(value - counted[metric]) < tolerance, `${segment} ${metric} ${value} ${counted[metric]}`)
      compared++
    }
  }
  assert.ok(compared > 20, `${compared} were compared`)
  desk.store.close()
})

test('a reference keeps what it knows of segments when it is written and read', () => {
  const read = deserialise(serialise(reference))
  assert.equal(read.id, reference.id)
  assert.deepEqual(read.segments, reference.segments)
  const { parts } = read.segments as NonNullable<Reference['segments']>
  const named = Object.keys(parts).filter((name) => name.startsWith('country='))
  // Seven countries, of which the five with most rows are told apart.
  assert.equal(named.length, 7)
  assert.ok(named.includes('country=__other__') && named.includes('country=__missing__'))
  assert.equal(
    named.reduce((rowsOf, name) => rowsOf + (parts[name]?.inputs[0] as number), 0),
    reference.rows,
  )
})

test('a model without segments has the same reference, panes and entries as before there were any', () => {
  const plain = referenceOf(null)
  assert.equal(plain.segments, undefined)
  assert.equal(plain.cells, reference.cells)
  const desk = openDesk({ model: modelOptions({ reference: plain, segments: undefined }) })
  desk.send(story(seed, 100).events)
  desk.end()
  assert.equal(desk.store.document('segments/m'), undefined)
  assert.deepEqual(segmentWindows(desk.store, '1h'), [])
  desk.store.close()
})

const row = (i: number, country: unknown, more: object = {}) => ({
  type: 'prediction',
  id: `r${i}`,
  model: 'm',
  time: T0 + i * MINUTE,
  features: { n0: 0, n1: 0, n2: 0, c: 'v1' },
  score: 0.7,
  prediction: '1',
  segments: { country },
  ...more,
})
const labelOf = (i: number, value: string) => {
  return { type: 'label', id: `r${i}`, model: 'm', time: T0 + i * MINUTE + 1, label: value }
}
const over = ({ pipeline }: Desk) => pipeline.counters().find(({ name }) => name === 'over/segments')?.value ?? 0
const minutes = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)
const one = (desk: Desk, segment: string) =>
  segmentWindows(desk.store, '1h').filter((result) => result.segment === segment)

test('values beyond the limit share a segment, and their rows are counted', () => {
  const choice = { columns: ['country'], valuesMax: 2 }
  const desk = openDesk({ model: modelOptions({ reference: referenceOf(null), segments: choice }) })
  const values = ['A', 'B', 'C', ['D'], 'x'.repeat(129), null, 'A', 5]
  desk.send(minutes(0, 80).map((i) => row(i, values[i % values.length])))
  desk.end()
  const [first] = segmentWindows(desk.store, '1h')
  assert.deepEqual(
    segmentWindows(desk.store, '1h')
      .filter(({ end }) => end === first?.end)
      .map(({ segment, samples }) => [segment, samples]),
    [
      ['country=A', 15],
      ['country=B', 8],
      ['country=__missing__', 7],
      ['country=__other__', 30],
    ],
  )
  assert.equal(over(desk), 40)
  desk.store.close()
})

test('a column that is told apart later begins behind the rows that were not, and loses none that it had', async () => {
  const choice = (...columns: string[]) =>
    modelOptions({ reference: referenceOf(null), segments: { columns, valuesMax: 5 } })
  let desk = openDesk({ model: choice('country') })
  desk.send(minutes(0, 95).map((i) => row(i, 'DE')))
  desk = desk.restart(choice('country', 'c'))
  // The label of a row that was counted before goes to the segments that it was counted in.
  desk.send([labelOf(3, '1'), ...minutes(95, 200).map((i) => row(i, 'DE')), labelOf(150, '1')])
  desk.end()
  assert.deepEqual(
    one(desk, 'country=DE').map(({ samples }) => samples),
    [60, 60, 60, 60, 60, 60, 60, 60, 60, 60],
  )
  assert.equal(one(desk, 'country=DE')[0]?.labelled, 1)
  // Rows up to minute 95 were not told apart by c: its panes begin at minute 105, and so does its first window.
  assert.deepEqual(
    one(desk, 'c=v1').map(({ start, samples }) => [(start - T0) / MINUTE, samples]),
    [
      [105, 60],
      [120, 60],
      [135, 60],
    ],
  )
  // Its page leads to no window that has segments of the other column alone.
  const view = segmentsOf(desk.store.views, () => desk.pipeline)
  const asked = { model: 'm', window: '1h', end: T0 + 165 * MINUTE }
  const [ofLater, ofOther] = [await view({ ...asked, column: 'c' }), await view({ ...asked, column: 'country' })]
  assert.deepEqual([ofLater.before, ofOther.before], [null, '2026-01-05T02:30:00Z'])
  assert.deepEqual([ofLater.after, ofOther.after], ['2026-01-05T03:00:00Z', '2026-01-05T03:00:00Z'])
  // A column that is left out and comes back has told nothing apart meanwhile.
  desk = desk.restart(choice('c'))
  desk.send(minutes(200, 205).map((i) => row(i, 'FR')))
  desk = desk.restart(choice('country', 'c'))
  desk.send(minutes(205, 330).map((i) => row(i, 'FR')))
  desk.end()
  assert.equal(one(desk, 'country=FR')[0]?.start, T0 + 210 * MINUTE)
  desk.store.close()
})

test('a segment that fails is marked, the others are not, and the whole tells what it would be without it', async () => {
  const random = seeded(5)
  const windows = [{ name: '1d', sizeMs: 24 * HOUR, slideMs: 24 * HOUR }]
  const daily = modelOptions({ settings: { ...modelOptions().settings, windows } })
  const desk = openDesk({ model: daily })
  const events: object[] = []
  for (const { event, label } of withCountries(rows(6_000, { seed: 9, numbers: 3, from: T0, everyMs: 15_000 }), 8)) {
    const { id, time, features, score, prediction, segments: of } = event
    const isFailing = of?.['country'] === 'FR'
    const truth = isFailing && random() < 0.6 ? (prediction === '1' ? '0' : '1') : label
    events.push({ type: 'prediction', id, time, features, score, prediction, segments: of })
    events.push({ type: 'label', id, time: time + 1, label: truth })
  }
  desk.send(events)
  desk.end()
  const end = T0 + 24 * HOUR
  const accuracyOf = (results: readonly WindowResult[], segment: string) =>
    results
      .find((result) => result.segment === segment && result.end === end)
      ?.verdicts.find(({ monitor }) => monitor === 'performance/accuracy')
  const results = segmentWindows(desk.store, '1d')
  const whole = accuracyOf(desk.store.views.results({ limit: 9 }), '')
  const failing = accuracyOf(results, 'country=FR')
  assert.equal(failing?.status, 'alarm')
  for (const name of ['country=DE', 'country=IT', 'c=v0'])
    assert.notEqual(accuracyOf(results, name)?.status, 'alarm', name)
  assert.ok((failing.without as number) > (whole?.value as number) + 0.02)
  const [drift] = results
    .filter(({ segment }) => segment === 'country=FR')
    .flatMap(({ verdicts }) => verdicts.filter(({ monitor }) => monitor === 'segment-drift'))
  assert.equal(drift?.status, 'ok')
  const [said, ...others] = (await incidentPage(desk, 'performance')).segments
  assert.deepEqual([others, said?.column, said?.end], [[], 'country', '2026-01-06T00:00:00Z'])
  assert.match(said?.text ?? '', /^country FR carries most of the loss of .*; without it the model would be at /)
  // What is said of the whole, and what comes of it, is the same where segments are not told apart.
  const plain = openDesk({ model: { ...daily, segments: undefined } })
  plain.send(events)
  plain.end()
  for (const { store } of [desk, plain]) assert.equal(store.views.incidents({ limit: 9 }).length, 1)
  assert.deepEqual((await incidentPage(plain, 'performance')).segments, [])
  assert.deepEqual(desk.store.views.results({ limit: 99 }), plain.store.views.results({ limit: 99 }))
  assert.deepEqual(desk.store.views.incidents({ limit: 9 }), plain.store.views.incidents({ limit: 9 }))
  for (const { store } of [desk, plain]) store.close()
})

test('a reference that is made of production knows its segments, and they add up to it', () => {
  const desk = openDesk()
  const { events } = story(seed, 1_200)
  desk.send(events)
  desk.end()
  const watched = desk.pipeline.models()[0]?.streams.get('') as WatchedStream
  const { settings } = modelOptions()
  const held = panesIn(watched, { from: T0 + HOUR, to: null }, T0 + 6 * HOUR)
  const question = { before: reference, ...held, ...settings, paneMs: watched.inputs.paneMs, source: 'test' }
  const make = (performance: 'kept' | 'wanted') => {
    const made = rebase({ ...question, segments: () => segmentsIn(watched, held, 0), minCoverage: 0, performance })
    if (made.is === 'refused') throw new Error(made.because)
    return made.reference
  }
  const layout = segmentLayoutOf(reference)
  const sumOf = ({ segments: known }: Reference, part: 'inputs' | 'outcomes') => {
    const sum = new Float64Array(layout[part].size)
    for (const [name, cells] of Object.entries(known?.parts ?? {}))
      if (name.startsWith('country=')) add(sum, cells[part])
    return sum
  }
  const measured = make('wanted')
  assert.deepEqual(sumOf(measured, 'inputs'), coarsened(layout, measured.inputs))
  assert.deepEqual(sumOf(measured, 'outcomes'), measured.outcomes.slice(0, layout.outcomes.size))
  assert.equal(deserialise(serialise(measured)).id, measured.id)
  // Whoever accepts where inputs lie has not accepted that a segment errs more.
  const kept = make('kept')
  const name = 'country=DE'
  assert.deepEqual(kept.segments?.parts[name]?.outcomes, reference.segments?.parts[name]?.outcomes)
  assert.notDeepEqual(kept.segments?.parts[name]?.inputs, reference.segments?.parts[name]?.inputs)
  desk.store.close()
})

test('a reference that is made of production knows the labels of a segment that came after its inputs were forgotten', () => {
  const desk = openDesk()
  desk.send(story(seed, 1_800).events)
  desk.end()
  const watched = desk.pipeline.models()[0]?.streams.get('') as WatchedStream
  const { settings } = modelOptions()
  const all = panesIn(watched, { from: T0, to: null }, T0 + 6 * HOUR)
  // Outcomes alone are left of the first half.
  const half = all.panes.length / 2
  const held = { panes: all.panes.slice(half), earlier: all.panes.slice(0, half) }
  const question = { before: reference, ...held, ...settings, paneMs: watched.inputs.paneMs, source: 'test' }
  const make = (segmentsOf: ReturnType<typeof segmentsIn>) => {
    const made = rebase({ ...question, segments: () => segmentsOf, minCoverage: 0, performance: 'wanted' })
    if (made.is === 'refused') throw new Error(made.because)
    return made.reference
  }
  const told = segmentsIn(watched, held, 0) as NonNullable<Reference['segments']>
  const made = make(told)
  const sum = new Float64Array(segmentLayoutOf(reference).outcomes.size)
  for (const [name, { outcomes }] of Object.entries(made.segments?.parts ?? {}))
    if (name.startsWith('country=')) add(sum, outcomes)
  assert.deepEqual(sum, made.outcomes.slice(0, sum.length))
  // One none of whose labels has come is compared with what was known of it.
  const name = 'country=DE'
  const none = { inputs: told.parts[name]?.inputs as Float64Array, outcomes: new Float64Array(sum.length) }
  const unlabelled = make({ ...told, parts: { ...told.parts, [name]: none } })
  assert.deepEqual(unlabelled.segments?.parts[name]?.outcomes, reference.segments?.parts[name]?.outcomes)
  desk.store.close()
})

test('a reference that is learnt from the stream knows its segments, and their performance once labels have come', () => {
  const learning = modelOptions({ reference: { firstMs: 4 * HOUR } })
  const desk = openDesk({ model: learning })
  const { told, events } = story(seed, 900)
  desk.send(events)
  desk.end()
  const [model] = desk.pipeline.models()
  const learnt = model?.reference as Reference
  const layout = segmentLayoutOf(learnt)
  const own = told.filter(({ event }) => event.time < learnt.to + 1 && segmentOf(event, 'country') === 'DE')
  const part = learnt.segments?.parts['country=DE']
  assert.equal(part?.inputs[0], own.length)
  assert.equal(learnt.segments?.layout, layout.id)
  const labelled = own.filter(({ label }) => label !== null).length
  assert.ok((part?.outcomes[1] as number) >= 0.7 * labelled && labelled > 50, `${part?.outcomes[1]} of ${labelled}`)
  const judged = one(desk, 'country=DE').flatMap(({ verdicts }) =>
    verdicts.filter(({ metric, reference: before }) => metric === 'accuracy' && before !== null),
  )
  assert.ok(judged.length > 0)
  desk.store.close()
})
