// How the reference's numeric features move together, and how far current rows depart from that: all from sums of products.
//
// Three questions, each blind to what the others see: have the means moved (Hotelling), has a correlation changed (Fisher), do
// the rows leave the directions that the reference uses (reconstruction)? The spread of each answer is taken from the reference's
// rows rather than from normal theory, for real columns have heavy tails.

import { correlationChanges } from '../statistics/multivariate/correlation-change.ts'
import type { MeanMeasure } from '../statistics/multivariate/hotelling-t2.ts'
import { mahalanobisSquared, measureOfMeans } from '../statistics/multivariate/hotelling-t2.ts'
import type { Moments } from '../statistics/multivariate/moments.ts'
import { momentsFromCrossSums } from '../statistics/multivariate/moments.ts'
import type { Residual } from '../statistics/multivariate/pca-reconstruction.ts'
import { fitResidual, reconstructionError } from '../statistics/multivariate/pca-reconstruction.ts'
import { floatBelow } from '../summaries/bins.ts'
import type { ScoredRow } from '../summaries/contribute.ts'
import { contributeInputs } from '../summaries/contribute.ts'
import type { CrossMomentCells } from '../summaries/cross-moments.ts'
import type { InputLayout } from '../summaries/layout.ts'
import type { Column, NumericColumn } from '../summaries/schema.ts'

/** Which features are watched together: those that fit by themselves, none, or the named ones. */
export type JointChoice = boolean | readonly string[]

/** What of a reference is frozen for joint tests, beside its sums. */
export interface JointReference {
  /** In the order of the layout. */
  readonly features: readonly string[]
  /** For each pair, (0, 1), (0, 2), …: the variance of Fisher's z of n rows times n; 1 for normal data, never less. */
  readonly pairVariances: readonly number[]
  /** For each feature the kurtosis of its standardised values; 3 for normal data. */
  readonly kurtoses: readonly number[]
  /** Variance of a row's reconstruction error over the square of its mean. */
  readonly errorVariance: number
}

/** Every pair costs a cell and a multiplication a row: beyond this many features that is too much. */
export const JOINT_FEATURES_MAX = 50
/** Features that are as good as the same are watched as one. */
const DUPLICATE = 0.999
/** Reference rows for each feature below which its covariances are mostly noise. */
const ROWS_PER_FEATURE = 5
/** Rows that the spread of correlations and errors is taken from. */
const ROWS_LOOKED_AT = 20_000

/**
 * The features to watch together: numeric ones that vary. Of more than 50 those that fill most bins, for a column that is nearly
 * always the same tells least.
 *
 * @throws Error that names a feature which is asked for but cannot be used
 */
export function jointFeatures(columns: readonly Column[], choice: JointChoice): readonly string[] {
  if (choice === false) return []
  const usable = columns.filter(
    (column): column is NumericColumn => column.kind === 'numeric' && column.role === 'feature' && varies(column),
  )
  if (choice !== true) {
    const names = usable.map(({ name }) => name)
    for (const name of choice) {
      if (!names.includes(name))
        throw new Error(
          `multivariate.features: ${name} is not a numeric feature that varies in the reference; those are ${names.join(', ') || 'none'}`,
        )
    }
    return choice
  }
  if (usable.length < 2) return []
  return [...usable]
    .sort((a, b) => b.edges.length - a.edges.length || (a.name < b.name ? -1 : 1))
    .slice(0, JOINT_FEATURES_MAX)
    .map(({ name }) => name)
    .sort()
}

function varies({ edges }: NumericColumn): boolean {
  return floatBelow(edges[edges.length - 1] as number) > (edges[0] as number)
}

/** A reference made ready for many joint tests. */
export interface PreparedJoint {
  readonly cells: CrossMomentCells
  /** Places of the features that are compared: those that vary and are no duplicate of one before them. */
  readonly kept: readonly number[]
  readonly pairVariances: readonly number[]
  readonly kurtoses: readonly number[]
  readonly errorVariance: number
  readonly means: MeanMeasure
  readonly residual: Residual
}

type Frozen = Pick<JointReference, 'pairVariances' | 'kurtoses' | 'errorVariance'>

