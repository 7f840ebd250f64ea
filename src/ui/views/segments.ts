// The segments of one model: by which of them it is losing, and how much.

import { metricName, percent, plainNumber, withInterval } from '../../delivery/wording.ts'
import type { MetricView, SegmentDriftView, SegmentsView } from '../../overview/segments.ts'
import { addressOf, withQuery } from '../address.ts'
import { CourseChart } from '../charts/course.ts'
import type { CourseData } from '../charts/course-data.ts'
import { courseTable } from '../charts/course-words.ts'
import { Figure } from '../charts/figure.ts'
import { SegmentBars, segmentBarsTable } from '../charts/segment-bars.ts'
import { html } from '../html.ts'
import { Link } from '../link.ts'
import { ModelTabs, versionName } from '../model-head.ts'
import { Moment, spanText } from '../moment.ts'
import { metricIn, segmentBarsOf, segmentSummary } from '../segment-figures.ts'
import { Empty, Shown } from '../states.ts'
import type { StatusName } from '../status.ts'
import { Status } from '../status.ts'
import { useData, useSurroundings } from '../surroundings.ts'
import type { ViewOptions } from '../view-options.ts'
import { Worded } from '../worded.ts'

export function Segments({ parameters, query }: ViewOptions) {
  const { model = '' } = parameters
  const { version, window, metric, column, segment, end } = query
  const asked = addressOf(['models', model, 'segments'], { version, window, metric, column, segment, end })
  const read = useData<SegmentsView>(asked, ({ models }) => models?.includes(model) ?? true)
  return html`<h1>Segments of ${model}</h1>
    <${ModelTabs} model=${model} current="segments" query=${query} />
    <${Shown} of=${read} what="the segments">${(data: SegmentsView) => html`<${SegmentsOf} data=${data} />`}</${Shown}>`
}

function SegmentsOf({ data }: { readonly data: SegmentsView }) {
  if (data.columns.length === 0) return html`<${NoColumns} model=${data.model} />`
  return html`<p class=${`verdict ${statusOf(data)}`}><${Status} of=${statusOf(data)} /> ${data.verdict}</p>
    <${Choices} data=${data} />
    ${data.segments.length === 0 ? html`<${NoWindows} data=${data} />` : html`<${Judged} data=${data} />`}`
}

/** The worst that is said of a segment by the metric that is looked at. */
function statusOf({ segments, metric }: SegmentsView): StatusName {
  const all = segments.map((one) => metricIn(one, metric)?.status)
  return (['alarm', 'warning', 'ok'] as const).find((status) => all.includes(status)) ?? 'insufficient'
}

function NoColumns({ model }: { readonly model: string }) {
  return html`<${Empty} title="No segments are told apart">
    <p>Name the columns whose values are to be watched apart, in the configuration; then reload it:</p>
    <pre>${`models:\n  ${JSON.stringify(model)}:\n    segments: [country]`}</pre>
    <p>A value is that of <code>segments</code> in the event, or of the feature of that name.</p>
  </${Empty}>`
}

function NoWindows({ data: { window, stepMs, since, column } }: { readonly data: SegmentsView }) {
  return html`<${Empty} title="No window has been judged by segment yet">
    <p>Windows of ${window} are judged by ${column} every ${spanText(stepMs)}, once they are whole.${
      since !== null && html` Rows are told apart since <${Moment} at=${since} />: windows that begin later are judged.`
    }</p>
  </${Empty}>`
}

function Choices({ data }: { readonly data: SegmentsView }) {
  const { address, go } = useSurroundings()
  const choose = (name: string) => (event: Event) => {
    const { value } = event.currentTarget as HTMLSelectElement
    // Another window has other ends, another column other segments.
    const rest = name === 'metric' ? {} : { segment: undefined, end: undefined }
    go(withQuery(address, { ...rest, [name]: value }))
  }
  const choice = (
    name: string,
    label: string,
    value: string,
    values: readonly string[],
    words = (one: string) => one,
  ) =>
    values.length > 1 &&
    html`<span class="field"><label for=${`segments-${name}`}>${label}</label>
      <select id=${`segments-${name}`} value=${value} onChange=${choose(name)}>${values.map((one) => html`<option value=${one}>${words(one)}</option>`)}</select></span>`
  const at = (end: string | null, words: string) =>
    end !== null && html`<${Link} to=${withQuery(address, { end })}>${words}</${Link}>`
  return html`<div class="scope"><div class="fields pickers">
      ${choice('column', 'By', data.column ?? '', data.columns)}
      ${choice('metric', 'Metric', data.metric, data.metrics, metricName)}
      ${choice('window', 'Window', data.window, data.windows)}
      ${choice('version', 'Version', data.version, data.versions, versionName)}
    </div>
    ${
      data.start !== null &&
      data.end !== null &&
      html`<p class="steps-of-time"><span><${Moment} at=${data.start} /> to <${Moment} at=${data.end} /></span>
      ${at(data.before, 'earlier')} ${at(data.after, 'later')} ${data.after !== null && html`<${Link} to=${withQuery(address, { end: undefined })}>newest</${Link}>`}</p>`
    }</div>`
}

