// From values and times to places on paper, and the round ones among them that are written beside.

import type { Instant, Millis } from '../../time.ts'
import { DAY, HOUR, MINUTE } from '../../time.ts'
import { numberWithin, percent } from '../wording.ts'

/** A linear scale. */
export function scale(
  [from, to]: readonly [number, number],
  [start, end]: readonly [number, number],
): (value: number) => number {
  const factor = to === from ? 0 : (end - start) / (to - from)
  return (value) => start + (value - from) * factor
}

/**
 * Round values inside a range: 1, 2 or 5 times a power of ten apart.
 *
 * @param most how many there may be, at least 2
 */
export function roundValues([from, to]: readonly [number, number], most: number): number[] {
  if (!(to > from)) return [from]
  const rough = (to - from) / most
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 5, 10].find((one) => one * power >= rough) ?? 10) * power
  const values: number[] = []
  for (let i = Math.ceil(from / step - 1e-9); i * step <= to + step * 1e-9; i++) values.push(i * step)
  return values.map((value) => Number(value.toPrecision(12)))
}

/** How a value, or a share, is written at an axis of this range: neighbours differ. */
export function tickText(value: number, [from, to]: readonly [number, number], isShare = false): string {
  return isShare ? percent(value, to - from) : numberWithin(value, to - from)
}

const steps: readonly Millis[] = [
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 7, 14, 28, 91, 182].map((days) => days * DAY),
]

/** Round times inside a range, in UTC, each with how it is written; the day stands where it begins, and at the first. */
export function roundTimes(
  [from, to]: readonly [Instant, Instant],
  most: number,
): ReadonlyArray<{ readonly at: Instant; readonly label: string }> {
  const step = steps.find((one) => (to - from) / one <= most) ?? 364 * DAY
  const times: Instant[] = []
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) times.push(at)
  return times.map((at, i) => {
    const isDay = step >= DAY || at % DAY === 0 || i === 0
    return { at, label: isDay && at % DAY === 0 ? dayOf(at) : i === 0 ? `${dayOf(at)} ${hourOf(at)}` : hourOf(at) }
  })
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `26 Nov`, in UTC. */
export function dayOf(at: Instant): string {
  const date = new Date(at)
  return `${date.getUTCDate()} ${months[date.getUTCMonth()]}`
}

/** `14:05`, in UTC. */
export function hourOf(at: Instant): string {
  return new Date(at).toISOString().slice(11, 16)
}