/** Null where there is nothing to compare: fewer than two features, or too few rows. */
export function prepareJoint(layout: InputLayout, inputs: Float64Array, frozen: Frozen | null): PreparedJoint | null {
  const { moments: cells } = layout
  if (cells === null || frozen === null) return null
  const d = cells.features.length
  const all = momentsOf(
    cells,
    Array.from({ length: d }, (_, i) => i),
    inputs,
  )
  if (all === null || all.count < ROWS_PER_FEATURE * d) return null
  const kept = distinctFeatures(all, d)
  const moments = momentsOf(cells, kept, inputs)
  if (kept.length < 2 || moments === null) return null
  return { cells, kept, ...frozen, means: measureOfMeans(moments), residual: fitResidual(moments) }
}

function distinctFeatures({ covariance }: Moments, d: number): number[] {
  const kept: number[] = []
  const at = (i: number, j: number) => covariance[i * d + j] as number
  for (let i = 0; i < d; i++) {
    if (!(at(i, i) > 0)) continue
    if (kept.every((j) => Math.abs(at(i, j)) <= DUPLICATE * Math.sqrt(at(i, i) * at(j, j)))) kept.push(i)
  }
  return kept
}

/** The moments of some of the features, in quanta; null with fewer than 2 rows. */
function momentsOf(cells: CrossMomentCells, places: readonly number[], inputs: Float64Array): Moments | null {
  const count = inputs[0] as number
  if (count < 2) return null
  const products = new Float64Array((places.length * (places.length + 1)) / 2)
  const d = cells.features.length
  let at = 0
  for (const [nth, i] of places.entries()) {
    const row = cells.products + i * d - (i * (i - 1)) / 2 - i
    for (let other = nth; other < places.length; other++) {
      products[at++] = inputs[row + (places[other] as number)] as number
    }
  }
  return momentsFromCrossSums({
    count,
    sums: Float64Array.from(places, (place) => inputs[cells.sums + place] as number),
    products,
  })
}

/** Looks at rows of the reference once more, for how much products and errors of single rows vary. */
export function learnJoint(
  layout: InputLayout,
  inputs: Float64Array,
  rows: readonly ScoredRow[],
): JointReference | null {
  const { moments: cells } = layout
  if (cells === null) return null
  const { features } = cells
  const d = features.length
  const prepared = prepareJoint(layout, inputs, { pairVariances: [], kurtoses: [], errorVariance: 1 })
  const moments = momentsOf(
    cells,
    Array.from({ length: d }, (_, i) => i),
    inputs,
  )
  const pairs = (d * (d - 1)) / 2
  if (prepared === null || moments === null)
    return {
      features,
      pairVariances: new Array<number>(pairs).fill(1),
      kurtoses: new Array<number>(d).fill(3),
      errorVariance: 1,
    }
  const influence = new PairInfluence(moments)
  const errors = { count: 0, sum: 0, squares: 0 }
  const counted = new Float64Array(inputs.length)
  const step = Math.max(1, Math.floor(rows.length / ROWS_LOOKED_AT))
  for (let i = 0; i < rows.length; i += step) {
    contributeInputs(layout, counted, rows[i] as ScoredRow)
    influence.add(cells.row)
    const error = rowError(prepared, cells.row)
    errors.count++
    errors.sum += error
    errors.squares += error * error
  }
  const mean = errors.sum / errors.count
  const errorVariance = mean > 0 ? Math.max(0, errors.squares / errors.count / mean ** 2 - 1) : 1
  return {
    features,
    pairVariances: influence.variances(),
    kurtoses: influence.kurtoses(),
    errorVariance: rounded(Math.max(errorVariance, 1e-3)),
  }
}

function rounded(value: number): number {
  return Number(value.toPrecision(4))
}

/** What the components that are kept leave over of one row, squared. */
function rowError({ kept, residual }: PreparedJoint, row: Float64Array): number {
  const { mean, scale, directions } = residual
  const d = kept.length
  let error = 0
  for (let first = 0; first < directions.length; first += d) {
    let along = 0
    for (let i = 0; i < d; i++) {
      const distance = (row[kept[i] as number] as number) - (mean[i] as number)
      along += ((directions[first + i] as number) * distance) / (scale[i] as number)
    }
    error += along * along
  }
  return error
}

