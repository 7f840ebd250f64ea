// The way of an event, station by station, as seen from what a commit leaves behind.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { modelsOf, pipelineOf } from '../src/assembly/pipeline-of.ts'
import type { Document } from '../src/config/document.ts'
import { loadDocument } from '../src/config/load.ts'
import type { ModelOptions } from '../src/monitors/watched-model.ts'
import { openStore } from '../src/store/store.ts'
import { writeConfiguration } from './build/ledger.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const T0 = Date.UTC(2026, 0, 5)
const folder = mkdtempSync(join(tmpdir(), 'leeway-pipeline-'))
let document: Document
let models: ModelOptions[]
let states = 0

before(async () => {
  document = loadDocument(writeConfiguration(folder, { brokers: 'localhost:9092', topic: 'events' }))
  models = await modelsOf(document)
})
after(() => rmSync(folder, { recursive: true }))

/** A pipeline with one partition, fed with plain objects. */
function desk(options: { state?: string; models?: ModelOptions[]; memoryIsShort?: () => boolean } = {}) {
  const state = options.state ?? join(folder, `state-${states++}`)
  const store = openStore(state)
  const pipeline = pipelineOf(document, options.models ?? models, {
    store,
    judgeByEventTime: false,
    plan: () => ({ notifications: [], trigger: null }),
    ...(options.memoryIsShort && { memoryIsShort: options.memoryIsShort }),
  })
  const [start] = pipeline.assigned('stream', [{ topic: 'events', partition: 0 }], T0)
  let offset = start?.nextOffset ?? 0
  const send = (records: ReadonlyArray<object | string>, from = offset, now = T0 + 30 * 24 * HOUR) => {
    const batch = records.map((record, i) => ({
      offset: from + i,
      timestamp: null,
      value: Buffer.from(typeof record === 'string' ? record : JSON.stringify(record)),
    }))
    pipeline.apply(
      'stream',
      {
        topic: 'events',
        partition: 0,
        records: batch,
        nextOffset: from + batch.length,
        endOffset: from + batch.length,
      },
      now,
    )
    offset = Math.max(offset, from + batch.length)
  }
  /** The source looks, finds nothing left to read, and time passes. */
  const rest = (now: number) => {
    pipeline.apply('stream', { topic: 'events', partition: 0, records: [], nextOffset: offset, endOffset: offset }, now)
    pipeline.tick(now)
  }
  const window = (end: number) => store.views.results({ window: '1h', from: end, to: end + 1, limit: 1 })[0]
  const count = (name: string) =>
    pipeline
      .counters()
      .filter((row) => row.name === name)
      .reduce((sum, { value }) => sum + value, 0)
  return { state, store, pipeline, send, rest, window, count }
}

const prediction = (id: string, time: number) => ({
  type: 'prediction',
  id,
  model: 'ledger',
  time,
  features: { amount: 30, age: 40, job: 'cook' },
  score: 0.7,
  prediction: 'bad',
})
const label = (id: string, value: string, time: number) => ({ type: 'label', id, model: 'ledger', time, label: value })
/** One prediction a minute, from one minute to another after T0. */
const minutes = (from: number, to: number, prefix = 'p') =>
  Array.from({ length: to - from }, (_, i) => prediction(`${prefix}${from + i}`, T0 + (from + i) * MINUTE))

test('a window is evaluated by the record that moves the watermark past its end', () => {
  const { send, pipeline, window } = desk()
  send(minutes(0, 61))
  pipeline.commit()
  assert.equal(window(T0 + HOUR), undefined)
  send(minutes(61, 62))
  pipeline.commit()
  assert.equal(window(T0 + HOUR)?.samples, 60)
})

test('a record that comes again is skipped: the position says it was applied', () => {
  const { send, pipeline, count } = desk()
  const records = [...minutes(0, 90), 'not json']
  send(records)
  send(records, 0)
  pipeline.commit()
  assert.deepEqual([count('predictions'), count('duplicate_predictions'), count('rejected/not_json')], [90, 0, 1])
})

