// A stream of events with a ledger: what every pane must hold is computed from the ledger alone, by plain counting.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { seeded, uuid } from './random.ts'

const MINUTE = 60_000
export const PANE_MS = 10 * MINUTE
const START = Date.UTC(2026, 0, 5)

export interface LedgerEvent {
  readonly partition: number
  readonly value: Buffer
}

interface Row {
  readonly id: string
  readonly time: number
  readonly amount: number | null
  readonly age: number
  readonly job: string
  readonly score: number
  readonly decision: string
  label: string | null
}

const jobs = ['clerk', 'cook', 'driver', 'nurse', 'pilot']

/** Rows of one model: two numbers (one sometimes missing), one category, a score, a decision, the truth. */
function makeRow(random: () => number, time: number): Row {
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

/** Writes the reference and the configuration into `folder`. @returns the path of the configuration */
export function writeConfiguration(folder: string, kafka: { brokers: string; topic: string }): string {
  mkdirSync(folder, { recursive: true })
  const random = seeded(7)
  const lines = ['id,time,amount,age,job,score,decision,label']
  for (let i = 0; i < 3_000; i++) {
    const { id, time, amount, age, job, score, decision, label } = makeRow(random, START - 3_000 * MINUTE + i * MINUTE)
    lines.push([id, new Date(time).toISOString(), amount ?? '', age, job, score, decision, label].join(','))
  }
  writeFileSync(join(folder, 'reference.csv'), `${lines.join('\n')}\n`)
  const path = join(folder, 'leeway.yaml')
  writeFileSync(
    path,
    `apiVersion: leeway/v1
sources:
  stream: {type: kafka, brokers: ["${kafka.brokers}"], topics: ["${kafka.topic}"], events: canonical, idleTimeout: 1s}
models:
  ledger:
    source: stream
    task: binary
    positiveClass: bad
    reference: {file: reference.csv, events: {id: id, time: time, features: [amount, age, job], score: score, prediction: decision, label: label}}
    windows: [{size: 1h, slide: 10m}, {size: 6d, slide: 1d}]
    labels: {horizon: 20d}
channels:
  screen: {type: console}
`,
  )
  return path
}

export interface Stream {
  readonly events: readonly LedgerEvent[]
  readonly rows: readonly Row[]
  /** Label events, and predictions sent a second time. */
  readonly labels: number
  readonly duplicates: number
}

/**
 * Predictions and their labels over `partitions` partitions, in order of time with up to 30 s of disorder; labels come five
 * minutes later, some before their prediction, some twice, some corrected, some never.
 */
export function makeStream(options: { seed: number; predictions: number; partitions: number }): Stream {
  const random = seeded(options.seed)
  const rows: Row[] = []
  let labels = 0
  let duplicates = 0
  const timed: Array<{ at: number; event: LedgerEvent }> = []
  const stepMs = (48 * 60 * MINUTE) / options.predictions
  for (let i = 0; i < options.predictions; i++) {
    const row = makeRow(random, Math.floor(START + i * stepMs))
    rows.push(row)
    const partition = Math.floor(random() * options.partitions)
    const add = (at: number, body: object) =>
      timed.push({ at: at + random() * 30_000, event: { partition, value: Buffer.from(JSON.stringify(body)) } })
    const { id, time, amount, age, job, score, decision } = row
    const prediction = {
      type: 'prediction',
      id,
      model: 'ledger',
      time: new Date(time).toISOString(),
      features: { amount, age, job },
      score,
      prediction: decision,
    }
    add(time, prediction)
    if (random() < 0.01) {
      duplicates++
      add(time + MINUTE, prediction)
    }
    const label = (value: string | null, at: number) => {
      labels++
      add(at, { type: 'label', id, model: 'ledger', time: new Date(at).toISOString(), label: value })
    }
    if (random() < 0.03) {
      row.label = null
      continue
    }
    const truth = row.label as string
    const labelledAt = random() < 0.02 ? time - 2 * MINUTE : time + 5 * MINUTE
    if (random() < 0.02) label(truth === 'bad' ? 'good' : 'bad', labelledAt - 1_000)
    label(truth, labelledAt)
    if (random() < 0.02) label(truth, labelledAt)
  }
  timed.sort((a, b) => a.at - b.at)
  return { rows, labels, duplicates, events: timed.map(({ event }) => event) }
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

export function expectedPanes(rows: readonly Row[]): Map<number, PaneCounts> {
  const panes = new Map<number, PaneCounts>()
  for (const row of rows) {
    const start = row.time - (row.time % PANE_MS)
    const pane = panes.get(start) ?? emptyPane()
    panes.set(start, pane)
    pane.predicted++
    if (row.amount === null) pane.missingAmounts++
    pane.ageSum += row.age
    pane.jobs[row.job] = (pane.jobs[row.job] ?? 0) + 1
    if (row.label === null) continue
    pane.labelled++
    const positive = row.label === 'bad'
    if (row.decision === 'bad') positive ? pane.truePositives++ : pane.falsePositives++
    else positive ? pane.falseNegatives++ : pane.trueNegatives++
  }
  return panes
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
