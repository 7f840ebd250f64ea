// A stream of events with a ledger: what every pane must hold is computed from the ledger alone, by plain counting.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { malformed } from './malformed.ts'
import { seeded, uuid } from './random.ts'

const MINUTE = 60_000
export const PANE_MS = 10 * MINUTE
const START = Date.UTC(2026, 0, 5)

export interface LedgerEvent {
  readonly partition: number
  readonly value: Buffer
}

export interface Row {
  readonly id: string
  readonly time: number
  amount: number | null
  readonly age: number
  job: string | null
  readonly score: number
  readonly decision: string
  label: string | null
}

/** Small ones, so that a batch of them is no larger than a broker takes. */
const unreadable = malformed.filter(({ value }) => value !== null && value.length <= 2_000)

const jobs = ['clerk', 'cook', 'driver', 'nurse', 'pilot']

/** Rows of one model: two numbers (one sometimes missing), one category, a score, a decision, the truth. */
export function makeRow(random: () => number, time: number): Row {
  const score = Math.round(random() * 1e6) / 1e6
  return {
    id: uuid(random),
    time,
    amount: random() < 0.02 ? null : Math.round(Math.exp(3 + random() * 2) * 100) / 100,
    age: 18 + Math.floor(random() * 60),
    job: jobs[Math.floor(random() ** 2 * jobs.length)] as string,
    score,
    decision: score >= 0.5 ? 'bad' : 'good',
    label: random() < score ? 'bad' : 'good',
  }
}

/** Where the whole secret of test receivers is written. */
const secret = `whsec_${Buffer.from('the secret of receivers in tests').toString('base64')}`

/**
 * Writes the reference and the configuration into `folder`.
 *
 * @param options.webhook where every message goes; left out: to the console
 * @param options.horizon how long labels are awaited
 * @returns the path of the configuration
 */
export function writeConfiguration(
  folder: string,
  options: {
    brokers: string
    topic: string
    webhook?: string
    horizon?: string
    idleTimeout?: string
    windows?: string
    /** More settings of the source, such as `requestTimeout: 3s`. */
    connection?: string
    /** Columns that tell segments apart, such as `[job]`. */
    segments?: string
  },
): string {
  const { brokers, topic, webhook, horizon = '20d', idleTimeout = '1s', connection = 'ssl: false' } = options
  const { windows = '[{size: 1h, slide: 10m}, {size: 6d, slide: 1d}]', segments = '[]' } = options
  mkdirSync(folder, { recursive: true })
  const random = seeded(7)
  const lines = ['id,time,amount,age,job,score,decision,label']
  for (let i = 0; i < 3_000; i++) {
    const { id, time, amount, age, job, score, decision, label } = makeRow(random, START - 3_000 * MINUTE + i * MINUTE)
    lines.push([id, new Date(time).toISOString(), amount ?? '', age, job, score, decision, label].join(','))
  }
  writeFileSync(join(folder, 'reference.csv'), `${lines.join('\n')}\n`)
  writeFileSync(join(folder, 'secret'), secret)
  const path = join(folder, 'leeway.yaml')
  writeFileSync(
    path,
    `apiVersion: leeway/v1
network: {allow: [127.0.0.1]}
sources:
  stream: {type: kafka, brokers: ["${brokers}"], topics: ["${topic}"], events: canonical, idleTimeout: ${idleTimeout}, ${connection}}
models:
  ledger:
    source: stream
    task: binary
    positiveClass: bad
    reference: {file: reference.csv, events: {id: id, time: time, features: [amount, age, job], score: score, prediction: decision, label: label}}
    windows: ${windows}
    labels: {horizon: ${horizon}}
    segments: ${segments}
channels:
  receiver: ${webhook === undefined ? '{type: console}' : `{type: webhook, url: "${webhook}", secretFile: secret}`}
routes:
  - to: [receiver]
# What was told of what, and in which order, is compared: nothing is left out for something else.
inhibit: []
`,
  )
  return path
}

export interface StreamOptions {
  readonly seed: number
  readonly predictions: number
  readonly partitions: number
  /** Event time that the predictions are spread over; 48 hours unless told otherwise. */
  readonly hours?: number
  /**
   * Stretches of three hours, evenly spread, in which half of the amounts are missing, or, in every other one, half of the jobs: each
   * is an incident, and its end. The same would be the incident of before, come back.
   */
  readonly episodes?: number
  /** Records among the others that cannot be read. */
  readonly malformed?: number
  /** Carried by each event and ignored: larger events make smaller batches. */
  readonly ballast?: string
  /** Told of each row, with the label that counts in the end. */
  readonly onRow?: (row: Row) => void
}

const EPISODE_MS = 180 * MINUTE
/** Rows between two looks at what may be handed out, and how far events may lie before the row at hand. */
const ROWS_A_PIECE = 5_000
const EARLIEST_MS = 3 * MINUTE

/**
 * Predictions and their labels over `partitions` partitions, in order of time with up to 30 s of disorder; labels come five
 * minutes later, some before their prediction, some twice, some corrected, some never. The ledger is complete when every piece
 * has been taken.
 */
export class Ledger {
  readonly options: StreamOptions
  readonly panes = new Map<number, PaneCounts>()
  /** Distinct predictions, predictions sent a second time, label events, and records of each reason for which they cannot be read. */
  predictions = 0
  duplicates = 0
  labels = 0
  readonly rejected = new Map<string, number>()
  records = 0

  constructor(options: StreamOptions) {
    this.options = options
  }

