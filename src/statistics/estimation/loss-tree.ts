// A regression tree of a model's loss: which kinds of rows it gets how wrong, learnt where labels are known.

/** One column of the rows the tree is grown from, as codes: a bin, a category, or a way of having no value. */
export interface CodedColumn {
  /** Per row, 0 to `size` − 1. */
  readonly codes: Uint16Array
  readonly size: number
  /** Codes from here on are ordered (bins of a number); `size` = none is (categories). */
  readonly orderedFrom: number
}

/** A fork: rows whose code of `column` is listed go right, all others left. A child of 0 or more is a fork, below 0 a leaf −1 − i. */
export interface Fork {
  readonly column: number
  readonly right: readonly number[]
  readonly children: readonly [left: number, right: number]
}

/** Rows of a leaf and their mean loss |e|, e² and e⁴. */
export interface Leaf {
  readonly rows: number
  readonly absolute: number
  readonly squared: number
  readonly fourth: number
}

/** `forks[0]` is the root; a tree without forks has a single leaf. */
export interface LossTree {
  readonly forks: readonly Fork[]
  readonly leaves: readonly Leaf[]
}

export interface GrowOptions {
  /** At least 1. */
  readonly leavesMax: number
  readonly leafRowsMin: number
  /** Of more rows than this the forks are grown from every so many; the leaves are measured on all. At least 1. */
  readonly rowsMax: number
}

/** Codes of 16 bits. */
const SIZE_MAX = 65_536
/** Fourth powers of larger ones would not be finite. */
const ERROR_MAX = 1e75

const DEFAULTS: GrowOptions = { leavesMax: 64, leafRowsMin: 50, rowsMax: 40_000 }

interface Split {
  readonly column: number
  readonly right: readonly number[]
  readonly gain: number
}

interface Node {
  readonly rows: Uint32Array
  readonly split: Split | null
  /** Where the parent points to it. */
  readonly parent: { readonly fork: number; readonly side: 0 | 1 } | null
}

/**
 * Grows a tree of a regression's errors, best split first.
 *
 * A split is worth what it takes off the variance of |e| and of e², each as a share of its total: one tree serves MAE, MSE and RMSE.
 * Ordered codes split at a point, the codes without order following the side that suits them better as one group; categories are split in the order of their
 * mean loss. Codes that no row of a node has go where more rows go.
 *
 * @param columns at least as many codes as errors each
 * @param errors prediction − label, finite, in any unit in which none is beyond 1e75
 * @throws RangeError if there is no row, lengths differ, an error is not finite or too large, a code is out of range or an option is too small
 * @see Breiman, Friedman, Olshen and Stone (1984), Classification and Regression Trees, for the order of categories
 * @example growLossTree([{ codes: Uint16Array.of(0, 0, 1, 1), size: 2, orderedFrom: 0 }], Float64Array.of(1, 1, 3, 3), { leavesMax: 2, leafRowsMin: 1 }).leaves[1].absolute // 3
 */
