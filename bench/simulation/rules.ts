// The rules that other tools go by, on the same windows: per window and column, without a budget, an effect or patience.

import { chiSquaredInverseUpperTail } from '../../src/statistics/special/chi-squared.ts'
import type { ColumnCells, InputLayout } from '../../src/summaries/layout.ts'

export const ruleNames = ['p < 0.05', 'PSI > 0.1', 'mean + 3 sd'] as const
export type RuleName = (typeof ruleNames)[number]

/** √n · D that the Kolmogorov-Smirnov statistic exceeds in 5 of 100 samples. */
const KOLMOGOROV_5_PERCENT = 1.3581
const DECILES = 10
/** Share of an empty group in a PSI, as is usual. */
const EMPTY_SHARE = 1e-4

interface RuleColumn {
  readonly cells: ColumnCells
  /** By bin or category: its decile group, or the category itself. */
  readonly groups: Uint16Array
  readonly groupCount: number
  readonly reference: Float64Array
  readonly rows: number
  readonly referenceShares: Float64Array
}

/**
 * `p < 0.05`: Kolmogorov-Smirnov of numeric columns, χ² of categories. `PSI > 0.1`: ten groups of equal share, or the categories.
 * `mean + 3 sd`: Jensen-Shannon distance on the same groups, against its mean and spread over the reference's windows, each
 * compared with the whole reference.
 */
export class Rules {
  readonly #columns: readonly RuleColumn[]
  readonly #limits: Float64Array
  readonly #now: Float64Array

  constructor(layout: InputLayout, reference: Float64Array, referenceWindows: Iterable<Float64Array>) {
    this.#columns = layout.columns.map((cells) => prepare(cells, reference))
    this.#now = new Float64Array(Math.max(...this.#columns.map(({ groupCount }) => groupCount)))
    const seen = this.#columns.map(() => ({ count: 0, sum: 0, squares: 0 }))
    for (const window of referenceWindows) {
      for (const [i, column] of this.#columns.entries()) {
        const rows = this.#group(column, window)
        if (rows === 0) continue
        const distance = this.#jensenShannon(column, rows)
        const moments = seen[i] as (typeof seen)[number]
        moments.count++
        moments.sum += distance
        moments.squares += distance * distance
      }
    }
    this.#limits = Float64Array.from(seen, ({ count, sum, squares }) => {
      if (count < 2) return Number.POSITIVE_INFINITY
      const mean = sum / count
      return mean + 3 * Math.sqrt(Math.max(0, squares / count - mean * mean))
    })
  }

  get columns(): number {
    return this.#columns.length
  }

  /** Which rules call a column drifted, in the order of their names; a column without values is called nothing. */
  judge(index: number, window: Float64Array): readonly [boolean, boolean, boolean] {
    const column = this.#columns[index] as RuleColumn
    const rows = this.#group(column, window)
    if (rows === 0) return [false, false, false]
    return [
      column.cells.kind === 'numeric' ? this.#kolmogorovSmirnov(column, window, rows) : this.#chiSquared(column, rows),
      this.#stability(column, rows) > 0.1,
      this.#jensenShannon(column, rows) > (this.#limits[index] as number),
    ]
  }

  #group({ cells, groups }: RuleColumn, window: Float64Array): number {
    const now = this.#now
    now.fill(0)
    let rows = 0
    for (let bin = 0; bin < cells.bins; bin++) {
      const count = window[cells.counts + bin] as number
      const group = groups[bin] as number
      now[group] = (now[group] as number) + count
      rows += count
    }
    return rows
  }

  #kolmogorovSmirnov({ cells, reference, rows: m }: RuleColumn, window: Float64Array, n: number): boolean {
    let before = 0
    let after = 0
    let largest = 0
    for (let bin = 0; bin < cells.bins; bin++) {
      before += reference[bin] as number
      after += window[cells.counts + bin] as number
      const difference = Math.abs(before / m - after / n)
      if (difference > largest) largest = difference
    }
    return Math.sqrt((n * m) / (n + m)) * largest > KOLMOGOROV_5_PERCENT
  }

  #chiSquared({ groupCount, referenceShares, rows: m }: RuleColumn, n: number): boolean {
    let statistic = 0
    let cells = 0
    for (let group = 0; group < groupCount; group++) {
      const r = (referenceShares[group] as number) * m
      const c = this.#now[group] as number
      if (r + c === 0) continue
      cells++
      statistic += (c * m - r * n) ** 2 / (r + c)
    }
    return cells > 1 && statistic / m / n > criticalAt(cells - 1)
  }

  #stability({ groupCount, referenceShares }: RuleColumn, rows: number): number {
    let sum = 0
    for (let group = 0; group < groupCount; group++) {
      const p = Math.max(EMPTY_SHARE, referenceShares[group] as number)
      const q = Math.max(EMPTY_SHARE, (this.#now[group] as number) / rows)
      sum += (q - p) * Math.log(q / p)
    }
    return sum
  }

  #jensenShannon({ groupCount, referenceShares }: RuleColumn, rows: number): number {
    let sum = 0
    for (let group = 0; group < groupCount; group++) {
      const p = referenceShares[group] as number
      const q = (this.#now[group] as number) / rows
      const middle = (p + q) / 2
      if (p > 0) sum += p * Math.log2(p / middle)
      if (q > 0) sum += q * Math.log2(q / middle)
    }
    return Math.sqrt(Math.max(0, sum / 2))
  }
}

const criticals = new Map<number, number>()

function criticalAt(degrees: number): number {
  let critical = criticals.get(degrees)
  if (critical === undefined) {
    critical = chiSquaredInverseUpperTail(0.05, degrees)
    criticals.set(degrees, critical)
  }
  return critical
}

function prepare(cells: ColumnCells, inputs: Float64Array): RuleColumn {
  const reference = inputs.slice(cells.counts, cells.counts + cells.bins)
  const rows = reference.reduce((sum, count) => sum + count, 0)
  const groups = new Uint16Array(cells.bins)
  if (cells.kind === 'categorical') for (let bin = 0; bin < cells.bins; bin++) groups[bin] = bin
  else {
    let seen = 0
    let group = 0
    for (let bin = 0; bin < cells.bins; bin++) {
      groups[bin] = group
      seen += reference[bin] as number
      if (seen >= ((group + 1) * rows) / DECILES && group < DECILES - 1)
        group = Math.min(DECILES - 1, Math.floor((seen * DECILES) / rows))
    }
  }
  const used = new Map<number, number>()
  for (let bin = 0; bin < cells.bins; bin++) {
    const group = groups[bin] as number
    if (!used.has(group)) used.set(group, used.size)
    groups[bin] = used.get(group) as number
  }
  const referenceShares = new Float64Array(used.size)
  for (let bin = 0; bin < cells.bins; bin++) {
    const group = groups[bin] as number
    referenceShares[group] = (referenceShares[group] as number) + (reference[bin] as number) / rows
  }
  return { cells, groups, groupCount: used.size, reference, rows, referenceShares }
}
