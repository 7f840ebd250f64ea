// A value over time: with its interval, what it is compared with, where it alarms, and what happened meanwhile. What is under the
// pointer and what is under the keyboard's cursor is told alike, in a line above.

import type { VNode } from 'preact'
import { useId, useState } from 'preact/hooks'
import { roundValues, scale, tickText } from '../../delivery/charts/scale.ts'
import type { Instant } from '../../time.ts'
import { html } from '../html.ts'
import type { CourseData, CoursePoint, Timed } from './course-data.ts'
import { timed } from './course-data.ts'
import type { Place } from './course-scale.ts'
import { apart, runs, valueRange, written } from './course-scale.ts'
import { courseText, readout } from './course-words.ts'
import { useSetting } from './setting.ts'
import { shapeOf, short } from './shapes.ts'
import { Touch } from './touch.ts'
import { useWidth } from './width.ts'
import type { Zone } from './zone.ts'
import { roundTimesIn } from './zone.ts'

const HEIGHT = 232
const LABEL_STEP = 16
const LABEL_WIDTH = 112
/** On a narrow screen labels stand in the plot's right margin with their number alone. */
const NARROW = 520
/** So many signs of alarms can still be told apart. */
const SIGN_STEP = 11
/** Pixels that a word in the drawing takes. */
const NAME_ROOM = 90
/** So many marks can be named where they stand; the line above tells of each. */
const NAMED_MAX = 3

