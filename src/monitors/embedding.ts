// Has a column of embeddings moved: its centre, the shares of its clusters, or how far vectors lie from them?

import type { EmbeddingTest } from '../reference/embedding.ts'
import { measureEmbedding, testEmbedding } from '../reference/embedding.ts'
import { driftTest, noiseKey } from '../reference/noise.ts'
import type { EmbeddingCells } from '../summaries/embedding-cells.ts'
import type { WindowSpec } from '../windows/window.ts'
import { driftFloor, tooFew } from './drift.ts'
import { judge, noiseOf, weigh } from './policy.ts'
import type { Subject } from './subject.ts'
import { tooFewValues, windowNoise } from './subject.ts'
import type { Verdict } from './verdict.ts'

/** From here on nobody would want to wait: in mean distances to the centre, or as a share of rows. */
const SEVERE = 0.5

/** How an embedding's rate is shared: a centre that moved is the change that is seen soonest. */
const shares: Readonly<Record<EmbeddingTest, number>> = { centroid: 0.5, clusters: 0.25, distances: 0.25 }
const tests = Object.keys(shares) as EmbeddingTest[]

/** One verdict per column of embeddings: the distance that is largest, with the p-value of the tests. */
export function judgeEmbeddings(subject: Subject, spec: WindowSpec, inputs: Float64Array): Verdict[] {
  return subject.columns.flatMap(({ cells }) =>
    cells.kind === 'embedding' ? [judgeEmbedding(subject, spec, cells, inputs)] : [],
  )
}

function judgeEmbedding(subject: Subject, spec: WindowSpec, cells: EmbeddingCells, inputs: Float64Array): Verdict {
  const monitor = driftTest(cells.column)
  const identity = { monitor, kind: 'drift', feature: cells.column.name } as const
  const learnt = windowNoise(subject, spec)
  const calibrated = learnt?.calibrated === true
  const obstacle = tooFewValues(subject, spec, cells, inputs)
  if (obstacle !== null) return tooFew({ ...identity, metric: 'centroid' }, obstacle, calibrated)

  const sides = { cells, reference: subject.baseline.inputs, current: inputs }
  const noise = (test: EmbeddingTest) => noiseOf(learnt, noiseKey(monitor, test))
  const evidence = weigh(
    testEmbedding(sides).map(({ name, statistic, degrees }) => {
      return { statistic, degrees, share: shares[name], noise: noise(name) }
    }),
    spec,
    subject.budget.rate('drift', spec),
  )
  const measured = measureEmbedding(sides)
  const distances = tests.map((metric) => {
    const { value: raw, chance, variance } = measured[metric]
    const { designEffect } = noise(metric)
    const value = Math.sqrt(Math.max(0, raw * raw - designEffect * chance))
    return { metric, value, standardError: Math.sqrt(designEffect * variance) }
  })
  const { metric, value, standardError } = distances.reduce((best, one) => (one.value > best.value ? one : best))
  const floor = driftFloor(subject, cells.column.name)
  return {
    ...identity,
    ...judge(evidence, {
      size: value / floor,
      least: Math.max(0, value - standardError) / floor,
      severe: value >= SEVERE,
    }),
    metric,
    value,
    threshold: floor,
    effect: value,
    pValue: evidence.pValue,
    low: Math.max(0, value - 1.96 * standardError),
    high: value + 1.96 * standardError,
    reference: null,
    calibrated,
    methods: {
      ...Object.fromEntries(distances.map((one) => [one.metric, one.value])),
      ...(measured.cosine !== null && { cosine: measured.cosine }),
    },
  }
}
