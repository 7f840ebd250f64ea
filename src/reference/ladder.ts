// For how long a change must last before it is an alarm, by how much each of its windows shows.
//
// Strong evidence counts sooner, weak evidence must last: each rung of the ladder asks for a number of windows in a row, and for
// a level that every one of them must reach. All rungs together keep the budget. The first rung is for changes so large that
// nobody wants to wait; the second is half a window; on the third and fourth, windows without a common row say the same.

import type { Millis } from '../time.ts'

export interface Rung {
  /** Windows in a row. */
  readonly windows: number
  /** Its share of the budget. */
  readonly share: number
  /** Whether the change must also be severe. */
  readonly severe: boolean
  /** Windows of the run, beyond the first, that say something new, and how many slides they lie apart. */
  readonly further: number
  readonly slidesApart: number
}

/** A window's size and how far the next one lies ahead. */
export interface Sliding {
  readonly sizeMs: Millis
  readonly slideMs: Millis
}

/** Nobody wants to wait longer than this many windows for what is plain. */
const WINDOWS_TO_FIRE_MAX = 6

/** Windows in a row that must alarm before an incident fires: half a window's worth, at most 6. */
export function windowsToFire({ sizeMs, slideMs }: Sliding): number {
  return Math.min(WINDOWS_TO_FIRE_MAX, Math.max(1, Math.ceil(sizeMs / (2 * slideMs))))
}

/** The ladder of one window size. Every ladder has as many rungs. */
export function ladderOf(spec: Sliding): readonly Rung[] {
  const slides = spec.sizeMs / spec.slideMs
  const soon = windowsToFire(spec)
  return [
    { windows: 1, share: 0.1, severe: true, further: 0, slidesApart: 0 },
    { windows: soon, share: 0.4, severe: false, further: soon > 1 ? 1 : 0, slidesApart: soon - 1 },
    { windows: slides + 1, share: 0.25, severe: false, further: 1, slidesApart: slides },
    { windows: 2 * slides + 1, share: 0.25, severe: false, further: 2, slidesApart: slides },
  ]
}

/** The rung whose evidence is an alarm in a single window's verdict, and the one whose evidence is a warning. */
export const ALARM_RUNG = 1
export const WARNING_RUNG = 2
