// A topic of which nothing can be read for a while: it is read past, once, and what is kept of it is bounded.

import assert from 'node:assert/strict'
import { appendFileSync } from 'node:fs'
import { test } from 'node:test'
import { malformed } from '../build/malformed.ts'
import { read } from '../build/positions.ts'
import { kill, metric, serve } from '../build/serve.ts'
import { dump } from '../build/state.ts'
import { skipWithoutKafka } from '../kafka/needs-kafka.ts'
import { isFull, proved } from './proof.ts'
import { rig } from './rig.ts'

const PARTITIONS = 3
const RECORDS = isFull ? 1_000_000 : 60_000
const QUARANTINE_ROWS = 5_000

test(`${RECORDS.toLocaleString('en')} records of which none can be read are each read once, and memory does not grow with them`, {
  skip: skipWithoutKafka,
  timeout: 900_000,
}, async (t) => {
  const set = await rig(t, 'all-bad', { partitions: PARTITIONS })
  appendFileSync(set.config, `limits: {quarantineRows: ${QUARANTINE_ROWS}, quarantineBytes: 8MiB}\n`)
  const kinds = malformed.filter(({ value }) => value !== null && value.length < 2_000)
  const bad = (count: number) =>
    Array.from({ length: count }, (_, i) => ({
      partition: i % PARTITIONS,
      value: (kinds[i % kinds.length] as (typeof kinds)[number]).value as Buffer,
    }))
  const serving = await serve(set)
  t.after(() => serving.process.kill('SIGKILL'))
  const first = RECORDS / 10
  await set.produce(bad(first))
  const few = await read(serving, { state: set.state, records: first, timeoutMs: 120_000 })
  for (let produced = first; produced < RECORDS; produced += first) await set.produce(bad(first))
  const many = await read(serving, { state: set.state, records: RECORDS, timeoutMs: 600_000 })
  assert.equal(await metric(serving, `leeway_consumer_lag_records{topic="${set.topic}",partition="0"}`), 0)
  assert.equal(
    await metric(serving, 'leeway_over_limit_total{limit="quarantine",model=""}').then((n) => (n ?? 0) > 0),
    true,
  )
  await kill(serving, 'SIGTERM')
  const lines = dump(set.state)
  const of = (type: string) => lines.filter((line) => line.type === type)
  const rejected = of('counter')
    .filter((line) => /^(rejected\/|unknown_model)/.test(line['name'] as string))
    .reduce((sum, line) => sum + (line['value'] as number), 0)
  assert.equal(rejected, RECORDS, 'each is counted once: nothing is tried again')
  assert.ok(of('quarantined').length <= QUARANTINE_ROWS, `${of('quarantined').length} are kept`)
  assert.ok(of('incident').length <= 1 && of('notification').length <= 1, 'at most one signal')
  const grown = many.peakMb - few.peakMb
  console.log(`${few.peakMb.toFixed(0)} MiB after ${first} records, ${grown.toFixed(0)} MiB more after ${RECORDS}`)
  assert.ok(grown <= 80, `memory grew by ${grown.toFixed(0)} MiB with ten times the traffic`)
  proved({
    promise: 'bounds',
    fault: 'a topic of which nothing can be read',
    size: RECORDS.toLocaleString('en'),
    outcome: `each counted once, none read twice, lag 0; ${QUARANTINE_ROWS.toLocaleString('en')} kept as configured; at most one signal; ten times the traffic took no more memory`,
    test: 'test/faults/all-bad.kafka.test.ts',
  })
})