test('a late row within the allowed lateness gives its windows a new revision with the right count', () => {
  const { send, pipeline, window } = desk()
  send(minutes(0, 100))
  send([prediction('late', T0 + 45 * MINUTE)])
  pipeline.commit()
  assert.deepEqual([window(T0 + HOUR)?.samples, window(T0 + HOUR)?.revision], [60, 0])
  // The next slide looks at what has changed, and the windows after it include the late row too.
  send(minutes(100, 125))
  pipeline.commit()
  assert.deepEqual([window(T0 + HOUR)?.samples, window(T0 + HOUR)?.revision], [61, 1])
  assert.equal(window(T0 + HOUR + 40 * MINUTE)?.samples, 61)
  assert.equal(window(T0 + 2 * HOUR)?.samples, 60)
})

test('a row later than the allowed lateness is counted and sampled, and changes nothing', () => {
  const { send, pipeline, window, count, store } = desk()
  send(minutes(0, 190))
  send([prediction('too-late', T0 + 45 * MINUTE)])
  send(minutes(190, 215))
  pipeline.commit()
  assert.equal(count('late'), 1)
  assert.equal(window(T0 + HOUR)?.samples, 60)
  assert.equal(store.views.quarantine(10)[0]?.reason, 'late')
})

test('a row from the far future is quarantined and does not move the watermark', () => {
  const { send, pipeline, window, store } = desk()
  send(minutes(0, 59))
  send([prediction('future', T0 + 400 * 24 * HOUR)])
  pipeline.commit()
  assert.equal(window(T0 + HOUR), undefined)
  assert.equal(store.views.quarantine(10)[0]?.reason, 'future_time')
})

test('performance is provisional until enough labels have come, and is judged when the source is quiet', () => {
  const { send, rest, pipeline, window } = desk()
  const early = minutes(0, 62)
  send(early)
  send(early.slice(0, 30).map(({ id, time }) => label(id, 'bad', time + HOUR)))
  rest(T0 + 31 * 24 * HOUR)
  pipeline.commit()
  assert.deepEqual([window(T0 + HOUR)?.provisional, window(T0 + HOUR)?.labelled], [true, 30])
  send(early.slice(30).map(({ id, time }) => label(id, 'good', time + HOUR)))
  rest(T0 + 32 * 24 * HOUR)
  pipeline.commit()
  const judged = window(T0 + HOUR)
  assert.deepEqual([judged?.provisional, judged?.labelled], [false, 60])
  assert.equal(judged?.verdicts.find(({ monitor }) => monitor === 'performance/accuracy')?.value, 0.5)
})

test('a corrected label changes the window it belongs to, weeks later', () => {
  const { send, rest, pipeline, window } = desk()
  send(minutes(0, 62))
  send(minutes(0, 62).map(({ id, time }) => label(id, 'bad', time + HOUR)))
  rest(T0 + 31 * 24 * HOUR)
  send([label('p10', 'good', T0 + 9 * 24 * HOUR)])
  rest(T0 + 33 * 24 * HOUR)
  pipeline.commit()
  assert.equal(window(T0 + HOUR)?.verdicts.find(({ monitor }) => monitor === 'performance/accuracy')?.value, 59 / 60)
})

test('after a gap a stream begins anew: one window length of silence is told, the rest is passed over', () => {
  const { send, pipeline, store } = desk()
  send(minutes(0, 120))
  send(minutes(60 * 24 * 10, 60 * 24 * 10 + 90, 'later'))
  pipeline.commit()
  const ends = store.views
    .results({ window: '1h', order: 'oldest', limit: 10_000 })
    .map(({ end, samples }) => [(end - T0) / MINUTE, samples] as const)
  const empty = ends.filter(([, samples]) => samples === 0).map(([end]) => end)
  assert.ok(empty.length > 0 && empty.length <= 7, `${empty.length} empty windows`)
  const full = ends.filter(([end, samples]) => end > 60 * 24 * 10 && samples > 0)
  assert.ok(full.length >= 3, 'the windows after the gap are missing')
})

