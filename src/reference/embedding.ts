// A column of embeddings: its clusters and distances in the reference, and how far current vectors depart from them.

import { hashInto } from '../events/id-hash.ts'
import { chiSquaredTwoSample } from '../statistics/distances/chi-squared-two-sample.ts'
import { poolSparse } from '../statistics/distances/pool-sparse.ts'
import { totalVariation } from '../statistics/distances/total-variation.ts'
import { embeddingDistance } from '../statistics/multivariate/embedding-distance.ts'
import { quantileEdges } from '../summaries/bins.ts'
import type { EmbeddingCells } from '../summaries/embedding-cells.ts'
import { isVector, squaredDistance } from '../summaries/embedding-cells.ts'
import type { EmbeddingColumn, Role } from '../summaries/schema.ts'

const CLUSTERS = 16
const ROUNDS = 15
/** Rows that clusters are learnt from, and pairs of rows that the vectors' own degrees of freedom are learnt from. */
const ROWS_LOOKED_AT = 2_000
const DISTANCE_LEVELS = 16
const DIMENSION_MAX = 4_096

/**
 * Learns a column of vectors. The most frequent length is the column's; other values are counted as being of the wrong type.
 *
 * @param present values that are not missing
 * @returns the column, or why it cannot be watched
 */
export function learnEmbedding(name: string, role: Role, present: readonly unknown[]): EmbeddingColumn | string {
  const dimension = usualLength(present)
  if (dimension === 0) {
    return 'it is set to embedding, but holds no lists of numbers in the reference; a cell of text (CSV) is no list'
  }
  if (dimension > DIMENSION_MAX) return `its vectors have ${dimension} entries; ${DIMENSION_MAX} can be watched`
  const vectors = present.filter((value) => isVector(value, dimension))
  const mean = meanOf(vectors, dimension)
  const squares = vectors.map((vector) => squaredDistance(mean, 0, vector))
  const variance = squares.reduce((sum, square) => sum + square, 0) / Math.max(1, vectors.length)
  if (!(variance > 0 && Number.isFinite(variance))) return 'all its vectors in the reference are the same'
  const quantum = 2 ** Math.floor(Math.log2(Math.sqrt(variance / dimension)) - 16)
  const clusters = clustersOf(spaced(vectors), dimension)
  const nearest = Float64Array.from(vectors, (vector) => Math.sqrt(nearestOf(clusters, vector).squares)).sort()
  return {
    kind: 'embedding',
    role,
    name,
    dimension,
    center: mean.map((value) => Math.round(value / quantum) * quantum),
    quantum,
    clusters,
    edges: quantileEdges(nearest, DISTANCE_LEVELS),
    meanDistance: squares.reduce((sum, square) => sum + Math.sqrt(square), 0) / vectors.length,
    variance,
    degrees: degreesOf(spaced(vectors), mean, variance),
  }
}

/** The length that most lists of finite numbers have; of equally frequent ones the shortest; 0 when there are none. */
function usualLength(values: readonly unknown[]): number {
  const counts = new Map<number, number>()
  for (const value of values) {
    if (Array.isArray(value) && value.length > 0 && isVector(value, value.length)) {
      counts.set(value.length, (counts.get(value.length) ?? 0) + 1)
    }
  }
  const [usual] = [...counts].sort(([a, m], [b, n]) => n - m || a - b)
  return usual?.[0] ?? 0
}

function meanOf(vectors: ReadonlyArray<readonly number[]>, dimension: number): Float64Array {
  const mean = new Float64Array(dimension)
  for (const vector of vectors)
    for (let i = 0; i < dimension; i++) mean[i] = (mean[i] as number) + (vector[i] as number)
  return mean.map((sum) => sum / Math.max(1, vectors.length))
}

