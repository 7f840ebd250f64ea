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
const RECORDS = isFull ? 1_000_000 : 240_000
const QUARANTINE_ROWS = 5_000
const PEAK_MIB = 400

test(`${RECORDS.toLocaleString('en')} records of which none can be read are each read once, and memory levels out`, {
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
  const piece = RECORDS / 8
  const peaks: number[] = []
  for (let produced = piece; produced <= RECORDS; produced += piece) {
    await set.produce(bad(piece))
    peaks.push((await read(serving, { state: set.state, records: produced, timeoutMs: 300_000 })).peakMb)
  }
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
  const [last, before] = [peaks.at(-1) as number, peaks.at(-3) as number]
  console.log(`MiB at most, after each eighth: ${peaks.map((peak) => peak.toFixed(0)).join(', ')}`)
  assert.ok(last <= PEAK_MIB, `${last.toFixed(0)} MiB`)
  assert.ok(last - before <= 40, `the last quarter of the records took ${(last - before).toFixed(0)} MiB more`)
  proved({
    promise: 'bounds',
    fault: 'A topic of which nothing can be read',
    size: `${RECORDS.toLocaleString('en')} records`,
    outcome: `each counted once, none read twice, lag 0; ${QUARANTINE_ROWS.toLocaleString('en')} kept as configured; at most one signal; memory levels out under ${PEAK_MIB} MiB`,
    test: 'test/faults/all-bad.kafka.test.ts',
  })
})