test('evaluated windows are forgotten after 400 days of event time, and not before', () => {
  const { send, pipeline, window } = desk()
  const day = 24 * HOUR
  const at = (days: number) => send([prediction(`day-${days}`, T0 + days * day)], undefined, T0 + days * day)
  send(minutes(0, 62))
  at(399)
  pipeline.commit()
  assert.equal(window(T0 + HOUR)?.samples, 60)
  at(401)
  pipeline.commit()
  assert.equal(window(T0 + HOUR), undefined)
})

test('an unknown model is counted and sampled, and nothing else', () => {
  const { send, pipeline, count, store } = desk()
  send([{ ...prediction('x', T0), model: 'stranger' }])
  pipeline.commit()
  assert.equal(count('unknown_model'), 1)
  assert.match(store.views.quarantine(1)[0]?.detail ?? '', /stranger/)
})

test('a state that was counted with another reference is refused, and says which', () => {
  const first = desk()
  first.send(minutes(0, 90))
  first.pipeline.commit()
  first.store.close()
  const [model] = models as [ModelOptions]
  const reference = {
    ...(model.reference as { id: string } & object),
    ...{ id: '0123456789abcdef', cells: 'fedcba9876543210' },
  } as ModelOptions['reference']
  assert.throws(
    () => desk({ state: first.state, models: [{ ...model, reference }] }),
    /were counted with the bins and classes of reference .* now gives 0123456789abcdef/,
  )
})

/** Three predictions a minute, all alike: far from the reference. */
const alike = (from: number, to: number) => ['a', 'b', 'c'].flatMap((prefix) => minutes(from, to, prefix))
const byTime = (records: ReturnType<typeof alike>) => records.sort((a, b) => a.time - b.time)
const fired = ({ store }: ReturnType<typeof desk>) =>
  store.views
    .incidents({ limit: 100 })
    .flatMap(({ id }) => store.views.incident(id)?.transitions ?? [])
    .filter(({ change }) => change === 'firing').length
const endsOf = ({ store }: ReturnType<typeof desk>) =>
  store.views.results({ window: '1h', order: 'oldest', limit: 10_000 }).map(({ end }) => (end - T0) / MINUTE)

test('a model that is removed and added again goes on: nothing fires twice, and windows that it missed in part are not judged', () => {
  const first = desk()
  first.send(byTime(alike(0, 12 * 60)))
  first.pipeline.commit()
  const before = { fired: fired(first), ends: endsOf(first) }
  assert.ok(before.fired > 0, 'nothing fired: the test is about nothing')
  first.store.close()
  const without = desk({ state: first.state, models: [] })
  assert.deepEqual(without.pipeline.asleep, ['ledger'])
  without.send(byTime(alike(12 * 60, 18 * 60)))
  without.pipeline.commit()
  assert.equal(without.count('unknown_model'), 3 * 6 * 60)
  without.store.close()
  // Killed after it was added again, and before anything was committed: it is still known what was missed.
  desk({ state: first.state }).store.close()
  const again = desk({ state: first.state })
  again.send(byTime(alike(18 * 60, 26 * 60)))
  again.pipeline.commit()
  assert.equal(fired(again), before.fired)
  const fresh = endsOf(again).filter((end) => !before.ends.includes(end))
  assert.ok(Math.min(...fresh) > 19 * 60 && Math.max(...fresh) >= 25 * 60, `windows end at ${fresh.join()}`)
  for (const { end, samples } of again.store.views.results({ window: '1h', limit: 10_000 }))
    if (fresh.includes((end - T0) / MINUTE)) assert.equal(samples, 180, `${(end - T0) / MINUTE}`)
  again.store.close()
})

