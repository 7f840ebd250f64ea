// One rule under many floors: how many alarms each would have raised, for how long, and how late.

import { effectIn } from '../monitors/rejudge.ts'
import type { WindowKind } from '../monitors/verdict.ts'
import type { Instant, Millis } from '../time.ts'
import type { Course, History } from './history.ts'
import { judgedIn } from './history.ts'
import type { Firing, Raised } from './playback.ts'
import { firedMs, play } from './playback.ts'

/** What became of the alarms that the rule did raise. */
export interface Known {
  readonly found: number
  readonly missed: number
  /** Median of how much later those that were found fired; below 0: sooner. null: none was found. */
  readonly laterMs: Millis | null
}

export interface SweepPoint {
  readonly floor: number
  readonly alarms: number
  readonly firedMs: Millis
  readonly known: Known
}

export interface Sweep {
  readonly monitor: string
  readonly kind: WindowKind
  readonly course: Course
  readonly floors: readonly number[]
  /** The alarms that the rule did raise, by itself. */
  readonly known: readonly Raised[]
}

/** Plays the rule alone under each floor; yields now and then. */
export function* sweep(
  history: History,
  { monitor, kind, course, floors, known }: Sweep,
): Generator<undefined, SweepPoint[]> {
  const until = history.until ?? 0
  const points: SweepPoint[] = []
  for (const floor of floors) {
    const { incidents } = yield* play(history, { kind, only: monitor, tuned: [{ monitor, floor, course }] })
    points.push({
      floor,
      alarms: incidents.length,
      firedMs: firedMs(incidents, until),
      known: foundAgain(known, incidents, until),
    })
  }
  return points
}

/** Whether what fired once would fire again, and how much later. */
export function foundAgain(known: readonly Raised[], now: readonly Raised[], until: Instant): Known {
  const firings = now.flatMap((incident) => incident.firings)
  const later = known.flatMap((incident) => {
    const [first] = incident.firings
    const last = incident.firings[incident.firings.length - 1]
    if (first === undefined || last === undefined) return []
    const whole: Firing = { ...first, to: last.to }
    const found = firings.find((one) => one.from <= (whole.to ?? until) && (one.to ?? until) >= incident.since)
    return found === undefined ? [] : [found.from - first.from]
  })
  return { found: later.length, missed: known.length - later.length, laterMs: median(later) }
}

function median(numbers: readonly number[]): number | null {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null
}

const FLOORS = 40
/** Floors that are looked at lie within this factor of the present one, or reach as far as effects did. */
const REACH = 5

/** Floors worth looking at: evenly apart on a scale of ratios, from a fifth of the present one to where nothing alarms any more. */
export function floorsToTry(
  course: Course,
  { current, most, asked = [] }: { current: number; most: number; asked?: readonly number[] },
): number[] {
  let largest = 0
  for (const verdict of judgedIn(course)) largest = Math.max(largest, effectIn(verdict))
  const low = current / REACH
  const high = Math.min(most, Math.max(REACH * current, 1.2 * largest))
  const steps = Array.from({ length: FLOORS }, (_, i) => rounded(low * (high / low) ** (i / (FLOORS - 1))))
  return [...new Set([...steps, current, ...asked])].sort((a, b) => a - b)
}

/** A person writes two digits. */
function rounded(floor: number): number {
  return Number(floor.toPrecision(2))
}