  /** All events in order, piece by piece. */
  *pieces(): Iterable<LedgerEvent[]> {
    const { seed, predictions, hours = 48 } = this.options
    const random = seeded(seed)
    const stepMs = (hours * 60 * MINUTE) / predictions
    const timed: TimedEvent[] = []
    for (let i = 0; i < predictions; i++) {
      const time = Math.floor(START + i * stepMs)
      timed.push(...this.#events(random, time))
      if (i % ROWS_A_PIECE !== ROWS_A_PIECE - 1) continue
      timed.sort((a, b) => a.at - b.at)
      const ready = timed.findIndex(({ at }) => at >= time - EARLIEST_MS)
      if (ready > 0) yield this.#handOut(timed.splice(0, ready))
    }
    yield this.#handOut(timed.sort((a, b) => a.at - b.at))
  }

  #handOut(timed: readonly TimedEvent[]): LedgerEvent[] {
    this.records += timed.length
    return timed.map(({ event }) => event)
  }

  /** One row, with everything that is sent of it, and now and then a record that nobody can read. */
  #events(random: () => number, time: number): TimedEvent[] {
    const { partitions, predictions, malformed: bad = 0, ballast } = this.options
    const events: TimedEvent[] = []
    const row = makeRow(random, time)
    const episode = this.#episodeAt(time)
    if (episode !== undefined && random() < 0.5) row[episode % 2 === 0 ? 'amount' : 'job'] = null
    const { id, amount, age, job, score, decision } = row
    const partition = Math.floor(random() * partitions)
    const addBytes = (at: number, value: Buffer) =>
      events.push({ at: at + random() * 30_000, event: { partition, value } })
    const add = (at: number, body: object) => addBytes(at, Buffer.from(JSON.stringify({ ...body, ballast })))
    const at = new Date(time).toISOString()
    const features = { amount, age, job }
    const prediction = { type: 'prediction', id, model: 'ledger', time: at, features, score, prediction: decision }
    add(time, prediction)
    this.predictions++
    if (random() < 0.01) {
      this.duplicates++
      add(time + MINUTE, prediction)
    }
    const label = (value: string | null, at: number) => {
      this.labels++
      add(at, { type: 'label', id, model: 'ledger', time: new Date(at).toISOString(), label: value })
    }
    if (random() < bad / predictions) {
      const { reason, value } = unreadable[Math.floor(random() * unreadable.length)] as (typeof unreadable)[number]
      this.rejected.set(reason, (this.rejected.get(reason) ?? 0) + 1)
      addBytes(time, value as Buffer)
    }
    if (random() < 0.03) row.label = null
    else {
      const truth = row.label as string
      const labelledAt = random() < 0.02 ? time - 2 * MINUTE : time + 5 * MINUTE
      if (random() < 0.02) label(truth === 'bad' ? 'good' : 'bad', labelledAt - 1_000)
      label(truth, labelledAt)
      if (random() < 0.02) label(truth, labelledAt)
    }
    count(this.panes, row)
    this.options.onRow?.(row)
    return events
  }

  #episodeAt(time: number): number | undefined {
    const { hours = 48, episodes = 0 } = this.options
    if (episodes === 0) return undefined
    const everyMs = (hours * 60 * MINUTE) / episodes
    const into = (time - START) % everyMs
    const isOn = into >= everyMs / 2 && into < everyMs / 2 + EPISODE_MS
    return isOn ? Math.floor((time - START) / everyMs) : undefined
  }
}

interface TimedEvent {
  readonly at: number
  readonly event: LedgerEvent
}

/** The whole stream at once. */
export function makeStream(options: StreamOptions) {
  const rows: Row[] = []
  const ledger = new Ledger({ ...options, onRow: (row) => rows.push(row) })
  const events: readonly LedgerEvent[] = [...ledger.pieces()].flat()
  const { labels, duplicates } = ledger
  return { events, rows: rows as readonly Row[], labels, duplicates }
}

export type Stream = ReturnType<typeof makeStream>

export function expectedPanes(rows: readonly Row[]): Map<number, PaneCounts> {
  const panes = new Map<number, PaneCounts>()
  for (const row of rows) count(panes, row)
  return panes
}

/** What of a pane can be counted without any knowledge of bins. */
export interface PaneCounts {
  predicted: number
  missingAmounts: number
  ageSum: number
  jobs: Record<string, number>
  labelled: number
  truePositives: number
  falsePositives: number
  falseNegatives: number
  trueNegatives: number
}

function count(panes: Map<number, PaneCounts>, row: Row): void {
  const start = row.time - (row.time % PANE_MS)
  const pane = panes.get(start) ?? emptyPane()
  panes.set(start, pane)
  pane.predicted++
  if (row.amount === null) pane.missingAmounts++
  pane.ageSum += row.age
  if (row.job !== null) pane.jobs[row.job] = (pane.jobs[row.job] ?? 0) + 1
  if (row.label === null) return
  pane.labelled++
  const positive = row.label === 'bad'
  if (row.decision === 'bad') positive ? pane.truePositives++ : pane.falsePositives++
  else positive ? pane.falseNegatives++ : pane.trueNegatives++
}

export function emptyPane(): PaneCounts {
  return {
    predicted: 0,
    missingAmounts: 0,
    ageSum: 0,
    jobs: {},
    labelled: 0,
    truePositives: 0,
    falsePositives: 0,
    falseNegatives: 0,
    trueNegatives: 0,
  }
}
