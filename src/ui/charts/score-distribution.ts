// What the model says now, and what it said in the reference: on the axis of the values themselves.

import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { roundValues, scale, tickText } from '../../delivery/charts/scale.ts'
import { count, numberWithin, percent, rangeWithin } from '../../delivery/wording.ts'
import { html } from '../html.ts'
import { useSetting } from './setting.ts'
import { short } from './shapes.ts'
import type { Table } from './table.ts'
import { exact } from './table.ts'
import { Touch } from './touch.ts'
import { useWidth } from './width.ts'

export interface ScoreBin {
  readonly from: number
  readonly to: number
  /** Shares of the rows with a score. */
  readonly reference: number
  readonly current: number
}

export interface ScoreData {
  /** `score`, `prediction` */
  readonly name: string
  readonly rows: { readonly reference: number; readonly current: number }
  /** Side by side, equally wide. */
  readonly bins: readonly ScoreBin[]
  readonly mean: { readonly reference: number; readonly current: number } | null
}

const HEIGHT = 210

export function ScoreDistribution({ score }: { score: ScoreData }): VNode {
  const { isStatic } = useSetting()
  const [place, width] = useWidth(420)
  const [chosen, choose] = useState<number | null>(null)
  const { bins, name, rows } = score
  const [first, last] = [bins[0], bins.at(-1)]
  if (first === undefined || last === undefined)
    return html`<div ref=${place} class="chart-empty">No score has come in this window.</div>`
  const [left, right, bottom] = [44, width - 10, HEIGHT - 28]
  const range = last.to - first.from
  const most = Math.max(...bins.flatMap(({ reference, current }) => [reference, current]), 1e-9)
  const x = scale([first.from, last.to], [left, right])
  const y = scale([0, most * 1.06], [bottom, 10])
  const outline = bins
    .map(
      ({ from, to, reference }, i) => `${i === 0 ? 'M' : 'L'}${short(x(from))} ${short(y(reference))}H${short(x(to))}`,
    )
    .join('')
  const bin = chosen === null ? undefined : bins[chosen]
  return html`<div class="chart-place" ref=${place}>
    <p class="chart-readout" aria-hidden=${isStatic ? undefined : 'true'}
      >${bin === undefined ? html`<span class="legend"><span class="legend-current"></span>now, ${count(rows.current)} rows <span class="legend-reference"></span>reference, ${count(rows.reference)} rows</span>` : binText(bin, range / 4)}</p
    >
    <svg class="chart" width=${width} height=${HEIGHT} viewBox=${`0 0 ${width} ${HEIGHT}`}>
      <g role="img" aria-label=${`${name}: now and reference`}>
        <desc>${scoreText(score)}</desc>
        ${roundValues([0, most], 4).map(
          (value) =>
            html`<path class="chart-grid" d=${`M${left} ${short(y(value))}H${right}`} /><text class="chart-tick" x=${left - 6} y=${short(y(value) + 4)} text-anchor="end">${percent(value)}</text>`,
        )}
        ${bins.map(
          ({ from, to, current }, i) =>
            html`<rect class=${`bar-current${chosen === i ? ' is-chosen' : ''}`} x=${short(x(from) + 0.5)} y=${short(y(current))} width=${short(Math.max(1, x(to) - x(from) - 1))} height=${short(bottom - y(current))} />`,
        )}
        <path class="bar-reference" d=${`${outline}V${bottom}M${left} ${bottom}V${short(y(first.reference))}`} />
        <path class="chart-axis" d=${`M${left} ${bottom}H${right}`} />
        ${roundValues([first.from, last.to], Math.max(2, Math.floor((right - left) / 70))).map(
          (value) =>
            html`<path class="chart-axis" d=${`M${short(x(value))} ${bottom}v4`} /><text class="chart-tick" x=${short(x(value))} y=${bottom + 18} text-anchor="middle">${tickText(value, [first.from, last.to])}</text>`,
        )}
      </g>
      ${
        !isStatic &&
        html`<${Touch}
          label=${`${name}, range by range`}
          count=${bins.length}
          chosen=${chosen}
          choose=${choose}
          textOf=${(i: number) => binText(bins[i] as ScoreBin, range / 4)}
          nearest=${(at: number) => Math.min(bins.length - 1, Math.max(0, Math.floor(((at - left) / (right - left)) * bins.length)))}
          box=${{ x: left, y: 0, width: right - left, height: bottom }}
        />`
      }
    </svg>
  </div>`
}

function binText({ from, to, current, reference }: ScoreBin, spread: number): string {
  return `${rangeWithin(from, to, spread)}: ${percent(current)} now, ${percent(reference)} in the reference`
}

export function scoreText({ name, mean, rows, bins }: ScoreData): string {
  const spread = ((bins.at(-1)?.to ?? 0) - (bins[0]?.from ?? 0)) / 4
  const means =
    mean === null
      ? ''
      : ` Mean ${numberWithin(mean.current, spread)} now, ${numberWithin(mean.reference, spread)} in the reference.`
  return `Distribution of ${name} over ${count(rows.current)} rows, beside the reference.${means}`
}

export function scoreTable({ name, bins }: ScoreData): Table {
  return {
    columns: [`${name} over`, 'up to', 'now', 'reference'],
    rows: bins.map(({ from, to, current, reference }) => [from, to, current, reference].map(exact)),
  }
}
