// A feature, or an output, of a model version: how it lies now beside the reference, and since when.

import { count, metricName, numberWithin, percent, plainNumber, rangeWithin } from '../../delivery/wording.ts'
import type { Bounds, ColumnStatistics, SideStatistics } from '../../overview/column-statistics.ts'
import type { FeatureView, TestCourse } from '../../overview/feature.ts'
import { addressOf, withQuery } from '../address.ts'
import { CourseChart } from '../charts/course.ts'
import type { CourseData } from '../charts/course-data.ts'
import { courseSummary, courseTable } from '../charts/course-words.ts'
import { DistributionChart, distributionTable, distributionText } from '../charts/distribution.ts'
import { Figure } from '../charts/figure.ts'
import { ScoreDistribution, scoreTable, scoreText } from '../charts/score-distribution.ts'
import { html } from '../html.ts'
import { Link } from '../link.ts'
import { gapOf, incidentMark, incidentWords, statusOf } from '../model-charts.ts'
import { keptOf, ModelTabs, Pickers } from '../model-head.ts'
import { Moment } from '../moment.ts'
import { Empty, Shown } from '../states.ts'
import { Status } from '../status.ts'
import { useData, useSurroundings } from '../surroundings.ts'
import type { ViewOptions } from '../view-options.ts'
import { Worded } from '../worded.ts'

export function Feature({ parameters, query }: ViewOptions) {
  const { model = '', feature = '' } = parameters
  const isOf = ({ models }: { models?: readonly string[] }) => models === undefined || models.includes(model)
  const path = addressOf(['models', model, 'features', feature], { ...keptOf(query), end: query['end'] })
  const view = useData<FeatureView>(path, isOf)
  return html`<p class="muted crumbs"><${Link} to=${addressOf(['models', model], keptOf(query))}>${model}</${Link}>${view.data !== undefined && view.data.version !== '' && ` ${view.data.version}`} · <${Link} to=${addressOf(['models', model, 'features'], keptOf(query))}>all features</${Link}></p>
    <h1 class="model-title">${feature} ${view.data !== undefined && html`<${Said} view=${view.data} />`}</h1>
    <${ModelTabs} model=${model} current="features" query=${query} />
    <${Shown} of=${view} what=${feature}>${(data: FeatureView) => html`<${FeatureContent} view=${data} query=${query} />`}</${Shown}>`
}

function Said({ view: { said, at } }: { readonly view: FeatureView }) {
  const of = said.status === 'no_data' ? 'insufficient' : said.status
  const word = said.status === 'no_data' ? 'no data' : said.status === 'insufficient' ? 'too few rows' : said.status
  return html`<${Status} of=${of} word=${word} isUncalibrated=${at !== null && !at.isCalibrated} />`
}

export function FeatureContent({
  view,
  query,
}: {
  readonly view: FeatureView
  readonly query: Readonly<Record<string, string>>
}) {
  const { said, at, versions, version, windows, window, incidents } = view
  const open = incidents.find(({ isActive }) => isActive)
  return html`<div class=${`verdict ${said.status === 'no_data' ? 'insufficient' : said.status}`}>
      <p class="lead">${said.text}.${open !== undefined && html` <span class="muted">In an incident since <${Moment} at=${open.from} />.</span>`}</p>
      ${open !== undefined && html`<p class="buttons"><${Link} class="button primary" to=${addressOf(['incidents', open.id])}>Open the incident</${Link}></p>`}
    </div>
    ${at === null ? html`<${Pickers} version=${version} versions=${versions} window=${window} windows=${windows} /><${Empty} title="No window has been evaluated yet"><p>The page fills by itself.</p></${Empty}>` : html`<${Shape} view=${view} query=${query} /><${Courses} view=${view} /><${Unseen} unseen=${view.unseen} /><div class="columns"><${Numbers} view=${view} /><${Together} view=${view} query=${query} /></div><${Incidents} incidents=${view.incidents} />`}`
}

