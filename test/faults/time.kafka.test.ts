// Everything that time and labels can do wrong in one stream through a real broker, with a SIGKILL in the middle, against the ledger.
//
// Partitions come in an order of their own, so what depends on it is sent when the rest has been applied: rows that are late, and labels
// past the horizon.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { labelAt, predictionAt } from '../build/desk.ts'
import type { LedgerEvent } from '../build/ledger.ts'
import { expectedPanes, makeRow, makeStream } from '../build/ledger.ts'
import { seeded, testSeed } from '../build/random.ts'
import { kill, metric, until } from '../build/serve.ts'
import { dump, panesOf } from '../build/state.ts'
import { skipWithoutKafka } from '../kafka/needs-kafka.ts'
import { windowFaults } from './oracle.ts'
import { isFull, proved } from './proof.ts'
import { applied, readRest, rig } from './rig.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const PARTITIONS = 3
const ROWS = isFull ? 300_000 : 20_000
const OUT_OF_ORDERNESS = MINUTE
const HORIZON = DAY

test('disorder, impossible times, repeats, late rows and labels of every fate, in one stream, agree with the ledger', {
  skip: skipWithoutKafka,
  timeout: 900_000,
}, async (t) => {
  const seed = testSeed()
  // Not the numbers that the ledger is made of: its ids would come again.
  const random = seeded(seed + 1)
  const set = await rig(t, 'time', { partitions: PARTITIONS, horizon: '1d' })
  const stream = makeStream({ seed, predictions: ROWS, partitions: PARTITIONS })
  const rows = [...stream.rows]
  const anywhere = () => Math.floor(random() * PARTITIONS)
  const toEvent = (body: object, partition = anywhere()): LedgerEvent => ({
    partition,
    value: Buffer.from(JSON.stringify(body)),
  })

  // Impossible times and a producer that sends five times, among the stream.
  let [future, late, repeats, unknownKeys] = [0, 0, 0, 0]
  const events = stream.events.flatMap((event, i): LedgerEvent[] => {
    const dice = i < 500 ? 1 : random()
    if (dice < 0.01) {
      future++
      return [event, toEvent(predictionAt(`future-${i}`, Date.now() + HOUR + random() * 3_000 * DAY))]
    }
    if (dice < 0.02) {
      late++
      return [event, toEvent(predictionAt(`1970-${i}`, Math.floor(random() * 1e9)))]
    }
    if (dice > 0.03) return [event]
    const body = JSON.parse(String(event.value))
    if (body.type !== 'prediction') return [event]
    repeats += 4
    unknownKeys += 4
    return [event, ...Array.from({ length: 4 }, () => toEvent({ ...body, retry: true }, event.partition))]
  })
  const half = Math.floor(events.length / 2)
  await set.produce(events.slice(0, half))
  const first = await set.start()
  assert.ok(first !== undefined)
  await until(first, async () => (applied(set.state) > half / 3 ? true : undefined), 'a third of the first half')
  await kill(first, 'SIGKILL')
  await set.produce(events.slice(half))
  await readRest(set, events.length)

  // The watermark stands where the furthest partition is.
  const watermark = Math.max(...rows.map(({ time }) => time)) - OUT_OF_ORDERNESS
  const serving = await set.start()
  assert.ok(serving !== undefined)
  const stands = async () =>
    (await metric(serving, 'leeway_watermark_timestamp_seconds{source="stream"}')) === watermark / 1_000
      ? true
      : undefined
  await until(serving, stands, 'the watermark of a stream that rests')
  await kill(serving, 'SIGTERM')
  const after: LedgerEvent[] = []
  let labels = stream.labels
  const label = (...[id, value, time]: Parameters<typeof labelAt>) => {
    labels++
    after.push(toEvent(labelAt(id, value, time)))
  }
  // Within the lateness, and beyond it.
  for (let i = 0; i < 100; i++) {
    const row = makeRow(random, Math.floor(watermark - random() * 55 * MINUTE))
    const { id, time, amount, age, job, score, decision } = row
    after.push(toEvent(predictionAt(id, time, { features: { amount, age, job }, score, prediction: decision })))
    rows.push({ ...row, label: null })
    late++
    after.push(toEvent(predictionAt(`late-${i}`, watermark - DAY + i)))
  }
  // Labels: past the horizon, corrected twice, three times the same, retracted. Of one id they go to one partition, in order.
  const inHorizon = rows.filter(
    ({ time, label: known }) => known !== null && time > watermark - HORIZON && time < watermark - HOUR,
  )
  const past = rows.filter(({ time }) => time < watermark - HORIZON)
  let tooLate = 0
  for (let i = 0; i < 200; i++) {
    label((past[Math.floor(random() * past.length)] as (typeof rows)[number]).id, 'bad', watermark)
    tooLate++
    const row = inHorizon[i * Math.floor(inHorizon.length / 200)] as (typeof rows)[number]
    const truth = row.label as string
    const other = truth === 'bad' ? 'good' : 'bad'
    const partition = anywhere()
    const inOrder = (value: string | null, time: number) => {
      labels++
      after.push(toEvent(labelAt(row.id, value, time), partition))
    }
    inOrder(other, row.time + 2 * HOUR)
    if (i % 3 === 0) for (let again = 0; again < 2; again++) inOrder(other, row.time + 2 * HOUR)
    if (i % 3 === 1) inOrder(truth, row.time + 3 * HOUR)
    if (i % 3 === 2) inOrder(null, row.time + 3 * HOUR)
    row.label = i % 3 === 0 ? other : i % 3 === 1 ? truth : null
  }
  await set.produce(after)
  const wanted = expectedPanes(rows)
  const wrong = await readRest(set, events.length + after.length, () =>
    windowFaults({ panes: wanted }, dump(set.state), 280),
  )
  assert.deepEqual(wrong.slice(0, 5), [])

  const lines = dump(set.state)
  const counters = new Map(
    lines.filter(({ type }) => type === 'counter').map((line) => [line['name'] as string, line['value'] as number]),
  )
  const fates = [...counters].filter(([name]) => name.startsWith('labels/')).reduce((sum, [, value]) => sum + value, 0)
  const names = [
    'predictions',
    'duplicate_predictions',
    'rejected/future_time',
    'late',
    'labels',
    'labels/too-late',
    'unknown_keys',
  ]
  assert.deepEqual(
    [...names.map((name) => counters.get(name)), fates],
    [rows.length, stream.duplicates + repeats, future, late, labels, tooLate, unknownKeys, labels],
  )
  const found = panesOf(lines, set.reference)
  assert.deepEqual([...found.keys()].sort(), [...wanted.keys()].sort())
  for (const [start, pane] of wanted) {
    const got = found.get(start)
    assert.deepEqual({ ...got, jobs: { ...got?.jobs } }, pane, `pane ${new Date(start).toISOString()}`)
  }
  proved({
    promise: 'G2',
    fault:
      'Disorder, impossible times, repeats, late rows, labels of every fate, in one stream through Kafka with a SIGKILL',
    size: `${ROWS.toLocaleString('en')} predictions over 48 hours and ${PARTITIONS} partitions`,
    outcome: 'every pane, window and counter equal to the ledger',
    test: 'test/faults/time.kafka.test.ts',
  })
})
