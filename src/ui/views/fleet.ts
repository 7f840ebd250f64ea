// Every model version, and which of them needs a person: those first, with what is wrong in words.

import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { plainNumber } from '../../delivery/wording.ts'
import type { FirstStep } from '../../overview/first-steps.ts'
import type { FleetRow, FleetView } from '../../overview/fleet.ts'
import type { FleetStatus, Group } from '../../overview/fleet-filter.ts'
import { fits } from '../../overview/fleet-filter.ts'
import { addressOf, withQuery } from '../address.ts'
import { Sparkline } from '../charts/sparkline.ts'
import { useEveryMinute } from '../every-minute.ts'
import { html } from '../html.ts'
import { Link } from '../link.ts'
import { spanText } from '../moment.ts'
import { Empty, Failed, Shown } from '../states.ts'
import type { StatusName } from '../status.ts'
import { Status } from '../status.ts'
import { useData, useSurroundings } from '../surroundings.ts'

/** In the address, the group is the value of `show`. */
const groups: ReadonlyArray<{ readonly group: Group; readonly words: string }> = [
  { group: 'needYou', words: 'need you' },
  { group: 'watch', words: 'to watch' },
  { group: 'fine', words: 'fine' },
  { group: 'tooFew', words: 'too few rows' },
  { group: 'waiting', words: 'without data' },
  { group: 'earlier', words: 'earlier versions' },
]

export function Fleet({ query }: { readonly query: Readonly<Record<string, string>> }) {
  const { window, show } = query
  const earlier = show === 'earlier' ? 'true' : undefined
  const fleet = useData<FleetView>(addressOf(['fleet'], { window, earlier }))
  const isAny = (fleet.data?.sources.length ?? 0) > 0 || fleet.data?.models.some(isSilent) === true
  useEveryMinute(fleet.again, isAny)
  return html`<h1>Fleet</h1>
    <${Shown} of=${fleet} what="the models">${(data: FleetView) => html`<${Models} data=${data} query=${query} />`}</${Shown}>`
}

/** It says for how long nothing has come. */
function isSilent({ needsYou, status }: FleetRow): boolean {
  return needsYou && status === 'no_data'
}

function Models({ data, query }: { readonly data: FleetView; readonly query: Readonly<Record<string, string>> }) {
  const { show = '', search = '' } = query
  // Of a fleet that is too large to be sent whole, the daemon looks through the rest.
  const rest = useData<FleetView>(useSettled(restOf(data, query)))
  const from = restOf(data, query) === null ? data : (rest.data ?? data)
  const rows = useMemo(() => from.models.filter((row) => fits(row, { show, search })), [from, show, search])
  const isLooking = restOf(data, query) !== null && rest.data === undefined && rest.error === undefined
  if (data.firstSteps.length > 0) return html`<${Waiting} steps=${data.firstSteps} models=${data.models} />`
  return html`<div class="fleet-head"><${Counts} counts=${data.counts} show=${show} /><${Filters} data=${data} search=${search} /></div>
    ${data.sources.map(
      ({ source, says, incident }) => html`<p class="verdict alarm" key=${source}>
        <${Status} of="alarm" word=${`source ${source}`} /> ${says}. <${Link} to=${addressOf(['incidents', incident])}>See the incident</${Link}>
      </p>`,
    )}
    ${data.isFilling && html`<p class="muted" role="status">What was stored before the start is still being read; lines may be shorter than they are.</p>`}
    ${rows.length > 0 && html`<${FleetTable} rows=${rows} />`}
    ${rest.error !== undefined && html`<${Failed} error=${rest.error} again=${rest.again} />`}
    ${isLooking && html`<p class="muted" role="status">Looking through all models …</p>`}
    ${!isLooking && rest.error === undefined && rows.length === 0 && html`<${NoneFit} earlier=${search !== '' && show === '' ? data.counts.earlier : 0} />`}
    ${!isLooking && from.leftOut > 0 && html`<p class="muted">${from.leftOut} more are not shown: look for them by name, source or what is wrong.</p>`}`
}

/** Where the daemon is asked for what is looked for; null: all of it is here already. Exported for tests. */
export function restOf(
  { leftOut }: Pick<FleetView, 'leftOut'>,
  query: Readonly<Record<string, string>>,
): string | null {
  const { window, show, search } = query
  if (leftOut === 0 || ((show ?? '') === '' && (search ?? '') === '')) return null
  return addressOf(['fleet'], { window, show: show || undefined, search: search || undefined })
}

