// A value's recent course at the size of a word.

import type { VNode } from 'preact'
import { scale } from '../../delivery/charts/scale.ts'
import { html } from '../html.ts'
import type { StatusName } from '../status.ts'
import { shapeOf, short } from './shapes.ts'

export interface SparklineProps {
  readonly values: ReadonlyArray<number | null>
  /** Of the newest value; its sign stands at the end of the line. */
  readonly status?: StatusName
  readonly threshold?: number | null
  /** What it shows, for those who do not see it: `PSI of income, last 24 windows`. */
  readonly label: string
  readonly fromZero?: boolean
  readonly width?: number
  readonly height?: number
}

export function Sparkline(props: SparklineProps): VNode {
  const { values, status, threshold = null, label, fromZero = false, width = 96, height = 22 } = props
  const known = values.filter((value) => value !== null)
  const limits = [...known, ...(threshold === null ? [] : [threshold]), ...(fromZero ? [0] : [])]
  const [low, high] = [Math.min(...limits), Math.max(...limits)]
  const x = scale([0, Math.max(1, values.length - 1)], [2, width - 7])
  const y = low === high ? () => height / 2 : scale([low, high], [height - 3, 3])
  const last = values.findLastIndex((value) => value !== null)
  let d = ''
  let isDown = false
  for (const [i, value] of values.entries()) {
    if (value !== null) d += `${isDown ? 'L' : 'M'}${short(x(i))} ${short(y(value))}`
    // A value between two gaps is a dot.
    if (value !== null && !isDown && values[i + 1] == null) d += 'h0.1'
    isDown = value !== null
  }
  const end = last < 0 ? null : { x: x(last), y: y(values[last] as number) }
  return html`<svg class="sparkline" width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`} role="img" aria-label=${label}>
    ${threshold !== null && known.length > 0 && html`<path class="spark-threshold" d=${`M0 ${short(y(threshold))}H${width}`} />`}
    <path class="spark-line" d=${d} />
    ${
      end !== null &&
      (status === 'alarm' || status === 'warning'
        ? html`<path class=${`mark-${status}`} d=${shapeOf(status, end.x, end.y, 4)} />`
        : html`<circle class="spark-dot" cx=${short(end.x)} cy=${short(end.y)} r="2" />`)
    }
  </svg>`
}
