import type { Millis } from '../time.ts'
import { formatDuration, SECOND } from '../time.ts'
import type { Finding } from './schema-problems.ts'

/** A longer window of short slides would need too many panes to be kept and added. */
const SLIDES_MAX = 10_000

interface Window {
  readonly size: Millis
  readonly slide: Millis
}

/** Windows of one model are made of the same panes, as long as the smallest slide; so all slides are whole multiples of it. */
export function checkWindows(windows: readonly Window[]): Finding[] {
  const smallest = Math.min(...windows.map(({ slide }) => slide))
  return windows.flatMap((window, i) => {
    const isRepeated = windows.findIndex(({ size }) => size === window.size) < i
    const fault = isRepeated
      ? repeated(window)
      : (unevenSize(window) ?? tooManySlides(window) ?? unevenSlide(window, smallest))
    return fault === undefined ? [] : [{ path: ['windows', i, fault.key], message: fault.message }]
  })
}

interface Fault {
  readonly key: keyof Window
  readonly message: string
}

function repeated({ size }: Window): Fault {
  return {
    key: 'size',
    message: `another window is ${formatDuration(size)} long already; windows are told apart by their size`,
  }
}

function unevenSize({ size, slide }: Window): Fault | undefined {
  if (size % slide === 0) return undefined
  return {
    key: 'size',
    message: `${formatDuration(size)} is not a whole multiple of its slide ${formatDuration(slide)}; ${nearestMultiples(size, slide)} would be`,
  }
}

function tooManySlides({ size, slide }: Window): Fault | undefined {
  if (size / slide <= SLIDES_MAX) return undefined
  const enough = Math.ceil(size / SLIDES_MAX / SECOND) * SECOND
  return {
    key: 'slide',
    message: `${formatDuration(size)} are ${size / slide} slides of ${formatDuration(slide)}, and at most ${SLIDES_MAX} are possible: slide by at least ${formatDuration(enough)}`,
  }
}

function unevenSlide({ slide }: Window, smallest: Millis): Fault | undefined {
  if (slide % smallest === 0) return undefined
  return {
    key: 'slide',
    message: `${formatDuration(slide)} is not a whole multiple of the model's smallest slide ${formatDuration(smallest)}; ${nearestMultiples(slide, smallest)} would be`,
  }
}

/** The whole multiples on both sides of a duration. */
function nearestMultiples(duration: Millis, unit: Millis): string {
  const below = Math.floor(duration / unit) * unit
  return below === 0 ? formatDuration(unit) : `${formatDuration(below)} or ${formatDuration(below + unit)}`
}