function Judged({ data }: { readonly data: SegmentsView }) {
  const drawn = segmentBarsOf(data)
  return html`<${Figure} title=${drawn.name} summary=${segmentSummary(data)} table=${() => segmentBarsTable(drawn)} file=${`${data.model}-${data.column}-${data.metric}`}>
      <${SegmentBars} data=${drawn} />
    </${Figure}>
    <${SegmentTable} data=${data} />
    ${data.history !== null && html`<${Course} data=${data} history=${data.history} />`}`
}

function SegmentTable({ data }: { readonly data: SegmentsView }) {
  const { address } = useSurroundings()
  const { metric, history } = data
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Table of segments"><table class="segments stacks">
    <caption class="unseen">Segments, worst first; each leads to its course</caption>
    <thead><tr>${columnTitles(metric).map(({ title, isNumber }) => html`<th scope="col" class=${isNumber ? 'number' : undefined}>${title}</th>`)}</tr></thead>
    <tbody>${data.segments.map((segment) => {
      const found = metricIn(segment, metric)
      const isChosen = history?.segment === segment.segment
      return html`<tr key=${segment.segment} class=${isChosen ? 'is-chosen' : ''}>
        <th scope="row"><${Link} to=${withQuery(address, { segment: isChosen ? undefined : segment.segment })} current=${isChosen}>${segment.label}</${Link}></th>
        <td><${Status} of=${found?.status ?? 'insufficient'} isUncalibrated=${isUncalibrated(found)} /></td>
        <td class="number" data-label=${metricName(metric)}>${found?.value == null ? '—' : withInterval(found.value, found.low, found.high)}</td>
        <td class="number" data-label="Its reference">${found?.reference == null ? '—' : plainNumber(found.reference)}</td>
        <td class="number" data-label="Model without it">${found?.without == null ? '—' : plainNumber(found.without)}</td>
        <td class="drifted" data-label="Columns drifted"><${Drift} drift=${segment.drift} /></td>
        <td class="number" data-label="Rows">${segment.samples.toLocaleString('en')} <span class="muted">${percent(segment.share)}</span></td>
        <td class="number" data-label="Labelled">${segment.samples === 0 ? '—' : percent(segment.labelled / segment.samples)}</td>
        <td class="muted"><${Worded} text=${found?.reason ?? ''} /></td>
      </tr>`
    })}</tbody>
  </table></div>`
}

function columnTitles(metric: string): ReadonlyArray<{ readonly title: string; readonly isNumber: boolean }> {
  const column = (title: string, isNumber = false) => ({ title, isNumber })
  return [
    column('Segment'),
    column('Verdict'),
    column(metricName(metric), true),
    column('Its reference', true),
    column('Model without it', true),
    column('Columns drifted'),
    column('Rows', true),
    column('Labelled', true),
    column('Why it is not judged'),
  ]
}

function isUncalibrated(found: MetricView | undefined): boolean {
  return found !== undefined && found.status !== 'insufficient' && !found.calibrated
}

function Drift({ drift }: { readonly drift: SegmentDriftView }) {
  const { status, drifted, warned, judged, features, reason } = drift
  if (status === 'insufficient') return html`<span class="muted"><${Worded} text=${reason ?? ''} /></span>`
  const named = features.slice(0, 3).map(({ name }) => name)
  const more = drifted + warned - named.length
  return html`${drifted} of ${judged}${named.length > 0 && html` <span class="muted">${named.join(', ')}${more > 0 && ` and ${more} more`}</span>`}`
}

function Course({
  data,
  history,
}: {
  readonly data: SegmentsView
  readonly history: NonNullable<SegmentsView['history']>
}) {
  const { metric, model, stepMs, segments } = data
  const now = segments.find(({ segment }) => segment === history.segment)
  const name = `${metricName(metric)} of ${data.column} ${history.label}`
  const course: CourseData = {
    name,
    form: 'number',
    points: history.points.map(({ end, value, low, high, status, provisional, samples }) => {
      return { end, value, low, high, status, isProvisional: provisional, rows: samples }
    }),
    gapMs: stepMs,
    reference: (now && metricIn(now, metric)?.reference) ?? null,
    threshold: null,
    alarms: null,
  }
  return html`<section aria-label=${`Course of ${history.label}`}>
    <h2>${history.label} over time</h2>
    <${Figure} title=${name} table=${() => courseTable(course)} file=${`${model}-${history.segment}-${metric}`}>
      <${CourseChart} course=${course} />
    </${Figure}>
    ${now !== undefined && now.drift.features.length > 0 && html`<${Moved} drift=${now.drift} label=${history.label} />`}
  </section>`
}

function Moved({ drift, label }: { readonly drift: SegmentDriftView; readonly label: string }) {
  return html`<h3>What has moved in ${label}</h3>
    <ul>${drift.features.map(
      ({ name, method, value, threshold, status }) =>
        html`<li key=${name}><${Status} of=${status} /> ${name}: ${metricName(method)} ${plainNumber(value)}${threshold !== null && ` (alarm from ${plainNumber(threshold)})`}</li>`,
    )}</ul>`
}