test('a model that slept while nothing was read of its source has missed nothing', () => {
  const whole = desk()
  whole.send(byTime(alike(0, 6 * 60)))
  whole.pipeline.commit()
  const first = desk()
  first.send(byTime(alike(0, 4 * 60)))
  first.pipeline.commit()
  first.store.close()
  const without = desk({ state: first.state, models: [] })
  without.pipeline.commit()
  without.store.close()
  const again = desk({ state: first.state })
  again.send(byTime(alike(4 * 60, 6 * 60)))
  again.pipeline.commit()
  const windows = ({ store }: ReturnType<typeof desk>) =>
    store.views.results({ order: 'oldest', limit: 10_000 }).map(({ verdicts, ...rest }) => rest)
  assert.deepEqual(windows(again), windows(whole))
})

test('versions beyond the limit share one, are counted, and come from no late row', () => {
  const few = models.map((model) => ({ ...model, limits: { versions: 3, learningBytes: 1e6 } }))
  const { send, pipeline, count, store } = desk({ models: few })
  send(minutes(0, 400).map((row, i) => ({ ...row, version: `v${i % 10}` })))
  send(Array.from({ length: 50 }, (_, i) => ({ ...prediction(`l${i}`, T0), version: `late ${i}` })))
  pipeline.commit()
  assert.deepEqual(
    store.streams().map(({ version }) => version),
    ['v0', 'v1', 'v2', '__other__'],
  )
  assert.deepEqual([count('predictions'), count('over/versions'), count('late')], [400, 280, 50])
  const late = pipeline.counters().filter(({ name }) => name === 'late')
  assert.deepEqual(late, [{ name: 'late', model: 'ledger', version: '__other__', value: 50 }])
})

test('a version that only a repeated id names is no obstacle to the next start', () => {
  const { send, pipeline, state, store, count } = desk()
  send([...minutes(0, 10), { ...prediction('p3', T0 + 3 * MINUTE), version: '2' }])
  pipeline.commit()
  assert.equal(count('duplicate_predictions'), 1)
  store.close()
  const again = desk({ state })
  again.send([{ ...prediction('new', T0 + 11 * MINUTE), version: '2' }])
  assert.equal(again.count('predictions'), 11)
})

test('features that the reference does not have are ignored and counted', () => {
  const { send, pipeline, count } = desk()
  const [row] = minutes(0, 1) as [ReturnType<typeof prediction>]
  send([row, { ...row, id: 'b', features: { ...row.features, x: 1, y: 2 } }])
  pipeline.commit()
  assert.deepEqual([count('predictions'), count('unknown_features')], [2, 2])
})

test('while memory is short no model gets another version', () => {
  let isShort = false
  const { send, pipeline, store } = desk({ memoryIsShort: () => isShort })
  send(minutes(0, 1))
  isShort = true
  send(minutes(1, 3).map((row, i) => ({ ...row, version: `new ${i}` })))
  pipeline.dropCaches()
  pipeline.commit()
  pipeline.dropCaches()
  send(minutes(3, 70))
  pipeline.commit()
  assert.deepEqual(
    store.streams().map(({ version }) => version),
    ['', '__other__'],
  )
  assert.equal(store.views.results({ version: '', window: '1h', limit: 1 })[0]?.samples, 58)
})

test('keys of an event that mean nothing are ignored and counted', () => {
  const { send, count } = desk()
  send([
    { ...prediction('a', T0), segments: { country: 'DE' } },
    { ...prediction('b', T0), ip: '10.0.0.1', trace: 7 },
    { ...label('a', 'bad', T0), note: 'by hand' },
  ])
  assert.deepEqual([count('predictions'), count('labels/joined'), count('unknown_keys')], [2, 1, 3])
})

test('an early label is kept whatever its own time says, and one of an unknown class is rejected when its prediction comes', () => {
  const { send, pipeline, count, store } = desk()
  send(minutes(0, 10))
  send([label('old', 'bad', 0), label('far', 'good', T0 + 5_000 * 24 * HOUR), label('odd', 'ugly', T0)])
  // Three days on, with a commit that drops what is older than the horizon.
  send(minutes(3 * 24 * 60, 3 * 24 * 60 + 5))
  pipeline.commit()
  send(['old', 'far', 'odd'].map((id) => prediction(id, T0 + (3 * 24 * 60 + 5) * MINUTE)))
  assert.deepEqual(
    [count('early_labels/joined'), count('early_labels/unknown-class'), count('rejected/bad_label')],
    [2, 1, 1],
  )
  pipeline.commit()
  assert.match(store.views.quarantine(1)[0]?.detail ?? '', /came before its prediction is not one of/)
})

