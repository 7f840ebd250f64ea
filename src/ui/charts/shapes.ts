// The four things that can be said of a window, each with its word and its shape: colour never says it alone.

import type { StatusName } from '../status.ts'

export const statusWords: Readonly<Record<StatusName, string>> = {
  ok: 'ok',
  warning: 'warning',
  alarm: 'alarm',
  insufficient: 'too few rows',
}

/** The outline of a status about a middle: a square, a diamond, a triangle, or a small cross for what cannot be told. */
export function shapeOf(status: StatusName, x: number, y: number, radius: number): string {
  const [a, b] = [short(x), short(y)]
  switch (status) {
    case 'ok': {
      const side = short(radius * 0.8)
      return `M${short(x - side)} ${short(y - side)}h${short(2 * side)}v${short(2 * side)}h${short(-2 * side)}z`
    }
    case 'warning':
      return `M${a} ${short(y - radius)}L${short(x + radius)} ${b}L${a} ${short(y + radius)}L${short(x - radius)} ${b}z`
    case 'alarm':
      return `M${a} ${short(y - radius)}L${short(x + radius)} ${short(y + radius * 0.85)}H${short(x - radius)}z`
    case 'insufficient': {
      const half = short(radius * 0.5)
      return `M${short(x - half)} ${b}h${short(2 * half)}M${a} ${short(y - half)}v${short(2 * half)}`
    }
  }
}

/** A tenth of a pixel is enough. */
export function short(value: number): number {
  return Math.round(value * 10) / 10
}
