import { requireFinite, requireInnerShare, requireNotNegative, requireWhole, VALUE_MAX } from './checks.ts'

export interface AdwinOptions {
  /** Level of the test of one cut, before the correction for many cuts. */
  readonly delta: number
  /** The cuts are tried each time this many further values have come. */
  readonly clock: number
  /** Values that either side of a cut must hold. */
  readonly minWindow: number
  /** No cut is tried before the window holds more values than this. */
  readonly grace: number
  /** Buckets of one size; when there are more, the two oldest become one of the next size. */
  readonly maxBuckets: number
}

/** Consecutive values in summary. */
interface Bucket {
  readonly count: number
  readonly total: number
  /** Sum of squared deviations from the bucket's own mean. */
  readonly squares: number
}

/** Everything ADWIN remembers: plain fields, to be kept as JSON. */
export interface AdwinState {
  readonly options: AdwinOptions
  /** By size, smallest first; in a row the oldest bucket comes first. */
  rows: Bucket[][]
  width: number
  total: number
  /** Sum of squared deviations from the mean of the whole window. */
  squares: number
  /** Values since the detector was created or last began afresh. */
  ticks: number
  /** Whether the newest update reported a change; the next one begins afresh. */
  changed: boolean
  /** The rise of the mean at the cut that was reported, over what is significant there; negative for a fall, 0 before any. */
  rise: number
}

/**
 * ADWIN, adaptive windowing: keeps the longest window of recent values in which no cut separates two different means.
 *
 * A cut is significant when |mean₁ − mean₀| > √(2 v L ∕ m) + (2 ∕ 3) L ∕ m, with v the variance of the window, L = ln(2 ln(width) ∕ δ)
 * and 1 ∕ m = 1 ∕ (n₀ − minWindow + 1) + 1 ∕ (n₁ − minWindow + 1). Values need not be bounded. Memory is logarithmic in the width.
 *
 * @throws RangeError if δ is not between 0 and 1, or another option is not a whole number in its range
 * @see Bifet and Gavaldà (2007), Learning from time-changing data with adaptive windowing, SIAM SDM
 * @see river 0.26.1, `drift.ADWIN`: the same detections at the same values
 * @example createAdwin().width // 0
 */
export function createAdwin(options: Partial<AdwinOptions> = {}): AdwinState {
  const full = { delta: 0.002, clock: 32, minWindow: 5, grace: 10, maxBuckets: 5, ...options }
  requireInnerShare('adwin', 'delta', full.delta)
  requireWhole('adwin', 'clock', full.clock, 1)
  requireWhole('adwin', 'minWindow', full.minWindow, 0)
  requireWhole('adwin', 'grace', full.grace, 0)
  requireWhole('adwin', 'maxBuckets', full.maxBuckets, 1)
  return { options: full, rows: [[]], width: 0, total: 0, squares: 0, ticks: 0, changed: false, rise: 0 }
}

/**
 * Takes in one value, changing `state`.
 *
 * @returns true when the mean has changed; the detector then begins afresh with the next value
 * @throws RangeError if the value is not finite
 * @example updateAdwin(createAdwin(), 1) ? 1 : 0 // 0
 */
export function updateAdwin(state: AdwinState, value: number): boolean {
  requireFinite('adwin', value)
  return insert(state, { count: 1, total: value, squares: 0 })
}

/**
 * Takes in many consecutive values at once, as one bucket, changing `state`: those of a pane.
 *
 * A change is found with the granularity of the panes. A pane without values changes nothing.
 *
 * @param pane how many values, their sum, and the sum of their squared deviations from their own mean
 * @returns true when the mean has changed; the detector then begins afresh with the next pane
 * @throws RangeError if count is not a whole number, total is not finite or squares is negative
 * @example updateAdwinPane(createAdwin(), { count: 100, total: 12, squares: 10.56 }) ? 1 : 0 // 0
 */
export function updateAdwinPane(state: AdwinState, pane: { count: number; total: number; squares: number }): boolean {
  const { count, total, squares } = pane
  requireWhole('updateAdwinPane', 'count', count, 0)
  if (!(Math.abs(total) <= count * VALUE_MAX)) {
    throw new RangeError(
      `updateAdwinPane: total is ${total}, it must be finite and at most ${VALUE_MAX} in size for each of ${count} values`,
    )
  }
  requireNotNegative('updateAdwinPane', 'squares', squares)
  if (count === 0) return false
  return insert(state, { count, total, squares })
}

