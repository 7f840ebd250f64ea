// For whom nobody is told now: silences that people have made, and times of maintenance from the configuration.

import type { Doing } from '../deed.ts'
import { Outcome, Press, useDeeds } from '../deed.ts'
import { Ask } from '../dialog.ts'
import { html } from '../html.ts'
import { Link } from '../link.ts'
import { Moment } from '../moment.ts'
import { Empty, Shown } from '../states.ts'
import { useData, useSurroundings } from '../surroundings.ts'
import type { Me } from '../who.ts'
import { useMe } from '../who.ts'
import type { Matchers } from './silence-fields.ts'
import { SilenceFields, silenceOf } from './silence-fields.ts'

interface SilenceRow {
  readonly id: string
  readonly matchers: Matchers
  readonly phase: 'waiting' | 'active' | 'ended'
  readonly start: string
  readonly end: string
  readonly reason: string
  readonly author: string
  readonly endedBy: string | null
}

interface MaintenanceRow {
  readonly name: string
  readonly matchers: Matchers
  readonly now: { readonly from: string; readonly to: string } | null
  readonly next: { readonly from: string; readonly to: string } | null
}

export function Silences() {
  const silences = useData<{ silences: readonly SilenceRow[] }>('silences')
  const maintenance = useData<{ maintenance: readonly MaintenanceRow[] }>(
    'maintenance',
    ({ models }) => models === undefined,
  )
  const doing = useDeeds(silences.again)
  const me = useMe()
  return html`<p class="crumbs"><${Link} to="incidents">Incidents</${Link}></p>
    <h1>Silences and maintenance</h1>
    <p>While one is active, nobody is told of the incidents it is about. What still fires when it ends is told then, once; whoever knows of an incident hears how it ends all the same.</p>
    <${Add} doing=${doing} me=${me} />
    <${Outcome} of=${doing.outcome} />
    <${Shown} of=${silences} what="the silences">${(data: { silences: readonly SilenceRow[] }) => html`<${SilenceTable} rows=${data.silences} doing=${doing} me=${me} />`}</${Shown}>
    <h2>Maintenance</h2>
    <${Shown} of=${maintenance} what="the maintenance">${(data: { maintenance: readonly MaintenanceRow[] }) => html`<${MaintenanceTable} rows=${data.maintenance} />`}</${Shown}>`
}

/** Whoever may end and add silences. */
function isOperator(me: Me | undefined): boolean {
  return me?.role === 'operator' || me?.role === 'approver'
}

function Add({ doing, me }: { readonly doing: Doing; readonly me: Me | undefined }) {
  const { address } = useSurroundings()
  if (isOperator(me))
    return html`<div class="buttons"><${Ask}
      open="Add a silence…" title="Add a silence" confirm="Silence" kind="primary"
      act=${(data: FormData) => doing.do('api/v1/silences', silenceOf(data))}
    ><${SilenceFields} matchers=${address.query as Matchers} /></${Ask}></div>`
  return html`<${NeedsRole} me=${me} role="operator" what="To add a silence, or to end one," />`
}

/** What a deed would take, and how to come by it. */
function NeedsRole({ me, role, what }: { readonly me: Me | undefined; readonly role: string; readonly what: string }) {
  const { session } = useSurroundings()
  if (me === undefined) return null
  if (!me.hasTokens)
    return html`<p class="notice">${what} tokens have to be configured: LEEWAY_TOKENS_FILE names a file of them.</p>`
  return html`<div class="notice"><p>${what} takes the token of an ${role}${me.role === null ? '' : `; yours (${me.name}) has the role ${me.role}`}.</p>
    <p><button type="button" class="small" onClick=${() => session.ask()}>${me.role === null ? 'Enter a token' : 'Use another token'}</button></p></div>`
}

const phaseWords = { active: ['∅', 'active'], waiting: ['…', 'waits'], ended: ['✓', 'ended'] } as const

function SilenceTable({
  rows,
  doing,
  me,
}: {
  readonly rows: readonly SilenceRow[]
  readonly doing: Doing
  readonly me: Me | undefined
}) {
  if (rows.length === 0)
    return html`<${Empty} title="Nothing is silenced"><p>Everybody is told as the routes say.</p></${Empty}>`
  const order = { active: 0, waiting: 1, ended: 2 }
  const sorted = [...rows].sort((a, b) => order[a.phase] - order[b.phase] || b.end.localeCompare(a.end))
  return html`<table class="stacks">
    <thead><tr><th scope="col">State</th><th scope="col">About</th><th scope="col">Why</th><th scope="col">By</th><th scope="col">From</th><th scope="col">Until</th><th scope="col"><span class="unseen">What to do</span></th></tr></thead>
    <tbody>${sorted.map(
      ({ id, phase, matchers, reason, author, start, end, endedBy }) => html`<tr key=${id}>
      <td><span class=${`status ${phase === 'active' ? 'warning' : 'insufficient'}`}><span aria-hidden="true">${phaseWords[phase][0]}</span> ${phaseWords[phase][1]}</span></td>
      <td class="what">${matchersText(matchers)}</td>
      <td data-label="Why">${reason}</td>
      <td data-label="By">${author}</td>
      <td data-label="From" class="nowrap"><${Moment} at=${start} /></td>
      <td data-label="Until"><${Moment} at=${end} />${endedBy !== null && html` <span class="muted">by ${endedBy}</span>`}</td>
      <td>${phase !== 'ended' && isOperator(me) && html`<${Press} label=${`End ${id}`} act=${() => doing.do(`api/v1/silences/${id}/end`)} />`}</td>
    </tr>`,
    )}</tbody>
  </table>`
}

function matchersText(matchers: Matchers): string {
  const parts = Object.entries(matchers).map(([name, pattern]) => `${name} ${pattern}`)
  return parts.length === 0 ? 'everything' : parts.join(', ')
}

function MaintenanceTable({ rows }: { readonly rows: readonly MaintenanceRow[] }) {
  if (rows.length === 0)
    return html`<p class="muted">None is configured. Times that are known beforehand stand under <code>maintenance</code> in the configuration.</p>`
  const span = (of: MaintenanceRow['now']) =>
    of === null ? html`<span class="muted">–</span>` : html`<${Moment} at=${of.from} /> to <${Moment} at=${of.to} />`
  return html`<table class="stacks">
    <thead><tr><th scope="col">Name</th><th scope="col">About</th><th scope="col">Now</th><th scope="col">Next</th></tr></thead>
    <tbody>${rows.map(
      ({ name, matchers, now, next }) => html`<tr key=${name}>
      <td>${name}</td><td class="what">${matchersText(matchers)}</td><td data-label="Now">${span(now)}</td><td data-label="Next">${span(next)}</td>
    </tr>`,
    )}</tbody>
  </table>`
}
