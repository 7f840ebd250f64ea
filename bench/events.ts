// Events for the benchmarks: 25 features (18 numbers, 7 categories), about 450 bytes of JSON, random ids.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { seeded, uuid } from '../test/build/random.ts'

const START = Date.UTC(2026, 0, 5)
const numbers = Array.from({ length: 18 }, (_, i) => `n${i}`)
const categories = Array.from({ length: 7 }, (_, i) => `c${i}`)

function row(random: () => number): { features: Record<string, number | string>; score: number } {
  const features: Record<string, number | string> = {}
  for (const name of numbers) features[name] = Math.round(random() * 1e6) / 1e3
  for (const [i, name] of categories.entries()) features[name] = `v${Math.floor(random() * (2 + 7 * i))}`
  return { features, score: Math.round(random() * 1e4) / 1e4 }
}

/** Writes a reference of 10,000 rows and the configuration. @returns the path of the configuration */
export function writeConfiguration(folder: string, kafka: { brokers: string; topic: string }): string {
  mkdirSync(folder, { recursive: true })
  const random = seeded(1)
  const lines = [['id', 'time', ...numbers, ...categories, 'score', 'prediction', 'label'].join(',')]
  for (let i = 0; i < 10_000; i++) {
    const { features, score } = row(random)
    const values = [...numbers, ...categories].map((name) => features[name])
    lines.push(
      [
        uuid(random),
        new Date(START - (10_000 - i) * 60_000).toISOString(),
        ...values,
        score,
        score > 0.5 ? 1 : 0,
        random() < score ? 1 : 0,
      ].join(','),
    )
  }
  writeFileSync(join(folder, 'reference.csv'), `${lines.join('\n')}\n`)
  const path = join(folder, 'leeway.yaml')
  writeFileSync(
    path,
    `apiVersion: leeway/v1
sources:
  stream: {type: kafka, brokers: ["${kafka.brokers}"], topics: ["${kafka.topic}"], events: canonical, idleTimeout: 1s}
models:
  bench:
    source: stream
    task: binary
    positiveClass: "1"
    reference: {file: reference.csv, events: {id: id, time: time, score: score, prediction: prediction, label: label}}
    windows: [{size: 1h, slide: 5m}]
`,
  )
  return path
}

/**
 * Predictions in order of time over 8 partitions, 2,000 to the minute; with labels, each prediction's label follows about
 * 2,000 predictions later, so that half of the events are labels.
 */
export function* makeEvents(count: number, withLabels: boolean): Iterable<{ partition: number; value: string }> {
  const random = seeded(2)
  const waiting: Array<{ partition: number; value: string }> = []
  const predictions = withLabels ? count / 2 : count
  for (let i = 0; i < predictions; i++) {
    const { features, score } = row(random)
    const id = uuid(random)
    const time = new Date(START + i * 30).toISOString()
    const partition = i % 8
    yield {
      partition,
      value: JSON.stringify({
        type: 'prediction',
        id,
        model: 'bench',
        time,
        features,
        score,
        prediction: score > 0.5 ? '1' : '0',
      }),
    }
    if (!withLabels) continue
    waiting.push({
      partition,
      value: JSON.stringify({ type: 'label', id, model: 'bench', time, label: random() < score ? '1' : '0' }),
    })
    if (waiting.length > 2_000) yield waiting.shift() as { partition: number; value: string }
  }
  yield* waiting
}
