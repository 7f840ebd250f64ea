// A reference learnt from the first days of the stream, also when the process is restarted while it learns.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { modelsOf, pipelineOf } from '../../src/assembly/pipeline-of.ts'
import { readDocument } from '../../src/config/load.ts'
import { openDatabase } from '../../src/store/database.ts'
import { dumpState } from '../../src/store/dump.ts'
import { openStore } from '../../src/store/store.ts'
import type { LedgerEvent } from '../build/ledger.ts'
import { makeStream } from '../build/ledger.ts'

const DAY = 86_400_000
const NOW = Date.UTC(2026, 10, 1)
const folder = mkdtempSync(join(tmpdir(), 'leeway-first-'))
after(() => rmSync(folder, { recursive: true }))

const document = readDocument(
  `apiVersion: leeway/v1
sources: {stream: {type: kafka, brokers: ["localhost:9092"], topics: [events]}}
models:
  ledger:
    source: stream
    task: binary
    positiveClass: bad
    reference: {first: 1d}
    windows: [{size: 1h, slide: 10m}]
    labels: {horizon: 10d}
`,
  join(folder, 'leeway.yaml'),
)
const stream = makeStream({ seed: 11, predictions: 20_000, partitions: 1 })

async function run(name: string, restartEvery: number) {
  const state = join(folder, name)
  const models = await modelsOf(document)
  const open = () => {
    const store = openStore(state)
    const pipeline = pipelineOf(document, models, {
      store,
      judgeByEventTime: true,
      plan: () => ({ notifications: [], trigger: null }),
    })
    pipeline.assigned('stream', [{ topic: 'events', partition: 0 }], NOW)
    return { store, pipeline }
  }
  let running = open()
  for (let from = 0; from < stream.events.length; from += restartEvery) {
    const records = stream.events
      .slice(from, from + restartEvery)
      .map(({ value }: LedgerEvent, i) => ({ offset: from + i, timestamp: null, value }))
    running.pipeline.apply(
      'stream',
      {
        topic: 'events',
        partition: 0,
        records,
        nextOffset: from + records.length,
        endOffset: Number.POSITIVE_INFINITY,
      },
      NOW,
    )
    running.pipeline.commit()
    if (restartEvery < stream.events.length) {
      running.store.close()
      running = open()
    }
  }
  running.pipeline.finish('stream', NOW)
  running.pipeline.commit()
  const reference = running.pipeline.models()[0]?.reference
  running.store.close()
  const db = openDatabase(state, { readOnly: true })
  const lines = [...dumpState(db)] as Array<Record<string, unknown>>
  db.close()
  return { reference, lines }
}

test('the first day becomes the reference, windows begin after it, and nothing fires on more of the same', async () => {
  const { reference, lines } = await run('straight', stream.events.length)
  const start = Math.min(...stream.rows.map(({ time }) => time))
  const inFirstDay = stream.rows.filter(({ time }) => time < start + DAY)
  assert.equal(reference?.rows, inFirstDay.length)
  assert.equal(reference?.source, 'first 1d of the stream')
  assert.ok((reference?.labelled as number) >= 0.95 * inFirstDay.length, `${reference?.labelled} labelled`)
  const results = lines.filter(({ type }) => type === 'result')
  assert.ok(
    results.every((result) => (result['window_start'] as number) >= start + DAY - 600_000),
    'a window reaches into the learning period',
  )
  assert.ok(results.length > 100)
  assert.deepEqual(
    lines.filter(({ type, change }) => type === 'transition' && change === 'firing'),
    [],
  )
  const counted = lines.find(({ type, name }) => type === 'counter' && name === 'predictions')
  assert.equal(counted?.['value'], stream.rows.length)
})

test('restarts while it learns change nothing', async () => {
  const told = (lines: Array<Record<string, unknown>>) =>
    lines
      .filter(({ type }) => ['result', 'pane', 'counter', 'incident'].includes(type as string))
      .map((line) => JSON.stringify(line))
  const straight = told((await run('again', stream.events.length)).lines)
  const broken = told((await run('broken', 3_000)).lines)
  assert.equal(broken.length, straight.length)
  for (const [i, line] of straight.entries()) assert.equal(broken[i], line)
})

