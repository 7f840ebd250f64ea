// How long labels take to come.

import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { roundValues, scale } from '../../delivery/charts/scale.ts'
import { count, percent } from '../../delivery/wording.ts'
import { html } from '../html.ts'
import { useSetting } from './setting.ts'
import { short } from './shapes.ts'
import type { Table } from './table.ts'
import { exact } from './table.ts'
import { Touch } from './touch.ts'
import { useWidth } from './width.ts'

export interface DelayBin {
  /** Labels that came within this long, in words: `1 hour`; of the last, `later`. */
  readonly label: string
  readonly count: number
}

export interface DelayData {
  /** One after another; each holds what came later than the one before it. */
  readonly bins: readonly DelayBin[]
}

const HEIGHT = 170

export function DelayChart({ delay }: { delay: DelayData }): VNode {
  const { isStatic } = useSetting()
  const [place, width] = useWidth(420)
  const [chosen, choose] = useState<number | null>(null)
  const { bins } = delay
  const total = bins.reduce((sum, bin) => sum + bin.count, 0)
  if (total === 0) return html`<div ref=${place} class="chart-empty">No label has come yet.</div>`
  const [left, right, bottom] = [44, width - 10, HEIGHT - 28]
  const step = (right - left) / bins.length
  const most = Math.max(...bins.map((bin) => bin.count / total))
  const y = scale([0, most * 1.06], [bottom, 8])
  // Every name where they have room, every second or third elsewhere.
  const every = Math.ceil((Math.max(...bins.map(({ label }) => label.length)) * 6.4 + 8) / step)
  return html`<div class="chart-place" ref=${place}>
    <p class="chart-readout" aria-hidden=${isStatic ? undefined : 'true'}>${chosen === null ? delayText(delay) : binText(delay, chosen, total)}</p>
    <svg class="chart" width=${width} height=${HEIGHT} viewBox=${`0 0 ${width} ${HEIGHT}`}>
      <g role="img" aria-label="Label delay">
        <desc>${delayText(delay)}</desc>
        ${roundValues([0, most], 3).map(
          (value) =>
            html`<path class="chart-grid" d=${`M${left} ${short(y(value))}H${right}`} /><text class="chart-tick" x=${left - 6} y=${short(y(value) + 4)} text-anchor="end">${percent(value)}</text>`,
        )}
        ${bins.map(
          (bin, i) =>
            html`<rect class=${`bar-current${chosen === i ? ' is-chosen' : ''}`} x=${short(left + i * step + 1)} y=${short(y(bin.count / total))} width=${short(Math.max(1, step - 2))} height=${short(bottom - y(bin.count / total))} />${i % every === 0 && html`<text class="chart-tick" x=${short(left + (i + 0.5) * step)} y=${bottom + 18} text-anchor="middle">${bin.label}</text>`}`,
        )}
        <path class="chart-axis" d=${`M${left} ${bottom}H${right}`} />
      </g>
      ${
        !isStatic &&
        html`<${Touch}
          label="Label delay, range by range"
          count=${bins.length}
          chosen=${chosen}
          choose=${choose}
          textOf=${(i: number) => binText(delay, i, total)}
          nearest=${(at: number) => Math.min(bins.length - 1, Math.max(0, Math.floor((at - left) / step)))}
          box=${{ x: left, y: 0, width: right - left, height: bottom }}
        />`
      }
    </svg>
  </div>`
}

function binText({ bins }: DelayData, index: number, total: number): string {
  const { label, count: some } = bins[index] as DelayBin
  const before = bins[index - 1]?.label
  const range =
    label === 'later' ? `later than ${before}` : before === undefined ? `within ${label}` : `${before} to ${label}`
  return `${range}: ${percent(some / total)} of ${count(total)} labels`
}

/** `Half of 4,210 labels came within 2 days, 90 % within 7 days.` */
export function delayText({ bins }: DelayData): string {
  const total = bins.reduce((sum, bin) => sum + bin.count, 0)
  if (total === 0) return 'No label has come yet.'
  const within = (share: number): string => {
    let seen = 0
    for (const [i, bin] of bins.entries()) {
      seen += bin.count
      if (seen >= share * total)
        return bin.label === 'later' ? `later than ${bins[i - 1]?.label}` : `within ${bin.label}`
    }
    return 'later'
  }
  return `Half of ${count(total)} labels came ${within(0.5)}, 90 % ${within(0.9)}.`
}

export function delayTable({ bins }: DelayData): Table {
  return { columns: ['within', 'labels'], rows: bins.map((bin) => [bin.label, exact(bin.count)]) }
}
