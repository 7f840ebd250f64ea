// What pointer and keyboard take hold of in a chart: a slider over its parts, which says of each what the pointer would.

import type { VNode } from 'preact'
import { html } from '../html.ts'

export interface TouchProps {
  readonly label: string
  readonly count: number
  readonly chosen: number | null
  readonly choose: (index: number | null) => void
  readonly textOf: (index: number) => string
  /** The part under a place of the drawing. */
  readonly nearest: (x: number, y: number) => number
  readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number }
  /** The part that is told first. */
  readonly first?: number
}

export function Touch({ label, count, chosen, choose, textOf, nearest, box, first = 0 }: TouchProps): VNode {
  const at = chosen ?? first
  const pointed = (event: PointerEvent): void => {
    const { left, top } = (event.currentTarget as SVGElement).getBoundingClientRect()
    choose(nearest(event.clientX - left + box.x, event.clientY - top + box.y))
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const to = stepOf(event.key, at, count)
    if (to === undefined) return
    event.preventDefault()
    choose(to)
  }
  return html`<rect
    class="chart-hand chart-touch"
    ...${box}
    role="slider"
    tabindex="0"
    aria-label=${label}
    aria-valuemin="1"
    aria-valuemax=${count}
    aria-valuenow=${at + 1}
    aria-valuetext=${textOf(at)}
    onPointerMove=${pointed}
    onPointerDown=${pointed}
    onPointerLeave=${() => choose(null)}
    onFocus=${() => choose(at)}
    onBlur=${() => choose(null)}
    onKeyDown=${onKeyDown}
  />`
}

const keys: Readonly<Record<string, (at: number, last: number) => number>> = {
  ArrowLeft: (at) => at - 1,
  ArrowRight: (at) => at + 1,
  PageUp: (at) => at - 10,
  PageDown: (at) => at + 10,
  Home: () => 0,
  End: (_, last) => last,
}

/** Where a key leads from a part, or undefined for other keys. */
export function stepOf(key: string, at: number, count: number): number | undefined {
  const to = keys[key]?.(at, count - 1)
  return to === undefined ? undefined : Math.min(count - 1, Math.max(0, to))
}
