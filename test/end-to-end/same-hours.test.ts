// A model with days and nights: rows and values follow the hour. Compared with the same hours of the reference, the rhythm itself
// is no alarm, and what happens on top of it is seen.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { modelsOf, pipelineOf } from '../../src/assembly/pipeline-of.ts'
import { readDocument } from '../../src/config/load.ts'
import { rehearse } from '../../src/incidents/rehearsal.ts'
import type { ModelOptions } from '../../src/monitors/watched-model.ts'
import { learnWithPeriod } from '../../src/reference/learn.ts'
import type { BaselineChoice } from '../../src/reference/phases.ts'
import type { ReferenceRow } from '../../src/reference/reading.ts'
import type { Reference } from '../../src/reference/reference.ts'
import { openStore } from '../../src/store/store.ts'
import { seeded } from '../build/random.ts'
import { normal } from '../build/rows.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const NOW = Date.UTC(2026, 10, 1)
const START = Date.UTC(2026, 5, 1)
const REFERENCE_DAYS = 8
const QUIET_DAYS = 2
/** Something happens at noon of the last day. */
const CHANGE = START + (REFERENCE_DAYS + QUIET_DAYS) * DAY + 12 * HOUR
const END = CHANGE + 8 * HOUR
const seed = Number(process.env['LEEWAY_TEST_SEED'] ?? 1)
console.log(`seed ${seed} (LEEWAY_TEST_SEED=n tries another)`)
const folder = mkdtempSync(join(tmpdir(), 'leeway-hours-'))
after(() => rmSync(folder, { recursive: true }))

const document = readDocument(
  `apiVersion: leeway/v1
sources: {stream: {type: kafka, brokers: ["localhost:9092"], topics: [events]}}
models:
  m:
    source: stream
    task: binary
    positiveClass: "1"
    reference: {first: 7d}
    windows: [{size: 1h, slide: 20m}]
    minSamples: 20
`,
  join(folder, 'leeway.yaml'),
)

/** Rows an hour: many by day, few by night. */
function traffic(time: number): number {
  const hour = (time % DAY) / HOUR
  return hour >= 6 && hour < 22 ? 240 : 40
}

interface World {
  readonly shift: number
  /** Share of the rows that still come. */
  readonly remaining: number
}

function rowsOf(changed: World): ReferenceRow[] {
  const random = seeded(seed)
  const rows: ReferenceRow[] = []
  for (let time = START; time < END; ) {
    const isChanged = time >= CHANGE
    time += (-Math.log(1 - random()) * HOUR) / traffic(time) / (isChanged ? changed.remaining : 1)
    const rhythm = 0.5 * Math.sin((2 * Math.PI * time) / DAY)
    const score = random()
    const x = rhythm + normal(random) + (isChanged ? changed.shift : 0)
    const event = {
      kind: 'prediction',
      id: String(rows.length),
      model: 'm',
      version: '',
      time: Math.floor(time),
      features: { x, y: normal(random) },
      prediction: score > 0.5 ? '1' : '0',
      score,
      probabilities: null,
    } as const
    rows.push({ event, label: null })
  }
  return rows
}

const [options] = await modelsOf(document)
assert.ok(options)
const { settings, learn } = options

function learnt(baseline: BaselineChoice) {
  const rows = rowsOf({ shift: 0, remaining: 1 }).filter(({ event }) => event.time < START + REFERENCE_DAYS * DAY)
  const { windows, minSamples } = settings
  const learning = { ...learn, model: 'm', textual: false, source: 'test', windows, minSamples, baseline }
  return learnWithPeriod(rows, learning)
}

const byHour = learnt('same_hour_of_day')
const pooled = learnt('pooled')
let runs = 0

/** Incidents that fire: what, and how long after the change (negative: before it). */
function watch(
  changed: World,
  { reference }: { reference: Reference },
): Array<{ kind: string; features: string; hours: number }> {
  const rows = rowsOf(changed)
  const fired: Array<{ kind: string; features: string; hours: number }> = []
  const store = openStore(join(folder, String(runs++)))
  const pipeline = pipelineOf(document, [{ ...(options as ModelOptions), reference }], {
    store,
    judgeByEventTime: true,
    plan: () => ({ notifications: [], trigger: null }),
    observer: {
      transition({ change, at, incident: { kind, evidence } }) {
        const features = [...new Set(evidence.map(({ feature }) => feature ?? kind))].sort().join()
        if (change === 'firing') fired.push({ kind, features, hours: (at - CHANGE) / HOUR })
      },
    },
  })
  pipeline.assigned('stream', [{ topic: 'events', partition: 0 }], NOW)
  const records = rows
    .filter(({ event }) => event.time >= START + REFERENCE_DAYS * DAY)
    .map(({ event }, offset) => {
      const { kind, probabilities: _, version: __, ...rest } = event
      const line = JSON.stringify({ ...rest, type: kind, time: new Date(event.time).toISOString() })
      return { offset, timestamp: null, value: Buffer.from(line) }
    })
  const nextOffset = records.length
  pipeline.apply('stream', { topic: 'events', partition: 0, records, nextOffset, endOffset: nextOffset }, NOW)
  pipeline.finish('stream', NOW)
  pipeline.commit()
  store.close()
  return fired
}

test('a rhythm of half a standard deviation and quiet nights raise no alarm, and half of one on top of it does within two hours', () => {
  const fired = watch({ shift: 0.5, remaining: 1 }, byHour)
  const [first] = fired
  assert.equal(first?.kind, 'drift', JSON.stringify(fired))
  assert.match(first.features, /x/)
  assert.ok(first.hours > 0 && first.hours <= 2, JSON.stringify(fired))
  const later = watch({ shift: 0.5, remaining: 1 }, pooled)
  assert.ok(
    later.every(({ hours }) => hours > first.hours),
    `compared with the whole reference: ${JSON.stringify(later)}`,
  )
})

test('a fifth of the traffic is an outage by day, although it is usual at night', () => {
  const fired = watch({ shift: 0, remaining: 0.15 }, byHour)
  assert.deepEqual([...new Set(fired.map(({ kind }) => kind))], ['volume'])
  assert.ok(fired[0] && fired[0].hours > 0 && fired[0].hours <= 2, JSON.stringify(fired))
  assert.deepEqual(
    watch({ shift: 0, remaining: 0.15 }, pooled).filter(({ kind }) => kind === 'volume'),
    [],
  )
})

test('the policy rehearsed on the reference period raises no alarm for its own rhythm', () => {
  const rehearsal = rehearse(byHour.period, byHour.reference, settings)
  let step = rehearsal.next()
  while (step.done !== true) step = rehearsal.next()
  assert.deepEqual(step.value.noisiest, [])
  assert.ok(step.value.withinBudget)
})