function insert(state: AdwinState, bucket: Bucket): boolean {
  if (state.changed) beginAfresh(state)
  const { count, total } = bucket
  const before = state.width
  state.width += count
  if (before > 0) {
    const distance = total / count - state.total / before
    state.squares += (before * count * distance * distance) / state.width
  }
  state.squares += bucket.squares
  state.total += total
  ;(state.rows[0] as Bucket[]).push(bucket)
  compress(state)
  const { clock, grace } = state.options
  const isTime = Math.floor((state.ticks + count) / clock) > Math.floor(state.ticks / clock)
  state.ticks += count
  if (isTime && state.width > grace) state.changed = shrink(state)
  return state.changed
}

function beginAfresh(state: AdwinState): void {
  Object.assign(state, createAdwin(state.options))
}

function compress({ rows, options }: AdwinState): void {
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as Bucket[]
    if (row.length <= options.maxBuckets) return
    if (i + 1 === rows.length) rows.push([])
    const [first, second] = row.splice(0, 2) as [Bucket, Bucket]
    ;(rows[i + 1] as Bucket[]).push(join(first, second))
  }
}

function join(a: Bucket, b: Bucket): Bucket {
  const distance = a.total / a.count - b.total / b.count
  const between = ((a.count * b.count) / (a.count + b.count)) * distance * distance
  return { count: a.count + b.count, total: a.total + b.total, squares: a.squares + b.squares + between }
}

/** Drops the oldest buckets as long as some cut is significant. @returns whether one was */
function shrink(state: AdwinState): boolean {
  let changed = false
  for (;;) {
    const cut = firstSignificantCut(state)
    if (cut === undefined) return changed
    if (!changed) state.rise = cut.rise / cut.bound
    changed = true
    dropOldest(state)
  }
}

/** The cuts between buckets, from the oldest on: the rise of the mean, and how large it must be to be significant. */
function* cuts({ rows, width, total, squares, options }: AdwinState): Iterable<{ rise: number; bound: number }> {
  const { delta, minWindow } = options
  const variance = squares / width
  const logarithm = Math.log((2 * Math.log(width)) / delta)
  let [n0, n1, u0, u1] = [0, width, 0, total]
  for (let i = rows.length - 1; i >= 0; i--) {
    for (const bucket of rows[i] as Bucket[]) {
      n0 += bucket.count
      n1 -= bucket.count
      u0 += bucket.total
      u1 -= bucket.total
      if (n1 <= 0 || n1 < minWindow) return
      if (n0 < minWindow) continue
      const inverse = 1 / (n0 - minWindow + 1) + 1 / (n1 - minWindow + 1)
      const bound = Math.sqrt(2 * inverse * variance * logarithm) + (2 / 3) * logarithm * inverse
      yield { rise: u1 / n1 - u0 / n0, bound }
    }
  }
}

function firstSignificantCut(state: AdwinState): { rise: number; bound: number } | undefined {
  for (const cut of cuts(state)) if (Math.abs(cut.rise) > cut.bound) return cut
  return undefined
}

function dropOldest(state: AdwinState): void {
  const { rows } = state
  const last = rows[rows.length - 1] as Bucket[]
  const { count, total, squares } = last.shift() as Bucket
  state.width -= count
  state.total -= total
  const distance = total / count - state.total / state.width
  state.squares -= squares + (count * state.width * distance * distance) / (count + state.width)
  while (rows.length > 1 && (rows[rows.length - 1] as Bucket[]).length === 0) rows.pop()
}

/**
 * How near the window is to a rise of its mean: the largest rise over a cut as a share of what would be significant; 0 when no cut
 * shows a rise.
 *
 * @example adwinRise(createAdwin()) // 0
 */
export function adwinRise(state: AdwinState): number {
  if (state.width <= state.options.grace) return 0
  let largest = 0
  for (const { rise, bound } of cuts(state)) if (rise > largest * bound) largest = rise / bound
  return largest
}

/**
 * Mean of the window; 0 while it is empty.
 *
 * @example adwinMean(createAdwin()) // 0
 */
export function adwinMean({ width, total }: AdwinState): number {
  return width === 0 ? 0 : total / width
}
