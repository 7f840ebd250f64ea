// A course as a line of text.

import { count, percent, plainNumber } from '../../delivery/wording.ts'
import type { ReportCourse } from '../../overview/report-charts.ts'

const BLOCKS = '▁▂▃▄▅▆▇█'
/** Characters of a line. */
export const WIDTH = 60

/** A course as blocks of eight heights, from its smallest value to its largest; a dot where nothing is known. */
export function blocks({ points }: Pick<ReportCourse, 'points'>): string {
  const step = Math.max(1, points.length / WIDTH)
  const shown = Array.from(
    { length: Math.min(WIDTH, points.length) },
    (_, i) => points[points.length - 1 - Math.round(i * step)]?.value ?? null,
  ).reverse()
  const known = shown.filter((value) => value !== null)
  const [low, high] = [Math.min(...known), Math.max(...known)]
  return shown
    .map((value) => {
      if (value === null) return '·'
      return BLOCKS[high === low ? 3 : Math.round(((value - low) / (high - low)) * (BLOCKS.length - 1))]
    })
    .join('')
}

/** `0.71 to 0.88` */
export function rangeText({ points, form }: Pick<ReportCourse, 'points' | 'form'>): string {
  const known = points.flatMap(({ value }) => value ?? [])
  if (known.length === 0) return 'not known in any window'
  const written = form === 'share' ? percent : form === 'count' ? count : plainNumber
  return `${written(Math.min(...known))} to ${written(Math.max(...known))}`
}
