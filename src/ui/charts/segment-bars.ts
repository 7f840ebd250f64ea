// A metric by segment: a bar for each interval, a mark for each value, a stroke for what the segment's own reference was; and a line for
// the whole model. Worst first. What is under the pointer and what is under the keyboard's cursor is told alike, in a line above.

import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { roundValues, scale, tickText } from '../../delivery/charts/scale.ts'
import { count, plainNumber, withInterval } from '../../delivery/wording.ts'
import { html } from '../html.ts'
import type { StatusName } from '../status.ts'
import { useSetting } from './setting.ts'
import { shapeOf, short, statusWords } from './shapes.ts'
import type { Table } from './table.ts'
import { exact } from './table.ts'
import { Touch } from './touch.ts'
import { useWidth } from './width.ts'

export interface SegmentBar {
  readonly label: string
  readonly value: number | null
  readonly low: number | null
  readonly high: number | null
  /** The segment's own. */
  readonly reference: number | null
  readonly status: StatusName
  readonly rows: number
  readonly labelled: number
  /** The metric of all rows but those of the segment. */
  readonly without: number | null
}

export interface SegmentBarsData {
  /** What is shown: `ROC AUC by country`. */
  readonly name: string
  readonly bars: readonly SegmentBar[]
  /** The whole model in the same window. */
  readonly whole: { readonly value: number | null; readonly reference: number | null } | null
}

export function SegmentBars({ data }: { data: SegmentBarsData }): VNode {
  const { isStatic } = useSetting()
  const [place, width] = useWidth(720)
  const [chosen, choose] = useState<number | null>(null)
  const { bars } = data
  if (!bars.some(({ value }) => value !== null))
    return html`<div ref=${place} class="chart-empty">No segment has labelled rows yet.</div>`
  const bar = chosen === null ? undefined : bars[chosen]
  return html`<div class="chart-place" ref=${place}>
    <p class="chart-readout" aria-hidden=${isStatic ? undefined : 'true'}>${bar === undefined ? legend(data) : barText(bar)}</p>
    <${Drawing} data=${data} width=${width} chosen=${chosen} choose=${choose} isStatic=${isStatic} />
  </div>`
}

function legend({ whole }: SegmentBarsData): VNode {
  const now = whole?.value == null ? '' : ` whole model, ${plainNumber(whole.value)}`
  return html`<span class="legend"
    >bar: 95 % interval <span class="legend-stroke"></span>the segment’s own reference${now !== '' && html` <span class="legend-whole"></span>${now}`}</span
  >`
}

const LINE = 28
const LETTER = 6.6
const TOP = 22

interface DrawingProps {
  readonly data: SegmentBarsData
  readonly width: number
  readonly chosen: number | null
  readonly choose: (index: number | null) => void
  readonly isStatic: boolean
}

