// The charts of a rule under another threshold, for the page and for files.

import { metricName } from '../delivery/wording.ts'
import type { TuningView } from '../overview/backtest.ts'
import { CourseChart } from './charts/course.ts'
import type { CourseData } from './charts/course-data.ts'
import { courseTable, courseText } from './charts/course-words.ts'
import { Figure } from './charts/figure.ts'
import type { SweepData } from './charts/sweep.ts'
import { SweepChart, sweepTable, sweepText } from './charts/sweep.ts'
import { html } from './html.ts'

const forms = {
  distance: 'number',
  drop: 'number',
  rise: 'number',
  'share of rows': 'share',
  'share of the usual rows': 'count',
} as const

/** The values of its windows, with the threshold, and the alarms that it would have raised. */
export function courseOf(tuning: TuningView): CourseData {
  const { name, metric, unit, points, gapMs, windowsPerPoint, side, would } = tuning
  return {
    name: unit === 'distance' ? `${metricName(metric)}, ${name}` : name,
    form: forms[unit],
    points: points.map(({ limit, ...point }) => ({ ...point, threshold: limit })),
    ...{ gapMs, windowsPerPoint },
    reference: points.findLast(({ reference }) => reference !== null)?.reference ?? null,
    threshold: points.findLast(({ limit }) => limit !== null)?.limit ?? null,
    alarms: side,
    fromZero: unit === 'distance' || unit === 'share of rows',
    incidents: would.flatMap(({ firings }) => firings.map(({ from, to }) => ({ from, to, label: 'would have fired' }))),
    shadesIncidents: true,
  }
}

export function sweepOf({ name, sweep, current, threshold, wholeMs }: TuningView): SweepData {
  const points = sweep.map(({ floor, alarms, firedMs, known }) => ({
    ...{ threshold: floor, alarms, firedMs, missed: known.missed, laterMs: known.laterMs },
  }))
  return { name, points, current, asked: threshold, wholeMs }
}

export function CourseFigure({ tuning }: { readonly tuning: TuningView }) {
  const course = courseOf(tuning)
  return html`<${Figure}
    title=${`Windows of ${tuning.window}, the threshold, and when it would have fired (shaded)`}
    summary=${courseText(course)}
    table=${() => courseTable(course)}
    file=${`backtest-${tuning.monitor}-windows`}
  ><${CourseChart} course=${course} /></${Figure}>`
}

export function SweepFigure({ tuning }: { readonly tuning: TuningView }) {
  const sweep = sweepOf(tuning)
  return html`<${Figure}
    title="Alarms at each threshold"
    summary=${sweepText(sweep)}
    table=${() => sweepTable(sweep)}
    file=${`backtest-${tuning.monitor}-thresholds`}
  ><${SweepChart} sweep=${sweep} /></${Figure}>`
}