const SETTLED_MS = 250

/** What is typed, once nothing more is typed. */
function useSettled(value: string | null): string | null {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), SETTLED_MS)
    return () => clearTimeout(timer)
  }, [value])
  return settled
}

/** Each number is the way to the models that it counts. */
function Counts({ counts, show }: { readonly counts: FleetView['counts']; readonly show: string }) {
  const { address } = useSurroundings()
  return html`<nav aria-label="Models by need"><ul class="counts">
    ${groups.map(({ group, words }) => {
      const isOn = show === group
      if (counts[group] === 0 && !isOn && group !== 'needYou') return null
      return html`<li key=${group} class=${group}>
        <${Link} to=${withQuery(address, { show: isOn ? undefined : group })} current=${isOn}><b>${counts[group]}</b> ${group === 'needYou' && counts[group] === 1 ? 'needs you' : words}</${Link}>
      </li>`
    })}
    ${show !== '' && html`<li><${Link} to=${withQuery(address, { show: undefined })}>Show all</${Link}></li>`}
  </ul></nav>`
}

function Filters({ data, search }: { readonly data: FleetView; readonly search: string }) {
  const { address, go } = useSurroundings()
  const change = (name: string) => (event: Event) => {
    const { value } = event.target as HTMLInputElement
    go(withQuery(address, { [name]: value === '' ? undefined : value }), { replace: name === 'search' })
  }
  return html`<div class="fields" role="search">
    <span class="field"><label class="unseen" for="fleet-search">Search</label>
      <input id="fleet-search" type="search" value=${search} placeholder="Search models" onInput=${change('search')} /></span>
    ${
      data.windows.length > 1 &&
      html`<span class="field"><label for="fleet-window">Window</label>
      <select id="fleet-window" value=${data.window ?? ''} onChange=${change('window')}>
        <option value="">smallest</option>${data.windows.map((name) => html`<option value=${name}>${name}</option>`)}
      </select></span>`
    }
  </div>`
}

/** @param earlier how many earlier versions were not looked at. Exported for tests. */
export function NoneFit({ earlier }: { readonly earlier: number }) {
  const { address } = useSurroundings()
  return html`<${Empty} title="No model fits">
    ${earlier > 0 && html`<p><${Link} to=${withQuery(address, { show: 'earlier' })}>Look among the earlier versions (${earlier})</${Link}></p>`}
    <p><${Link} to="">Show all models</${Link}></p>
  </${Empty}>`
}

/** The arrow keys go from model to model; one of them at a time takes part in the order of the tab key. */
export function FleetTable({ rows }: { readonly rows: readonly FleetRow[] }) {
  const body = useRef<HTMLTableSectionElement>(null)
  // By name: rows change their places while one looks.
  const [focused, setFocused] = useState('')
  const found = rows.findIndex((row) => keyOf(row) === focused)
  const active = Math.max(0, found)
  const move = (event: KeyboardEvent) => {
    const steps: Readonly<Record<string, number>> = {
      ...{ ArrowDown: active + 1, ArrowUp: active - 1, Home: 0, End: rows.length - 1 },
    }
    const to = steps[event.key]
    if (to === undefined || to < 0 || to >= rows.length) return
    event.preventDefault()
    setFocused(keyOf(rows[to] as FleetRow))
    body.current?.rows[to]?.querySelector('a')?.focus()
  }
  const noted = (event: FocusEvent) => {
    const row = (event.target as HTMLElement).closest('tr')
    const shown = row === null ? undefined : rows[row.sectionRowIndex]
    if (shown !== undefined) setFocused(keyOf(shown))
  }
  return html`<table class="fleet" role="table">
    <caption class="unseen">Models, those that need somebody first; the arrow keys go from one to the next</caption>
    <thead role="rowgroup"><tr role="row">
      ${columns.map(({ name, of }) => html`<th role="columnheader" scope="col" class=${of}>${name}</th>`)}
    </tr></thead>
    <tbody role="rowgroup" ref=${body} onKeyDown=${move} onFocusIn=${noted}>
      ${rows.map((row, i) => html`<${Row} key=${keyOf(row)} row=${row} isActive=${i === active} />`)}
    </tbody>
  </table>`
}

const columns: ReadonlyArray<{ readonly name: string; readonly of?: string }> = [
  ...['Model', 'Status', 'What', 'Performance'].map((name) => ({ name })),
  ...['Drifted', 'Labels'].map((name) => ({ name, of: 'number' })),
  { name: 'Rows', of: 'volume' },
]

