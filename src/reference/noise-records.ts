// What the tests said in the windows of the reference period, and the noise that follows from it.

import { mean } from 'simple-statistics'
import type { Rung, Sliding } from './ladder.ts'
import { ladderOf } from './ladder.ts'
import { independentWindows } from './noise-support.ts'
import type { TestNoise } from './reference.ts'

/** One window's result of one test. */
export interface TestResult {
  readonly degrees: number
  readonly statistic: number
  /** Of the statistic what counts against the model; all of it when left out. */
  readonly against?: number
}

interface TestRecord {
  degrees: number
  /** Statistic over degrees of freedom, window after window. */
  readonly ratios: number[]
  /** What of it counts against the model: the same list where all does, for thousands of columns have long ones. */
  readonly against: number[]
}

export class NoiseRecords {
  readonly #ladder: readonly Rung[]
  readonly #slides: number
  readonly #tests = new Map<string, TestRecord>()

  constructor(spec: Sliding) {
    this.#ladder = ladderOf(spec)
    this.#slides = spec.sizeMs / spec.slideMs
  }

  add(test: string, { degrees, statistic, against }: TestResult): void {
    let record = this.#tests.get(test)
    if (record === undefined) {
      const ratios: number[] = []
      record = { degrees: 0, ratios, against: against === undefined ? ratios : [] }
      this.#tests.set(test, record)
    }
    record.degrees += degrees
    record.ratios.push(statistic / degrees)
    if (against !== undefined) record.against.push(against / degrees)
  }

  /** The noise of every test. Tests that ask the same of different columns learn it together. */
  noise(): Record<string, TestNoise> {
    const families = new Map<string, Array<[test: string, record: TestRecord]>>()
    for (const [test, record] of this.#tests) {
      const family = familyOf(test)
      families.set(family, [...(families.get(family) ?? []), [test, record]])
    }
    const noise: Record<string, TestNoise> = {}
    for (const members of families.values()) {
      const learnt = this.#learn(members.map(([, record]) => record))
      for (const [i, [test]] of members.entries()) noise[test] = learnt[i] as TestNoise
    }
    return noise
  }