test('a label of no class that was held while it learnt is counted as rejected, though no record is at hand', async () => {
  const state = join(folder, 'held')
  const models = await modelsOf(
    readDocument(
      `apiVersion: leeway/v1
sources: {stream: {type: kafka, brokers: ["localhost:9092"], topics: [events], idleTimeout: 1m}}
models:
  ledger: {source: stream, task: multiclass, classes: [bad, good], reference: {first: 1d}, windows: [{size: 1h, slide: 10m}]}
`,
      join(folder, 'classes.yaml'),
    ),
  )
  const start = () => {
    const store = openStore(state)
    const plan = () => ({ notifications: [], trigger: null })
    const pipeline = pipelineOf(document, models, { store, judgeByEventTime: true, plan })
    const partitions = [0, 1].map((partition) => ({ topic: 'events', partition }))
    pipeline.assigned('stream', partitions, NOW)
    return { store, pipeline }
  }
  const whole = stream.events.map(({ value }, offset) => ({ offset, timestamp: null, value }))
  const stranger = { type: 'label', id: stream.rows[0]?.id, model: 'ledger', time: NOW, label: 'stranger' }
  const records = [...whole, { offset: whole.length, timestamp: null, value: Buffer.from(JSON.stringify(stranger)) }]
  const end = { nextOffset: records.length, endOffset: records.length }
  const first = start()
  first.pipeline.apply('stream', { topic: 'events', partition: 0, records, ...end }, NOW)
  first.pipeline.commit()
  first.store.close()
  const again = start()
  const look = { topic: 'events', partition: 1, records: [], nextOffset: 0, endOffset: 0 }
  again.pipeline.apply('stream', look, NOW + 120_000)
  const rejected = again.pipeline.counters().filter(({ name }) => name === 'rejected/bad_label')
  assert.deepEqual(
    rejected.map(({ value }) => value),
    [1],
  )
  again.pipeline.commit()
  assert.deepEqual(again.store.views.quarantine(10), [])
  again.store.close()
})

test('when a learnt reference takes its labels does not depend on how far another source has been read', async () => {
  const two = readDocument(
    `apiVersion: leeway/v1
sources:
  stream: {type: kafka, brokers: ["localhost:9092"], topics: [events]}
  second: {type: kafka, brokers: ["localhost:9092"], topics: [others]}
models:
  ledger: {source: stream, task: binary, positiveClass: bad, reference: {first: 1d}, windows: [{size: 1h, slide: 10m}], labels: {horizon: 10d}}
  other: {source: second, task: binary, positiveClass: bad, reference: {first: 1h}, windows: [{size: 1h, slide: 10m}]}
`,
    join(folder, 'two.yaml'),
  )
  const models = await modelsOf(two)
  const start = Date.UTC(2026, 0, 5)
  const prediction = (model: string, minute: number) => ({
    type: 'prediction',
    id: `${minute}`,
    model,
    time: start + minute * 60_000,
    features: { amount: (minute * 7) % 101 },
    score: (minute % 10) / 10,
    prediction: minute % 10 > 4 ? 'bad' : 'good',
  })
  const label = (minute: number) => {
    return { type: 'label', id: `${minute}`, model: 'ledger', time: start + DAY, label: minute % 3 ? 'bad' : 'good' }
  }
  /** On the second day two labels of the first day come with each prediction. */
  const events = Array.from({ length: 2 * 1_440 }, (_, i) => {
    const labels = i < 1_440 ? [] : [label(2 * (i - 1_440)), label(2 * (i - 1_440) + 1)]
    return [prediction('ledger', i), ...labels]
  }).flat()
  const labelled = (name: string, others: number) => {
    const store = openStore(join(folder, name))
    const plan = () => ({ notifications: [], trigger: null })
    const pipeline = pipelineOf(two, models, { store, judgeByEventTime: true, plan })
    const feed = (source: string, topic: string, sent: readonly object[]) => {
      const records = sent.map((event, offset) => ({
        offset,
        timestamp: null,
        value: Buffer.from(JSON.stringify(event)),
      }))
      const end = { nextOffset: records.length, endOffset: Number.POSITIVE_INFINITY }
      pipeline.assigned(source, [{ topic, partition: 0 }], NOW)
      pipeline.apply(source, { topic, partition: 0, records, ...end }, NOW)
    }
    const ofOther = Array.from({ length: others }, (_, i) => prediction('other', i))
    if (others > 0) feed('second', 'others', ofOther)
    feed('stream', 'events', events)
    const [ledger] = pipeline.models()
    store.close()
    return ledger?.reference?.labelled
  }
  const alone = labelled('alone', 0)
  assert.ok((alone as number) >= 0.8 * 1_440 && (alone as number) < 1_440, `${alone} labelled`)
  assert.equal(labelled('beside one that is behind', 100), alone)
})

test('one event of a third class while a binary model learns ends nothing: its name is left out, and it is rejected', async () => {
  const models = await modelsOf(document)
  const store = openStore(join(folder, 'stray'))
  const plan = () => ({ notifications: [], trigger: null })
  const pipeline = pipelineOf(document, models, { store, judgeByEventTime: true, plan })
  pipeline.assigned('stream', [{ topic: 'events', partition: 0 }], NOW)
  const [row] = stream.rows
  const stray = { type: 'label', id: row?.id, model: 'ledger', time: NOW, label: 'stranger' }
  const records = [Buffer.from(JSON.stringify(stray)), ...stream.events.map(({ value }) => value)].map(
    (value, offset) => ({ offset, timestamp: null, value }),
  )
  const end = { nextOffset: records.length, endOffset: Number.POSITIVE_INFINITY }
  pipeline.apply('stream', { topic: 'events', partition: 0, records, ...end }, NOW)
  const { reference } = pipeline.models()[0] as { reference: { classes: readonly string[] } }
  assert.deepEqual(reference.classes, ['good', 'bad'])
  const rejected = pipeline.counters().filter(({ name }) => name === 'rejected/bad_label')
  assert.deepEqual(
    rejected.map(({ value }) => value),
    [1],
  )
  store.close()
})
