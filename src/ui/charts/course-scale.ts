// Which values a course shows, and where they stand.

import { percent, plainNumber, withInterval } from '../../delivery/wording.ts'
import type { CourseData } from './course-data.ts'

export interface Place {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

/** How a value of the course is written; with its interval where it has one. */
export function written(
  form: CourseData['form'],
  value: number,
  low: number | null = null,
  high: number | null = null,
): string {
  if (form !== 'share') return form === 'count' ? plainNumber(value) : withInterval(value, low, high)
  return low === null || high === null
    ? percent(value)
    : `${percent(value)} (${percent(low).replace(' %', '')}–${percent(high)})`
}

/** What is drawn must fit; an interval that is much wider than all values would flatten them, and is cut off. */
export function valueRange({
  points,
  estimates = [],
  reference,
  threshold,
  fromZero,
}: CourseData): readonly [number, number] {
  const lines = [
    ...points.flatMap((point) => [point.value, point.threshold, point.reference]),
    ...estimates.map(({ value }) => value),
    reference,
    threshold,
  ].filter((value) => value != null)
  if (lines.length === 0) return [0, 1]
  const [least, most] = [Math.min(...lines), Math.max(...lines)]
  const room = Math.max(most - least, Math.abs(most) * 0.02, 1e-9)
  const bounds = points.flatMap(({ low, high }) => [low, high]).filter((value) => value !== null)
  const low = Math.max(Math.min(least, ...bounds), least - room)
  const high = Math.min(Math.max(most, ...bounds), most + room)
  const margin = (high - low) * 0.08 || room
  return [fromZero === true && least >= 0 ? 0 : low - margin, high + margin]
}

/** Heights of labels that stand in the order of their values, pushed apart: downwards first, then upwards from the bottom. */
export function apart(heights: readonly number[], step: number, bottom: number): number[] {
  const places: number[] = []
  for (const height of heights) places.push(Math.max(height, (places.at(-1) ?? Number.NEGATIVE_INFINITY) + step))
  let free = bottom
  for (let i = places.length - 1; i >= 0; i--) {
    places[i] = Math.min(places[i] as number, free)
    free = (places[i] as number) - step
  }
  return places
}

/** Neighbours that are not separated by a window without a value, nor by windows that are not there. */
export function runs<Point extends { readonly value: number | null; readonly at: number }>(
  points: readonly Point[],
  gapMs: number,
): Array<Array<Point & { readonly value: number }>> {
  const found: Array<Array<Point & { readonly value: number }>> = []
  let run: Array<Point & { readonly value: number }> = []
  for (const point of points) {
    const previous = run.at(-1)
    if (point.value === null || (previous !== undefined && point.at - previous.at > gapMs)) {
      if (run.length > 0) found.push(run)
      run = []
    }
    if (point.value !== null) run.push({ ...point, value: point.value })
  }
  if (run.length > 0) found.push(run)
  return found
}
