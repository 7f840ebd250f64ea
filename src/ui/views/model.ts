// A model version: what is to be said of it, the metric and the features that carry that, and what to do.

import { count, percent, plainNumber, withInterval } from '../../delivery/wording.ts'
import type { ModelOverview, OutputShown, Said } from '../../overview/model.ts'
import type { MetricSeries } from '../../overview/series.ts'
import { addressOf, withQuery } from '../address.ts'
import { CourseChart } from '../charts/course.ts'
import { courseSummary, courseTable } from '../charts/course-words.ts'
import { DelayChart, delayTable } from '../charts/delay.ts'
import { DistributionChart, distributionTable } from '../charts/distribution.ts'
import { Figure } from '../charts/figure.ts'
import { HeatMap, heatMapTable, heatMapText } from '../charts/heat-map.ts'
import { ScoreDistribution, scoreTable, scoreText } from '../charts/score-distribution.ts'
import { Sparkline } from '../charts/sparkline.ts'
import { useEveryMinute } from '../every-minute.ts'
import { html } from '../html.ts'
import { Link } from '../link.ts'
import { delayOf, heatMapOf, incidentWords, metricCourse, plainCourse } from '../model-charts.ts'
import { keptOf, ModelTabs, Pickers, versionName } from '../model-head.ts'
import { Moment, spanText } from '../moment.ts'
import { Empty, Shown } from '../states.ts'
import { Status } from '../status.ts'
import { useData, useSurroundings } from '../surroundings.ts'
import type { ViewOptions } from '../view-options.ts'
import { Worded } from '../worded.ts'

/** Rows of the heat map until all are asked for. */
const ROWS_SHOWN = 20

export function Model({ parameters, query }: ViewOptions) {
  const { model = '' } = parameters
  const isOf = ({ models }: { models?: readonly string[] }) => models === undefined || models.includes(model)
  const overview = useData<ModelOverview>(addressOf(['models', model, 'overview'], keptOf(query)), isOf)
  // For how long nothing has come.
  useEveryMinute(
    overview.again,
    overview.data?.said.some(({ status, incident }) => status === 'no_data' && incident !== null) === true,
  )
  return html`<${ModelTitle} model=${model} overview=${overview.data} />
    <${ModelTabs} model=${model} current="overview" query=${query} />
    <${Shown} of=${overview} what=${model}>${(data: ModelOverview) => html`<${ModelContent} overview=${data} query=${query} />`}</${Shown}>`
}

export function ModelTitle({
  model,
  overview,
}: {
  readonly model: string
  readonly overview: ModelOverview | undefined
}) {
  const said = overview?.said[0]
  return html`<h1 class="model-title">${model}${overview !== undefined && overview.version !== '' && html` <span class="model-version">${overview.version}</span>`}
    ${said !== undefined && html` <${SaidStatus} said=${said} isCalibrated=${overview?.newest?.isCalibrated ?? true} />`}</h1>`
}

function SaidStatus({ said, isCalibrated }: { readonly said: Said; readonly isCalibrated: boolean }) {
  const of = said.status === 'no_data' ? 'insufficient' : said.status
  const word = said.status === 'no_data' ? 'no data' : said.status === 'insufficient' ? 'too few rows' : said.status
  return html`<${Status} of=${of} word=${word} isUncalibrated=${!isCalibrated && said.status !== 'no_data'} />`
}

export function ModelContent({
  overview,
  query,
}: {
  readonly overview: ModelOverview
  readonly query: Readonly<Record<string, string>>
}) {
  const { versions, version, windows, window, newest } = overview
  const names = versions.map((one) => one.version)
  const others = names.filter((one) => one !== version)
  const isEmpty = newest === null && names.length < 2 && windows.length < 2 && Object.keys(query).length === 0
  return html`<${Verdict} overview=${overview} />
    <div class="scope"><${Basis} overview=${overview} />
      ${!isEmpty && html`<${Pickers} version=${version} versions=${names} window=${window} windows=${windows.map(({ name }) => name)} others=${others} />`}</div>
    ${newest === null ? html`<${Nothing} overview=${overview} />` : html`<${Charts} overview=${overview} query=${query} />`}`
}

