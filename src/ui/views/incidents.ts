// Every incident, those that fire first. What is looked for stands in the address.

import { addressOf, withQuery } from '../address.ts'
import type { Change } from '../changes.ts'
import { html } from '../html.ts'
import { useLast } from '../last.ts'
import { Link } from '../link.ts'
import { ModelTabs } from '../model-head.ts'
import { Moment, momentText, spanText } from '../moment.ts'
import { Empty, Shown } from '../states.ts'
import type { Data } from '../surroundings.ts'
import { useData, useSurroundings } from '../surroundings.ts'
import type { ViewOptions } from '../view-options.ts'
import { IncidentStatus, kindWords, stateWords } from './incident-words.ts'

interface Row {
  readonly id: string
  readonly model: string
  readonly version: string
  readonly kind: string
  readonly severity: string
  readonly state: string
  readonly title: string
  readonly since: string
  /** Up to when it has lasted; null: now. */
  readonly until: string | null
  readonly handling: {
    readonly acknowledgedBy: string | null
    readonly assignee: string | null
    readonly snoozedUntil: string | null
  }
}

interface Found {
  readonly incidents: readonly Row[]
}

const LIMIT = 200

/** Something happened to an incident, or one that is shown has newer evidence. Exported for tests. */
export function isAboutList(
  { incidents, models }: Change,
  shown: { readonly incidents: ReadonlyArray<Pick<Row, 'model' | 'state'>> } | undefined,
): boolean {
  if (incidents === undefined || incidents.length > 0 || models === undefined || shown === undefined) return true
  return shown.incidents.some(({ model, state }) => state !== 'resolved' && models.includes(model))
}

export function Incidents({ query }: ViewOptions) {
  const { model, kind, state, search } = query
  const wanted = Object.entries({ model, kind, state, search }).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [`${name}=${encodeURIComponent(value)}`],
  )
  const incidents: Data<Found> = useData<Found>(
    `incidents?${['order=urgent', `limit=${LIMIT}`, ...wanted].join('&')}`,
    (change) => isAboutList(change, incidents.data),
  )
  // What was found before stays while one types; under another choice it would be told of what it is not.
  const shown = { ...incidents, data: useLast(incidents.data, [model, kind, state].join('|')) }
  const models = useData<{ models: ReadonlyArray<{ name: string }> }>('models', ({ models }) => models === undefined)
  return html`<h1>${model === undefined ? 'Incidents' : `Incidents of ${model}`}</h1>
    ${model !== undefined && html`<${ModelTabs} model=${model} current="incidents" query=${query} />`}
    <${Filters} models=${models.data?.models.map(({ name }) => name) ?? []} />
    <${Shown} of=${shown} what="the incidents">${(data: Found) =>
      data.incidents.length === 0
        ? html`<${Nothing} isFiltered=${wanted.length > 0} />`
        : html`<${List} rows=${data.incidents} />`}</${Shown}>
    <p class="below"><${Link} to="silences">Silences and maintenance</${Link}></p>`
}

function Filters({ models }: { readonly models: readonly string[] }) {
  const { address, go } = useSurroundings()
  const { query } = address
  const set = (name: string) => (event: Event) => {
    const { value } = event.currentTarget as HTMLInputElement | HTMLSelectElement
    // Another model has other versions and windows.
    const others = name === 'model' ? { version: undefined, window: undefined } : {}
    go(withQuery(address, { ...others, [name]: value === '' ? undefined : value }), { replace: true })
  }
  const choice = (
    name: string,
    label: string,
    values: ReadonlyArray<readonly [string, string]>,
  ) => html`<div class="field">
    <label for=${`incidents-${name}`}>${label}</label>
    <select id=${`incidents-${name}`} value=${query[name] ?? ''} onChange=${set(name)}>
      <option value="" selected=${query[name] === undefined}>all</option>
      ${values.map(([value, word]) => html`<option value=${value} selected=${query[name] === value}>${word}</option>`)}
    </select>
  </div>`
  const known = query['model'] === undefined || models.includes(query['model']) ? models : [query['model'], ...models]
  return html`<form class="fields filters" role="search" onSubmit=${(event: Event) => event.preventDefault()}>
    ${choice('state', 'State', Object.entries(stateWords))}
    ${choice('kind', 'Kind', Object.entries(kindWords))}
    ${choice(
      'model',
      'Model',
      known.map((name) => [name, name] as const),
    )}
    <div class="field grows">
      <label for="incidents-search">Search</label>
      <input id="incidents-search" type="search" placeholder="a feature, a version, an id" value=${query['search'] ?? ''} onChange=${set('search')} />
    </div>
  </form>`
}

function Nothing({ isFiltered }: { readonly isFiltered: boolean }) {
  return isFiltered
    ? html`<${Empty} title="No incident is like that"><p><${Link} to="incidents">Show all incidents</${Link}></p></${Empty}>`
    : html`<${Empty} title="No incident so far"><p>An incident begins when a window goes over its threshold, and fires when that lasts. Until then <${Link} to="">the fleet</${Link}> shows how each model fares.</p></${Empty}>`
}

function List({ rows }: { readonly rows: readonly Row[] }) {
  const count = (state: string) => rows.filter((row) => row.state === state).length
  const parts = (['firing', 'clearing', 'pending', 'resolved'] as const).flatMap((state) =>
    count(state) === 0 ? [] : [`${count(state)} ${stateWords[state]}`],
  )
  return html`<p class="lead">${parts.join(', ')}${rows.length === LIMIT && html` <span class="muted">(the ${LIMIT} most urgent; search for others)</span>`}</p>
    <table class="stacks">
      <thead><tr><th scope="col">Status</th><th scope="col">What</th><th scope="col">Kind</th><th scope="col">Since</th><th scope="col">Who looks after it</th></tr></thead>
      <tbody>${rows.map(
        (row) => html`<tr key=${row.id}>
        <td><${IncidentStatus} state=${row.state} severity=${row.severity} span=${spanOf(row)} /></td>
        <td class="what"><${Link} to=${addressOf(['incidents', row.id])}>${row.title}</${Link}></td>
        <td class="aside">${kindWords[row.kind] ?? row.kind}</td>
        <td class="aside nowrap"><${Moment} at=${row.since} /></td>
        ${row.state === 'resolved' ? html`<td></td>` : html`<td class="aside">${careText(row)}</td>`}
      </tr>`,
      )}</tbody>
    </table>`
}

/** How long it fires, or did. Exported for tests. */
export function spanOf({ state, since, until }: Pick<Row, 'state' | 'since' | 'until'>): string | undefined {
  if (state !== 'firing' && state !== 'resolved') return undefined
  const lasted = spanText((until === null ? Date.now() : Date.parse(until)) - Date.parse(since))
  return state === 'resolved' ? `after ${lasted}` : lasted
}

function careText({ handling: { acknowledgedBy, assignee, snoozedUntil } }: Row) {
  const parts = [
    ...(acknowledgedBy === null ? [] : [acknowledgedBy]),
    ...(assignee === null || assignee === acknowledgedBy ? [] : [`assigned to ${assignee}`]),
    ...(snoozedUntil === null ? [] : [`snoozed until ${momentText(snoozedUntil)}`]),
  ]
  return parts.length === 0 ? html`<span class="muted">nobody yet</span>` : parts.join(', ')
}