export function CourseChart({ course, height = HEIGHT }: { course: CourseData; height?: number }): VNode {
  const { zone, isStatic } = useSetting()
  const [place, width] = useWidth(720)
  const [chosen, choose] = useState<number | null>(null)
  const hatch = `hatch-${useId()}`
  const points = timed(course.points)
  const known = points.filter(({ value }) => value !== null)
  const estimated = (course.estimates ?? []).filter(({ value }) => value !== null)
  if (known.length + estimated.length === 0)
    return html`<div ref=${place} class="chart-empty">No window has been judged in this time.</div>`
  const isNarrow = width < NARROW
  const plot: Place = { left: 44, right: width - (isNarrow ? 82 : LABEL_WIDTH), top: 12, bottom: height - 40 }
  const times = timeRange(course, points)
  const range = valueRange(course)
  const x = scale(times, [plot.left, plot.right])
  const y = scale(range, [plot.bottom, plot.top])
  const cursor = chosen === null ? null : (points[Math.min(chosen, points.length - 1)] ?? null)
  const drawn: Drawn = { course, points, plot, x, y, zone, isNarrow }
  return html`<div class="chart-place" ref=${place}>
    <p class="chart-readout" aria-hidden=${isStatic ? undefined : 'true'}>${readout(course, cursor ?? lastKnown(points) ?? points.at(-1), zone)}</p>
    <svg class="chart" width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`}>
      <defs
        ><pattern id=${hatch} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"
          ><rect class="chart-hatch" width="1.5" height="6"
        /></pattern
      ></defs>
      <g role="img" aria-label=${`${course.name} over time`}>
        <desc>${courseText(course)}</desc>
        ${alarmSide(drawn)}
        ${provisional(drawn, hatch)}
        ${axes(drawn, times, range)}
        ${steps(drawn, 'threshold')}
        ${steps(drawn, 'reference')}
        ${band(drawn)}
        ${estimates(drawn)}
        ${line(drawn)}
        ${marks(drawn)}
        ${labels(drawn)}
      </g>
      ${cursor !== null && html`<${Cursor} drawn=${drawn} point=${cursor} />`}
      ${
        !isStatic &&
        html`<${Touch}
          label=${`${course.name}, window by window`}
          count=${points.length}
          first=${points.length - 1}
          chosen=${chosen}
          choose=${choose}
          textOf=${(i: number) => readout(course, points[i], zone)}
          nearest=${(at: number) => nearest(drawn, at)}
          box=${{ x: plot.left, y: plot.top, width: Math.max(0, plot.right - plot.left), height: plot.bottom - plot.top }}
        />`
      }
    </svg>
  </div>`
}

interface Drawn {
  readonly course: CourseData
  readonly points: ReadonlyArray<Timed<CoursePoint>>
  readonly plot: Place
  readonly x: (at: Instant) => number
  readonly y: (value: number) => number
  readonly zone: Zone
  readonly isNarrow: boolean
}

function timeRange({ estimates = [] }: CourseData, points: ReadonlyArray<Timed<CoursePoint>>): [Instant, Instant] {
  const all = [...points, ...timed(estimates)].map(({ at }) => at)
  const [from, to] = [Math.min(...all), Math.max(...all)]
  return from === to ? [from - 1, to + 1] : [from, to]
}

function lastKnown(points: ReadonlyArray<Timed<CoursePoint>>): Timed<CoursePoint> | undefined {
  return points.findLast(({ value }) => value !== null)
}

const limitAt = (course: CourseData, point: CoursePoint, which: 'reference' | 'threshold'): number | null =>
  point[which] === undefined ? course[which] : point[which]

/** The side of the threshold that alarms, as one area for as long as the threshold stays. */
function alarmSide({ course, points, plot, x, y }: Drawn): VNode[] {
  const { alarms } = course
  if (alarms === null) return []
  return levels(course, points, 'threshold').flatMap(({ from, to, value }) => {
    const [left, right] = [x(from), x(to)]
    const box = (top: number, bottom: number) =>
      html`<rect class="chart-alarm-side" x=${short(left)} y=${short(top)} width=${short(right - left)} height=${short(Math.max(0, bottom - top))} />`
    const [upper, lower] = [y(Math.abs(value)), y(-Math.abs(value))]
    if (alarms === 'above') return [box(plot.top, y(value))]
    if (alarms === 'below') return [box(y(value), plot.bottom)]
    return [box(plot.top, upper), ...(lower < plot.bottom ? [box(lower, plot.bottom)] : [])]
  })
}

/** Stretches of time with one reference or threshold. */
function levels(course: CourseData, points: ReadonlyArray<Timed<CoursePoint>>, which: 'reference' | 'threshold') {
  const found: Array<{ from: Instant; to: Instant; value: number }> = []
  const firsts = points.length > 0 ? points : []
  let open = false
  for (const point of firsts) {
    const value = limitAt(course, point, which)
    const last = found.at(-1)
    if (last !== undefined && open) last.to = point.at
    if (value === null) open = false
    else if (!open || last?.value !== value) {
      found.push({ from: point.at, to: point.at, value })
      open = true
    }
  }
  return found.filter(({ from, to }) => to > from)
}

function steps({ course, points, x, y, plot }: Drawn, which: 'reference' | 'threshold'): VNode[] {
  const inside = (value: number) => y(value) >= plot.top - 1 && y(value) <= plot.bottom + 1
  return levels(course, points, which).flatMap(({ from, to, value }) => {
    const lines = which === 'threshold' && course.alarms === 'outside' ? [Math.abs(value), -Math.abs(value)] : [value]
    return lines
      .filter(inside)
      .map((one) => html`<path class=${`chart-${which}`} d=${`M${short(x(from))} ${short(y(one))}H${short(x(to))}`} />`)
  })
}

function provisional({ points, x, plot }: Drawn, hatch: string): VNode[] {
  const found: VNode[] = []
  for (const [i, { at, isProvisional, value }] of points.entries()) {
    if (isProvisional !== true || value === null) continue
    const [before, after] = [points[i - 1]?.at ?? at, points[i + 1]?.at ?? at]
    const [left, right] = [x((before + at) / 2), x((at + after) / 2)]
    found.push(
      html`<rect x=${short(left)} y=${plot.top} width=${short(Math.max(1, right - left))} height=${plot.bottom - plot.top} fill=${`url(#${hatch})`} />`,
    )
  }
  // The newest are hatched, where any are.
  const firstAt = points[points.findLastIndex((point) => point.isProvisional !== true) + 1]?.at
  if (found.length > 0 && firstAt !== undefined && plot.right - x(firstAt) > NAME_ROOM)
    found.push(
      html`<text class="chart-tick chart-name" x=${plot.right - 6} y=${plot.bottom - 8} text-anchor="end">few labels yet</text>`,
    )
  return found
}

function axes(
  { course, plot, x, y, zone }: Drawn,
  times: [Instant, Instant],
  range: readonly [number, number],
): VNode[] {
  const values = roundValues(range, 5).filter((value) => y(value) <= plot.bottom + 0.5 && y(value) >= plot.top - 0.5)
  const most = Math.max(2, Math.floor((plot.right - plot.left) / 110))
  return [
    ...values.map(
      (value) =>
        html`<path class="chart-grid" d=${`M${plot.left} ${short(y(value))}H${plot.right}`} /><text class="chart-tick" x=${plot.left - 6} y=${short(y(value) + 4)} text-anchor="end">${tickText(value, range, course.form === 'share')}</text>`,
    ),
    html`<path class="chart-axis" d=${`M${plot.left} ${plot.bottom}H${plot.right}`} />`,
    ...roundTimesIn(times, most, zone).map(
      ({ at, label }) =>
        html`<path class="chart-axis" d=${`M${short(x(at))} ${plot.bottom + 9}v4`} /><text class="chart-tick" x=${short(x(at))} y=${plot.bottom + 26} text-anchor=${x(at) < plot.left + 24 ? 'start' : 'middle'}>${label}</text>`,
    ),
  ]
}

function band({ course, points, plot, x, y }: Drawn): VNode[] {
  const inside = (value: number) => short(Math.min(plot.bottom, Math.max(plot.top, y(value))))
  return runs(points, course.gapMs).flatMap((run) => {
    const known = run.filter(({ low, high }) => low !== null && high !== null)
    if (known.length < 2) return []
    const upper = known.map(({ at, high }) => `${short(x(at))} ${inside(high as number)}`)
    const lower = known.map(({ at, low }) => `${short(x(at))} ${inside(low as number)}`).reverse()
    return [html`<path class="chart-band" d=${`M${[...upper, ...lower].join('L')}z`} />`]
  })
}

function line({ course, points, x, y }: Drawn): VNode[] {
  const lines = runs(points, course.gapMs).map((run) =>
    run.length === 1
      ? html`<circle class="chart-dot" cx=${short(x(run[0]?.at as number))} cy=${short(y(run[0]?.value as number))} r="2.2" />`
      : html`<path class="chart-line" d=${pathOf(run, x, y)} />`,
  )
  // Signs that would become a chain are thinned out; the last one of a run stays.
  let free = Number.POSITIVE_INFINITY
  const signs = points
    .filter(({ status, value }) => value !== null && (status === 'alarm' || status === 'warning'))
    .reverse()
    .filter(({ at }) => {
      if (x(at) > free) return false
      free = x(at) - SIGN_STEP
      return true
    })
    .map(
      ({ at, value, status }) =>
        html`<path class=${`mark-${status} chart-sign`} d=${shapeOf(status, x(at), y(value as number), 5)} />`,
    )
  const last = lastKnown(points)
  const end =
    last === undefined || last.status === 'alarm' || last.status === 'warning'
      ? []
      : [
          html`<circle class="chart-dot chart-sign" cx=${short(x(last.at))} cy=${short(y(last.value as number))} r="4" />`,
        ]
  return [...lines, ...signs, ...end]
}

function pathOf(run: ReadonlyArray<{ at: number; value: number }>, x: Drawn['x'], y: Drawn['y']): string {
  return `M${run.map(({ at, value }) => `${short(x(at))} ${short(y(value))}`).join('L')}`
}

function estimates({ course, x, y }: Drawn): VNode[] {
  return runs(timed(course.estimates ?? []), course.gapMs).map((run) =>
    run.length === 1
      ? html`<circle class="chart-estimate-dot" cx=${short(x(run[0]?.at as number))} cy=${short(y(run[0]?.value as number))} r="2" />`
      : html`<path class="chart-estimate" d=${pathOf(run, x, y)} />`,
  )
}

/** The lives of incidents as bars on the axis of time, and retrainings as marks that point at it. */
function marks({ course, plot, x }: Drawn): VNode[] {
  const inside = (at: number) => Math.min(plot.right, Math.max(plot.left, x(at)))
  const bars = (course.incidents ?? []).flatMap(({ from, to }) => {
    const [left, right] = [inside(Date.parse(from)), to === null ? plot.right : inside(Date.parse(to))]
    if (right <= plot.left || left >= plot.right) return []
    return [
      ...(course.shadesIncidents === true
        ? [
            html`<rect class="chart-episode" x=${short(left)} y=${plot.top} width=${short(Math.max(3, right - left))} height=${plot.bottom - plot.top} />`,
          ]
        : []),
      html`<rect class="chart-incident" x=${short(left)} y=${plot.bottom + 1} width=${short(Math.max(3, right - left))} height="6" />`,
    ]
  })
  const placeOf = ({ at }: { readonly at: string }) => x(Date.parse(at))
  const shown = (course.retrainings ?? []).filter((one) => placeOf(one) >= plot.left && placeOf(one) <= plot.right)
  const signs = shown.flatMap((one) => {
    const place = placeOf(one)
    const isLeft = plot.right - place > NAME_ROOM
    const name = html`<text class="chart-tick chart-name" x=${short(place + (isLeft ? 8 : -8))} y=${plot.bottom - 8} text-anchor=${isLeft ? 'start' : 'end'}>retraining</text>`
    return [
      ...(shown.length <= NAMED_MAX ? [name] : []),
      html`<path class="chart-retraining" d=${`M${short(place - 5)} ${plot.bottom - 9}h10l-5 8z`} />`,
      html`<path class="chart-retraining-line" d=${`M${short(place)} ${plot.top}V${plot.bottom - 9}`} />`,
    ]
  })
  return [...bars, ...signs]
}

/** Names and values at the ends of the lines that they name. */
function labels({ course, points, plot, y, isNarrow }: Drawn): VNode[] {
  const last = lastKnown(points)
  const lastPoint = points.at(-1)
  const estimate = (course.estimates ?? []).findLast(({ value }) => value !== null)
  const [threshold, reference] = (['threshold', 'reference'] as const).map((which) =>
    lastPoint === undefined ? course[which] : limitAt(course, lastPoint, which),
  )
  const all = [
    ...(last === undefined
      ? []
      : [{ name: 'now', at: last.value as number, text: digits(course, last), kind: `now is-${last.status}` }]),
    ...(threshold == null
      ? []
      : [
          {
            name: 'alarm',
            at: threshold,
            text: `${course.alarms === 'outside' ? '±' : ''}${written(course.form, threshold)}`,
            kind: 'threshold',
          },
        ]),
    ...(reference == null
      ? []
      : [{ name: 'reference', at: reference, text: written(course.form, reference), kind: 'reference' }]),
    ...(estimate === undefined
      ? []
      : [{ name: 'estimated', at: estimate.value as number, text: digits(course, estimate), kind: 'estimate' }]),
  ].sort((a, b) => b.at - a.at)
  const heights = apart(
    all.map(({ at }) => Math.min(plot.bottom, Math.max(plot.top + 4, y(at) + 4))),
    LABEL_STEP,
    plot.bottom + 4,
  )
  return all.map(
    ({ name, text, kind }, i) =>
      html`<text class=${`chart-label chart-label-${kind}`} x=${plot.right + 8} y=${short(heights[i] as number)}>${isNarrow ? `${shortNames[name] ?? name} ${text}`.trim() : `${name} ${text}`}</text>`,
  )
}

const shortNames: Readonly<Record<string, string>> = { now: '', reference: 'ref', estimated: 'est' }

/** The value alone, in the digits that its interval supports. */
function digits(
  { form }: CourseData,
  { value, low, high }: { value: number | null; low: number | null; high: number | null },
): string {
  return written(form, value as number, low, high).replace(/ \(.*$/, '')
}

/** The window next to a place of the drawing. */
function nearest({ points, x }: Drawn, place: number): number {
  let best = 0
  let least = Number.POSITIVE_INFINITY
  for (const [i, { at }] of points.entries()) {
    const distance = Math.abs(x(at) - place)
    if (distance < least) [best, least] = [i, distance]
  }
  return best
}

function Cursor({ drawn: { plot, x, y }, point }: { drawn: Drawn; point: Timed<CoursePoint> }): VNode {
  return html`<g class="chart-hand" aria-hidden="true">
    <path class="chart-cursor" d=${`M${short(x(point.at))} ${plot.top}V${plot.bottom}`} />
    ${point.value !== null && html`<circle class="chart-cursor-dot" cx=${short(x(point.at))} cy=${short(y(point.value))} r="4.5" />`}
  </g>`
}