export function growLossTree(
  columns: readonly CodedColumn[],
  errors: Float64Array,
  options: Partial<GrowOptions> = {},
): LossTree {
  const grown = { ...DEFAULTS, ...options }
  check(columns, errors, grown)
  const { leavesMax, leafRowsMin, rowsMax } = grown
  const losses = [errors.map(Math.abs), errors.map((e) => e * e)] as const
  const step = Math.ceil(errors.length / rowsMax)
  const everyone = Uint32Array.from({ length: Math.ceil(errors.length / step) }, (_, i) => i * step)
  const weights = losses.map((loss) => {
    const total = sumOfSquares(loss)
    return total > 0 ? 1 / total : 0
  }) as [number, number]
  const grow = (rows: Uint32Array, parent: Node['parent']): Node => ({
    rows,
    parent,
    split: bestSplit(columns, losses, weights, rows, leafRowsMin),
  })
  const forks: Array<{ column: number; right: readonly number[]; children: [number, number] }> = []
  let open: Node[] = [grow(everyone, null)]
  while (open.length < leavesMax) {
    const next = open.reduce((best, node) => ((node.split?.gain ?? 0) > (best.split?.gain ?? 0) ? node : best))
    if (next.split === null) break
    const { column, right } = next.split
    const fork = forks.length
    forks.push({ column, right, children: [0, 0] })
    if (next.parent !== null)
      (forks[next.parent.fork] as { children: [number, number] }).children[next.parent.side] = fork
    const goesRight = new Set(right)
    const { codes } = columns[column] as CodedColumn
    const [toLeft, toRight]: [number[], number[]] = [[], []]
    for (const row of next.rows) (goesRight.has(codes[row] as number) ? toRight : toLeft).push(row)
    open = open.filter((node) => node !== next)
    open.push(grow(Uint32Array.from(toLeft), { fork, side: 0 }), grow(Uint32Array.from(toRight), { fork, side: 1 }))
  }
  for (const [leaf, { parent }] of open.entries())
    if (parent !== null) (forks[parent.fork] as { children: [number, number] }).children[parent.side] = -1 - leaf
  const members = step === 1 ? open.map(({ rows }) => rows) : dealt(columns, forks, open.length, errors.length)
  return { forks, leaves: members.map((rows) => leafOfRows(losses[1], rows)) }
}

/** The rows of each leaf. */
function dealt(columns: readonly CodedColumn[], forks: readonly Fork[], leaves: number, rows: number): number[][] {
  const sides = forks.map(({ right }) => new Set(right))
  const members: number[][] = Array.from({ length: leaves }, () => [])
  for (let row = 0; row < rows; row++) {
    let at = forks.length === 0 ? -1 : 0
    while (at >= 0) {
      const { column, children } = forks[at] as Fork
      const code = (columns[column] as CodedColumn).codes[row] as number
      at = children[(sides[at] as Set<number>).has(code) ? 1 : 0]
    }
    ;(members[-1 - at] as number[]).push(row)
  }
  return members
}

function check(columns: readonly CodedColumn[], errors: Float64Array, options: GrowOptions): void {
  if (errors.length === 0) throw new RangeError('growLossTree: errors has no member, at least one is needed')
  const odd = errors.findIndex((error) => !(Math.abs(error) <= ERROR_MAX))
  if (odd >= 0)
    throw new RangeError(
      `growLossTree: errors[${odd}] is ${errors[odd]}, it must be finite and at most ${ERROR_MAX} in size`,
    )
  for (const [name, value] of Object.entries(options))
    if (!(value >= 1)) throw new RangeError(`growLossTree: ${name} is ${value}, it must be at least 1`)
  for (const [i, { codes, size }] of columns.entries()) {
    if (!(Number.isInteger(size) && size >= 0 && size <= SIZE_MAX))
      throw new RangeError(
        `growLossTree: columns[${i}].size is ${size}, it must be a whole number from 0 to ${SIZE_MAX}`,
      )
    if (codes.length !== errors.length)
      throw new RangeError(`growLossTree: columns[${i}] has ${codes.length} codes, errors has ${errors.length} members`)
    const out = codes.findIndex((code) => code >= size)
    if (out >= 0)
      throw new RangeError(
        `growLossTree: columns[${i}] has the code ${codes[out]}, its size ${size} allows 0 to ${size - 1}`,
      )
  }
}

function sumOfSquares(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
}

function leafOfRows(squares: Float64Array, rows: ArrayLike<number> & Iterable<number>): Leaf {
  let [absolute, squared, fourth] = [0, 0, 0]
  for (const row of rows) {
    const square = squares[row] as number
    absolute += Math.sqrt(square)
    squared += square
    fourth += square * square
  }
  const count = rows.length
  return { rows: count, absolute: absolute / count, squared: squared / count, fourth: fourth / count }
}

/** Rows and loss sums per code of one column in one node. */
interface Tally {
  readonly rows: Float64Array
  readonly absolute: Float64Array
  readonly squared: Float64Array
}