/** The worst first; what else goes on, below. */
function Verdict({ overview }: { readonly overview: ModelOverview }) {
  const [first, ...rest] = overview.said
  if (first === undefined) return null
  // Nothing yet is no news; nothing any more is an incident.
  const kind = first.status === 'no_data' && first.incident !== null ? 'alarm' : first.status
  const until = overview.newest?.end
  return html`<div class=${`verdict ${kind}`}>
    <p class="lead"><${Words} said=${first} until=${until} /></p>
    ${rest.length > 0 && html`<ul class="also">${rest.map((said) => html`<li key=${said.incident}><${Words} said=${said} until=${until} /></li>`)}</ul>`}
    ${first.incident !== null && html`<p class="buttons"><${Link} class="button primary" to=${addressOf(['incidents', first.incident])}>Open the incident</${Link}></p>`}
  </div>`
}

/** @param until end of the newest window: how long it has lasted is told in the time of events */
function Words({ said, until }: { readonly said: Said; readonly until: string | undefined }) {
  // What begins with the name of a feature stays as that is written.
  const isNamed = said.incident === null && (said.status === 'alarm' || said.status === 'warning')
  const text = isNamed ? said.text : `${said.text.charAt(0).toUpperCase()}${said.text.slice(1)}`
  const lastedMs = said.since === null || until === undefined ? 0 : Date.parse(until) - Date.parse(said.since)
  return html`${said.incident === null ? text : html`<${Link} to=${addressOf(['incidents', said.incident])}>${text}</${Link}>`}${said.since !== null && html`, since <${Moment} at=${said.since} />${lastedMs > 0 && html` <span class="nowrap">(${spanText(lastedMs)})</span>`}`}.`
}

/** What all of it is told from. */
function Basis({ overview: { newest, window, reference, range, minCoverage } }: { readonly overview: ModelOverview }) {
  if (newest === null) return null
  const coverage = newest.rows === 0 ? 0 : newest.labelled / newest.rows
  return html`<p class="basis muted">
    Window of ${window} to <${Moment} at=${newest.end} />: ${count(newest.rows)} rows, ${percent(coverage)} labelled${newest.isProvisional && ` (judged from ${percent(minCoverage)} on)`}.
    ${reference !== null && html` Compared with ${reference.source}, ${count(reference.rows)} rows.`}
    ${reference?.next != null && html` Windows that begin <${Moment} at=${reference.next.judgesFrom} /> or later are compared with: ${reference.next.source}.`}
    ${!newest.isCalibrated && ' ~ How noisy these windows are by themselves is not learnt yet: a cautious default is used.'}
    ${range !== null && range.readEvery > 1 && ` So long a time holds too many windows to read: one in ${range.readEvery} is shown; incidents are all there.`}
  </p>`
}

function Nothing({ overview }: { readonly overview: ModelOverview }) {
  return html`<${Empty} title="No window has been evaluated yet">
    <p>The first is full, and judged, when rows of ${overview.window} have come; this page then fills by itself.</p>
    <p><${Link} to="system">See what is read from its source</${Link}></p>
  </${Empty}>`
}

function Charts({
  overview,
  query,
}: {
  readonly overview: ModelOverview
  readonly query: Readonly<Record<string, string>>
}) {
  const { address, go } = useSurroundings()
  const { metrics, tests, model } = overview
  const metric =
    metrics.find((one) => one.metric === query['metric']) ??
    metrics.find((one) => one.metric === overview.said.find((said) => said.metric !== null)?.metric) ??
    worstMetric(metrics)
  const isWhole = query['rows'] === 'all'
  const shown = isWhole ? tests : tests.slice(0, ROWS_SHOWN)
  const map = heatMapOf(overview, shown, keptOf(query))
  const more = tests.length - shown.length
  return html`${metrics.length > 0 && html`<${MetricCards} overview=${overview} chosen=${metric} />`}
    ${metric !== undefined && html`<${MetricFigure} overview=${overview} metric=${metric} />`}
    ${
      tests.length > 0 &&
      html`<${Figure} title="Drift and data quality by window" summary=${heatMapText(map)} file=${`${model}-drift`} table=${() => heatMapTable(map)}>
          <${HeatMap} map=${map} onOpen=${(to: string) => go(to)} />
        </${Figure}>
        ${
          (more > 0 || isWhole) &&
          html`<p><${Link} to=${withQuery(address, { rows: isWhole ? undefined : 'all' })}>${isWhole ? `Show the ${ROWS_SHOWN} worst` : `Show all ${tests.length}; the ${more} that are not shown are no worse`}</${Link}></p>`
        }
        ${overview.testsLeftOut > 0 && html`<p class="muted">${overview.testsLeftOut} more, none of them worse, are left out.</p>`}`
    }
    <div class="columns">
      ${overview.outputs.slice(0, 1).map((output) => html`<${Output} key=${output.name} model=${model} output=${output} query=${query} />`)}
      <${Delay} overview=${overview} />
      ${overview.outputs.slice(1).map((output) => html`<${Output} key=${output.name} model=${model} output=${output} query=${query} />`)}
    </div>
    ${query['compare'] !== undefined && html`<${Comparison} overview=${overview} other=${query['compare']} />`}
    <${Happened} overview=${overview} />
    <${Volume} overview=${overview} />`
}

