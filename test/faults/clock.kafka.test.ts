// The wall clock of a running daemon jumps by two hours, forth and back, while it reads from a real broker.

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as pass } from 'node:timers/promises'
import { predictionAt } from '../build/desk.ts'
import { fakeClock, missingForFaketime } from '../build/faketime.ts'
import { makeRow, writeConfiguration } from '../build/ledger.ts'
import { seeded, testSeed } from '../build/random.ts'
import { getJson, kill, metric, serve, until } from '../build/serve.ts'
import { dump } from '../build/state.ts'
import { createTopics, produce } from '../kafka/broker.ts'
import { kafkaAddress, skipWithoutKafka } from '../kafka/needs-kafka.ts'
import { isFull, proved } from './proof.ts'

const SECOND = 1_000
const HOURS = 2
/** How long each setting of the clock lasts; the daemon believes one that lasts a minute. */
const HELD_SECONDS = isFull ? 40 : 7
const JUMPS = isFull ? 12 : 2

test('a wall clock that jumps by two hours, forth and back, closes no window, opens none, alarms nobody, and is told', {
  skip: missingForFaketime ?? skipWithoutKafka,
  timeout: 1_200_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-clock-'))
  const topic = `clock-${process.pid}-${Date.now()}`
  const config = writeConfiguration(folder, { brokers: kafkaAddress as string, topic })
  const text = readFileSync(config, 'utf8')
    .replace('idleTimeout: 1s', 'idleTimeout: 4s, outOfOrderness: 1s, maxFutureSkew: 5s, allowedLateness: 10s')
    .replace('{size: 1h, slide: 10m}, {size: 6d, slide: 1d}', '{size: 10s, slide: 2s}')
    .replace('labels: {horizon: 20d}', 'labels: {horizon: 20d}\n    estimation: false')
  writeFileSync(config, text)
  await createTopics(kafkaAddress as string, [{ topic, partitions: 2 }])
  const clock = fakeClock(join(folder, 'clock'))
  const state = join(folder, 'state')
  const random = seeded(testSeed())
  const serving = await serve({ config, state, env: { ...clock.env, LEEWAY_COMMIT_INTERVAL_MS: '200' } })

  // True time goes on in the events, whatever the daemon's clock says.
  const times: number[] = []
  const produceFor = async (seconds: number) => {
    for (const until = performance.now() + seconds * SECOND; performance.now() < until; await pass(250)) {
      const fresh = Array.from({ length: 20 }, (_, i) => Date.now() - 250 + i * 12)
      const records = fresh.map((time, i) => {
        const { id, amount, age, job, score, decision } = makeRow(random, time)
        const event = predictionAt(id, time, { features: { amount, age, job }, score, prediction: decision })
        return { partition: i % 2, value: JSON.stringify(event) }
      })
      times.push(...fresh)
      await produce(kafkaAddress as string, topic, records)
    }
  }
  await produceFor(HELD_SECONDS)
  for (let jump = 0; jump < JUMPS; jump++) {
    clock.set((jump % 2 === 0 ? 1 : -1) * HOURS * 3_600)
    await produceFor(HELD_SECONDS)
    clock.set(0)
    await produceFor(HELD_SECONDS)
  }
  const applied = async () =>
    (await metric(serving, 'leeway_predictions_total{model="ledger",version=""}')) === times.length ? true : undefined
  await until(serving, applied, 'all predictions to be counted')
  const jumps = await metric(serving, 'leeway_clock_jumps_total')
  const { incidents } = await getJson<{ incidents: unknown[] }>(serving, '/api/v1/incidents')
  await kill(serving, 'SIGTERM')

  assert.equal(jumps, JUMPS)
  assert.deepEqual(incidents, [])
  const lines = dump(state)
  const counters = Object.fromEntries(
    lines.filter(({ type }) => type === 'counter').map((line) => [line['name'], line['value']]),
  )
  assert.deepEqual([counters['late'] ?? 0, counters['rejected/future_time'] ?? 0], [0, 0])
  const windows = lines.filter(({ type }) => type === 'result')
  for (const window of windows) {
    const [start, end] = [window['window_start'] as number, window['window_end'] as number]
    const name = `the window that ends ${new Date(end).toISOString()}`
    assert.equal(window['revision'], 0, `${name} was opened again`)
    assert.equal(window['samples'], times.filter((time) => time >= start && time < end).length, name)
  }
  const seconds = (times.at(-1) as number) / SECOND - (times[0] as number) / SECOND
  assert.ok(windows.length > seconds / 2 - 12, `${windows.length} windows in ${seconds} s`)
  rmSync(folder, { recursive: true })
  proved({
    promise: 'G5',
    fault: 'The wall clock jumps by 2 h, forth and back',
    size: `${JUMPS} jumps under a running daemon`,
    outcome: 'no window closed or opened by it, 0 late, 0 future, 0 alarms; every jump counted',
    test: 'test/faults/clock.kafka.test.ts',
  })
})
