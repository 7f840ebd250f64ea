// What the reference says of each hour of the day, or of the week: a daily rhythm is no drift, and no noise either.
//
// A window is compared with a mixture of the hours that it covers, each as often as the window should hold rows of it. An hour of
// which the reference has few rows leans on the whole reference. The mixture is scaled to the number of rows it is worth, so that
// every test allows for the baseline's own sampling error as it does for that of a reference.

import { add, subtract } from '../summaries/summary.ts'
import type { Instant, Millis } from '../time.ts'
import { DAY, formatDuration, HOUR } from '../time.ts'

/** What a window is compared with: the whole reference, or what it says of the same hours (UTC) of the day or of the week. */
export const baselineChoices = ['pooled', 'same_hour_of_day', 'same_hour_of_week'] as const
export type BaselineChoice = (typeof baselineChoices)[number]

/** One hour of the day or week, over the reference period. */
interface Phase {
  /** How many hours of it the period held. */
  readonly hours: number
  /** Summary of its rows. */
  readonly inputs: Float64Array
}

/** All 24 hours of the day, or all 168 of the week; phase 0 holds the hour that began in 1970. */
export type Phases = readonly Phase[]

/** How many rows a window usually has. */
export interface UsualRows {
  readonly mean: number
  /** Of that mean, if rows come independently. */
  readonly variance: number
}

/** What a window is compared with. */
export interface Baseline {
  /** In the layout of inputs, scaled to as many rows as it is worth. Not whole numbers. */
  readonly inputs: Float64Array
  /** Null: those of windows of its size anywhere in the reference. */
  readonly usual: UsualRows | null
}

/** A stretch of time, its end excluded. */
export interface Stretch {
  readonly start: Instant
  readonly end: Instant
}

/** A window's rows, to be left out of what it is compared with. */
export interface OwnRows {
  readonly inputs: Float64Array
  /** The same by phase. */
  readonly byPhase: ReadonlyMap<number, Float64Array>
}

/** Bins of a typical column, and rows for each of them from which on an hour's own rows count for more than the whole reference. */
const BINS = 16
const ROWS_PER_BIN = 10

/** Rows begin and end at any time of the day: a period that lacks up to half a day is taken for whole. */
const FORGIVEN: Millis = DAY / 2

const phaseCounts = { same_hour_of_day: 24, same_hour_of_week: 168 } as const
const neededMs = { same_hour_of_day: 7 * DAY, same_hour_of_week: 28 * DAY } as const
type PhasedChoice = keyof typeof phaseCounts

/** How many phases there are. */
export function phaseCountOf(choice: PhasedChoice): number {
  return phaseCounts[choice]
}

/** The choice that a reference was learnt with. */
export function choiceOf(phases: Phases | undefined): BaselineChoice {
  if (phases === undefined) return 'pooled'
  return phases.length === phaseCounts.same_hour_of_day ? 'same_hour_of_day' : 'same_hour_of_week'
}

/**
 * Why a reference period is too short for a baseline.
 *
 * @returns what is needed and what there is, in words; null when it is long enough
 */
export function tooShortFor(choice: BaselineChoice, spanMs: Millis): string | null {
  if (choice === 'pooled' || spanMs + FORGIVEN >= neededMs[choice]) return null
  const spans = spanMs >= DAY ? `${Math.round((10 * spanMs) / DAY) / 10}d` : `${Math.round((10 * spanMs) / HOUR) / 10}h`
  return `${choice} needs a reference of at least ${formatDuration(neededMs[choice])}, and this one spans ${spans}`
}

/** Number of the hour that an instant lies in, 0 to `count` − 1. */
export function phaseOf(time: Instant, count: number): number {
  return Math.floor(time / HOUR) % count
}

