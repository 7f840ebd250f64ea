// A model whose rows are told apart by country and by a feature, on a store of its own, and a story of events for it.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import type { Decoder } from '../../src/events/decode.ts'
import { canonicalDecoder } from '../../src/events/decode.ts'
import type { PredictionEvent } from '../../src/events/event.ts'
import type { Waiting } from '../../src/join/waiting.ts'
import { defaultAlarms } from '../../src/monitors/performance.ts'
import type { ModelOptions } from '../../src/monitors/watched-model.ts'
import type { Observer } from '../../src/pipeline.ts'
import { Pipeline } from '../../src/pipeline.ts'
import { learnReference } from '../../src/reference/learn.ts'
import type { ReferenceRow } from '../../src/reference/reading.ts'
import type { Reference } from '../../src/reference/reference.ts'
import type { Store } from '../../src/store/store.ts'
import { openStore } from '../../src/store/store.ts'
import { seeded } from './random.ts'
import { rows } from './rows.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const T0 = Date.UTC(2026, 0, 5)
const metrics = ['roc_auc', 'average_precision', 'accuracy', 'f1', 'log_loss', 'brier']
export const segments = { columns: ['country', 'c'], valuesMax: 5 }
const windows = [
  { name: '1h', sizeMs: HOUR, slideMs: 15 * MINUTE },
  { name: '6h', sizeMs: 6 * HOUR, slideMs: HOUR },
]
const folder = mkdtempSync(join(tmpdir(), 'leeway-segments-'))
after(() => rmSync(folder, { recursive: true }))

const countries = ['DE', 'FR', 'IT', 'ES', 'PL', 'AT', 'CH', null, '', undefined]

export function withCountries(from: readonly ReferenceRow[], seed: number): ReferenceRow[] {
  const random = seeded(seed)
  return from.map(({ event, label }) => {
    const country = countries[Math.floor(random() ** 2 * countries.length)]
    return { label, event: { ...event, segments: country === undefined ? null : { country } } }
  })
}

export function referenceOf(choice: typeof segments | null = segments): Reference {
  return learnReference(withCountries(rows(3_000, { seed: 1, numbers: 3, from: T0 - 3_000 * MINUTE }), 2), {
    model: 'm',
    task: 'binary',
    positiveClass: '1',
    classes: null,
    columnKinds: {},
    multivariate: true,
    textual: false,
    source: 'test',
    windows,
    minSamples: 20,
    estimation: true,
    segments: choice ?? undefined,
  })
}
export const reference = referenceOf()

export function modelOptions(options: Partial<ModelOptions> = {}): ModelOptions {
  return {
    name: 'm',
    source: 's',
    settings: {
      windows,
      falseAlarmBudget: 1,
      minSamples: 20,
      minCoverage: 0.8,
      estimation: true,
      metrics,
      alarms: defaultAlarms(metrics),
      multivariate: true,
    },
    horizonMs: 10 * 24 * HOUR,
    reference,
    learn: {
      task: 'binary',
      positiveClass: '1',
      classes: null,
      columnKinds: {},
      multivariate: true,
      estimation: true,
    },
    segments,
    ...options,
  }
}

let states = 0

export interface Desk {
  readonly store: Store
  readonly pipeline: Pipeline
  send(records: readonly object[]): void
  end(): void
  /** Commits, and goes on in a new process, as it were. */
  restart(model?: ModelOptions): Desk
}

export function openDesk(
  options: {
    model?: ModelOptions
    directory?: string
    waiting?: (waiting: Waiting) => Waiting
    decoder?: Decoder
    observer?: Observer
  } = {},
): Desk {
  const { decoder = canonicalDecoder({ defaultModel: 'm' }), observer = {} } = options
  const { model = modelOptions(), directory = join(folder, `state-${states++}`), waiting = (same) => same } = options
  const opened = openStore(directory)
  const store = { ...opened, waiting: waiting(opened.waiting) }
  const pipeline = new Pipeline({
    store,
    models: [model],
    intakes: [
      {
        source: 's',
        decoderOf: () => decoder,
        outOfOrdernessMs: 10 * MINUTE,
        idleTimeoutMs: MINUTE,
        maxFutureSkewMs: Number.POSITIVE_INFINITY,
        allowedLatenessMs: HOUR,
      },
    ],
    plan: () => ({ notifications: [], trigger: null }),
    observer,
  })
  const [start] = pipeline.assigned('s', [{ topic: 't', partition: 0 }], T0)
  let offset = start?.nextOffset ?? 0
  return {
    store,
    pipeline,
    send(records) {
      const batch = records.map((record, i) => ({
        offset: offset + i,
        timestamp: null,
        value: Buffer.from(JSON.stringify(record)),
      }))
      offset += batch.length
      const place = { topic: 't', partition: 0, nextOffset: offset, endOffset: offset }
      pipeline.apply('s', { ...place, records: batch }, T0)
    },
    end() {
      pipeline.finish('s', T0)
      pipeline.commit()
    },
    restart(next = model) {
      pipeline.commit()
      opened.close()
      return openDesk({ ...options, model: next, directory })
    },
  }
}

/** What is true of a row in the end, after all corrections. */
export interface Told {
  readonly event: PredictionEvent
  label: string | null
}

/** Events of a day, with labels that come early, late, twice, corrected, taken back, or never; and what they tell in the end. */
export function story(seed: number, count = 600) {
  const random = seeded(seed)
  const told: Told[] = []
  const timed: Array<{ at: number; body: object }> = []
  const everyMs = (7 * HOUR) / count
  for (const { event, label } of withCountries(rows(count, { seed, numbers: 3, from: T0, everyMs }), seed + 1)) {
    const id = `${seed}-${event.id}`
    const row: Told = { event: { ...event, id }, label: null }
    told.push(row)
    const { time, features, score, prediction, segments: of } = event
    const body = { type: 'prediction', id, model: 'm', time, features, score, prediction, segments: of }
    timed.push({ at: time + random() * 8 * MINUTE, body })
    if (random() < 0.02) timed.push({ at: time + random() * HOUR, body })
    let at = time + (random() - 0.1) * HOUR
    const say = (value: string | null) => {
      at += 1 + Math.floor(random() * 3 * HOUR)
      const op = value === null ? 'retract' : 'upsert'
      timed.push({ at, body: { type: 'label', id, model: 'm', time: Math.floor(at), label: value ?? undefined, op } })
      row.label = value
    }
    if (random() < 0.93) say(label as string)
    if (random() < 0.1) say(label === '1' ? '0' : '1')
    if (random() < 0.05) say(null)
    if (random() < 0.03) say(label as string)
  }
  return { told, events: timed.sort((a, b) => a.at - b.at).map(({ body }) => body) }
}

/** Sends the events in batches of any size, with commits and restarts between them. */
export function play(desk: Desk, events: readonly object[], seed: number): Desk {
  const random = seeded(seed)
  let now = desk
  for (let from = 0; from < events.length; ) {
    const to = from + 1 + Math.floor(random() * 400)
    now.send(events.slice(from, to))
    from = to
    if (random() < 0.5) now.pipeline.commit()
    if (random() < 0.2) now = now.restart()
  }
  return now
}
