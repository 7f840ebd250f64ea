// A category that is dealt out in turn (A/B buckets, machines one after another) beside columns that are drawn: its windows are all
// alike, and a change of its shares is told as that of any column is. Through the whole pipeline.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { modelsOf, pipelineOf } from '../src/assembly/pipeline-of.ts'
import { readDocument } from '../src/config/load.ts'
import type { Incident } from '../src/incidents/incident.ts'
import { openStore } from '../src/store/store.ts'
import { DAY, HOUR, MINUTE } from '../src/time.ts'
import { seeded } from './build/random.ts'
import { normal } from './build/rows.ts'

const START = Date.UTC(2026, 5, 1)
const NOW = Date.UTC(2026, 10, 1)
const LEARNT = START + 2 * DAY
const CHANGE = LEARNT + 2 * DAY
const EVERY = MINUTE / 2
const seed = Number(process.env['LEEWAY_TEST_SEED'] ?? 1)
console.log(`seed ${seed} (LEEWAY_TEST_SEED=n tries another)`)
const folder = mkdtempSync(join(tmpdir(), 'leeway-dealt-'))
after(() => rmSync(folder, { recursive: true }))

const document = readDocument(
  `apiVersion: leeway/v1
sources: {stream: {type: kafka, brokers: ["localhost:9092"], topics: [events]}}
models:
  m:
    source: stream
    task: binary
    positiveClass: "1"
    reference: {first: 2d}
    windows: [{size: 1h, slide: 10m}]
    minSamples: 50
`,
  join(folder, 'leeway.yaml'),
)
const buckets = ['A', 'B', 'C', 'D']
const machines = ['m1', 'm2', 'm3']

interface World {
  /** The columns that are drawn: row by row, or the same for five rows in a row. */
  readonly beside: 'independent' | 'in bursts'
  /** From the change on. */
  readonly bucket: (row: number, random: () => number) => string | undefined
}

/** A row every half minute; from `CHANGE` on as the world says. */
function* rowsOf({ beside, bucket }: World, until: number) {
  const random = seeded(seed)
  let drawn: Record<string, unknown> = {}
  for (let row = 0; START + row * EVERY < until; row++) {
    if (beside === 'independent' || row % 5 === 0) {
      drawn = {}
      for (const name of ['amount', 'age', 'term', 'rate']) drawn[name] = normal(random)
      for (const name of ['country', 'channel', 'plan']) drawn[name] = `v${Math.floor(random() ** 2 * 5)}`
    }
    const time = START + row * EVERY
    const dealt = buckets[row % buckets.length]
    const features = {
      ...drawn,
      bucket: time < CHANGE ? dealt : bucket(row, random),
      machine: machines[row % machines.length],
    }
    const score = random()
    yield {
      type: 'prediction',
      id: String(row),
      model: 'm',
      time,
      features,
      score,
      prediction: score > 0.5 ? '1' : '0',
    }
  }
}

/** Incidents that have fired, in the order of their beginning. */
async function incidentsIn(world: World, until: number): Promise<readonly Incident[]> {
  const store = openStore(mkdtempSync(join(folder, 'state-')))
  try {
    const pipeline = pipelineOf(document, await modelsOf(document), {
      store,
      judgeByEventTime: true,
      plan: () => ({ notifications: [], trigger: null }),
    })
    pipeline.assigned('stream', [{ topic: 'events', partition: 0 }], NOW)
    const records = Array.from(rowsOf(world, until), (event, offset) => ({
      offset,
      timestamp: null,
      value: Buffer.from(JSON.stringify(event)),
    }))
    const end = { nextOffset: records.length, endOffset: records.length }
    pipeline.apply('stream', { topic: 'events', partition: 0, records, ...end }, NOW)
    pipeline.finish('stream', NOW)
    pipeline.commit()
    return store.views.incidents({ limit: 100 }).toReversed()
  } finally {
    store.close()
  }
}

for (const beside of ['independent', 'in bursts'] as const) {
  test(`beside columns that are ${beside}: a bucket whose share doubles is told within three hours`, async () => {
    const bucket = (row: number) => (row % 3 === 0 ? 'A' : buckets[row % buckets.length])
    const incidents = await incidentsIn({ beside, bucket }, CHANGE + 6 * HOUR)
    assert.deepEqual(
      incidents.map(({ kind, features }) => [kind, features]),
      [['drift', ['bucket']]],
    )
    const since = incidents[0]?.since ?? 0
    assert.ok(since > CHANGE && since <= CHANGE + 3 * HOUR, `since ${new Date(since).toISOString()}`)
  })
}

test('buckets that are drawn from now on, in the same shares, are no drift in a week', async () => {
  const bucket = (_: number, random: () => number) => buckets[Math.floor(random() * buckets.length)]
  assert.deepEqual(await incidentsIn({ beside: 'independent', bucket }, CHANGE + 7 * DAY), [])
})