function spaced<T>(rows: readonly T[]): readonly T[] {
  const step = Math.max(1, rows.length / ROWS_LOOKED_AT)
  return Array.from({ length: Math.min(rows.length, ROWS_LOOKED_AT) }, (_, i) => rows[Math.floor(i * step)] as T)
}

/** k-means from k-means++ starts; its randomness is a function of the vectors, so the same reference has the same clusters. */
function clustersOf(vectors: ReadonlyArray<readonly number[]>, dimension: number): Float64Array {
  const clusters = startsOf(vectors, dimension)
  const count = clusters.length / dimension
  for (let round = 0; round < ROUNDS; round++) {
    const sums = new Float64Array(clusters.length)
    const sizes = new Float64Array(count)
    for (const vector of vectors) {
      const { cluster } = nearestOf(clusters, vector)
      sizes[cluster] = (sizes[cluster] as number) + 1
      for (let i = 0; i < dimension; i++) {
        sums[cluster * dimension + i] = (sums[cluster * dimension + i] as number) + (vector[i] as number)
      }
    }
    for (let at = 0; at < clusters.length; at++) {
      const size = sizes[Math.floor(at / dimension)] as number
      if (size > 0) clusters[at] = (sums[at] as number) / size
    }
  }
  return clusters.map(Math.fround)
}

/** Each start is a vector, drawn with a chance that grows with its squared distance from the starts before it. */
function startsOf(vectors: ReadonlyArray<readonly number[]>, dimension: number): Float64Array {
  const random = randomOf(vectors)
  const starts: number[] = [...(vectors[Math.floor(random() * vectors.length)] as readonly number[])]
  const gaps = new Float64Array(vectors.length).fill(Number.POSITIVE_INFINITY)
  while (starts.length < CLUSTERS * dimension) {
    const last = Float64Array.from(starts.slice(-dimension))
    let total = 0
    for (const [i, vector] of vectors.entries()) {
      gaps[i] = Math.min(gaps[i] as number, squaredDistance(last, 0, vector))
      total += gaps[i] as number
    }
    if (!(total > 0)) break
    let left = random() * total
    let chosen = 0
    while (chosen < vectors.length - 1 && left >= (gaps[chosen] as number)) left -= gaps[chosen++] as number
    starts.push(...(vectors[chosen] as readonly number[]))
  }
  return Float64Array.from(starts)
}

