// A pipeline of the ledger's model with as many partitions as a test wants, fed by hand, on clocks that the test moves.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { modelsOf, pipelineOf } from '../../src/assembly/pipeline-of.ts'
import type { Document } from '../../src/config/document.ts'
import { loadDocument } from '../../src/config/load.ts'
import type { ModelOptions } from '../../src/monitors/watched-model.ts'
import type { WindowResult } from '../../src/monitors/window-result.ts'
import type { Batch } from '../../src/sources/source.ts'
import type { Store } from '../../src/store/store.ts'
import { openStore } from '../../src/store/store.ts'
import { writeConfiguration } from './ledger.ts'

export const T0 = Date.UTC(2026, 0, 5)

/** What desks have in common: the document and its learnt models. */
export interface DeskRoom {
  readonly folder: string
  readonly document: Document
  readonly models: readonly ModelOptions[]
}

/** @param shortest the ledger's shortest window in place of its own: fewer windows where a run spans weeks */
export async function deskRoom(folder: string, shortest?: string): Promise<DeskRoom> {
  const path = writeConfiguration(folder, { brokers: 'localhost:9092', topic: 'events' })
  if (shortest !== undefined)
    writeFileSync(path, readFileSync(path, 'utf8').replace('{size: 1h, slide: 10m}', shortest))
  const document = loadDocument(path)
  return { folder, document, models: await modelsOf(document) }
}

let states = 0

export function openDesk(
  { folder, document, models }: DeskRoom,
  options: {
    readonly partitions: number
    readonly state?: string
    readonly waitingMax?: number
    /** For variants that are broken on purpose. */
    readonly wrap?: (store: Store) => Store
  },
) {
  const state = options.state ?? join(folder, `state-${states++}`)
  const opened = openStore(state)
  const store = options.wrap?.(opened) ?? opened
  const { waitingMax } = options
  const pipeline = pipelineOf(document, models, {
    store,
    judgeByEventTime: false,
    plan: () => ({ notifications: [], trigger: null }),
    ...(waitingMax !== undefined && { waitingMax }),
  })
  const places = Array.from({ length: options.partitions }, (_, partition) => ({ topic: 'events', partition }))
  const next = pipeline.assigned('stream', places, T0, 0).map((position) => position?.nextOffset ?? 0)

  /** A batch of a partition as Kafka would hand it on, made of plain events. */
  const batch = (partition: number, events: readonly object[]): Batch => {
    const from = next[partition] as number
    const nextOffset = from + events.length
    next[partition] = nextOffset
    const records = events.map((event, i) => ({
      offset: from + i,
      timestamp: null,
      value: Buffer.from(JSON.stringify(event)),
    }))
    return { topic: 'events', partition, records, nextOffset, endOffset: nextOffset }
  }
  return {
    state,
    store,
    pipeline,
    batch,
    send: (partition: number, events: readonly object[], now: number, steady = now) =>
      void pipeline.apply('stream', batch(partition, events), now, steady),
    /** The source looks at all partitions and finds nothing left to read; then the clock ticks. */
    rest(now: number, steady = now) {
      for (const { partition } of places) pipeline.apply('stream', batch(partition, []), now, steady)
      pipeline.tick(now, steady)
    },
    watermark: () => pipeline.progress()[0]?.watermark,
    windows: (): readonly WindowResult[] => store.views.results({ order: 'oldest', limit: 1_000_000 }),
    count: (name: string) =>
      pipeline
        .counters()
        .filter((row) => row.name === name)
        .reduce((sum, { value }) => sum + value, 0),
  }
}

export type Desk = ReturnType<typeof openDesk>

export const predictionAt = (id: string, time: number, more: object = {}) => ({
  type: 'prediction',
  id,
  model: 'ledger',
  time: new Date(time).toISOString(),
  features: { amount: 30, age: 40, job: 'cook' },
  score: 0.7,
  prediction: 'bad',
  ...more,
})

export const labelAt = (id: string, label: string | null, time: number) => ({
  type: 'label',
  id,
  model: 'ledger',
  time: new Date(time).toISOString(),
  ...(label === null ? { op: 'retract' } : { label }),
})
