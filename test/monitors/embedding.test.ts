import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeEmbeddings } from '../../src/monitors/embedding.ts'
import { judgeQuality } from '../../src/monitors/quality.ts'
import { createSubject } from '../../src/monitors/subject.ts'
import type { Judged } from '../../src/monitors/verdict.ts'
import { learnReference } from '../../src/reference/learn.ts'
import type { ReferenceRow } from '../../src/reference/reading.ts'
import { deserialise, serialise } from '../../src/reference/reference.ts'
import { contributeInputs } from '../../src/summaries/contribute.ts'
import { seeded } from '../build/random.ts'
import { normal, rows } from '../build/rows.ts'

const MINUTE = 60_000
const DIMENSION = 24
const TOPICS = 5
const spec = { name: '300m', sizeMs: 300 * MINUTE, slideMs: 60 * MINUTE }

const drawn = seeded(99)
const topics = Array.from({ length: TOPICS }, () => Array.from({ length: DIMENSION }, () => 2 * normal(drawn)))
const usual = [0.3, 0.3, 0.2, 0.1, 0.1]

/** Rows with a vector each: a topic by its weight, and noise around it. */
function texts(
  count: number,
  seed: number,
  { weights = usual, noise = 1 }: { weights?: readonly number[]; noise?: number } = {},
): ReferenceRow[] {
  const random = seeded(seed)
  return rows(count, { seed, numbers: 1 }).map(({ event, label }) => {
    let left = random()
    let topic = 0
    while (topic < TOPICS - 1 && left >= (weights[topic] as number)) left -= weights[topic++] as number
    const vector = (topics[topic] as number[]).map((value) => value + noise * normal(random))
    return { label, event: { ...event, features: { ...event.features, text: vector } } }
  })
}

const learn = (from: readonly ReferenceRow[], kind: 'embedding' | null = 'embedding') =>
  learnReference(from, {
    model: 'm',
    task: 'binary',
    positiveClass: '1',
    classes: null,
    columnKinds: kind === null ? {} : { text: kind },
    multivariate: true,
    estimation: false,
    textual: false,
    source: 'test',
    windows: [spec],
    minSamples: 100,
  })

const reference = learn(texts(7_200, 1))
const subject = createSubject(reference, {
  windows: [spec],
  falseAlarmBudget: 1,
  minSamples: 100,
  minCoverage: 0.8,
  metrics: [],
  alarms: {},
  multivariate: true,
  estimation: false,
})

function summarise(window: readonly ReferenceRow[]): Float64Array {
  const summary = new Float64Array(reference.layout.inputs.size)
  for (const { event } of window) {
    contributeInputs(reference.layout.inputs, summary, {
      features: event.features,
      score: event.score,
      prediction: event.prediction,
    })
  }
  return summary
}

function judged(window: readonly ReferenceRow[]): Judged {
  const [verdict] = judgeEmbeddings(subject, spec, summarise(window))
  return verdict as Judged
}

test('a column that is set to embedding is learnt with clusters; one that is not stays ignored', () => {
  const [column] = reference.columns.filter(({ name }) => name === 'text')
  assert.ok(column?.kind === 'embedding')
  assert.equal(column.dimension, DIMENSION)
  assert.equal(column.clusters.length, 16 * DIMENSION)
  const plain = learn(texts(200, 1), null)
  assert.ok(plain.columns.every(({ name }) => name !== 'text'))
  assert.match(String(plain.ignored.find(({ name }) => name === 'text')?.because), /lists or objects/)
})

test('the same rows give the same clusters, and a profile keeps them', () => {
  assert.equal(learn(texts(7_200, 1)).id, reference.id)
  assert.deepEqual(deserialise(serialise(reference)), reference)
})

test('100 windows in which nothing changed raise no alarm', () => {
  assert.equal(reference.noise['300m']?.calibrated, true)
  for (let seed = 100; seed < 200; seed++) {
    const { status, metric } = judged(texts(300, seed))
    assert.notEqual(status, 'alarm', `${metric}, seed ${seed}`)
  }
})

test('another mix of topics alarms, and its distances are told', () => {
  const verdict = judged(texts(300, 7, { weights: [0.1, 0.1, 0.2, 0.3, 0.3] }))
  assert.equal(verdict.status, 'alarm')
  assert.equal(verdict.monitor, 'drift/text')
  assert.deepEqual(Object.keys(verdict.methods ?? {}).sort(), ['centroid', 'clusters', 'cosine', 'distances'])
  assert.ok((verdict.methods?.['clusters'] as number) > 0.3 && (verdict.methods?.['centroid'] as number) > 0.1)
})

test('vectors that scatter more are seen by their distances, though their centre and mix are the same', () => {
  const verdict = judged(texts(300, 8, { noise: 1.3 }))
  assert.deepEqual([verdict.status, verdict.metric], ['alarm', 'distances'])
})

test('a missing vector, one of another length and one with a hole are counted, and are in no cluster', () => {
  const cells = reference.layout.inputs.columns.find(({ column }) => column.name === 'text')
  assert.ok(cells?.kind === 'embedding')
  const good = Array.from({ length: DIMENSION }, () => 1)
  const one = (text: unknown) => {
    const [row] = rows(1, { seed: 1, numbers: 1 }) as [ReferenceRow]
    return summarise([{ ...row, event: { ...row.event, features: text === undefined ? {} : { text } } }])
  }
  for (const [value, cell] of [
    [undefined, cells.absent],
    [null, cells.missing],
    [good.slice(1), cells.wrongType],
    [[...good.slice(1), 'x'], cells.wrongType],
    [[...good.slice(1), null], cells.wrongType],
    [[...good.slice(1), Number.POSITIVE_INFINITY], cells.wrongType],
    ['[1, 2]', cells.wrongType],
    [{}, cells.wrongType],
  ] as const) {
    const summary = one(value)
    assert.equal(summary[cell], 1, JSON.stringify(value))
    assert.equal(
      summary.subarray(cells.counts, cells.counts + cells.bins).reduce((sum, count) => sum + count, 0),
      0,
    )
  }
  const summary = one(good.map(() => 1e200))
  assert.ok(summary.every(Number.isSafeInteger))
  assert.equal(
    summary.subarray(cells.distances, cells.distances + cells.distanceBins).reduce((sum, count) => sum + count, 0),
    1,
  )
})

test('vectors of the wrong length are a matter of data quality', () => {
  const window = texts(300, 9).map(({ event, label }, i) => {
    const text = (event.features['text'] as number[]).slice(i % 2)
    return { label, event: { ...event, features: { ...event.features, text } } }
  })
  const verdicts = judgeQuality(subject, spec, summarise(window))
  assert.equal(verdicts.find(({ monitor }) => monitor === 'quality/type-error/text')?.status, 'alarm')
})

test('a column without a single list of numbers, or of equal vectors, says why it is not watched', () => {
  const withText = (text: unknown) =>
    rows(50, { seed: 1, numbers: 1 }).map(({ event, label }) => ({
      label,
      event: { ...event, features: { ...event.features, text } },
    }))
  const because = (text: unknown) => learn(withText(text)).ignored.find(({ name }) => name === 'text')?.because
  assert.match(String(because('words')), /holds no lists of numbers/)
  assert.match(String(because([1, 2, 3])), /the same/)
})
