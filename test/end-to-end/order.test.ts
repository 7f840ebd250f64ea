// The same events give the same verdicts: byte for byte in the same order of arrival, whatever the batches and restarts; and the
// same final verdicts whatever the interleaving of partitions.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { modelsOf, pipelineOf } from '../../src/assembly/pipeline-of.ts'
import type { Document } from '../../src/config/document.ts'
import { loadDocument } from '../../src/config/load.ts'
import { CONCEPT_DRIFT } from '../../src/monitors/concept-drift.ts'
import type { ModelOptions } from '../../src/monitors/watched-model.ts'
import { openDatabase } from '../../src/store/database.ts'
import { dumpState } from '../../src/store/dump.ts'
import { openStore } from '../../src/store/store.ts'
import type { LedgerEvent } from '../build/ledger.ts'
import { makeStream, writeConfiguration } from '../build/ledger.ts'
import { seeded, testSeed } from '../build/random.ts'

const PARTITIONS = 3
const NOW = Date.UTC(2026, 10, 1)
const seed = testSeed()
const folder = mkdtempSync(join(tmpdir(), 'leeway-order-'))
let document: Document
let models: ModelOptions[]
let events: LedgerEvent[]

before(async () => {
  document = loadDocument(writeConfiguration(folder, { brokers: 'localhost:9092', topic: 'events', segments: '[job]' }))
  models = await modelsOf(document)
  // In the middle the scores of one class move, so that there are incidents to compare.
  const stream = makeStream({ seed, predictions: 100_000, partitions: PARTITIONS })
  events = stream.events.map((event, i) =>
    i > 80_000 && i < 140_000 ? { ...event, value: moved(event.value) } : event,
  )
})
after(() => rmSync(folder, { recursive: true }))

/** The same event of an older person with a missing amount. */
function moved(value: Buffer): Buffer {
  const event = JSON.parse(value.toString())
  if (event.type === 'prediction')
    event.features = {
      ...event.features,
      age: event.features.age + 25,
      amount: event.features.age % 2 ? null : event.features.amount,
    }
  return Buffer.from(JSON.stringify(event))
}

interface Arrival {
  readonly partition: number
  readonly offset: number
  readonly value: Buffer
}

/** The events with their offsets, in the order of arrival. */
function arrivals(order: readonly LedgerEvent[]): Arrival[] {
  const next = Array(PARTITIONS).fill(0)
  return order.map(({ partition, value }) => ({ partition, offset: next[partition]++, value }))
}

/** Feeds everything and returns the state. `plan` says after how many records a batch, a commit or a restart comes. */
function run(
  name: string,
  order: readonly Arrival[],
  plan: { batch: () => number; commit: () => number; restart: () => number },
): Array<Record<string, unknown>> {
  const state = join(folder, name)
  let untilCommit = plan.commit()
  let untilRestart = plan.restart()
  let [store, pipeline] = open(state)
  for (let from = 0; from < order.length; ) {
    const { partition } = order[from] as Arrival
    let to = from
    for (let left = plan.batch(); left > 0 && order[to]?.partition === partition; left--) to++
    const records = order.slice(from, to).map(({ offset, value }) => ({ offset, timestamp: null, value }))
    const nextOffset = (records.at(-1) as { offset: number }).offset + 1
    pipeline.apply(
      'stream',
      { topic: 'events', partition, records, nextOffset, endOffset: Number.POSITIVE_INFINITY },
      NOW,
    )
    untilCommit -= to - from
    untilRestart -= to - from
    from = to
    if (untilCommit <= 0 || untilRestart <= 0) {
      pipeline.commit()
      untilCommit = plan.commit()
    }
    if (untilRestart <= 0) {
      store.close()
      ;[store, pipeline] = open(state)
      untilRestart = plan.restart()
    }
  }
  pipeline.finish('stream', NOW)
  pipeline.commit()
  store.close()
  const db = openDatabase(state, { readOnly: true })
  const lines = [...dumpState(db)] as Array<Record<string, unknown>>
  db.close()
  return lines
}

function open(state: string) {
  const store = openStore(state)
  const pipeline = pipelineOf(document, models, {
    store,
    judgeByEventTime: true,
    plan: () => ({ notifications: [], trigger: null }),
  })
  pipeline.assigned(
    'stream',
    Array.from({ length: PARTITIONS }, (_, partition) => ({ topic: 'events', partition })),
    NOW,
  )
  return [store, pipeline] as const
}

const told = (lines: ReadonlyArray<Record<string, unknown>>) =>
  lines.filter(({ type }) => ['result', 'incident', 'transition', 'pane', 'counter'].includes(type as string))

/**
 * The last word on each window, without the number of times it was said, and without what is said only once: concept drift, whose
 * detector takes each pane as it stands when enough of its labels have come.
 */
function finalVerdicts(lines: ReadonlyArray<Record<string, unknown>>): string[] {
  const newest = new Map<string, Record<string, unknown>>()
  for (const line of lines) if (line['type'] === 'result') newest.set(`${line['window']}|${line['window_end']}`, line)
  return [...newest.values()].map(({ revision: _, verdicts, ...rest }) => {
    const told = (verdicts as ReadonlyArray<{ monitor: string }>).filter(({ monitor }) => monitor !== CONCEPT_DRIFT)
    return JSON.stringify({ ...rest, verdicts: told })
  })
}

test('batch sizes, commits and restarts change no verdict, incident or pane of 200,000 events', () => {
  const order = arrivals(events)
  const random = seeded(seed)
  const upTo = (max: number) => () => 1 + Math.floor(random() * max)
  const whole = run('whole', order, {
    batch: () => 1_000_000,
    commit: () => 50_000,
    restart: () => Number.POSITIVE_INFINITY,
  })
  const pieces = run('pieces', order, { batch: upTo(7), commit: upTo(9_000), restart: upTo(40_000) })
  assert.ok(
    whole.some(({ type }) => type === 'incident'),
    'nothing happened, so nothing was compared',
  )
  const [a, b] = [told(whole).map((line) => JSON.stringify(line)), told(pieces).map((line) => JSON.stringify(line))]
  assert.equal(a.length, b.length)
  for (const [i, line] of a.entries()) assert.equal(line, b[i])
})

test('another interleaving of the partitions gives the same final verdicts', () => {
  const random = seeded(seed + 1)
  // Each partition keeps its order; which one speaks next is chance, up to a quarter of an hour apart.
  const queues = Array.from({ length: PARTITIONS }, (_, partition) =>
    events.filter((event) => event.partition === partition),
  )
  const shuffled: LedgerEvent[] = []
  while (queues.some((queue) => queue.length > 0)) {
    const queue = queues[Math.floor(random() * PARTITIONS)] as LedgerEvent[]
    shuffled.push(...queue.splice(0, 1 + Math.floor(random() * 1_000)))
  }
  const plan = { batch: () => 500, commit: () => 20_000, restart: () => Number.POSITIVE_INFINITY }
  const straight = finalVerdicts(run('straight', arrivals(events), plan))
  const other = finalVerdicts(run('other', arrivals(shuffled), plan))
  assert.ok(straight.length > 250)
  assert.equal(other.length, straight.length)
  for (const [i, line] of straight.entries()) assert.equal(other[i], line)
})