function randomOf(vectors: ReadonlyArray<readonly number[]>): () => number {
  const hash = { high: 0, low: 0 }
  hashInto(hash, JSON.stringify([vectors.length, vectors[0], vectors[vectors.length - 1]]), 0)
  let state = hash.low | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

function nearestOf(clusters: Float64Array, vector: readonly number[]): { cluster: number; squares: number } {
  let best = { cluster: 0, squares: Number.POSITIVE_INFINITY }
  for (let first = 0; first < clusters.length; first += vector.length) {
    const squares = squaredDistance(clusters, first, vector, best.squares)
    if (squares < best.squares) best = { cluster: first / vector.length, squares }
  }
  return best
}

/**
 * How many directions of equal spread the vectors have in effect: tr(S)² / tr(S²). The trace of S² is the mean squared product of
 * two independent rows, so pairs of rows half the period apart do.
 *
 * @see Satterthwaite (1946), An approximate distribution of estimates of variance components, Biometrics Bulletin 2(6)
 */
function degreesOf(vectors: ReadonlyArray<readonly number[]>, mean: Float64Array, variance: number): number {
  const half = Math.floor(vectors.length / 2)
  let sum = 0
  for (let i = 0; i < half; i++) {
    const [one, other] = [vectors[i] as readonly number[], vectors[i + half] as readonly number[]]
    let product = 0
    for (let j = 0; j < mean.length; j++) {
      product += ((one[j] as number) - (mean[j] as number)) * ((other[j] as number) - (mean[j] as number))
    }
    sum += product * product
  }
  return sum > 0 ? Math.min(mean.length, Math.max(1, variance ** 2 / (sum / half))) : 1
}

/** Has the centre moved, do the clusters have other shares, do vectors lie at other distances from them? */
export type EmbeddingTest = 'centroid' | 'clusters' | 'distances'

interface Sides {
  readonly cells: EmbeddingCells
  readonly reference: Float64Array
  readonly current: Float64Array
}

export function testEmbedding({ cells, reference, current }: Sides) {
  const { variance, degrees } = cells.column
  const { squares, h } = centreShift({ cells, reference, current })
  return [
    { name: 'centroid', statistic: (degrees * squares) / (variance * h), degrees },
    { name: 'clusters', ...testCounts(clusterCounts(cells, reference), clusterCounts(cells, current)) },
    { name: 'distances', ...testCounts(distanceCounts(cells, reference), distanceCounts(cells, current)) },
  ] as const
}

function testCounts(reference: Float64Array, current: Float64Array) {
  const pooled = poolSparse(reference, current)
  return chiSquaredTwoSample(pooled.reference, pooled.current)
}

function clusterCounts(cells: EmbeddingCells, inputs: Float64Array): Float64Array {
  return inputs.subarray(cells.counts, cells.counts + cells.bins)
}

function distanceCounts(cells: EmbeddingCells, inputs: Float64Array): Float64Array {
  return inputs.subarray(cells.distances, cells.distances + cells.distanceBins)
}

/** Squared distance of the two centres, and 1/n + 1/M. */
function centreShift({ cells, reference, current }: Sides): { squares: number; h: number } {
  const { sums, column } = cells
  const [before, now] = [rowsOf(cells, reference), rowsOf(cells, current)]
  let squares = 0
  for (let i = 0; i < column.dimension; i++) {
    const shift = (current[sums + i] as number) / now - (reference[sums + i] as number) / before
    squares += (shift * column.quantum) ** 2
  }
  return { squares, h: 1 / now + 1 / before }
}

function rowsOf(cells: EmbeddingCells, inputs: Float64Array): number {
  return clusterCounts(cells, inputs).reduce((sum, count) => sum + count, 0)
}

/** Distances of current vectors from the reference's, with what chance alone makes of their squares for independent rows. */
export interface EmbeddingDistances {
  readonly centroid: { readonly value: number; readonly chance: number; readonly variance: number }
  readonly clusters: { readonly value: number; readonly chance: number; readonly variance: number }
  readonly distances: { readonly value: number; readonly chance: number; readonly variance: number }
  /** 1 − cos of the angle between the two centres; null where one is 0. */
  readonly cosine: number | null
}

/** Both sides must hold at least one vector. The centroid's distance is over the mean distance of the reference's vectors to theirs. */
export function measureEmbedding({ cells, reference, current }: Sides): EmbeddingDistances {
  const { column } = cells
  const { squares, h } = centreShift({ cells, reference, current })
  const unit = column.meanDistance
  const shares = (before: Float64Array, now: Float64Array) => {
    const occupied = before.reduce((cellCount, count, i) => cellCount + (count + (now[i] as number) > 0 ? 1 : 0), 0)
    const chance = ((occupied - 1) * h) / (2 * Math.PI)
    return { value: totalVariation(before, now), chance, variance: h / 4 }
  }
  const centre = (inputs: Float64Array) => {
    const rows = rowsOf(cells, inputs)
    return column.center.map((value, i) => value + (column.quantum * (inputs[cells.sums + i] as number)) / rows)
  }
  return {
    centroid: {
      value: Math.sqrt(squares) / unit,
      chance: (column.variance * h) / unit ** 2,
      variance: (column.variance * h) / column.degrees / unit ** 2,
    },
    clusters: shares(clusterCounts(cells, reference), clusterCounts(cells, current)),
    distances: shares(distanceCounts(cells, reference), distanceCounts(cells, current)),
    cosine: embeddingDistance(centre(reference), centre(current)).cosine,
  }
}