function bestSplit(
  columns: readonly CodedColumn[],
  [absolute, squared]: readonly [Float64Array, Float64Array],
  weights: readonly [number, number],
  rows: Uint32Array,
  leafRowsMin: number,
): Split | null {
  if (rows.length < 2 * leafRowsMin) return null
  let best: Split | null = null
  for (const [column, coded] of columns.entries()) {
    const tally: Tally = {
      rows: new Float64Array(coded.size),
      absolute: new Float64Array(coded.size),
      squared: new Float64Array(coded.size),
    }
    for (const row of rows) {
      const code = coded.codes[row] as number
      tally.rows[code] = (tally.rows[code] as number) + 1
      tally.absolute[code] = (tally.absolute[code] as number) + (absolute[row] as number)
      tally.squared[code] = (tally.squared[code] as number) + (squared[row] as number)
    }
    for (const order of ordersOf(coded, tally)) {
      const found = scan(tally, order, weights, leafRowsMin)
      if (found !== null && found.gain > (best?.gain ?? 0)) {
        best = { column, gain: found.gain, right: rightCodes(coded.size, tally, order, found.cut) }
      }
    }
  }
  return best
}

/** The orders in which a column's codes may be cut: each a list of groups of codes. */
function ordersOf({ size, orderedFrom }: CodedColumn, { rows, absolute }: Tally): number[][][] {
  const present = (from: number, to: number) => {
    const codes: number[] = []
    for (let code = from; code < to; code++) if ((rows[code] as number) > 0) codes.push(code)
    return codes
  }
  if (orderedFrom >= size) {
    const mean = (code: number) => (absolute[code] as number) / (rows[code] as number)
    return [
      present(0, size)
        .sort((a, b) => mean(a) - mean(b) || a - b)
        .map((code) => [code]),
    ]
  }
  const ordered = present(orderedFrom, size).map((code) => [code])
  const others = present(0, orderedFrom)
  return others.length === 0
    ? [ordered]
    : [
        [others, ...ordered],
        [...ordered, others],
      ]
}

function scan(
  tally: Tally,
  order: readonly (readonly number[])[],
  weights: readonly [number, number],
  leafRowsMin: number,
): { cut: number; gain: number } | null {
  const sumOver = (values: Float64Array, groups: readonly (readonly number[])[]) =>
    groups.reduce((sum, codes) => codes.reduce((part, code) => part + (values[code] as number), sum), 0)
  const n = sumOver(tally.rows, order)
  const a = sumOver(tally.absolute, order)
  const s = sumOver(tally.squared, order)
  let [leftRows, leftAbsolute, leftSquared] = [0, 0, 0]
  let best: { cut: number; gain: number } | null = null
  for (let cut = 1; cut < order.length; cut++) {
    for (const code of order[cut - 1] as readonly number[]) {
      leftRows += tally.rows[code] as number
      leftAbsolute += tally.absolute[code] as number
      leftSquared += tally.squared[code] as number
    }
    if (leftRows < leafRowsMin || n - leftRows < leafRowsMin) continue
    // Between the sides: n_l n_r / n (mean_l − mean_r)².
    const between = (left: number, all: number) =>
      ((leftRows * (n - leftRows)) / n) * (left / leftRows - (all - left) / (n - leftRows)) ** 2
    const gain = weights[0] * between(leftAbsolute, a) + weights[1] * between(leftSquared, s)
    if (gain > (best?.gain ?? 0)) best = { cut, gain }
  }
  return best
}

/** The codes that go right; those the node has not seen follow the larger side. */
function rightCodes(size: number, { rows }: Tally, order: readonly (readonly number[])[], cut: number): number[] {
  const left = new Set(order.slice(0, cut).flat())
  const right = new Set(order.slice(cut).flat())
  const rowsOf = (codes: Set<number>) => [...codes].reduce((sum, code) => sum + (rows[code] as number), 0)
  const unseenGoRight = rowsOf(right) > rowsOf(left)
  return Array.from({ length: size }, (_, code) => code).filter(
    (code) => right.has(code) || (unseenGoRight && !left.has(code)),
  )
}