/** In the address: by the reference's bins, or on the axis of the values. */
function Shape({ view, query }: { readonly view: FeatureView; readonly query: Readonly<Record<string, string>> }) {
  const { address } = useSurroundings()
  const { at, distribution, shape, because, feature, window, reference, model } = view
  const { versions, version, windows } = view
  const when = html`<div class="scope"><p class="basis muted">
    Window of ${window} to ${at !== null && html`<${Moment} at=${at.end} />`}${query['end'] !== undefined && html` (<${Link} to=${withQuery(address, { end: undefined })}>to the newest</${Link}>)`}${reference !== null && `, beside ${reference.source}`}${reference?.isEarlier === true && ', by which it was judged; another reference is in force by now'}.
  </p><${Pickers} version=${version} versions=${versions} window=${window} windows=${windows} /></div>`
  if (distribution === null)
    return html`${when}<${Empty} title="How it lies cannot be drawn"><p><${Worded} text=${because ?? 'Vectors have no bins that could be named'} />.</p></${Empty}>`
  const data = { name: feature, ...distribution }
  const isByValue = query['by'] === 'value' && shape !== null
  const score = shape === null ? null : { name: feature, ...shape }
  return html`${when}
    ${
      shape !== null &&
      html`<nav aria-label="How it is drawn"><ul class="choices">
        <li><${Link} to=${withQuery(address, { by: undefined })} current=${!isByValue}>by parts of the reference</${Link}></li>
        <li><${Link} to=${withQuery(address, { by: 'value' })} current=${isByValue}>by value</${Link}></li>
      </ul></nav>`
    }
    ${
      isByValue && score !== null
        ? html`<${Figure} title=${`${feature}: now and reference`} summary=${scoreText(score)} file=${`${model}-${feature}`} table=${() => scoreTable(score)}><${ScoreDistribution} score=${score} /></${Figure}>`
        : html`<${Figure} title=${`${feature}: now and reference`} summary=${distributionText(data)} file=${`${model}-${feature}`} table=${() => distributionTable(data)}><${DistributionChart} distribution=${data} /></${Figure}>`
    }`
}

function courseOf(view: FeatureView, test: TestCourse): CourseData {
  const isQuality = test.about === 'quality'
  return {
    name: isQuality ? test.metricName : `${test.metricName} of ${view.feature}`,
    form: isQuality ? 'share' : 'number',
    points: view.ends.map((end, i) => ({
      end,
      value: test.values[i] ?? null,
      low: test.lows[i] ?? null,
      high: test.highs[i] ?? null,
      status: statusOf(test.statuses[i]),
      ...(view.rows[i] != null && { rows: view.rows[i] as number }),
    })),
    windowsPerPoint: view.windowsPerColumn,
    gapMs: gapOf(view.columnMs),
    reference: isQuality ? test.reference : null,
    threshold: test.threshold,
    alarms: test.threshold === null || test.value === test.pValue ? null : 'above',
    fromZero: true,
    incidents: view.incidents.map(incidentMark),
  }
}

/** Drift at large; of data quality what ever moved, the rest folded. */
function Courses({ view }: { readonly view: FeatureView }) {
  const drift = view.tests.filter(({ about }) => about !== 'quality')
  const quality = view.tests.filter(({ about }) => about === 'quality')
  const moved = quality.filter(
    ({ statuses, values }) => /[wa]/.test(statuses) || values.some((value) => (value ?? 0) > 0),
  )
  const still = quality.filter((test) => !moved.includes(test))
  const figure = (test: TestCourse, height: number) => {
    const course = courseOf(view, test)
    return html`<${Figure} key=${test.monitor} title=${course.name} summary=${courseSummary(course)} file=${`${view.model}-${view.feature}-${test.metric}`} table=${() => courseTable(course)}>
      <${CourseChart} course=${course} height=${height} />
    </${Figure}>`
  }
  return html`${drift.map((test) => html`${figure(test, 220)}<${Methods} test=${test} />`)}
    ${moved.length > 0 && html`<div class="columns">${moved.map((test) => figure(test, 170))}</div>`}
    ${still.length > 0 && html`<p class="muted">None in this time: ${still.map(({ metricName }) => metricName).join(', ')}.</p>`}`
}

function Methods({ test }: { readonly test: TestCourse }) {
  const others = Object.entries(test.methods).filter(([name]) => name !== test.metric)
  if (others.length === 0) return null
  return html`<p class="muted">In the window that is shown also: ${others.map(([name, value]) => `${metricName(name)} ${plainNumber(value)}`).join(', ')}.</p>`
}

function Numbers({ view: { statistics, feature } }: { readonly view: FeatureView }) {
  if (statistics === null) return null
  const rows = figuresOf(statistics)
  return html`<section><h2>Figures</h2>
    <div class="scroll" tabindex="0" role="region" aria-label=${`Figures of ${feature}`}><table class="numbers">
      <thead><tr><td></td><th scope="col">now</th><th scope="col">reference</th></tr></thead>
      <tbody>${rows.map(([name, now, before]) => html`<tr key=${name}><th scope="row">${name}</th><td>${now}</td><td>${before}</td></tr>`)}</tbody>
    </table></div></section>`
}

