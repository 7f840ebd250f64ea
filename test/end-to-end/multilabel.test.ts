// A model that gives each row any number of labels: from events to metrics and an incident.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { modelsOf, pipelineOf } from '../../src/assembly/pipeline-of.ts'
import { readDocument } from '../../src/config/load.ts'
import { openStore } from '../../src/store/store.ts'
import { seeded } from '../build/random.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const T0 = Date.UTC(2026, 0, 5)
const PER_DAY = 720
const NOW = T0 + 30 * DAY
const seed = Number(process.env['LEEWAY_TEST_SEED'] ?? 5)
const names = ['sport', 'politics', 'science', 'art']
let states = 0
const folder = mkdtempSync(join(tmpdir(), 'leeway-multilabel-'))
after(() => rmSync(folder, { recursive: true }))

const document = readDocument(
  `apiVersion: leeway/v1
sources: {stream: {type: kafka, brokers: ["localhost:9092"], topics: [events]}}
models:
  topics:
    source: stream
    task: multilabel
    reference: {first: 2d}
    windows: [{size: 6h, slide: 1h}]
    performance: {metrics: [f1_micro, f1_macro, hamming_loss, subset_accuracy]}
`,
  join(folder, 'leeway.yaml'),
)

interface Row {
  readonly time: number
  readonly truth: readonly string[]
  readonly given: readonly string[]
}

/** A row every other minute; from the middle of the fifth day on labels are given nearly at random. */
function makeRows(days: number): Row[] {
  const random = seeded(seed)
  return Array.from({ length: days * PER_DAY }, (_, i) => {
    const truth = names.filter((_, k) => random() < 0.6 / (k + 1))
    const good = i < 4.5 * PER_DAY ? 0.92 : 0.6
    return { time: T0 + i * 2 * MINUTE, truth, given: names.filter((name) => random() < good === truth.includes(name)) }
  })
}

async function run(rows: readonly Row[], more: readonly object[] = []) {
  const store = openStore(join(folder, `state-${states++}`))
  const pipeline = pipelineOf(document, await modelsOf(document), {
    store,
    judgeByEventTime: true,
    plan: () => ({ notifications: [], trigger: null }),
  })
  pipeline.assigned('stream', [{ topic: 'events', partition: 0 }], NOW)
  const events = rows.flatMap(({ time, truth, given }, i) => [
    // Every third label comes before its prediction, and in another order.
    ...(i % 3 === 0 ? [{ type: 'label', id: `r${i}`, model: 'topics', time, label: [...truth].reverse() }] : []),
    { type: 'prediction', id: `r${i}`, model: 'topics', time, features: { words: i % 50 }, prediction: given },
    ...(i % 3 === 0 ? [] : [{ type: 'label', id: `r${i}`, model: 'topics', time: time + 1000, label: truth }]),
  ])
  const records = [...events, ...more].map((event, offset) => ({
    offset,
    timestamp: null,
    value: Buffer.from(JSON.stringify(event)),
  }))
  const { length } = records
  pipeline.apply('stream', { topic: 'events', partition: 0, records, nextOffset: length, endOffset: length }, NOW)
  pipeline.finish('stream', NOW)
  pipeline.commit()
  const results = store.views.results({ window: '6h', from: T0, to: NOW, limit: 1000 })
  const counters = new Map(pipeline.counters().map(({ name, value }) => [name, value]))
  store.close()
  return { results, counters }
}

const verdictOf = (result: Awaited<ReturnType<typeof run>>['results'][number] | undefined, monitor: string) =>
  result?.verdicts.find((verdict) => verdict.monitor === monitor)

test('metrics of a window are those of its rows, and fewer right labels are an alarm', async () => {
  const rows = makeRows(6)
  const { results, counters } = await run(rows)
  assert.equal(counters.get('predictions'), rows.length)
  const byEnd = [...results].sort((a, b) => a.end - b.end)
  const good = byEnd.find(({ end }) => end === T0 + 4 * DAY)
  const inside = rows.filter(({ time }) => time >= T0 + 4 * DAY - 6 * HOUR && time < T0 + 4 * DAY)
  const hits = inside.reduce((sum, { truth, given }) => sum + given.filter((name) => truth.includes(name)).length, 0)
  const all = inside.reduce((sum, { truth, given }) => sum + given.length + truth.length, 0)
  const f1 = verdictOf(good, 'performance/f1_micro')
  assert.ok(f1 !== undefined && 'value' in f1 && Math.abs((f1.value as number) - (2 * hits) / all) < 1e-12)
  const hamming = verdictOf(good, 'performance/hamming_loss')
  assert.ok(hamming !== undefined && 'value' in hamming)
  assert.ok(Math.abs((hamming.value as number) - (all - 2 * hits) / inside.length / names.length) < 1e-12)
  assert.equal(f1.status, 'ok')
  const last = byEnd[byEnd.length - 1]
  for (const metric of ['f1_micro', 'f1_macro', 'hamming_loss', 'subset_accuracy']) {
    assert.equal(verdictOf(last, `performance/${metric}`)?.status, 'alarm', metric)
  }
})

test('names in another order are the same label, unknown names and single values for lists are told', async () => {
  const rows = makeRows(3)
  const label = (value: unknown, time: number) => ({ type: 'label', id: 'r1500', model: 'topics', time, label: value })
  const { truth, time } = rows[1500] as Row
  const { counters } = await run(rows, [
    label([...truth].reverse(), time),
    label([...truth, 'gossip'], time + HOUR),
    label(['sport', 'sport'], time + HOUR),
    label([['sport']], time + HOUR),
  ])
  assert.equal(counters.get('labels/duplicate'), 1)
  assert.equal(counters.get('rejected/bad_label'), 3)
})
