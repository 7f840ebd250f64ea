// How long judging many segments keeps everything else waiting: the processor time of the longest turn of the event loop while a
// window is judged; 5 columns of segments, 50 features; in one go, and in turns, in the same run.
//
//   node bench/segments.ts [VALUES]      default 50 values a column

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Feed } from '../src/assembly/feed.ts'
import { canonicalDecoder } from '../src/events/decode.ts'
import { defaultAlarms } from '../src/monitors/performance.ts'
import { Pipeline } from '../src/pipeline.ts'
import { learnReference } from '../src/reference/learn.ts'
import type { ReferenceRow } from '../src/reference/reading.ts'
import { openStore } from '../src/store/store.ts'
import { seeded } from '../test/build/random.ts'
import { rows } from '../test/build/rows.ts'

const HOUR = 3_600_000
const T0 = Date.UTC(2026, 0, 5)
const COLUMNS = 5
const VALUES = Number(process.argv[2] ?? 50)
const ROWS = 100 * VALUES
const HOURS = 4
const AT_ONCE = 100

const random = seeded(7)
const columns = Array.from({ length: COLUMNS }, (_, i) => `s${i}`)
const windows = [{ name: '1h', sizeMs: HOUR, slideMs: HOUR / 4 }]
const metrics = ['roc_auc', 'average_precision', 'accuracy', 'f1', 'log_loss', 'brier']
const segments = { columns, valuesMax: VALUES }

function withSegments(from: readonly ReferenceRow[]): ReferenceRow[] {
  const value = () => `v${Math.floor(random() * VALUES)}`
  return from.map(({ event, label }) => {
    return { label, event: { ...event, segments: Object.fromEntries(columns.map((column) => [column, value()])) } }
  })
}

const reference = learnReference(withSegments(rows(ROWS, { seed: 1, numbers: 49, from: T0 - ROWS * 60_000 })), {
  ...{ model: 'm', task: 'binary', positiveClass: '1', classes: null, columnKinds: {}, multivariate: true },
  ...{ textual: false, source: 'bench', windows, minSamples: 100, estimation: true, segments },
})

function openPipeline(directory: string) {
  const store = openStore(directory)
  const pipeline = new Pipeline({
    store,
    models: [
      {
        name: 'm',
        source: 's',
        settings: {
          ...{ windows, falseAlarmBudget: 1, minSamples: 100, minCoverage: 0.8, estimation: true },
          ...{ metrics, alarms: defaultAlarms(metrics), multivariate: true },
        },
        horizonMs: 24 * HOUR,
        reference,
        learn: {
          ...{ task: 'binary', positiveClass: '1', classes: null, columnKinds: {}, multivariate: true },
          estimation: true,
        },
        segments,
      },
    ],
    intakes: [
      {
        source: 's',
        decoderOf: () => canonicalDecoder({ defaultModel: 'm' }),
        outOfOrdernessMs: 0,
        idleTimeoutMs: HOUR,
        maxFutureSkewMs: Number.POSITIVE_INFINITY,
        allowedLatenessMs: HOUR,
      },
    ],
    plan: () => ({ notifications: [], trigger: null }),
  })
  pipeline.assigned('s', [{ topic: 't', partition: 0 }], T0)
  return { store, pipeline }
}

const records = withSegments(rows(ROWS * HOURS, { seed: 2, numbers: 49, from: T0, everyMs: HOUR / ROWS }))
  .flatMap(({ event, label }) => [
    { type: 'prediction', ...event, kind: undefined },
    { type: 'label', id: event.id, model: 'm', time: event.time + 1, label },
  ])
  .map((record, offset) => ({ offset, timestamp: null, value: Buffer.from(JSON.stringify(record)) }))
const batches = Array.from({ length: Math.ceil(records.length / AT_ONCE) }, (_, i) => {
  const some = records.slice(AT_ONCE * i, AT_ONCE * (i + 1))
  return {
    ...{ topic: 't', partition: 0, nextOffset: AT_ONCE * i + some.length, endOffset: records.length },
    records: some,
  }
})

const cpuMs = () => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}

/** The processor time of the longest turns of the event loop while something is done, without that of commits. */
async function turnsOf(work: () => Promise<void>, commits: readonly number[]): Promise<number[]> {
  const turns: number[] = []
  let isOver = false
  let [since, committed] = [cpuMs(), 0]
  const watch = async () => {
    while (!isOver) {
      await nextTurn()
      const now = cpuMs()
      const ofCommits = commits.slice(committed).reduce((sum, ms) => sum + ms, 0)
      turns.push(now - since - ofCommits)
      committed = commits.length
      since = now
    }
  }
  const watching = watch()
  await work()
  isOver = true
  await watching
  return turns.sort((a, b) => b - a).slice(0, 5)
}

const folder = mkdtempSync(join(tmpdir(), 'leeway-bench-segments-'))
try {
  for (const [name, turnMs] of [
    ['in one go', Number.POSITIVE_INFINITY],
    ['in turns', 10],
  ] as const) {
    const { store, pipeline } = openPipeline(join(folder, name))
    const commits: number[] = []
    const commit = pipeline.commit.bind(pipeline)
    pipeline.commit = () => {
      const since = cpuMs()
      const positions = commit()
      commits.push(cpuMs() - since)
      return positions
    }
    const feed = new Feed({
      pipeline,
      clock: { now: () => T0, steady: () => 0 },
      commitIntervalMs: 1_000,
      commitRecordsMax: 5_000,
      committed: () => {},
      storeTrouble: (message) => console.log(message),
      turnMs,
    })
    const receiver = feed.receiver('s')
    const turns = await turnsOf(async () => {
      for (const batch of batches) {
        await receiver.batch(batch)
        await nextTurn()
      }
    }, commits)
    feed.close()
    const written = turns.map((ms) => ms.toFixed(0)).join(', ')
    console.log(
      `${COLUMNS * VALUES} segments, ${name}: longest turns ${written} ms, longest commit ${Math.max(...commits).toFixed(0)} ms`,
    )
    store.close()
  }
} finally {
  rmSync(folder, { recursive: true })
}