type Figures = ReadonlyArray<readonly [string, string, string]>

export function figuresOf({ current, reference }: ColumnStatistics): Figures {
  const row = (name: string, read: (side: SideStatistics) => string | null): Figures => {
    const [now, before] = [read(current), read(reference)]
    return now === null && before === null ? [] : [[name, now ?? '–', before ?? '–']]
  }
  const share = (value: number | null) => (value === null ? null : percent(value))
  const spread = reference.deviation ?? current.deviation
  const number = (value: number | null) => (value === null ? null : numberWithin(value, spread))
  return [
    ...row('rows', ({ rows }) => count(rows)),
    ...row('with a value', ({ values }) => count(values)),
    ...row('missing', ({ missing }) => share(missing)),
    ...row('of the wrong type', ({ wrongType }) => share(wrongType)),
    ...row("outside the reference's range", ({ outOfRange }) => share(outOfRange)),
    ...row('never seen in the reference', ({ unseen }) => share(unseen)),
    ...row('mean', ({ mean }) => number(mean)),
    ...row('standard deviation, between bins', ({ deviation }) => number(deviation)),
    ...row('least', ({ least }) => boundsText(least, spread)),
    ...(current.quantiles.length > 0 ? current : reference).quantiles.flatMap(({ level }) =>
      row(level === 0.5 ? 'median' : `${percent(level)} are up to`, ({ quantiles }) =>
        number(quantiles.find((one) => one.level === level)?.value ?? null),
      ),
    ),
    ...row('most', ({ most }) => boundsText(most, spread)),
  ]
}

function boundsText(bounds: Bounds | null, spread: number | null): string | null {
  if (bounds === null) return null
  const { from, to } = bounds
  if (from === null) return to === null ? null : `up to ${numberWithin(to, spread)}`
  if (to === null) return `over ${numberWithin(from, spread)}`
  return from === to ? numberWithin(to, spread) : rangeWithin(from, to, spread)
}

function Together({ view, query }: { readonly view: FeatureView; readonly query: Readonly<Record<string, string>> }) {
  const { correlations, feature, model } = view
  if (correlations === null || correlations.length === 0) return null
  return html`<section><h2>Together with others</h2>
    <div class="scroll" tabindex="0" role="region" aria-label=${`Correlations of ${feature}`}><table class="numbers">
      <thead><tr><th scope="col">correlation with</th><th scope="col">now</th><th scope="col">reference</th><th scope="col">change</th></tr></thead>
      <tbody>${correlations.map(({ features, current, reference }) => {
        const other = features.find((one) => one !== feature) ?? feature
        return html`<tr key=${other}><th scope="row"><${Link} to=${addressOf(['models', model, 'features', other], keptOf(query))}>${other}</${Link}></th><td>${signed(current)}</td><td>${signed(reference)}</td><td>${signed(current - reference)}</td></tr>`
      })}</tbody>
    </table></div></section>`
}

/** Two digits after the point, with a minus that is as wide as a digit. */
function signed(value: number): string {
  return value.toFixed(2).replace('-0.00', '0.00').replace('-', '−')
}

function Incidents({ incidents }: { readonly incidents: FeatureView['incidents'] }) {
  if (incidents.length === 0) return null
  return html`<details class="fold" open=${incidents.length <= 4}><summary>Incidents that name it (${incidents.length})</summary>
    <ul class="happened">${incidents.map((one) => html`<li key=${one.id}><${Moment} at=${one.from} /> <span><${Link} to=${addressOf(['incidents', one.id])}>${one.text}</${Link}> <span class="muted">${incidentWords(one)}${one.isActive ? ', goes on' : ''}</span></span></li>`)}</ul>
  </details>`
}

function Unseen({ unseen }: { readonly unseen: FeatureView['unseen'] }) {
  if (unseen === null) return null
  const { names, isFull } = unseen
  if (names.length === 0) return html`<p class="muted">No category of this window is new.</p>`
  return html`<h2>New categories</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="New categories"><table class="numbers">
      <thead><tr><th scope="col">never seen in the reference</th><th scope="col">rows</th><th scope="col">first</th><th scope="col">last</th></tr></thead>
      <tbody>${names.map(({ name, count: rows, first, last }) => html`<tr key=${name}><th scope="row">${name === '' ? '(empty)' : name}</th><td>${count(rows)}</td><td><${Moment} at=${first} /></td><td><${Moment} at=${last} /></td></tr>`)}</tbody>
    </table></div>
    ${isFull && html`<p class="muted">There may be more: of one column 20 names are kept for each of the last two periods. Rows are those of all the time between first and last.</p>`}`
}
