// All features of a model version: the worst first, or as one likes.

import { percent, plainNumber, pValueText } from '../../delivery/wording.ts'
import type { ModelOverview } from '../../overview/model.ts'
import type { TestSeries } from '../../overview/series.ts'
import { addressOf, withQuery } from '../address.ts'
import { Sparkline } from '../charts/sparkline.ts'
import { html } from '../html.ts'
import { Link } from '../link.ts'
import { placeOf } from '../model-charts.ts'
import { keptOf, ModelTabs, Pickers } from '../model-head.ts'
import { Empty, Shown } from '../states.ts'
import { Status } from '../status.ts'
import { useData, useSurroundings } from '../surroundings.ts'
import type { ViewOptions } from '../view-options.ts'
import { Worded } from '../worded.ts'
import { ModelTitle } from './model.ts'

export function Features({ parameters, query }: ViewOptions) {
  const { model = '' } = parameters
  const isOf = ({ models }: { models?: readonly string[] }) => models === undefined || models.includes(model)
  const overview = useData<ModelOverview>(addressOf(['models', model, 'overview'], keptOf(query)), isOf)
  return html`<${ModelTitle} model=${model} overview=${overview.data} />
    <${ModelTabs} model=${model} current="features" query=${query} />
    <${Shown} of=${overview} what=${`the features of ${model}`}>${(data: ModelOverview) => html`<${FeaturesContent} overview=${data} query=${query} />`}</${Shown}>`
}

export function FeaturesContent({
  overview,
  query,
}: {
  readonly overview: ModelOverview
  readonly query: Readonly<Record<string, string>>
}) {
  const { address, go } = useSurroundings()
  const { versions, version, windows, window, features } = overview
  const search = (query['search'] ?? '').toLowerCase()
  const rows = sorted(
    overview.tests.filter(({ name }) => name.toLowerCase().includes(search)),
    query['sort'] ?? '',
  )
  return html`<p class="lead">${features.drifted} of ${features.monitored} features drift in the newest window.</p>
    <div class="scope"><${Pickers} version=${version} versions=${versions.map((one) => one.version)} window=${window} windows=${windows.map(({ name }) => name)} />
    <div class="fields" role="search"><span class="field"><label class="unseen" for="feature-search">Search</label>
      <input id="feature-search" type="search" value=${query['search'] ?? ''} placeholder="Search feature" onInput=${(
        event: Event,
      ) => {
        const { value } = event.target as HTMLInputElement
        go(withQuery(address, { search: value === '' ? undefined : value }), { replace: true })
      }} /></span></div></div>
    ${rows.length === 0 ? html`<${Empty} title=${overview.tests.length === 0 ? 'No feature has been judged yet' : 'No feature is called so'} />` : html`<${Table} overview=${overview} rows=${rows} query=${query} />`}`
}

const gravity = ['ok', 'insufficient', 'warning', 'alarm']

const orders: Readonly<Record<string, (a: TestSeries, b: TestSeries) => number>> = {
  name: (a, b) => a.name.localeCompare(b.name),
  status: (a, b) => gravity.indexOf(b.status) - gravity.indexOf(a.status),
  value: (a, b) => timesThreshold(b) - timesThreshold(a),
  alarms: (a, b) => b.alarms - a.alarms,
}

function timesThreshold({ value, threshold }: TestSeries): number {
  return value === null || !threshold ? 0 : value / threshold
}

/** As they come: worst first. */
function sorted(tests: readonly TestSeries[], by: string): readonly TestSeries[] {
  const order = orders[by]
  return order === undefined ? tests : [...tests].sort(order)
}

function Table({
  overview,
  rows,
  query,
}: {
  readonly overview: ModelOverview
  readonly rows: readonly TestSeries[]
  readonly query: Readonly<Record<string, string>>
}) {
  return html`<table class="stacking">
    <thead><tr>
      <${Head} by="name" query=${query}>feature</${Head}>
      <${Head} by="status" query=${query}>newest window</${Head}>
      <${Head} by="value" query=${query}>distance</${Head}>
      <th scope="col">course</th>
      <${Head} by="alarms" query=${query}>alarms</${Head}>
      <th scope="col">evidence</th>
    </tr></thead>
    <tbody>${rows.map((test) => html`<${Row} key=${test.monitor} overview=${overview} test=${test} query=${query} />`)}</tbody>
  </table>
  ${overview.testsLeftOut > 0 && html`<p class="muted">${overview.testsLeftOut} more, none of them worse, are left out; each has its page all the same.</p>`}`
}

function Head({
  by,
  query,
  children,
}: {
  readonly by: string
  readonly query: Readonly<Record<string, string>>
  readonly children?: unknown
}) {
  const { address } = useSurroundings()
  const isOn = query['sort'] === by
  return html`<th scope="col" aria-sort=${isOn ? (by === 'name' ? 'ascending' : 'descending') : undefined}>
    <${Link} to=${withQuery(address, { sort: isOn ? undefined : by })}>${children}${isOn && html`<span aria-hidden="true"> ${by === 'name' ? '↑' : '↓'}</span>`}</${Link}>
  </th>`
}

function Row({
  overview,
  test,
  query,
}: {
  readonly overview: ModelOverview
  readonly test: TestSeries
  readonly query: Readonly<Record<string, string>>
}) {
  const to = placeOf(overview.model, test, keptOf(query))
  const { name, status, value, threshold, metricName, alarms, pValue, reason, isCalibrated, values } = test
  const written = test.about === 'quality' ? percent : plainNumber
  return html`<tr>
    <th scope="row">${to === undefined ? name : html`<${Link} to=${to}>${name}</${Link}>`}</th>
    <td><${Status} of=${status} isUncalibrated=${!isCalibrated} /></td>
    <td>${value === null ? html`<span class="muted"><${Worded} text=${reason ?? '–'} /></span>` : html`${test.about === 'quality' ? '' : `${metricName} `}<b>${written(value)}</b>${threshold !== null && html` <span class="muted">alarm ${written(threshold)}</span>`}`}</td>
    <td><${Sparkline} values=${values} status=${status} threshold=${threshold} fromZero label=${`${name}, ${metricName} over time`} /></td>
    <td class="short">${alarms === 0 ? html`<span class="muted">none</span>` : html`${alarms} of ${values.length}<span class="stacked"> alarmed</span>`}</td>
    <td class="short muted">${pValue === null ? '–' : pValueText(pValue)}</td>
  </tr>`
}