const gravity = ['insufficient', 'ok', 'warning', 'alarm']

function worstMetric(metrics: readonly MetricSeries[]): MetricSeries | undefined {
  const graveness = ({ now, estimated, isJudged }: MetricSeries) =>
    Math.max(gravity.indexOf(now?.status ?? ''), gravity.indexOf(estimated?.now?.status ?? '')) + (isJudged ? 0.5 : 0)
  return [...metrics].sort((a, b) => graveness(b) - graveness(a))[0]
}

type Measured = { readonly value: number; readonly low: number | null; readonly high: number | null }

/** In the digits that its interval supports, without it. */
function valueAlone({ value, low, high }: Measured): string {
  return withInterval(value, low, high).replace(/ .*/, '')
}

function intervalAlone({ value, low, high }: Measured): string {
  return withInterval(value, low, high).replace(/.*\(|\)/g, '')
}

/** Each metric with its newest value; one of them is drawn large. */
function MetricCards({
  overview,
  chosen,
}: {
  readonly overview: ModelOverview
  readonly chosen: MetricSeries | undefined
}) {
  const { address } = useSurroundings()
  return html`<nav aria-label="Metrics"><ul class="metric-cards">
    ${overview.metrics.map((metric) => {
      const { now, estimated, reference } = metric
      const isOn = metric.metric === chosen?.metric
      return html`<li key=${metric.metric}><${Link} to=${withQuery(address, { metric: metric.metric })} current=${isOn} class="metric-card">
        <span class="metric-name">${metric.name}</span>
        <span class="metric-value">${now === null ? '–' : valueAlone(now)} ${now !== null && now.low !== null && html`<span class="metric-interval">${intervalAlone(now)}</span>`}</span>
        <span class="metric-facts">${reference !== null && html`<span>reference ${plainNumber(reference)}</span>`}${estimated?.now != null && html` <span>estimated ${valueAlone(estimated.now)}</span>`}</span>
        <span class="metric-status">${now === null ? 'no labels yet' : metric.isJudged ? html`<${Status} of=${now.status} word=${now.status === 'insufficient' ? 'not judged' : now.status} />` : 'shown, not judged'}</span>
        <${Sparkline} values=${metric.values} status=${now?.status ?? 'ok'} label=${`${metric.name} over time`} width=${120} />
      </${Link}></li>`
    })}
  </ul></nav>`
}

function MetricFigure({ overview, metric }: { readonly overview: ModelOverview; readonly metric: MetricSeries }) {
  const course = metricCourse(overview, metric)
  const isOld = metric.now !== null && metric.now.column < overview.ends.length - 1
  const late = isOld
    ? ` Labels are late: the newest value is of the window to ${overview.ends[metric.now?.column ?? 0]?.slice(0, 16).replace('T', ' ')} UTC.`
    : ''
  return html`<${Figure} title=${metric.name} summary=${`${courseSummary(course)}${late}`} file=${`${overview.model}-${metric.metric}`} table=${() => courseTable(course)}>
    <${CourseChart} course=${course} />
  </${Figure}>`
}

function Output({
  model,
  output,
  query,
}: {
  readonly model: string
  readonly output: OutputShown
  readonly query: Readonly<Record<string, string>>
}) {
  const { name, scores, classes, because } = output
  const link = html`<p><${Link} to=${addressOf(['models', model, 'features', name], keptOf(query))}>More of ${name}</${Link}></p>`
  if (scores !== null) {
    const score = { name, ...scores }
    return html`<div><${Figure} title=${`${name}: now and reference`} summary=${scoreText(score)} file=${`${model}-${name}`} table=${() => scoreTable(score)}>
      <${ScoreDistribution} score=${score} />
    </${Figure}>${link}</div>`
  }
  if (classes !== null) {
    const distribution = { name, ...classes }
    return html`<div><${Figure} title=${`${name}: now and reference`} file=${`${model}-${name}`} table=${() => distributionTable(distribution)}>
      <${DistributionChart} distribution=${distribution} />
    </${Figure}>${link}</div>`
  }
  return html`<div><p class="figure-title">${name}: now and reference</p><p class="muted">Nothing can be drawn: ${because}.</p></div>`
}

