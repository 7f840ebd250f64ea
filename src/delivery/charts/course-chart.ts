// The course of what alarms: a line with its 95 % interval, the threshold and the side of it that alarms, the reference, and when
// the incident began. Labels stand at the lines that they name, so that no legend has to be looked up.

import { metricName, percent, plainNumber, withInterval } from '../wording.ts'
import type { Chart, Course, CoursePoint } from './chart.ts'
import { dayOf, hourOf, roundTimes, roundValues, scale, tickText } from './scale.ts'
import { alarmSign, CHART_WIDTH, colours, dot, drawing, line, path, rectangle, text, widthOf } from './svg.ts'

const HEIGHT = 300
const plot = { left: 48, right: 366, top: 74, bottom: 258 } as const
/** Labels at the right edge are at least this far apart. */
const LABEL_STEP = 17
const VALUE_TICKS = 5
const TIME_TICKS = 4
/** Windows that the table beside the drawing tells of. */
const TABLE_ROWS = 6
/** So many dots can still be told apart. */
const DOTS_MAX = 30

type Place = (value: number) => number

/** @throws RangeError when there are fewer than two windows with a value */
export function courseChart(course: Course): Chart {
  const known = course.points.filter(({ value }) => value !== null)
  const [first, last] = [course.points[0], course.points.at(-1)]
  if (known.length < 2 || first === undefined || last === undefined)
    throw new RangeError('a course of fewer than two values cannot be drawn')
  const range = valueRange(course)
  const x = scale([first.end, last.end], [plot.left, plot.right])
  const y = scale(range, [plot.bottom, plot.top])
  return {
    name: 'course',
    title: titleOf(course),
    alternative: alternativeOf(course),
    table: tableOf(course),
    width: CHART_WIDTH,
    height: HEIGHT,
    svg: drawing({ width: CHART_WIDTH, height: HEIGHT }, [
      ...head(course),
      ...alarming(course, y),
      ...provisional(course.points, x),
      ...axes([first.end, last.end], range, { x, y, course }),
      ...thresholdLine(course, y),
      ...referenceLine(course, y),
      ...band(course.points, x, y),
      ...values(course.points, x, y),
      ...began(course, x),
      ...labels(course, y),
    ]),
  }
}

/** Shares are written as per cent; everything else as the number that it is. */
function written({ kind }: Course, value: number): string {
  return kind === 'quality' ? percent(value) : plainNumber(value)
}

function titleOf({ feature, metric, kind }: Course): string {
  const name = kind === 'volume' ? 'rows in a window' : metricName(metric)
  const estimated = kind === 'estimated' ? 'estimated ' : ''
  const what = capitalised(`${estimated}${name}`)
  return feature === null ? what : `${what} of ${feature}`
}

