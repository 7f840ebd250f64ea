// What the simulated models look at: columns as hard as real ones, each a function from a uniform number to a value.
//
// Numbers: normal, heavy tails, zeros, counts, atoms. Categories: 2 to 50, by Zipf. Missing values: none to 20 %.

import { normalQuantile } from '../../src/statistics/special/normal.ts'
import { studentTQuantile } from '../../src/statistics/special/student-t.ts'
import type { Role } from '../../src/summaries/schema.ts'

/** A column's distribution. `draw` maps (0, 1) to values, larger arguments to larger values (categories: to rarer ones). */
export interface Population {
  readonly name: string
  readonly kind: 'numeric' | 'categorical'
  readonly role: Role
  readonly draw: (u: number) => number | string
  /** Share of rows without a value. */
  readonly missing: number
}

type Shape = (u: number) => number

const normal: Shape = (u) => normalQuantile(u)
const lognormal =
  (sigma: number): Shape =>
  (u) =>
    Math.exp(sigma * normalQuantile(u))
const pareto: Shape = (u) => (1 - u) ** (-1 / 1.5)
const studentT: Shape = (u) => studentTQuantile(u, 3)
const uniform: Shape = (u) => u
const exponential: Shape = (u) => -Math.log1p(-u)
const bimodal: Shape = (u) => (u < 0.6 ? normalQuantile(u / 0.6) : 5 + 0.7 * normalQuantile((u - 0.6) / 0.4))
const zeroInflated =
  (zeros: number, other: Shape): Shape =>
  (u) =>
    u < zeros ? 0 : other((u - zeros) / (1 - zeros))
const rounded =
  (step: number, other: Shape): Shape =>
  (u) =>
    step * Math.round(other(u) / step)

/** Cumulated shares of a Poisson variable, to where the rest is no more than rounding. */
function poissonShape(mean: number): Shape {
  const cumulated: number[] = []
  let share = Math.exp(-mean)
  for (let k = 0, sum = 0; sum < 1 - 1e-12 && k < 1_000; k++) {
    sum += share
    cumulated.push(sum)
    share *= mean / (k + 1)
  }
  return (u) => rankOf(cumulated, u)
}

/** How many of the ascending numbers are at most `u`; never beyond the last of them. */
function rankOf(cumulated: readonly number[], u: number): number {
  let low = 0
  let high = cumulated.length - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((cumulated[middle] as number) <= u) low = middle + 1
    else high = middle
  }
  return low
}

function zipf(categories: number, exponent: number): { draw: Population['draw'] } {
  const weights = Array.from({ length: categories }, (_, rank) => (rank + 1) ** -exponent)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let sum = 0
  const cumulated = weights.map((weight) => {
    sum += weight / total
    return sum
  })
  return { draw: (u) => `v${rankOf(cumulated, u)}` }
}

/** 17 numeric shapes; the first is the one that changes are made to. */
const shapes: readonly [name: string, shape: Shape][] = [
  ['normal', normal],
  ['lognormal', lognormal(1)],
  ['heavy_lognormal', lognormal(2)],
  ['pareto', pareto],
  ['student_t', studentT],
  ['zero_inflated', zeroInflated(0.7, lognormal(1))],
  ['mostly_zero', zeroInflated(0.97, exponential)],
  ['counts', poissonShape(3)],
  ['rare_counts', poissonShape(0.3)],
  ['many_counts', poissonShape(40)],
  ['uniform', uniform],
  ['bimodal', bimodal],
  ['years', rounded(1, (u) => 40 + 12 * normalQuantile(u))],
  ['prices', rounded(5, (u) => 30 * Math.exp(0.5 * normalQuantile(u)))],
  ['exponential', exponential],
  ['narrow', (u) => 1_000 + 0.01 * normalQuantile(u)],
  ['capped', (u) => Math.min(1.2, normalQuantile(u))],
]

/** 8 vocabularies: number of categories and Zipf's exponent. */
const vocabularies: readonly [categories: number, exponent: number][] = [
  [5, 1],
  [2, 0],
  [2, 3],
  [3, 0.5],
  [10, 1],
  [20, 1],
  [30, 1.2],
  [50, 1],
]

const missingShares = [0, 0, 0.01, 0, 0.05, 0, 0.2, 0, 0.1]

/** The first 25 features, and 25 more of the same shapes with other shares of missing values; then score and decision. */
export function createPopulations(features: number): Population[] {
  const perRound = shapes.length + vocabularies.length
  const populations: Population[] = []
  for (let i = 0; i < features; i++) {
    const round = Math.floor(i / perRound)
    const place = i % perRound
    const missing = place === 0 || place === shapes.length ? 0 : (missingShares[(i + round) % 9] as number)
    const common = { role: 'feature', missing } as const
    if (place < shapes.length) {
      const [name, shape] = shapes[place] as (typeof shapes)[number]
      populations.push({ ...common, kind: 'numeric', name: `${name}_${round + 1}`, draw: shape })
    } else {
      const [categories, exponent] = vocabularies[place - shapes.length] as (typeof vocabularies)[number]
      const name = `of_${categories}_${exponent}_${round + 1}`.replace('.', '')
      populations.push({ ...common, kind: 'categorical', name, ...zipf(categories, exponent) })
    }
  }
  const score: Shape = (u) => 1 / (1 + Math.exp(1 - 1.3 * normalQuantile(u)))
  populations.push({ name: 'score', kind: 'numeric', role: 'prediction', draw: score, missing: 0 })
  const decision = (u: number) => (u < 0.8 ? 'no' : 'yes')
  populations.push({ name: 'prediction', kind: 'categorical', role: 'prediction', draw: decision, missing: 0 })
  return populations
}

/** A change of one column, as it may befall a model. */
export interface Change {
  readonly name: string
  /** The column that changes. */
  readonly column: string
  readonly kind: 'drift' | 'quality'
  readonly apply: (population: Population) => Population
}

const target = 'normal_1'
const category = 'of_5_1_1'

function ofValues(name: string, apply: (value: number) => number): Change {
  return {
    name,
    column: target,
    kind: 'drift',
    apply: (population) => ({ ...population, draw: (u) => apply(population.draw(u) as number) }),
  }
}

/** Normal columns have mean 0 and standard deviation 1; the second of the five categories has a share of 0.22. */
export const changes: readonly Change[] = [
  ...[0.1, 0.25, 0.5, 0.6].map((shift) => ofValues(`mean +${shift} sd`, (value) => value + shift)),
  ...[1.1, 1.3].map((factor) => ofValues(`spread × ${factor}`, (value) => factor * value)),
  {
    name: 'category +10 points',
    column: category,
    kind: 'drift',
    apply: (population) => ({ ...population, draw: withMore(population.draw, 'v1', 0.1) }),
  },
  {
    name: 'missing +10 points',
    column: target,
    kind: 'quality',
    apply: (population) => ({ ...population, missing: population.missing + 0.1 }),
  },
]

/** Raises a category's share by `points`, at the cost of all others alike. */
function withMore(draw: Population['draw'], raised: string, points: number): Population['draw'] {
  const steps = 100_000
  let share = 0
  for (let i = 0; i < steps; i++) if (draw((i + 0.5) / steps) === raised) share += 1 / steps
  const taken = points / (1 - share)
  return (u) => (u < taken ? raised : draw((u - taken) / (1 - taken)))
}
