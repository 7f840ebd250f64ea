// How many alarms a rule would have raised at each threshold, and for how long: two drawings over one axis of thresholds.

import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { roundValues, scale } from '../../delivery/charts/scale.ts'
import { percent, plainNumber, span } from '../../delivery/wording.ts'
import type { Millis } from '../../time.ts'
import { html } from '../html.ts'
import { useSetting } from './setting.ts'
import { short } from './shapes.ts'
import type { Table } from './table.ts'
import { exact } from './table.ts'
import { Touch } from './touch.ts'
import { useWidth } from './width.ts'

export interface SweepPointData {
  readonly threshold: number
  readonly alarms: number
  readonly firedMs: Millis
  readonly missed: number
  readonly laterMs: Millis | null
}

export interface SweepData {
  /** Of the rule: `drift of income`. */
  readonly name: string
  /** By threshold, smallest first. */
  readonly points: readonly SweepPointData[]
  /** What is in force. */
  readonly current: number
  /** What was asked for. */
  readonly asked: number
  /** The time that was looked at. */
  readonly wholeMs: Millis
}

const HEIGHT = 250
/** Where the upper drawing ends, and the lower one. */
const UPPER = { top: 26, bottom: 126 }
const LOWER = { top: 158, bottom: 214 }

export function SweepChart({ sweep }: { readonly sweep: SweepData }): VNode {
  const { isStatic } = useSetting()
  const [place, width] = useWidth(720)
  const [chosen, choose] = useState<number | null>(null)
  const { points, asked, current } = sweep
  const [first, last] = [points[0], points.at(-1)]
  if (first === undefined || last === undefined)
    return html`<div ref=${place} class="chart-empty">No window has been judged in this time.</div>`
  const [left, right] = [44, width - 16]
  const along = scale(range([Math.log(first.threshold), Math.log(last.threshold)]), [left, right])
  const x = (threshold: number) => along(Math.log(threshold))
  const most = Math.max(1, ...points.map(({ alarms }) => alarms))
  const alarms = scale([0, most * 1.08], [UPPER.bottom, UPPER.top])
  const share = scale([0, 1], [LOWER.bottom, LOWER.top])
  const shareOf = ({ firedMs }: SweepPointData) => (sweep.wholeMs > 0 ? Math.min(1, firedMs / sweep.wholeMs) : 0)
  const cursor = chosen === null ? undefined : points[chosen]
  return html`<div class="chart-place" ref=${place}>
    <p class="chart-readout" aria-hidden=${isStatic ? undefined : 'true'}>${pointText(cursor ?? pointAt(sweep, asked))}</p>
    <svg class="chart" width=${width} height=${HEIGHT} viewBox=${`0 0 ${width} ${HEIGHT}`}>
      <g role="img" aria-label=${`Alarms of ${sweep.name} by threshold`}>
        <desc>${sweepText(sweep)}</desc>
        <text class="chart-tick" x=${left} y=${UPPER.top - 12}>alarms</text>
        <text class="chart-tick" x=${left} y=${LOWER.top - 10}>share of the time in alarm</text>
        ${roundValues([0, most], 4)
          .filter((value) => Number.isInteger(value))
          .map((value) => gridLine(plainNumber(value), alarms(value), { left, right }))}
        ${[0, 0.5, 1].map((value) => gridLine(percent(value), share(value), { left, right }))}
        <path class="chart-line" d=${steps(points, x, ({ alarms: many }) => alarms(many))} />
        <path class="chart-line" d=${steps(points, x, (point) => share(shareOf(point)))} />
        ${ticksOf(first.threshold, last.threshold).map(
          (tick) =>
            html`<text class="chart-tick" x=${short(x(tick))} y=${LOWER.bottom + 20} text-anchor="middle">${plainNumber(tick)}</text>`,
        )}
        <path class="chart-axis" d=${`M${left} ${LOWER.bottom}H${right}`} />
        ${current !== asked && mark('chart-reference', 'now', x(current), { left, right })}
        ${mark('chart-threshold', current === asked ? 'now' : 'asked for', x(asked), { left, right })}
      </g>
      ${cursor !== undefined && html`<path class="chart-axis" d=${`M${short(x(cursor.threshold))} ${UPPER.top}V${LOWER.bottom}`} />`}
      ${
        !isStatic &&
        html`<${Touch}
          label=${`Alarms of ${sweep.name}, threshold by threshold`}
          count=${points.length}
          first=${Math.max(
            0,
            points.findIndex(({ threshold }) => threshold === asked),
          )}
          chosen=${chosen}
          choose=${choose}
          textOf=${(i: number) => pointText(points[i])}
          nearest=${(at: number) => nearest(points, x, at)}
          box=${{ x: left, y: UPPER.top, width: Math.max(0, right - left), height: LOWER.bottom - UPPER.top }}
        />`
      }
    </svg>
  </div>`
}

