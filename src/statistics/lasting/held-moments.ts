import type { Run } from './level-of-run.ts'

/** What a χ² statistic over its degrees of freedom does over a run of windows in which nothing changes. */
export interface HeldMoments {
  /** Mean of the smallest in a run. */
  readonly mean: number
  /** Its variance over its mean squared. */
  readonly relativeVariance: number
}

/** Slides of a simulated window: a longer one moves like a continuous process, and is simulated by this many. */
const SLIDES_MAX = 24
/** Random numbers drawn, at the most; enough for a mean to within four percent. */
const DRAWS = 60_000
const SLIDES_LEAST = 3_000
const SEED = 20_011

/**
 * Mean and variance of the smallest χ² / df in a run of overlapping windows, when rows are independent.
 *
 * What the reference period shows in the same place, divided by this mean, is its design effect for lasting changes: larger than
 * 1 when something wanders slowly, for then a run of windows is hardly less extreme than one. Simulated with a fixed seed; for a
 * single window it is exact.
 *
 * @param degrees degrees of freedom, 1 or more; beyond 8 they are rounded to two binary digits
 * @example heldMoments(2, { windows: 1, slidesPerWindow: 12 }).relativeVariance // 1
 */
export function heldMoments(degrees: number, { windows, slidesPerWindow }: Run): HeldMoments {
  if (windows === 1) return { mean: 1, relativeVariance: 2 / degrees }
  const df = rounded(degrees)
  const slides = Math.min(SLIDES_MAX, slidesPerWindow)
  const held = 1 + Math.max(1, Math.round(((windows - 1) * slides) / slidesPerWindow))
  const key = `${df}|${slides}|${held}`
  let moments = known.get(key)
  if (moments === undefined) {
    moments = simulate(df, slides, held)
    known.set(key, moments)
  }
  return moments
}
const known = new Map<string, HeldMoments>()

function rounded(degrees: number): number {
  if (degrees <= 8) return Math.max(1, Math.round(degrees))
  const unit = 2 ** Math.floor(Math.log2(degrees) - 1)
  return Math.round(degrees / unit) * unit
}

function simulate(df: number, slides: number, held: number): HeldMoments {
  const random = normals(SEED)
  const length = Math.max(SLIDES_LEAST, Math.floor(DRAWS / df))
  const panes = new Float64Array(df * slides)
  const sums = new Float64Array(df)
  const recent = new Float64Array(held).fill(Number.POSITIVE_INFINITY)
  let [count, sum, squares] = [0, 0, 0]
  for (let t = 0; t < length; t++) {
    const slot = (t % slides) * df
    let statistic = 0
    for (let i = 0; i < df; i++) {
      const drawn = random()
      const total = (sums[i] as number) + drawn - (panes[slot + i] as number)
      panes[slot + i] = drawn
      sums[i] = total
      statistic += total * total
    }
    recent[t % held] = statistic / slides / df
    if (t < slides + held) continue
    let least = Number.POSITIVE_INFINITY
    for (const value of recent) if (value < least) least = value
    count++
    sum += least
    squares += least * least
  }
  const mean = sum / count
  return { mean, relativeVariance: squares / count / (mean * mean) - 1 }
}

/** Standard normal numbers, the same in every run. @see Box and Muller (1958); Steele and Vigna's mulberry32 for the uniform ones */
function normals(seed: number): () => number {
  let state = seed
  let spare = Number.NaN
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0
    let bits = Math.imul(state ^ (state >>> 15), 1 | state)
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
  }
  return () => {
    if (!Number.isNaN(spare)) {
      const kept = spare
      spare = Number.NaN
      return kept
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()))
    const angle = 2 * Math.PI * uniform()
    spare = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }
}
