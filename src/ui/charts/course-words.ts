// A course in words and in numbers.

import { count } from '../../delivery/wording.ts'
import type { Instant, Millis } from '../../time.ts'
import type { CourseData, CoursePoint, Timed } from './course-data.ts'
import { written } from './course-scale.ts'
import { statusWords } from './shapes.ts'
import type { Table } from './table.ts'
import { exact } from './table.ts'
import type { Zone } from './zone.ts'
import { exactTimeText, tableTime } from './zone.ts'

/** One window in words: `26 Nov 14:05 (13:05 UTC) · 0.72 (0.70–0.74) · alarm · 4,210 rows`. */
export function readout(course: CourseData, point: Timed<CoursePoint> | undefined, zone: Zone): string {
  if (point === undefined) return ''
  const estimate = (course.estimates ?? []).find(({ end, value }) => end === point.end && value !== null)
  const when = Date.parse(point.end)
  const during = (course.incidents ?? []).filter(
    ({ from, to }) => Date.parse(from) <= when && (to === null || when <= Date.parse(to)),
  )
  return [
    exactTimeText(point.at, zone),
    point.value === null ? 'no value' : written(course.form, point.value, point.low, point.high),
    ...(estimate === undefined
      ? []
      : [`estimated ${written(course.form, estimate.value as number, estimate.low, estimate.high)}`]),
    point.isProvisional === true && point.value !== null ? 'few labels yet' : statusWords[point.status],
    ...(point.rows === undefined ? [] : [`${count(point.rows)} rows`]),
    ...during.slice(0, 2).map(({ label }) => label),
    ...(course.retrainings ?? []).filter(({ at }) => isNear(at, when, course.gapMs)).map(({ label }) => label),
  ].join(' · ')
}

function isNear(at: string, when: Instant, gapMs: Millis): boolean {
  const distance = when - Date.parse(at)
  return distance >= 0 && distance < gapMs
}

/** The course in a sentence, for those who do not see it. */
export function courseText(course: CourseData): string {
  return `${course.name}, ${courseSummary(course)}`
}

/** The same without its name. */
export function courseSummary(course: CourseData): string {
  const known = course.points.filter(({ value }) => value !== null)
  const last = known.at(-1)
  if (last === undefined) return 'no window has been judged.'
  const alarms = course.points.filter(({ status }) => status === 'alarm').length
  const parts = [
    `now ${written(course.form, last.value as number, last.low, last.high)}`,
    ...(course.reference === null ? [] : [`reference ${written(course.form, course.reference)}`]),
    ...(course.threshold === null ? [] : [`alarm ${sideWord(course.alarms)}${written(course.form, course.threshold)}`]),
    alarms === 0 ? 'no alarm' : `${alarms} of them alarm`,
  ]
  const { windowsPerPoint = 1 } = course
  const [what, each] =
    windowsPerPoint === 1 ? ['windows', ''] : ['points', `; each point is the worst of ${windowsPerPoint} windows`]
  return `${count(known.length)} ${what}: ${parts.join(', ')}${each}.`
}

function sideWord(alarms: CourseData['alarms']): string {
  return alarms === 'below' ? 'under ' : alarms === 'outside' ? 'beyond ±' : 'from '
}

export function courseTable(course: CourseData): Table {
  const hasEstimates = (course.estimates ?? []).length > 0
  const estimateAt = new Map((course.estimates ?? []).map((estimate) => [estimate.end, estimate.value]))
  return {
    columns: [
      'window ends (UTC)',
      course.name,
      'low',
      'high',
      'verdict',
      'rows',
      ...(hasEstimates ? ['estimated'] : []),
    ],
    rows: [...course.points]
      .reverse()
      .map((point) => [
        tableTime(Date.parse(point.end)),
        exact(point.value),
        exact(point.low),
        exact(point.high),
        point.isProvisional === true ? 'few labels yet' : statusWords[point.status],
        exact(point.rows),
        ...(hasEstimates ? [exact(estimateAt.get(point.end))] : []),
      ]),
  }
}
