// A daemon on topics of its own, and a ledger that knows which record lies at which offset.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { referenceOf } from '../../src/assembly/references.ts'
import { loadDocument } from '../../src/config/load.ts'
import type { Reference } from '../../src/reference/reference.ts'
import type { PaneCounts, Stream } from '../build/ledger.ts'
import { expectedPanes, makeStream, writeConfiguration } from '../build/ledger.ts'
import type { Serving } from '../build/serve.ts'
import { metric, serve, until } from '../build/serve.ts'
import type { DumpLine } from '../build/state.ts'
import { dump, panesOf } from '../build/state.ts'
import { adminOf } from '../kafka/broker.ts'

const faulty = join(import.meta.dirname, '..', 'build', 'faulty-serve.ts')

type Row = Stream['rows'][number]

const env = { LEEWAY_COMMIT_INTERVAL_MS: '50', LEEWAY_LOG_LEVEL: 'info' }

export interface Rig {
  readonly folder: string
  readonly config: string
  readonly state: string
  readonly topics: readonly string[]
  readonly reference: Reference
  readonly rows: readonly Row[]
  /** Starts the daemon. */
  serve(...faults: string[]): Promise<Serving>
  remove(): void
}

/** Rows for a topic, as predictions without labels. */
export async function makeRig(
  name: string,
  options: {
    broker: string
    seed: number
    rows: number
    topics?: number
    configs?: ReadonlyArray<{ name: string; value: string }>
    source?: string
  },
): Promise<Rig> {
  const folder = mkdtempSync(join(tmpdir(), `leeway-${name}-`))
  const topics = Array.from({ length: options.topics ?? 1 }, (_, i) => `${name}-${i}-${process.pid}-${Date.now()}`)
  const config = writeConfiguration(folder, { brokers: options.broker, topic: topics.join('","') })
  if (options.source !== undefined)
    writeFileSync(config, readFileSync(config, 'utf8').replace('idleTimeout: 1s', `idleTimeout: 1s, ${options.source}`))
  await createTopics(options.broker, topics, options.configs)
  const reference = (await referenceOf(loadDocument(config).models.get('ledger') as never)) as Reference
  const stream = makeStream({ seed: options.seed, predictions: options.rows, partitions: 1 })
  const state = join(folder, 'state')
  return {
    folder,
    config,
    state,
    topics,
    reference,
    rows: stream.rows.map((row) => ({ ...row, label: null })),
    serve: (...faults) => serve({ config, state, env, ...(faults.length > 0 && { script: faulty, faults }) }),
    remove: () => rmSync(folder, { recursive: true }),
  }
}

export async function createTopics(
  broker: string,
  topics: readonly string[],
  configs: ReadonlyArray<{ name: string; value: string }> = [],
): Promise<void> {
  await withAdmin(broker, (admin) =>
    admin.createTopics({
      topics: topics.map((topic) => ({ topic, numPartitions: 1, configEntries: [...configs] })),
      waitForLeaders: true,
    }),
  )
}

export async function withAdmin<T>(broker: string, use: (admin: ReturnType<typeof adminOf>) => Promise<T>): Promise<T> {
  const admin = adminOf(broker)
  await admin.connect()
  try {
    return await use(admin)
  } finally {
    await admin.disconnect()
  }
}

export function deleteRecords(broker: string, topic: string, before: number): Promise<void> {
  return withAdmin(broker, async (admin) => {
    // It knows no topic before it has asked for one.
    await admin.fetchTopicOffsets(topic)
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(before) }] })
  })
}

export function eventOf({ id, time, amount, age, job, score, decision }: Row, more: object = {}): string {
  return JSON.stringify({
    type: 'prediction',
    id,
    model: 'ledger',
    time: new Date(time).toISOString(),
    features: { amount, age, job },
    score,
    prediction: decision,
    ...more,
  })
}

/** Waits until so many predictions were counted. */
export async function counted(serving: Serving, predictions: number): Promise<void> {
  await until(
    serving,
    async () =>
      (await metric(serving, 'leeway_predictions_total{model="ledger",version=""}')) === predictions ? true : undefined,
    `${predictions} predictions`,
    60_000,
  )
}

export const lostMetric = (topic: string, reason: string) =>
  `leeway_records_lost_total{source="stream",topic="${topic}",partition="0",reason="${reason}"}`

/** What the quarantine says was lost of a topic: reason, first and last offset, records. */
export function lostRanges(lines: readonly DumpLine[], topic: string): Array<[string, number, number, number]> {
  return lines
    .filter((line) => line.type === 'quarantined' && line['topic'] === topic && line['last_offset'] !== null)
    .map((line) => [
      line['reason'] as string,
      line['record_offset'] as number,
      line['last_offset'] as number,
      line['records'] as number,
    ])
}

/** Differences between what the rows make of the panes and what the state has, in words; empty when they agree. */
export function differences(rig: Rig, applied: readonly Row[], lines = dump(rig.state)): string[] {
  const wrong: string[] = []
  const found = panesOf(lines, rig.reference)
  const wanted = expectedPanes(applied)
  const same = (a: PaneCounts, b: PaneCounts) =>
    a.predicted === b.predicted && a.ageSum === b.ageSum && JSON.stringify(jobsOf(a)) === JSON.stringify(jobsOf(b))
  for (const [start, pane] of wanted) {
    const got = found.get(start)
    if (got === undefined || !same(got, pane))
      wrong.push(`pane ${start}: ${JSON.stringify(got)} instead of ${JSON.stringify(pane)}`)
  }
  for (const start of found.keys()) if (!wanted.has(start)) wrong.push(`pane ${start} should not be`)
  return wrong
}

function jobsOf({ jobs }: PaneCounts): Array<[string, number]> {
  return Object.entries(jobs).sort(([a], [b]) => (a < b ? -1 : 1))
}