function range([from, to]: readonly [number, number]): [number, number] {
  return from === to ? [from - 1, to + 1] : [from, to]
}

interface Sides {
  readonly left: number
  readonly right: number
}

function gridLine(label: string, y: number, { left, right }: Sides): VNode {
  return html`<path class="chart-grid" d=${`M${left} ${short(y)}H${right}`} /><text class="chart-tick" x=${left - 6} y=${short(y + 4)} text-anchor="end">${label}</text>`
}

function mark(name: string, label: string, x: number, { left, right }: Sides): VNode {
  const anchor = x > right - 60 ? 'end' : x < left + 60 ? 'start' : 'middle'
  return html`<path class=${name} d=${`M${short(x)} ${UPPER.top - 6}V${LOWER.bottom}`} /><text x=${short(x)} y=${UPPER.top - 12} text-anchor=${anchor}>${label}</text>`
}

/** A threshold stands for those up to the next one that was tried. */
function steps(
  points: readonly SweepPointData[],
  x: (threshold: number) => number,
  y: (point: SweepPointData) => number,
): string {
  return points
    .map((point, i) =>
      i === 0 ? `M${short(x(point.threshold))} ${short(y(point))}` : `H${short(x(point.threshold))}V${short(y(point))}`,
    )
    .join('')
}

/** 1, 2 and 5 times powers of ten. */
function ticksOf(from: number, to: number): number[] {
  const ticks: number[] = []
  for (let power = Math.floor(Math.log10(from)); power <= Math.log10(to); power++)
    for (const digit of [1, 2, 5]) ticks.push(Number((digit * 10 ** power).toPrecision(1)))
  return ticks.filter((tick) => tick >= from && tick <= to)
}

function nearest(points: readonly SweepPointData[], x: (threshold: number) => number, at: number): number {
  let best = 0
  for (const [i, { threshold }] of points.entries())
    if (Math.abs(x(threshold) - at) < Math.abs(x((points[best] as SweepPointData).threshold) - at)) best = i
  return best
}

function pointAt({ points }: SweepData, threshold: number): SweepPointData | undefined {
  return points.find((point) => point.threshold === threshold)
}

function pointText(point: SweepPointData | undefined): string {
  if (point === undefined) return ''
  const { threshold, alarms, firedMs, missed, laterMs } = point
  const many = alarms === 0 ? 'no alarm' : `${alarms} ${alarms === 1 ? 'alarm' : 'alarms'}, ${span(firedMs)} in alarm`
  const late =
    laterMs === null || laterMs === 0 ? '' : `, ${span(Math.abs(laterMs))} ${laterMs > 0 ? 'later' : 'sooner'}`
  return `threshold ${plainNumber(threshold)}: ${many}${missed > 0 ? `, ${missed} missed` : ''}${late}`
}

export function sweepText(sweep: SweepData): string {
  const { name, points, current, asked } = sweep
  const now = pointText(pointAt(sweep, current))
  const then = asked === current ? '' : `; ${pointText(pointAt(sweep, asked))}`
  return `Alarms of ${name} at ${points.length} thresholds. Now, ${now}${then}.`
}

export function sweepTable({ points }: SweepData): Table {
  return {
    columns: ['threshold', 'alarms', 'hours in alarm', 'missed', 'hours later'],
    rows: points.map(({ threshold, alarms, firedMs, missed, laterMs }) =>
      [threshold, alarms, firedMs / 3_600_000, missed, laterMs === null ? null : laterMs / 3_600_000].map(exact),
    ),
  }
}