/** Of each phase, how many hours lie in the stretch. */
export function hoursByPhase({ start, end }: Stretch, count: number): Float64Array {
  const cycle = count * HOUR
  const hours = new Float64Array(count).fill(Math.floor((end - start) / cycle))
  let at = end - ((end - start) % cycle)
  while (at < end) {
    const next = Math.min(end, (Math.floor(at / HOUR) + 1) * HOUR)
    const phase = phaseOf(at, count)
    hours[phase] = (hours[phase] as number) + (next - at) / HOUR
    at = next
  }
  return hours
}

/** Whether the stretch holds all phases alike: its baseline is the whole reference. */
export function isEven({ start, end }: Stretch, phases: Phases): boolean {
  return (end - start) % (phases.length * HOUR) === 0
}

/** A period's rows by phase. @param parts summaries of rows, each with a time of theirs; all rows of one lie in the same hour */
export function learnPhases(
  parts: Iterable<{ readonly time: Instant; readonly inputs: Float64Array }>,
  { period, count, size }: { period: Stretch; count: number; size: number },
): Phases {
  const hours = hoursByPhase(period, count)
  const phases = Array.from(hours, (held) => ({ hours: held, inputs: new Float64Array(size) }))
  for (const { time, inputs } of parts) add((phases[phaseOf(time, count)] as Phase).inputs, inputs)
  return phases
}

/**
 * The baseline of a window.
 *
 * With n rows of a phase in h hours, the window should hold w n/h rows of the w hours that it has of that phase, and u is their
 * share of all it should hold. A phase counts with weight λ = n / (n + 10 · 16), and the rest 1 − λ goes to the whole reference of N
 * rows. The sampling variance of that mixture is that of m independent rows, 1/m = Σ (u λ)²/n + (1 − (Σ u λ)²)/N: the rows of the
 * phases, harmonically combined, where they are many, and those of the whole reference where they are few.
 *
 * @param reference its phases, and the summary of all its rows
 * @param own a window of the reference period itself is compared with the rest of it
 */
export function baselineOf(
  { phases, inputs }: { readonly phases: Phases; readonly inputs: Float64Array },
  window: Stretch,
  own?: OwnRows,
): Baseline {
  const all = own === undefined ? inputs : rest(inputs, own.inputs)
  if (isEven(window, phases)) return { inputs: all, usual: null }
  const parts: Array<{ cells: Float64Array; rows: number; expected: number }> = []
  let [mean, variance] = [0, 0]
  for (const [number, weight] of hoursByPhase(window, phases.length).entries()) {
    if (weight === 0) continue
    const phase = phases[number] as Phase
    const ownPart = own?.byPhase.get(number)
    const cells = ownPart === undefined ? phase.inputs : rest(phase.inputs, ownPart)
    const hours = phase.hours - (own === undefined ? 0 : weight)
    const rows = cells[0] as number
    if (rows === 0 || !(hours > 0)) continue
    const expected = (weight * rows) / hours
    parts.push({ cells, rows, expected })
    mean += expected
    variance += (weight / hours) ** 2 * rows
  }
  let [ofPhases, inverse] = [0, 0]
  const shares = parts.map(({ rows, expected }) => {
    const share = ((expected / mean) * rows) / (rows + ROWS_PER_BIN * BINS)
    ofPhases += share
    inverse += share ** 2 / rows
    return share
  })
  const allRows = all[0] as number
  inverse += (1 - ofPhases ** 2) / allRows
  // A number of rows is whole.
  const worth = Math.max(1, Math.round(1 / inverse))
  const mixture = all.map((value) => ((worth * (1 - ofPhases)) / allRows) * value)
  for (const [i, { cells, rows }] of parts.entries()) addScaled(mixture, cells, (worth * (shares[i] as number)) / rows)
  mixture[0] = worth
  return { inputs: mixture, usual: { mean, variance } }
}

function rest(inputs: Float64Array, part: Float64Array): Float64Array {
  const left = inputs.slice()
  subtract(left, part)
  return left
}

function addScaled(summary: Float64Array, other: Float64Array, factor: number): void {
  for (let i = 0; i < summary.length; i++) summary[i] = (summary[i] as number) + factor * (other[i] as number)
}