test('a watermark that moved because a partition fell idle is news, and stands after a restart', () => {
  const first = desk()
  first.send(minutes(0, 30))
  first.pipeline.commit()
  assert.equal(first.pipeline.hasNews, false)
  first.rest(T0 + 31 * 24 * HOUR)
  assert.equal(first.pipeline.hasNews, true)
  first.pipeline.commit()
  assert.equal(first.pipeline.hasNews, false)
  const before = first.pipeline.progress()[0]?.watermark
  first.store.close()
  assert.equal(desk({ state: first.state }).pipeline.progress()[0]?.watermark, before)
})

/** The same models with other windows. */
const watching = (...windows: ReadonlyArray<readonly [size: number, slide: number]>) =>
  models.map((model) => ({
    ...model,
    settings: {
      ...model.settings,
      windows: windows.map(([size, slide]) => ({ name: `${size}m`, sizeMs: size * MINUTE, slideMs: slide * MINUTE })),
    },
  }))

test('a window that slides otherwise than before goes on in its new steps, and labels still reach it', () => {
  const before = desk({ models: watching([60, 10], [30, 10]) })
  before.send(minutes(0, 102))
  before.pipeline.commit()
  before.store.close()
  const { send, pipeline, store } = desk({ state: before.state, models: watching([60, 30], [30, 10]) })
  send(minutes(102, 200))
  // For windows of the old steps, and of the new ones.
  const labelled = Array.from({ length: 28 }, (_, i) => 40 + i * 5)
  send(labelled.map((minute) => label(`p${minute}`, 'bad', T0 + 201 * MINUTE)))
  send(minutes(200, 270))
  pipeline.commit()
  const windows = store.views
    .results({ window: '60m', order: 'oldest', limit: 99 })
    .map(({ end, samples, labelled }) => [(end - T0) / MINUTE, samples, labelled])
  assert.deepEqual(
    windows.filter(([end]) => (end as number) < 220),
    [60, 70, 80, 90, 100, 120, 150, 180, 210].map((end) => [
      end,
      60,
      labelled.filter((minute) => minute >= end - 60 && minute < end).length,
    ]),
  )
})

test('a model that is still learning does not keep the panes of others, in memory or on disk', () => {
  const ledger = watching([60, 60])[0] as ModelOptions
  const slow = { ...ledger, name: 'slow', reference: { firstMs: 90 * 24 * HOUR } }
  const { send, pipeline, store, state } = desk({ models: [ledger, slow] })
  const days = (from: number, to: number) =>
    minutes(from * 24 * 6, to * 24 * 6).map((row, i) => ({ ...row, time: T0 + (from * 24 * 6 + i) * 10 * MINUTE }))
  send([{ ...prediction('first', T0), model: 'slow' }])
  for (let day = 0; day < 10; day++) {
    send(days(day, day + 1))
    pipeline.commit()
  }
  assert.ok([...(pipeline.models()[0]?.streams.get('')?.inputs.starts() ?? [])].length < 26)
  assert.ok(store.paneStarts(0, '', 'inputs').length < 26)
  store.close()
  const again = desk({ state, models: [ledger, slow] })
  again.send(days(10, 11))
  again.pipeline.commit()
  assert.ok(again.store.paneStarts(0, '', 'inputs').length < 26)
})

test('a commit before anything has come, as a second reload makes it, does not forget what time it was', () => {
  const first = desk()
  first.send(minutes(0, 1))
  first.pipeline.commit()
  const before = first.store.document('clock')
  first.store.close()
  const again = desk({ state: first.state })
  again.pipeline.commit()
  assert.equal(again.store.document('clock'), before)
  again.store.close()
})