function Drawing({ data, width, chosen, choose, isStatic }: DrawingProps): VNode {
  const { bars, whole, name } = data
  const isNarrow = width < 520
  const [left, right] = [isNarrow ? 96 : 168, width - (isNarrow ? 62 : 128)]
  const bottom = TOP + bars.length * LINE
  const range = rangeOf(data)
  const x = scale(range, [left, right])
  const within = (value: number) => Math.min(right, Math.max(left, x(value)))
  const letters = Math.floor(left / LETTER) - 1
  return html`<svg class="chart" width=${width} height=${bottom + 26} viewBox=${`0 0 ${width} ${bottom + 26}`}>
    <g role="img" aria-label=${name}>
      <desc>${segmentBarsText(data)}</desc>
      <text class="chart-tick" x=${right + 10} y="14">${isNarrow ? 'labelled' : 'labelled rows'}</text>
      ${roundValues(range, isNarrow ? 3 : 6).map(
        (value) =>
          html`<path class="chart-grid" d=${`M${short(x(value))} ${TOP}V${bottom}`} /><text class="chart-tick" x=${short(x(value))} y=${bottom + 18} text-anchor="middle">${tickText(value, range)}</text>`,
      )}
      ${whole?.value != null && html`<path class="segment-whole" d=${`M${short(within(whole.value))} ${TOP - 4}V${bottom}`} />`}
      ${bars.map((bar, i) => {
        const y = TOP + i * LINE
        const middle = y + LINE / 2
        const { value, low, high, reference } = bar
        const isActive = chosen === i
        return html`<g>
          <text class=${`chart-row-name${isActive || bar.status === 'alarm' ? ' is-active' : ''}`} x=${left - 10} y=${middle + 4} text-anchor="end">${cut(bar.label, letters)}</text>
          ${low !== null && high !== null && html`<rect class=${`segment-bar mark-${bar.status}${isActive ? ' is-chosen' : ''}`} x=${short(within(low))} y=${middle - 6} width=${short(Math.max(2, within(high) - within(low)))} height="12" />`}
          ${reference !== null && html`<path class="segment-reference" d=${`M${short(within(reference))} ${middle - 10}v20`} />`}
          ${value !== null && html`<path class=${`segment-value mark-${bar.status}`} d=${shapeOf(bar.status, within(value), middle, 6)} />`}
          <text class="chart-row-value" x=${right + 10} y=${middle + 4}>${value === null ? '—' : count(bar.labelled)}</text>
        </g>`
      })}
      <path class="chart-axis" d=${`M${left} ${bottom}H${right}`} />
    </g>
    ${
      !isStatic &&
      html`<${Touch}
        label=${`${name}, segment by segment`}
        count=${bars.length}
        chosen=${chosen}
        choose=${choose}
        textOf=${(i: number) => barText(bars[i] as SegmentBar)}
        nearest=${(_: number, y: number) => Math.min(bars.length - 1, Math.max(0, Math.floor((y - TOP) / LINE)))}
        box=${{ x: 0, y: TOP, width, height: bottom - TOP }}
      />`
    }
  </svg>`
}

/** What is told of values and references; of intervals as much as leaves room for the rest to be read. */
function rangeOf({ bars, whole }: SegmentBarsData): readonly [number, number] {
  const told = [whole?.value, ...bars.flatMap(({ value, reference }) => [value, reference])].filter(
    (one) => one != null,
  )
  const [least, most] = [Math.min(...told), Math.max(...told)]
  const room = Math.max(most - least, Math.abs(most) * 0.05, 1e-9)
  const ends = bars.flatMap(({ low, high }) => [low, high]).filter((one) => one !== null)
  const low = Math.max(Math.min(least, ...ends), least - room)
  const high = Math.min(Math.max(most, ...ends), most + room)
  const margin = (high - low) * 0.04
  return [low - margin, high + margin]
}

function cut(label: string, letterCount: number): string {
  const signs = [...label]
  return signs.length > letterCount ? `${signs.slice(0, Math.max(1, letterCount - 1)).join('')}…` : label
}

/** `FR: 0.28 (0.25–0.31), reference 0.73, alarm, 783 labelled rows of 800` */
function barText({ label, value, low, high, reference, status, labelled, rows }: SegmentBar): string {
  const now = value === null ? 'no value' : withInterval(value, low, high)
  const before = reference === null ? 'no reference of its own' : `reference ${plainNumber(reference)}`
  return `${label}: ${now}, ${before}, ${statusWords[status]}, ${count(labelled)} labelled rows of ${count(rows)}`
}

export function segmentBarsText({ name, bars }: SegmentBarsData): string {
  const alarms = bars.filter(({ status }) => status === 'alarm')
  const [worst] = bars
  const told = alarms.length === 0 ? 'none alarms' : `${alarms.length} of ${bars.length} alarm`
  return `${name}, ${bars.length} segments, worst first: ${told}.${worst === undefined ? '' : ` ${barText(worst)}.`}`
}

export function segmentBarsTable({ name, bars }: SegmentBarsData): Table {
  return {
    columns: ['segment', name, 'low', 'high', 'its reference', 'verdict', 'rows', 'labelled', 'the model without it'],
    rows: bars.map((bar) => [
      bar.label,
      ...[bar.value, bar.low, bar.high, bar.reference].map(exact),
      statusWords[bar.status],
      ...[bar.rows, bar.labelled, bar.without].map(exact),
    ]),
  }
}
