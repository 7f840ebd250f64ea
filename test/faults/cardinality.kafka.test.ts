// An attack with names: categories, versions, models, features, classes, days. What is real stays exact, and everything has its cap.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expectedPanes, makeStream } from '../build/ledger.ts'
import { read } from '../build/positions.ts'
import { seeded, testSeed } from '../build/random.ts'
import { kill, metric, serve } from '../build/serve.ts'
import { dump, panesOf } from '../build/state.ts'
import { skipWithoutKafka } from '../kafka/needs-kafka.ts'
import { isFull, proved } from './proof.ts'
import { rig } from './rig.ts'

const PARTITIONS = 3
/** Of the design: a million categories, a hundred thousand versions and features, ten thousand models. */
const CATEGORIES = isFull ? 1_000_000 : 60_000
const [VERSIONS, FEATURES, MODELS, DAYS] = [CATEGORIES / 10, CATEGORIES / 10, CATEGORIES / 100, CATEGORIES / 100]
const VERSIONS_MAX = 100
const LIMIT_MIB = 600
const SERIES_MAX = 2_000

test(`${CATEGORIES.toLocaleString('en')} categories and as many names of other kinds meet their caps, and what is real stays exact`, {
  skip: skipWithoutKafka,
  timeout: 1_200_000,
}, async (t) => {
  const seed = testSeed()
  const random = seeded(seed)
  const set = await rig(t, 'cardinality', { partitions: PARTITIONS })
  const { events, rows, labels, duplicates } = makeStream({ seed, predictions: 20_000, partitions: PARTITIONS })
  const hostile = (i: number, time: string) => {
    const name = `${Math.floor(random() * 1e9).toString(36)} ${i}`
    if (i % 100 === 1) return { type: 'prediction', id: name, model: `model ${i}`, time, features: {} }
    if (i % 100 === 2)
      return {
        type: 'label',
        id: name,
        model: 'ledger',
        time: new Date((i / 100) * 86_400_000).toISOString(),
        label: name,
      }
    return {
      type: 'prediction',
      id: `attack ${name}`,
      model: 'ledger',
      version: i % 10 === 0 ? `version ${i}` : 'attack',
      time,
      features: { amount: 1, age: 30, job: `job ${name}`, ...(i % 10 === 5 && { [`feature ${name}`]: i }) },
      score: 0.5,
      prediction: i % 10 === 6 ? `class ${name}` : 'bad',
    }
  }
  // The attack comes after the first real rows, so that the real version has its place, and spread over all of them.
  const times = rows.map(({ time }) => new Date(time).toISOString())
  const perRow = CATEGORIES / events.length
  let sent = 0
  let [models, days] = [0, 0]
  const records = events.flatMap((event, i) => {
    const wanted = i < 100 ? 0 : Math.floor((i + 1) * perRow) - sent
    const time = times[Math.floor((i / events.length) * times.length)] as string
    const attack = Array.from({ length: wanted }, () => {
      const one = hostile(sent++, time)
      if (one.model !== 'ledger') models++
      if (one.type === 'label') days++
      return { partition: event.partition, value: Buffer.from(JSON.stringify(one)) }
    })
    return [event, ...attack]
  })
  await set.produce(records)
  const serving = await serve({
    ...set,
    env: { LEEWAY_MEMORY_LIMIT_MIB: String(LIMIT_MIB), LEEWAY_SERIES_MAX: String(SERIES_MAX) },
  })
  t.after(() => serving.process.kill('SIGKILL'))
  const { peakMb, ms } = await read(serving, { state: set.state, records: records.length, timeoutMs: 900_000 })
  const page = await (await fetch(`${serving.address}/metrics`)).text()
  const series = page.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length
  const overVersions = await metric(serving, 'leeway_over_limit_total{limit="versions",model="ledger"}')
  const unknownFeatures = await metric(serving, 'leeway_unknown_features_total{model="ledger"}')
  const unknownModels = await metric(serving, 'leeway_records_rejected_total{reason="unknown_model"}')
  await kill(serving, 'SIGTERM')
  console.log(
    `${Math.round(records.length / (ms / 1000))} records/s, ${peakMb.toFixed(0)} MiB at most, ${series} series`,
  )

  const lines = dump(set.state)
  const streams = lines.filter(({ type }) => type === 'stream')
  const real = streams.find((line) => line['version'] === '')?.['number']
  const ofReal = lines.filter((line) => line.type !== 'pane' || line['stream'] === real)
  const found = panesOf(ofReal, set.reference)
  for (const [start, pane] of expectedPanes(rows)) {
    const got = found.get(start)
    assert.deepEqual({ ...got, jobs: { ...got?.jobs } }, pane, `the pane at ${new Date(start).toISOString()}`)
  }
  const counter = (name: string, version = '') =>
    lines.find((line) => line.type === 'counter' && line['name'] === name && line['version'] === version)?.['value']
  assert.deepEqual(
    [counter('predictions'), counter('labels'), counter('duplicate_predictions')],
    [rows.length, labels + days, duplicates],
  )
  assert.equal(streams.length, VERSIONS_MAX + 1, 'the versions that have a place, and the one of all others')
  const attacked = sent - models - days
  assert.ok(
    (overVersions ?? 0) > VERSIONS * 0.9,
    `${overVersions} rows of ${VERSIONS} versions had no place of their own`,
  )
  assert.ok((unknownFeatures ?? 0) > FEATURES * 0.9)
  assert.equal(unknownModels, models)
  assert.ok(models > MODELS * 0.9 && days > DAYS * 0.9)
  const counted = lines
    .filter((line) => line.type === 'counter' && line['name'] === 'predictions')
    .reduce((sum, line) => sum + (line['value'] as number), 0)
  assert.equal(counted, rows.length + attacked, 'no row is lost')
  assert.ok(lines.filter((line) => line.type === 'counter').length < 400, 'counters do not grow with names')
  assert.ok(series <= SERIES_MAX, `${series} series`)
  assert.ok(peakMb <= LIMIT_MIB, `${peakMb.toFixed(0)} MiB`)
  proved({
    promise: 'bounds',
    fault: 'An attack with names of categories, versions, features, classes, models and days',
    size: `${CATEGORIES.toLocaleString('en')} categories, ${VERSIONS.toLocaleString('en')} versions and features, ${MODELS.toLocaleString('en')} models and days`,
    outcome: `${VERSIONS_MAX} versions and one of all others, each name beyond a cap counted, at most ${LIMIT_MIB} MiB and ${SERIES_MAX.toLocaleString('en')} series, real rows exact`,
    test: 'test/faults/cardinality.kafka.test.ts',
  })
})