  #learn(family: readonly TestRecord[]): TestNoise[] {
    const windows = family.map(({ ratios }) => Math.max(1, ratios.length / this.#slides))
    const likeness = together(
      family.map(({ ratios }, i) => ({
        value: correlation(ratios, this.#slides),
        variance: 1 / (windows[i] as number),
      })),
    )
    // Windows that are alike say less than their number.
    const effective = likeness.map(({ value }, i) => independentWindows(windows[i] as number, value))
    const moments = family.map(momentsOf)
    const learn = (moment: 'mean' | 'variance' | 'skew', chance: (degrees: number) => number, relative: boolean) => {
      const usual = relative ? mean(moments.map((one) => one[moment])) ** 2 : 1
      const estimates = moments.map((one, i) => ({
        value: one[moment],
        variance: (usual * chance(one.degrees)) / (effective[i] as number),
      }))
      return together(estimates)
    }
    // Sampling variances of the moments of χ² / df, each over its square (mean, variance) or as it is (skewness over its own).
    const means = learn('mean', (df) => 2 / df, true)
    const variances = learn('variance', (df) => 2 + 12 / df, true)
    const skews = learn('skew', (df) => ((6 + 50 / df) * df) / 8, false)
    return family.map((record, i) => {
      const effect = means[i] as Estimate
      const alike = likeness[i] as Estimate
      const designEffect = Math.max(1, effect.value)
      return {
        windows: Math.floor((record.ratios.length + this.#slides - 1) / this.#slides),
        designEffect,
        varianceEffect: Math.max(designEffect ** 2, (variances[i] as Estimate).value),
        skewEffect: Math.max(1, (skews[i] as Estimate).value),
        // A statistic that was 0 throughout has no spread of its own to tell how well it is known: the rows' independence does.
        support:
          effect.value > 0 && effect.variance > 0
            ? (2 * effect.value ** 2) / effect.variance
            : Math.max(1, (effective[i] as number) * (moments[i] as { degrees: number }).degrees),
        // The statistic is a square: it is as alike as the square of what it measures. A standard error more, to be safe.
        correlation: Math.sqrt(Math.min(1, Math.max(0, alike.value + Math.sqrt(alike.variance)))),
        largest: this.#ladder.map(({ windows: run }) => Math.max(0, ...leastOfRuns(record.against, run))),
      }
    })
  }
}

/** Mean, variance and skewness of a statistic over its degrees of freedom, the latter two over those of χ². */
function momentsOf({ degrees: total, ratios }: TestRecord) {
  const degrees = total / ratios.length
  const centre = mean(ratios)
  let [second, third] = [0, 0]
  for (const ratio of ratios) {
    second += (ratio - centre) ** 2
    third += (ratio - centre) ** 3
  }
  second /= ratios.length
  third /= ratios.length
  const skewness = second > 0 ? third / second ** 1.5 : 0
  return { degrees, mean: centre, variance: (second * degrees) / 2, skew: skewness * Math.sqrt(degrees / 8) }
}

/** Tests that ask the same of different columns learn their noise together: `drift/income#shift` belongs to `#shift`. */
function familyOf(test: string): string {
  const [kind, what] = test.split('/')
  if (kind === 'quality') return `quality/${what}`
  const at = test.lastIndexOf('#')
  return at < 0 ? test : test.slice(at)
}

/** A number learnt from one test, and its variance if nothing but chance is in it. */
interface Estimate {
  readonly value: number
  readonly variance: number
}

const SMALLEST_VARIANCE = 1e-12

/**
 * What several columns say of one thing: as far as they differ by chance alone each lends the others its windows, as far as they
 * truly differ each keeps its own.
 *
 * @see Morris (1983), Parametric empirical Bayes inference, J. Am. Statist. Ass. 78
 */
function together(raw: readonly Estimate[]): Estimate[] {
  // What is the same in every window has no variance, and says all there is to say.
  const estimates = raw.map(({ value, variance }) => ({ value, variance: Math.max(variance, SMALLEST_VARIANCE) }))
  const information = estimates.reduce((sum, { variance }) => sum + 1 / variance, 0)
  const common = estimates.reduce((sum, { value, variance }) => sum + value / variance, 0) / information
  const surplus = estimates.reduce((sum, { value, variance }) => sum + (value - common) ** 2 - variance, 0)
  const between = Math.max(0, surplus / Math.max(1, estimates.length - 1))
  return estimates.map(({ value, variance }) => {
    const lent = variance / (variance + between)
    return { value: (1 - lent) * value + lent * common, variance: (1 - lent) * variance + lent / information }
  })
}

/** Correlation of a series with itself so many steps later; 0 where it is too short or does not vary. */
function correlation(values: readonly number[], lag: number): number {
  const pairs = values.length - lag
  if (pairs < 2) return 0
  const centre = mean(values)
  let [product, square] = [0, 0]
  for (const [i, value] of values.entries()) {
    square += (value - centre) ** 2
    if (i >= lag) product += (value - centre) * ((values[i - lag] as number) - centre)
  }
  return square > 0 ? product / pairs / (square / values.length) : 0
}

/** For each window that ends a run of the given length, the smallest value of the run. */
function leastOfRuns(values: readonly number[], windows: number): number[] {
  const least: number[] = []
  const queue: number[] = []
  for (const [i, value] of values.entries()) {
    while (queue.length > 0 && (values[queue[queue.length - 1] as number] as number) >= value) queue.pop()
    queue.push(i)
    if ((queue[0] as number) <= i - windows) queue.shift()
    if (i >= windows - 1) least.push(values[queue[0] as number] as number)
  }
  return least
}