function Delay({ overview }: { readonly overview: ModelOverview }) {
  const delay = delayOf(overview)
  return html`<${Figure} title="How long labels take" summary="Since the beginning of the state." file=${`${overview.model}-label-delay`} table=${() => delayTable(delay)}>
    <${DelayChart} delay=${delay} />
  </${Figure}>`
}

/** Incidents and retrainings of the time that is shown. */
function Happened({ overview: { incidents, retrainings } }: { readonly overview: ModelOverview }) {
  if (incidents.length + retrainings.length === 0) return null
  const all = [
    ...incidents.map((one) => ({ at: one.from, incident: one, retraining: null })),
    ...retrainings.map((one) => ({ at: one.at, incident: null, retraining: one })),
  ].sort((a, b) => b.at.localeCompare(a.at))
  return html`<details class="fold" open=${all.length <= 6}>
    <summary>Incidents and retrainings in this time (${all.length})</summary>
    <ul class="happened">${all.map(({ at, incident, retraining }) =>
      incident === null
        ? html`<li key=${retraining?.id}><${Moment} at=${at} /> <span>Retraining ${retraining?.state} <span class="muted">(<${Worded} text=${retraining?.cause ?? ''} />)</span></span></li>`
        : html`<li key=${incident.id}><span><${Moment} at=${at} />${incident.to !== null && html` to <${Moment} at=${incident.to} />`}</span> <span><${Link} to=${addressOf(['incidents', incident.id])}>${incident.text}</${Link}> <span class="muted">${incidentWords(incident)}${incident.isActive ? ', goes on' : ''}</span></span></li>`,
    )}</ul>
  </details>`
}

/** How many rows came, and how many of them are labelled. */
function Volume({ overview }: { readonly overview: ModelOverview }) {
  const { rows, labelled, minCoverage, model } = overview
  const volume = plainCourse(overview, { name: 'rows in a window', form: 'count', values: rows })
  const shares = rows.map((some, i) => (some === null || some === 0 ? null : (labelled[i] ?? 0) / some))
  const coverage = plainCourse(overview, { name: 'labelled', form: 'share', values: shares, reference: minCoverage })
  return html`<details class="fold"><summary>Rows and labels</summary><div class="columns">
    ${[volume, coverage].map(
      (
        course,
      ) => html`<${Figure} key=${course.name} title=${course.name} file=${`${model}-${course.name}`} table=${() => courseTable(course)}>
        <${CourseChart} course=${course} height=${180} />
      </${Figure}>`,
    )}
  </div></details>`
}

/** Another version of the model in windows of the same size, side by side. */
function Comparison({ overview, other }: { readonly overview: ModelOverview; readonly other: string }) {
  const path = addressOf(['models', overview.model, 'overview'], { version: other, window: overview.window })
  const read = useData<ModelOverview>(path)
  return html`<h2>Beside version ${versionName(other)}</h2>
    <${Shown} of=${read} what=${`version ${versionName(other)}`}>${(data: ModelOverview) => html`<${SideBySide} one=${overview} two=${data} />`}</${Shown}>`
}

function SideBySide({ one, two }: { readonly one: ModelOverview; readonly two: ModelOverview }) {
  const value = (metric: MetricSeries | undefined) =>
    metric?.now == null ? '–' : withInterval(metric.now.value, metric.now.low, metric.now.high)
  const ofTwo = new Map(two.metrics.map((metric) => [metric.metric, metric]))
  const rows: ReadonlyArray<readonly [string, string, string]> = [
    ...one.metrics.map((metric) => [metric.name, value(metric), value(ofTwo.get(metric.metric))] as const),
    ['features that drift', drifted(one), drifted(two)],
    ['rows in the newest window', count(one.newest?.rows ?? 0), count(two.newest?.rows ?? 0)],
    ['newest window ends (UTC)', endOf(one), endOf(two)],
  ]
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Two versions side by side"><table class="numbers">
    <thead><tr><th scope="col">newest window</th><th scope="col">${versionName(one.version)}</th><th scope="col">${versionName(two.version)}</th></tr></thead>
    <tbody>${rows.map(([name, left, right]) => html`<tr key=${name}><th scope="row">${name}</th><td>${left}</td><td>${right}</td></tr>`)}</tbody>
  </table></div>
  <p class="muted">Each is held against its own reference, in its own newest window: where rows differ, so may the metrics.</p>`
}

function drifted({ features }: ModelOverview): string {
  return `${features.drifted} of ${features.monitored}`
}

function endOf({ newest }: ModelOverview): string {
  return newest === null ? '–' : newest.end.slice(0, 16).replace('T', ' ')
}