/**
 * The variance of each pair's correlation, by its influence function u v − r (u² + v²) / 2: right whatever the distribution.
 *
 * @see Devlin, Gnanadesikan and Kettenring (1975), Robust estimation and outlier detection with correlation coefficients, Biometrika 62
 */
class PairInfluence {
  readonly #moments: Moments
  readonly #scale: Float64Array
  readonly #unit: Float64Array
  readonly #correlations: Float64Array
  readonly #squares: Float64Array
  readonly #fourths: Float64Array
  #count = 0

  constructor(moments: Moments) {
    const { covariance, mean } = moments
    const d = mean.length
    this.#moments = moments
    this.#scale = mean.map((_, i) => Math.sqrt(covariance[i * d + i] as number) || 1)
    this.#unit = new Float64Array(d)
    this.#fourths = new Float64Array(d)
    this.#correlations = new Float64Array((d * (d - 1)) / 2)
    this.#squares = new Float64Array(this.#correlations.length)
    let pair = 0
    for (let i = 0; i < d; i++) {
      for (let j = i + 1; j < d; j++) {
        const size = (this.#scale[i] as number) * (this.#scale[j] as number)
        this.#correlations[pair++] = (covariance[i * d + j] as number) / size
      }
    }
  }

  add(row: Float64Array): void {
    const { mean } = this.#moments
    const unit = this.#unit
    for (let i = 0; i < unit.length; i++) {
      const value = ((row[i] as number) - (mean[i] as number)) / (this.#scale[i] as number)
      unit[i] = value
      this.#fourths[i] = (this.#fourths[i] as number) + value ** 4
    }
    this.#count++
    let pair = 0
    for (let i = 0; i < unit.length; i++) {
      const u = unit[i] as number
      for (let j = i + 1; j < unit.length; j++, pair++) {
        const v = unit[j] as number
        const influence = u * v - ((this.#correlations[pair] as number) * (u * u + v * v)) / 2
        this.#squares[pair] = (this.#squares[pair] as number) + influence * influence
      }
    }
  }

  kurtoses(): number[] {
    return Array.from(this.#fourths, (fourths) => rounded(Math.max(1, fourths / this.#count)))
  }

  variances(): number[] {
    return Array.from(this.#squares, (squares, pair) => {
      const open = 1 - (this.#correlations[pair] as number) ** 2
      return open > 0 ? rounded(Math.max(1, squares / this.#count / open ** 2)) : 1
    })
  }
}

export const jointMethods = ['hotelling', 'correlation', 'reconstruction'] as const
export type JointMethod = (typeof jointMethods)[number]

/** A pair of features and its correlation before and now. */
export interface ChangedPair {
  readonly features: readonly [string, string]
  readonly reference: number
  readonly current: number
}

/** One joint test of current rows against the reference. */
export interface JointTest {
  readonly method: JointMethod
  readonly degrees: number
  /** χ² with that many degrees where nothing has changed: what noise is learnt from. */
  readonly statistic: number
  /** What of it counts against the model: of several questions the strongest, of two directions the bad one. */
  readonly against: number
  /** Questions asked at once. */
  readonly questions: number
  /** Squared Mahalanobis distance of the means; absolute change of a correlation; ratio of reconstruction errors. */
  readonly effect: number
  /** What chance alone makes of the squared effect with independent rows (of the distance itself: of the effect). */
  readonly chance: number
  readonly pair: ChangedPair | null
}

/** Rows on both sides, in effect, below which correlations are not compared. */
const ROWS_FOR_PAIRS = 200
/** A change of a correlation that may matter: of the pairs that changed so much the most evident one is told. */
const PAIR_CHANGE = 0.1

/** All joint tests that the rows suffice for; none when a side has fewer than 2 rows. */
export function testJointly(joint: PreparedJoint, reference: Float64Array, current: Float64Array): JointTest[] {
  const before = momentsOf(joint.cells, joint.kept, reference)
  const now = momentsOf(joint.cells, joint.kept, current)
  if (before === null || now === null) return []
  const rows = 1 / (1 / before.count + 1 / now.count)
  const tests = [testMeans(joint, before, now, rows), testErrors(joint, before, now, rows)]
  return rows < ROWS_FOR_PAIRS ? tests : [...tests, ...testPairs(joint, before, now, rows)]
}

/** How a feature goes together with each of the others, before and now; the largest change first. None where that is not kept. */
export function correlationsOf(
  joint: PreparedJoint,
  { reference, current, feature }: { reference: Float64Array; current: Float64Array; feature: string },
): ChangedPair[] {
  const [before, now] = [reference, current].map((inputs) => momentsOf(joint.cells, joint.kept, inputs))
  if (before == null || now == null || Math.min(before.count, now.count) < 4) return []
  const found: ChangedPair[] = []
  for (const { pair, ...correlations } of correlationChanges(before, now)) {
    const [one, other] = pair.map((nth) => nameOf(joint, joint.kept[nth] as number)) as [string, string]
    if (one === feature || other === feature) found.push({ features: [one, other], ...correlations })
  }
  const change = ({ reference: was, current: is }: ChangedPair) => Math.abs(is - was)
  return found
    .map(({ features, reference: was, current: is }) => ({ features, reference: was, current: is }))
    .sort((a, b) => change(b) - change(a))
}

function testMeans({ means }: PreparedJoint, before: Moments, now: Moments, rows: number): JointTest {
  const effect = mahalanobisSquared({ mean: before.mean, lower: means.lower }, now.mean)
  const degrees = before.mean.length
  const statistic = rows * effect
  return {
    method: 'hotelling',
    degrees,
    statistic,
    against: statistic,
    questions: 1,
    effect,
    chance: degrees / rows,
    pair: null,
  }
}

/** Rows that are rebuilt better than the reference's own are no fault, but they are noise. */
function testErrors(
  { residual, errorVariance }: PreparedJoint,
  before: Moments,
  now: Moments,
  rows: number,
): JointTest {
  const own = reconstructionError(residual, before)
  const effect = own > 0 ? reconstructionError(residual, now) / own : 1
  const statistic = (rows * (effect - 1) ** 2) / errorVariance
  const against = effect > 1 ? statistic : 0
  return {
    method: 'reconstruction',
    degrees: 1,
    statistic,
    against,
    questions: 1,
    effect,
    chance: errorVariance / rows,
    pair: null,
  }
}

function* testPairs(joint: PreparedJoint, before: Moments, now: Moments, rows: number): Generator<JointTest> {
  const d = joint.cells.features.length
  let questions = 0
  let sum = 0
  let told: { z2: number; matters: boolean; change: number; chance: number; pair: ChangedPair } | undefined
  for (const { pair, reference, current, z } of correlationChanges(before, now)) {
    const [i, j] = [joint.kept[pair[0]] as number, joint.kept[pair[1]] as number]
    const variance = joint.pairVariances[i * d - (i * (i + 1)) / 2 + j - i - 1] ?? 1
    const z2 = (z * z) / variance / tailFactor((joint.kurtoses[i] ?? 3) * (joint.kurtoses[j] ?? 3), rows) ** 2
    questions++
    sum += z2
    const change = Math.abs(current - reference)
    const matters = change >= PAIR_CHANGE
    if (told !== undefined && (told.matters !== matters ? told.matters : told.z2 >= z2)) continue
    const chance = (variance * (1 - reference ** 2) ** 2) / rows
    told = { z2, matters, change, chance, pair: { features: [nameOf(joint, i), nameOf(joint, j)], reference, current } }
  }
  if (told === undefined) return
  const { change, chance, pair, z2 } = told
  yield {
    method: 'correlation',
    degrees: 1,
    statistic: sum / questions,
    against: z2,
    questions,
    effect: change,
    chance,
    pair,
  }
}

/**
 * How much further out than a normal one a pair's z lies at the levels of an alarm. The kurtosis of a product of two features is the
 * product of theirs, that of a sum of n such products an n-th of it, and by Cornish and Fisher's expansion a quantile z is then
 * 1 + (z² − 3) / 24 times that of it larger: 1 to 2 at z = 5 to 7. Two is taken, for with few rows the expansion falls short.
 */
function tailFactor(kurtosis: number, rows: number): number {
  return 1 + (2 * kurtosis) / rows
}

function nameOf({ cells }: PreparedJoint, place: number): string {
  return cells.features[place] as string
}

/** What the noise of a joint test is called. */
export function jointMonitor(method: JointMethod): string {
  return `multivariate/${method}`
}
