// One record in a hundred cannot be read: each is quarantined with its reason, and the rest is as if they had never been.

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
import { malformed, oddLabels } from '../build/malformed.ts'
import type { Reading } from '../build/positions.ts'
import { read } from '../build/positions.ts'
import { seeded, testSeed } from '../build/random.ts'
import { kill, serve } from '../build/serve.ts'
import type { DumpLine } from '../build/state.ts'
import { dump, panesOf } from '../build/state.ts'
import { createTopics, produce } from '../kafka/broker.ts'
import { kafkaAddress, skipWithoutKafka } from '../kafka/needs-kafka.ts'
import { isFull, proved } from './proof.ts'

const PARTITIONS = 3
const GOOD = isFull ? 1_000_000 : 100_000
const BAD = GOOD / 100

/** A topic and a daemon of its own that reads it to its end. */
async function readAll(name: string, events: readonly LedgerEvent[], strange: ReadonlyMap<number, Buffer | null>) {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-malformed-'))
  const topic = `${name}-${process.pid}-${Date.now()}`
  const config = writeConfiguration(folder, { brokers: kafkaAddress as string, topic })
  await createTopics(kafkaAddress as string, [{ topic, partitions: PARTITIONS }])
  const records: Array<{ partition: number; value: Buffer | null }> = []
  for (const [i, event] of events.entries()) {
    const value = strange.get(i)
    if (value !== undefined) records.push({ partition: i % PARTITIONS, value })
    records.push(event)
  }
  await produce(kafkaAddress as string, topic, records)
  const state = join(folder, 'state')
  const serving = await serve({ config, state })
  const reading: Reading = await read(serving, { state, records: records.length, timeoutMs: 600_000 })
  await kill(serving, 'SIGTERM')
  const lines = dump(state)
  const reference = (await referenceOf(loadDocument(config).models.get('ledger') as never)) as Reference
  rmSync(folder, { recursive: true })
  return { reading, records: records.length, lines, reference }
}

const counterOf = (lines: readonly DumpLine[], name: string) =>
  lines
    .filter((line) => line.type === 'counter' && line['name'] === name)
    .reduce((sum, line) => sum + (line['value'] as number), 0)

function checkExact(
  { lines, reference }: Awaited<ReturnType<typeof readAll>>,
  { rows, labels, duplicates }: Stream,
  oddCount: number,
): void {
  assert.equal(counterOf(lines, 'predictions'), rows.length)
  assert.equal(counterOf(lines, 'labels'), labels + oddCount)
  assert.equal(counterOf(lines, 'duplicate_predictions'), duplicates)
  const wanted = expectedPanes(rows)
  const found = panesOf(lines, reference)
  assert.equal(found.size, wanted.size)
  for (const [start, pane] of wanted) {
    const got = found.get(start)
    assert.deepEqual({ ...got, jobs: { ...got?.jobs } }, pane, `the pane at ${new Date(start).toISOString()}`)
  }
}

test(`${BAD.toLocaleString('en')} malformed records among ${GOOD.toLocaleString('en')} are quarantined with their reasons, and the rest is exact`, {
  skip: skipWithoutKafka,
  timeout: 1_200_000,
}, async () => {
  const seed = testSeed()
  const random = seeded(seed)
  const stream = makeStream({ seed, predictions: GOOD / 2, partitions: PARTITIONS })
  const strange = new Map<number, Buffer | null>()
  const wanted: Record<string, number> = {}
  let [odd, tombstones] = [0, 0]
  // The places of strange records lie apart, and behind the first rows: what is in the future is told by a clock, not by them.
  const place = () => {
    for (;;) {
      const at = 1 + Math.floor(random() * (stream.events.length - 1))
      if (!strange.has(at)) return at
    }
  }
  for (let i = 0; i < BAD; i++) {
    const { reason, value } = malformed[i % malformed.length] as (typeof malformed)[number]
    strange.set(place(), value)
    wanted[reason] = (wanted[reason] ?? 0) + 1
  }
  for (const { value } of oddLabels) {
    strange.set(place(), value)
    odd++
  }
  for (; tombstones < 100; tombstones++) strange.set(place(), null)

  const clean = await readAll('clean', stream.events, new Map())
  checkExact(clean, stream, 0)
  const hostile = await readAll('hostile', stream.events, strange)
  assert.equal(hostile.records, stream.events.length + BAD + odd + tombstones)
  checkExact(hostile, stream, odd)
  assert.equal(counterOf(hostile.lines, 'tombstones'), tombstones)

  const found: Record<string, number> = {}
  for (const line of hostile.lines) {
    if (line.type !== 'quarantined') continue
    const { reason, detail } = line as unknown as { reason: string; detail: string }
    found[reason] = (found[reason] ?? 0) + 1
    assert.ok(detail.length > 10 && detail.length <= 400, `${reason} is explained, and briefly: ${detail}`)
  }
  // Of a stranger's models only some are kept; all are counted.
  const strangers = wanted['unknown_model'] as number
  assert.equal(counterOf(hostile.lines, 'unknown_model'), strangers)
  assert.deepEqual(found, { ...wanted, unknown_model: Math.min(100, strangers) })

  const rate = ({ records, reading }: typeof clean) => (1_000 * records) / reading.cpuMs
  const share = rate(hostile) / rate(clean)
  const added = hostile.reading.peakMb - clean.reading.peakMb
  console.log(
    `clean: ${Math.round(rate(clean))} records per CPU second, ${clean.reading.peakMb.toFixed(0)} MiB at most; hostile: ${share.toFixed(2)} of that rate, ${added.toFixed(0)} MiB more`,
  )
  assert.ok(share >= 0.5, `the hostile stream was read at ${share.toFixed(2)} of the rate of the clean one`)
  assert.ok(added <= 50, `the hostile stream took ${added.toFixed(0)} MiB more`)
  proved({
    promise: 'G5',
    fault: 'Malformed records of every kind, tombstones and odd but right ones among good ones',
    size: `${BAD.toLocaleString('en')} of ${malformed.length} kinds among ${GOOD.toLocaleString('en')}`,
    outcome:
      'each quarantined with its reason, every pane and counter exact, at most 50 MiB more memory than without them',
    test: 'test/faults/malformed.kafka.test.ts',
  })
})
