// The charts that carry an incident: how what alarms came about, and how the worst feature is distributed.

import { metricName } from '../../delivery/wording.ts'
import type { IncidentOverview } from '../../overview/incident.ts'
import { CourseChart } from '../charts/course.ts'
import type { CourseData } from '../charts/course-data.ts'
import { courseTable } from '../charts/course-words.ts'
import type { DistributionData } from '../charts/distribution.ts'
import { DistributionChart, distributionTable } from '../charts/distribution.ts'
import { Figure } from '../charts/figure.ts'
import { html } from '../html.ts'
import { momentText } from '../moment.ts'

export function IncidentCharts({ of: { course, distribution, id } }: { readonly of: IncidentOverview }) {
  if (course === null && distribution === null) return null
  return html`<div class="columns">
    ${course !== null && html`<${Course} course=${course} id=${id} />`}
    ${distribution !== null && html`<${Distribution} distribution=${distribution} id=${id} />`}
  </div>`
}

function Course({ course, id }: { readonly course: NonNullable<IncidentOverview['course']>; readonly id: string }) {
  const data = courseDataOf(course)
  return html`<${Figure} title=${`${data.name}, windows of ${course.window}`} table=${courseTable(data)} file=${`incident-${id}-course`}>
    <${CourseChart} course=${data} />
  </${Figure}>`
}

/** Exported for tests. */
export function courseDataOf(course: NonNullable<IncidentOverview['course']>): CourseData {
  const { kind, feature, metric, points, reference, threshold, since, until } = course
  const ends = points.map(({ end }) => Date.parse(end))
  const steps = ends.slice(1).map((end, i) => end - (ends[i] as number))
  return {
    name: feature === null ? metricName(metric) : `${metricName(metric)} of ${feature}`,
    form: kind === 'quality' ? 'share' : kind === 'volume' ? 'count' : 'number',
    points,
    gapMs: 1.5 * Math.min(...steps),
    ...{ reference, threshold },
    alarms: threshold === null ? null : metric === 'bias' ? 'outside' : isBelow(course, threshold) ? 'below' : 'above',
    fromZero: kind === 'drift' || kind === 'quality' || kind === 'volume',
    incidents: [{ from: since, to: until, label: 'this incident' }],
  }
}

function isBelow(
  { kind, reference }: Pick<NonNullable<IncidentOverview['course']>, 'kind' | 'reference'>,
  threshold: number,
): boolean {
  return kind === 'volume' || (reference !== null && threshold < reference)
}

function Distribution({
  distribution,
  id,
}: {
  readonly distribution: NonNullable<IncidentOverview['distribution']>
  readonly id: string
}) {
  const { feature, window, end, kind, rows, bars } = distribution
  const data: DistributionData = {
    name: feature,
    kind,
    rows,
    parts: bars,
    psi: bars.reduce((sum, { psi }) => sum + psi, 0),
  }
  return html`<${Figure} title=${`${feature}, the window of ${window} until ${momentText(end)}`} table=${distributionTable(data)} file=${`incident-${id}-distribution`}>
    <${DistributionChart} distribution=${data} />
  </${Figure}>`
}
