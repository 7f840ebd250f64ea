// Exactness: every record counts exactly once, through SIGKILL at any moment, against a real broker.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { referenceOf } from '../../src/assembly/references.ts'
import { loadDocument } from '../../src/config/load.ts'
import type { Reference } from '../../src/reference/reference.ts'
import type { LedgerEvent, Stream } from '../build/ledger.ts'
import { expectedPanes, makeStream, writeConfiguration } from '../build/ledger.ts'
import { seeded, testSeed } from '../build/random.ts'
import { kill, serve, until } from '../build/serve.ts'
import { dump, panesOf } from '../build/state.ts'
import { createTopics, produce } from '../kafka/broker.ts'
import { kafkaAddress, skipWithoutKafka } from '../kafka/needs-kafka.ts'

const PARTITIONS = 3
const env = { LEEWAY_COMMIT_INTERVAL_MS: '50', LEEWAY_COMMIT_RECORDS_MAX: '3000', LEEWAY_LOG_LEVEL: 'info' }

async function setUp(name: string) {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-ledger-'))
  const topic = `${name}-${process.pid}-${Date.now()}`
  const config = writeConfiguration(folder, { brokers: kafkaAddress as string, topic })
  await createTopics(kafkaAddress as string, [{ topic, partitions: PARTITIONS }])
  const reference = (await referenceOf(loadDocument(config).models.get('ledger') as never)) as Reference
  return { folder, topic, config, state: join(folder, 'state'), reference }
}

/** Positions of the state add up to the records that were produced. */
async function consumed(state: string, records: number): Promise<true | undefined> {
  const applied = dump(state)
    .filter(({ type }) => type === 'position')
    .reduce((sum, line) => sum + (line['next_offset'] as number), 0)
  return applied === records ? true : undefined
}

/** Produces in pieces, and kills the daemon at a random moment while it reads each. @returns how often it was killed */
async function readUnderFire(
  set: Awaited<ReturnType<typeof setUp>>,
  events: readonly LedgerEvent[],
  options: { seed: number; kills: number; script?: string },
): Promise<number> {
  const random = seeded(options.seed)
  const piece = Math.ceil(events.length / options.kills)
  let kills = 0
  for (let from = 0; from < events.length; from += piece) {
    await produce(kafkaAddress as string, set.topic, events.slice(from, from + piece))
    const serving = await serve({
      config: set.config,
      state: set.state,
      env,
      ...(options.script !== undefined && { script: options.script }),
    })
    // From before the first batch to after the last commit of the piece.
    await Promise.race([new Promise((resolve) => setTimeout(resolve, 100 + random() * 700)), serving.ended])
    await kill(serving, 'SIGKILL')
    kills++
  }
  return kills
}

/** Reads what is left; with `check`, also waits until the quiet source's windows have been looked at a last time. */
async function readRest(set: Awaited<ReturnType<typeof setUp>>, records: number, check?: () => number): Promise<void> {
  const serving = await serve({ config: set.config, state: set.state, env })
  await until(serving, () => consumed(set.state, records), 'all records to be applied')
  let failure: unknown
  const agrees = async () => {
    try {
      return check?.() ?? 0
    } catch (error) {
      failure = error
      return undefined
    }
  }
  await until(serving, agrees, 'windows that agree with the ledger', 30_000).catch((error) => {
    throw failure ?? error
  })
  await kill(serving, 'SIGTERM')
}

/** Differences between the ledger and the state, in words; empty when they agree. */
function differences({ rows, labels, duplicates }: Stream, state: string, reference: Reference): string[] {
  const lines = dump(state)
  const found = panesOf(lines, reference)
  const wanted = expectedPanes(rows)
  const wrong: string[] = []
  // Records that are applied twice hide behind the join, which counts each id once; these counters see every record.
  const counters = new Map(
    lines.filter(({ type }) => type === 'counter').map((line) => [line['name'] as string, line['value'] as number]),
  )
  for (const [name, expected] of [
    ['predictions', rows.length],
    ['labels', labels],
    ['duplicate_predictions', duplicates],
  ] as const) {
    if (counters.get(name) !== expected) wrong.push(`${name}: ${counters.get(name)} instead of ${expected}`)
  }
  for (const [start, pane] of wanted) {
    const got = found.get(start)
    if (got === undefined) wrong.push(`pane ${start} is missing`)
    else {
      try {
        assert.deepEqual({ ...got, jobs: { ...got.jobs } }, pane)
      } catch {
        wrong.push(`pane ${new Date(start).toISOString()}: ${JSON.stringify(got)} instead of ${JSON.stringify(pane)}`)
      }
    }
  }
  for (const start of found.keys()) if (!wanted.has(start)) wrong.push(`pane ${start} should not be`)
  return wrong
}

/** The stored windows hold what the ledger's rows of their span make them hold. */
function checkWindows({ rows }: Stream, state: string): number {
  const newest = new Map<string, Record<string, unknown>>()
  for (const line of dump(state))
    if (line.type === 'result') newest.set(`${line['window']}|${line['window_end']}`, line)
  for (const window of newest.values()) {
    const [start, end] = [window['window_start'] as number, window['window_end'] as number]
    const inside = rows.filter(({ time }) => time >= start && time < end)
    assert.equal(window['samples'], inside.length, `samples of the window that ends ${new Date(end).toISOString()}`)
    const verdicts = window['verdicts'] as Array<{ monitor: string; value: number }>
    const missing = verdicts.find(({ monitor }) => monitor === 'quality/missing/amount')
    assert.equal(missing?.value, inside.filter(({ amount }) => amount === null).length / inside.length)
    if (window['provisional'] === 1) continue
    const labelled = inside.filter(({ label }) => label !== null)
    assert.equal(window['labelled'], labelled.length, `labels of the window that ends ${new Date(end).toISOString()}`)
    const accuracy = verdicts.find(({ monitor }) => monitor === 'performance/accuracy')
    assert.equal(accuracy?.value, labelled.filter(({ label, decision }) => label === decision).length / labelled.length)
  }
  return newest.size
}

test('200,000 events over 3 partitions, read under 25 SIGKILLs, are each counted exactly once', {
  skip: skipWithoutKafka,
  timeout: 300_000,
}, async () => {
  const seed = testSeed()
  const set = await setUp('ledger')
  const stream = makeStream({ seed, predictions: 100_000, partitions: PARTITIONS })
  assert.ok(stream.events.length >= 198_000, `${stream.events.length} events`)
  const kills = await readUnderFire(set, stream.events, { seed, kills: 25 })
  assert.ok(kills >= 20)
  await readRest(set, stream.events.length, () => checkWindows(stream, set.state))
  assert.deepEqual(differences(stream, set.state, set.reference).slice(0, 5), [])
  assert.ok(checkWindows(stream, set.state) >= 280)
  rmSync(set.folder, { recursive: true })
})

test('the same check catches a store that writes positions in a transaction of their own', {
  skip: skipWithoutKafka,
  timeout: 300_000,
}, async () => {
  const seed = testSeed()
  const set = await setUp('broken')
  const stream = makeStream({ seed, predictions: 10_000, partitions: PARTITIONS })
  const script = join(import.meta.dirname, '..', 'build', 'broken-serve.ts')
  await readUnderFire(set, stream.events, { seed, kills: 6, script })
  await readRest(set, stream.events.length)
  const wrong = differences(stream, set.state, set.reference)
  assert.ok(wrong.length > 0, 'the broken store went unnoticed: the test of exactness proves nothing')
  rmSync(set.folder, { recursive: true })
})
