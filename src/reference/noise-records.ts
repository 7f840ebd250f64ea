// What the tests said in the windows of the reference period, and the noise that follows from it.

import { heldMoments } from '../statistics/lasting/held-moments.ts'
import type { Rung, Sliding } from './ladder.ts'
import { ladderOf } from './ladder.ts'
import type { RungNoise, TestNoise } from './reference.ts'

/** One window's result of one test. */
export interface TestResult {
  readonly degrees: number
  readonly statistic: number
  /** Of the statistic what counts against the model; all of it when left out. */
  readonly against?: number
}

interface TestRecord {
  degrees: number
  /** Statistic over degrees of freedom, window after window, and what of it counts against the model. */
  readonly ratios: number[]
  readonly against: number[]
}

/** What one rung of one test's ladder showed by itself. */
interface Estimate {
  /** How much larger the statistic is than with independent rows, on average. */
  readonly effect: number
  /** Variance of that, relative to its square, if nothing but chance is in it. */
  readonly uncertainty: number
  readonly largest: number
}

export class NoiseRecords {
  readonly #spec: Sliding
  readonly #ladder: readonly Rung[]
  readonly #tests = new Map<string, TestRecord>()

  constructor(spec: Sliding) {
    this.#spec = spec
    this.#ladder = ladderOf(spec)
  }

  add(test: string, { degrees, statistic, against = statistic }: TestResult): void {
    let record = this.#tests.get(test)
    if (record === undefined) {
      record = { degrees: 0, ratios: [], against: [] }
      this.#tests.set(test, record)
    }
    record.degrees += degrees
    record.ratios.push(statistic / degrees)
    record.against.push(against / degrees)
  }

  /** The noise of every test on every rung. @param windows disjoint windows that were judged */
  noise(windows: number): Record<string, TestNoise> {
    const families = new Map<string, Array<[test: string, estimates: Estimate[]]>>()
    for (const [test, record] of this.#tests) {
      const estimates = this.#ladder.map((rung) => this.#estimate(record, rung, windows))
      const family = familyOf(test)
      families.set(family, [...(families.get(family) ?? []), [test, estimates]])
    }
    const noise: Record<string, TestNoise> = {}
    for (const members of families.values()) {
      const rungs = this.#ladder.map((_, rung) => together(members.map(([, estimates]) => estimates[rung] as Estimate)))
      for (const [i, [test]] of members.entries()) noise[test] = rungs.map((estimates) => estimates[i] as RungNoise)
    }
    return noise
  }

  #estimate({ degrees, ratios, against }: TestRecord, rung: Rung, windows: number): Estimate {
    const slidesPerWindow = this.#spec.sizeMs / this.#spec.slideMs
    const held = heldMoments(degrees / ratios.length, { windows: rung.windows, slidesPerWindow })
    const runs = Math.max(1, (windows * slidesPerWindow) / (slidesPerWindow + rung.windows - 1))
    const lasting = leastOfRuns(ratios, rung.windows)
    const mean = lasting.reduce((sum, ratio) => sum + ratio, 0) / Math.max(1, lasting.length)
    return {
      // A period too short for a single run says nothing of it: what single windows do is the best guess.
      effect: lasting.length > 0 ? mean / held.mean : ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length,
      uncertainty: held.relativeVariance / runs,
      largest: leastOfRuns(against, rung.windows).reduce((largest, ratio) => Math.max(largest, ratio), 0),
    }
  }
}

/** Tests that ask the same of different columns learn their noise together: `drift/income#shift` belongs to `#shift`. */
function familyOf(test: string): string {
  const [kind, what] = test.split('/')
  if (kind === 'quality') return `quality/${what}`
  const at = test.lastIndexOf('#')
  return at < 0 ? test : test.slice(at)
}

/**
 * What several columns say of one test's noise: as far as they differ by chance alone each lends the others its windows, as far
 * as they truly differ each keeps its own.
 *
 * @see Morris (1983), Parametric empirical Bayes inference, J. Am. Statist. Ass. 78
 */
function together(estimates: readonly Estimate[]): RungNoise[] {
  const information = estimates.reduce((sum, { uncertainty }) => sum + 1 / uncertainty, 0)
  const common = estimates.reduce((sum, { effect, uncertainty }) => sum + effect / uncertainty, 0) / information
  const surplus = estimates.map(({ effect, uncertainty }) => (effect - common) ** 2 - uncertainty * common ** 2)
  const between = Math.max(0, surplus.reduce((sum, one) => sum + one, 0) / Math.max(1, estimates.length - 1))
  return estimates.map(({ effect, uncertainty, largest }) => {
    const byChance = uncertainty * common ** 2
    const share = byChance + between > 0 ? byChance / (byChance + between) : 0
    const remaining = (1 - share) * uncertainty + share / information
    return { designEffect: Math.max(1, (1 - share) * effect + share * common), support: 2 / remaining, largest }
  })
}

/** For each window that ends a run of the given length, the smallest value of the run. */
function leastOfRuns(values: readonly number[], windows: number): number[] {
  const least: number[] = []
  const queue: number[] = []
  for (let i = 0; i < values.length; i++) {
    while (queue.length > 0 && (values[queue[queue.length - 1] as number] as number) >= (values[i] as number))
      queue.pop()
    queue.push(i)
    if ((queue[0] as number) <= i - windows) queue.shift()
    if (i >= windows - 1) least.push(values[queue[0] as number] as number)
  }
  return least
}