function keyOf({ model, version }: FleetRow): string {
  return `${model}|${version}`
}

const names: Readonly<Record<FleetStatus, StatusName>> = {
  ...{ alarm: 'alarm', warning: 'warning', ok: 'ok', insufficient: 'insufficient', no_data: 'insufficient' },
}

function Row({ row, isActive }: { readonly row: FleetRow; readonly isActive: boolean }) {
  const { model, version, status, needsYou, what, isCalibrated, acknowledgedBy, incidents, drift, labelCoverage } = row
  const name = version === '' ? model : `${model}\u00a0${version}`
  const sign = status === 'no_data' && needsYou ? 'alarm' : names[status]
  // A model that waits for its first events has no version to look at yet.
  const to = addressOf(
    ['models', model],
    row.evaluatedTo === null && version === '' ? {} : { version, window: row.window },
  )
  return html`<tr role="row" class=${sign}>
    <th role="rowheader" scope="row"><${Link} to=${to} tabindex=${isActive ? 0 : -1}>${name}</${Link}></th>
    <td role="cell" class="state-of"><${Status} of=${sign} word=${wordOf(row)} isUncalibrated=${isCalibrated === false} /></td>
    <td role="cell" class="what">${what}${
      needsYou &&
      html` <span class="muted">· ${acknowledgedBy !== null && html`${acknowledgedBy} looks after it. `}<${Link}
        to=${incidents.count === 1 ? addressOf(['incidents', incidents.ids[0] as string]) : addressOf(['incidents'], { model })}
        tabindex=${isActive ? 0 : -1}>${incidents.count === 1 ? 'incident' : `${incidents.count} incidents`}</${Link}></span>`
    }</td>
    <td role="cell" class=${row.performance === null ? 'performance is-none' : 'performance'} data-name="Performance"><${Performance} row=${row} /></td>
    <td role="cell" class="number" data-name="Drifted">${drift === null ? '—' : `${drift.drifted} / ${drift.monitored}`}</td>
    <td role="cell" class="number" data-name="Labels">${labelCoverage === null ? '—' : `${Math.round(labelCoverage * 100)} %`}</td>
    <td role="cell" class="volume" data-name="Rows"><${Volume} row=${row} /></td>
  </tr>`
}

function wordOf({ status, since, until }: FleetRow): string {
  const words: Readonly<Record<FleetStatus, string>> = {
    ...{ alarm: 'alarm', warning: 'warning', ok: 'ok', insufficient: 'too few rows', no_data: 'no data' },
  }
  const word = words[status]
  return status !== 'ok' && since !== null && since < until ? `${word} for ${lasted(since, until)}` : word
}

function lasted(since: string, until: string): string {
  return spanText(Date.parse(until) - Date.parse(since))
}

function Performance({ row: { performance, model } }: { readonly row: FleetRow }) {
  if (performance === null) return '—'
  const { name, text, reference, isProvisional, points } = performance
  return html`<${Sparkline} values=${points} label=${`${name} of ${model}, last ${points.length} windows`} threshold=${null} />
    <span class="figures">${name} <b>${text}</b>${reference !== null && html` <span class="muted">ref. ${plainNumber(reference)}</span>`}${
      isProvisional && html` <span class="muted" title="few of its labels have come">provisional</span>`
    }</span>`
}

function Volume({ row: { volume, model, window } }: { readonly row: FleetRow }) {
  if (volume === null) return '—'
  return html`<${Sparkline} values=${volume.points} fromZero label=${`Rows of ${model} in windows of ${window}, last ${volume.points.length}`} />
    <span class="figures">${volume.last.toLocaleString('en')}</span>`
}

/** Nothing has come at all: what is waited for, and how to send it. */
function Waiting({ steps, models }: { readonly steps: readonly FirstStep[]; readonly models: readonly FleetRow[] }) {
  const count = models.length
  return html`<${Empty} title=${`${count === 1 ? 'One model waits' : `${count} models wait`} for the first events`}>
    ${steps.map(
      ({ source, reads, event, command }) => html`<section key=${source}>
        <h2>Source ${source}</h2>
        <p>Reads ${reads}. It waits for predictions such as</p>
        <pre tabindex="0">${event}</pre>
        <p>This command sends one:</p>
        <pre tabindex="0">${command}</pre>
      </section>`,
    )}
    <p><${Link} to="system">See whether the sources can be read</${Link}></p>
  </${Empty}>`
}