function capitalised(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function head(course: Course): string[] {
  const { model, version, window, points } = course
  const parts = [
    version === '' ? model : `${model} ${version}`,
    `windows of ${window}`,
    ...(points.some(({ low }) => low !== null) ? ['band: 95 %'] : []),
    ...(points.some(({ isProvisional }) => isProvisional) ? ['hatched: few labels yet'] : []),
    'UTC',
  ]
  return [
    text({ x: 12, y: 26 }, titleOf(course), { size: 16, bold: true, widthMax: CHART_WIDTH - 24 }),
    text({ x: 12, y: 46 }, parts.join(' · '), { size: 12, colour: colours.muted, widthMax: CHART_WIDTH - 16 }),
  ]
}

/** What is drawn must fit; an interval that is much wider than all values would flatten them, and is cut off. */
function valueRange(course: Course): readonly [number, number] {
  const { points, reference, kind } = course
  const values = points.flatMap(({ value }) => value ?? [])
  const lines = [...values, ...limitsOf(course), ...(reference === null ? [] : [reference])]
  const [least, most] = [Math.min(...lines), Math.max(...lines)]
  const room = Math.max(most - least, Math.abs(most) * 0.02, 1e-9)
  const bounds = points.flatMap(({ low, high }) => [low, high].flatMap((one) => one ?? []))
  const low = Math.max(Math.min(least, ...bounds), least - room)
  const high = Math.min(Math.max(most, ...bounds), most + room)
  const margin = (high - low) * 0.06 || room
  const fromZero = least >= 0 && (kind === 'drift' || kind === 'quality' || kind === 'volume')
  return [fromZero ? 0 : low - margin, high + margin]
}

/** Distances alarm from the threshold on; so does what is worse when it is larger. */
function alarmsAbove({ kind, reference, threshold }: Course): boolean {
  return kind === 'drift' || kind === 'quality' || (threshold ?? 0) >= (reference ?? 0)
}

/** Values from which it alarms: a bias does so on both sides of 0. */
function limitsOf({ metric, threshold }: Course): readonly number[] {
  if (threshold === null) return []
  return metric === 'bias' ? [Math.abs(threshold), -Math.abs(threshold)] : [threshold]
}

function alarming(course: Course, y: Place): string[] {
  return limitsOf(course).map((limit, i) => {
    const isAbove = i === 0 && (course.metric === 'bias' || alarmsAbove(course))
    const [top, bottom] = isAbove ? [plot.top, y(limit)] : [y(limit), plot.bottom]
    return rectangle(
      { x: plot.left, y: top, width: plot.right - plot.left, height: Math.max(0, bottom - top) },
      { fill: colours.alarm, opacity: 0.09 },
    )
  })
}

function thresholdLine(course: Course, y: Place): string[] {
  return limitsOf(course).map((limit) =>
    line([plot.left, y(limit)], [plot.right, y(limit)], { colour: colours.alarm, width: 1.5 }),
  )
}

function provisional(points: readonly CoursePoint[], x: Place): string[] {
  const parts: string[] = []
  for (const [i, { end, isProvisional }] of points.entries()) {
    if (!isProvisional) continue
    const [before, after] = [points[i - 1]?.end ?? end, points[i + 1]?.end ?? end]
    const [left, right] = [x((before + end) / 2), x((end + after) / 2)]
    const box = { x: left, y: plot.top, width: right - left, height: plot.bottom - plot.top }
    parts.push(rectangle(box, { fill: 'url(#hatch)', opacity: 0.35 }))
  }
  return parts
}

function axes(
  times: readonly [number, number],
  range: readonly [number, number],
  { x, y, course }: { x: Place; y: Place; course: Course },
): string[] {
  const parts = roundValues(range, VALUE_TICKS).flatMap((value) => [
    line([plot.left, y(value)], [plot.right, y(value)], { colour: colours.faint }),
    text({ x: plot.left - 6, y: y(value) + 4.5 }, tickText(value, range, course.kind === 'quality'), {
      colour: colours.muted,
      anchor: 'end',
      size: 12,
    }),
  ])
  parts.push(line([plot.left, plot.bottom], [plot.right, plot.bottom], { colour: colours.muted }))
  for (const { at, label } of roundTimes(times, TIME_TICKS)) {
    const half = widthOf(label, 12) / 2
    const place = Math.min(Math.max(x(at), plot.left - 36 + half), CHART_WIDTH - half)
    parts.push(
      line([x(at), plot.bottom], [x(at), plot.bottom + 5], { colour: colours.muted }),
      text({ x: place, y: plot.bottom + 20 }, label, { colour: colours.muted, anchor: 'middle', size: 12 }),
    )
  }
  return parts
}

function referenceLine({ reference }: Course, y: Place): string[] {
  if (reference === null) return []
  return [
    line([plot.left, y(reference)], [plot.right, y(reference)], {
      colour: colours.reference,
      width: 1.5,
      dashes: '6 4',
    }),
  ]
}

/** Neighbours without a gap between them. */
function runs(points: readonly CoursePoint[]): Array<Array<CoursePoint & { readonly value: number }>> {
  const found: Array<Array<CoursePoint & { readonly value: number }>> = []
  let run: Array<CoursePoint & { readonly value: number }> = []
  for (const point of points) {
    if (point.value !== null) run.push({ ...point, value: point.value })
    else if (run.length > 0) {
      found.push(run)
      run = []
    }
  }
  if (run.length > 0) found.push(run)
  return found
}

function band(points: readonly CoursePoint[], x: Place, y: Place): string[] {
  const inside: Place = (value) => Math.min(plot.bottom, Math.max(plot.top, y(value)))
  return runs(points).flatMap((run) => {
    const known = run.filter(({ low, high }) => low !== null && high !== null)
    if (known.length < 2) return []
    const upper = known.map(({ end, high }) => [x(end), inside(high ?? 0)] as const)
    const lower = known.map(({ end, low }) => [x(end), inside(low ?? 0)] as const)
    return [path([...upper, ...lower.reverse()], { fill: colours.current, opacity: 0.16, width: 0 })]
  })
}

function values(points: readonly CoursePoint[], x: Place, y: Place): string[] {
  const lines = runs(points).map((run) =>
    run.length === 1
      ? dot(x(run[0]?.end ?? 0), y(run[0]?.value ?? 0), 2, { fill: colours.current, stroke: colours.current })
      : path(
          run.map(({ end, value }) => [x(end), y(value)] as const),
          { stroke: colours.current, width: 2.2 },
        ),
  )
  const alarms = points.filter(({ status, value }) => status === 'alarm' && value !== null)
  // So many that they would become a chain are thinned out; the last one stays.
  const step = Math.ceil(alarms.length / DOTS_MAX)
  const signs = alarms
    .filter((_, i) => (alarms.length - 1 - i) % step === 0)
    .map(({ end, value }) => alarmSign(x(end), y(value ?? 0), 4.2))
  const last = points.findLast(({ value }) => value !== null)
  const end =
    last === undefined || last.status === 'alarm'
      ? []
      : [dot(x(last.end), y(last.value ?? 0), 4, { fill: colours.current, stroke: colours.paper })]
  return [...lines, ...signs, ...end]
}

/** The life of the incident as a bar on the axis of time, with its beginning and its end written over the plot. */
function began({ since, until, points }: Course, x: Place): string[] {
  const [first, last] = [points[0]?.end ?? 0, points.at(-1)?.end ?? 0]
  const [from, to] = [Math.min(last, Math.max(first, since)), Math.min(last, until ?? last)]
  const isInside = since >= first
  const label = `▲ since ${dayOf(since)} ${hourOf(since)}`
  const width = widthOf(label, 12)
  const place = Math.max(plot.left, Math.min(x(from) - 4, plot.right - width))
  return [
    rectangle(
      { x: x(from), y: plot.bottom - 2, width: Math.max(3, x(to) - x(from)), height: 5 },
      { fill: colours.alarm },
    ),
    ...(isInside
      ? [line([x(from), plot.top - 4], [x(from), plot.bottom], { colour: colours.alarm, dashes: '2 3' })]
      : []),
    text({ x: place, y: plot.top - 10 }, label, { size: 12, colour: colours.alarmText, bold: true }),
    ...(until === null || until > last
      ? []
      : [line([x(to), plot.top], [x(to), plot.bottom], { colour: colours.ok, dashes: '2 3' })]),
  ]
}

/** Names and values at the ends of the lines, pushed apart where they would cover each other. */
function labels(course: Course, y: Place): string[] {
  const last = course.points.findLast(({ value }) => value !== null)
  const isAlarm = last?.status === 'alarm'
  const all = [
    ...(last === undefined || last.value === null
      ? []
      : [{ name: 'now', value: last.value, colour: isAlarm ? colours.alarmText : colours.ink, bold: true }]),
    ...(course.threshold === null
      ? []
      : [{ name: 'alarm', value: course.threshold, colour: colours.alarmText, bold: false }]),
    ...(course.reference === null
      ? []
      : [{ name: 'reference', value: course.reference, colour: colours.reference, bold: false }]),
  ].sort((a, b) => b.value - a.value)
  const places = apart(all.map(({ value }) => y(value) + 4.5))
  return all.map(({ name, value, colour, bold }, i) =>
    text({ x: plot.right + 8, y: places[i] ?? 0 }, `${name} ${written(course, value)}`, {
      colour,
      bold,
      widthMax: 110,
    }),
  )
}

/** Heights that are in order already, pushed apart: downwards first, then upwards from the bottom. */
function apart(heights: readonly number[]): number[] {
  const places: number[] = []
  for (const [i, height] of heights.entries()) places.push(Math.max(height, (places[i - 1] ?? 0) + LABEL_STEP))
  let free = plot.bottom + 4
  for (let i = places.length - 1; i >= 0; i--) {
    places[i] = Math.min(places[i] as number, free)
    free = (places[i] as number) - LABEL_STEP
  }
  return places
}

function alternativeOf(course: Course): string {
  const last = course.points.findLast(({ value }) => value !== null)
  const now = last?.value ?? 0
  const reference = course.reference === null ? '' : `, reference ${written(course, course.reference)}`
  const side = course.metric === 'bias' ? 'beyond ±' : alarmsAbove(course) ? 'from ' : 'under '
  const limit = course.threshold === null ? '' : `, alarm ${side}${written(course, course.threshold)}`
  return `${titleOf(course)} of ${course.model} over ${course.points.length} windows of ${course.window}: now ${written(course, now)}${reference}${limit}.`
}

/** The last windows, newest first. */
function tableOf(course: Course): Chart['table'] {
  const known = course.points.filter(({ value }) => value !== null)
  const rows = known.slice(-TABLE_ROWS).reverse()
  const hasInterval = course.kind !== 'quality' && rows.some(({ low }) => low !== null)
  return {
    columns: ['window ends (UTC)', hasInterval ? 'value (95 % interval)' : 'value', 'verdict'],
    rows: rows.map(({ end, value, low, high, status, isProvisional }) => [
      `${dayOf(end)} ${hourOf(end)}`,
      hasInterval ? withInterval(value ?? 0, low, high) : written(course, value ?? 0),
      isProvisional ? 'few labels yet' : status,
    ]),
  }
}
