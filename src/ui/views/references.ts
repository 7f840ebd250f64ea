// What a model is compared with, and was; and any two of its references side by side.

import { plainNumber } from '../../delivery/wording.ts'
import type { ReferencesOverview, ReferenceView } from '../../overview/references.ts'
import { addressOf, withQuery } from '../address.ts'
import type { Doing } from '../deed.ts'
import { Outcome, useDeeds } from '../deed.ts'
import { Ask } from '../dialog.ts'
import { html } from '../html.ts'
import { Link } from '../link.ts'
import { ModelTabs } from '../model-head.ts'
import { Moment } from '../moment.ts'
import { Empty, Shown } from '../states.ts'
import { useData, useSurroundings } from '../surroundings.ts'
import type { ViewOptions } from '../view-options.ts'
import type { Me } from '../who.ts'
import { useMe } from '../who.ts'
import { Comparison } from './reference-comparison.ts'

export function References({ parameters, query }: ViewOptions) {
  const model = parameters['model'] as string
  const references = useData<ReferencesOverview>(
    `models/${encodeURIComponent(model)}/references`,
    ({ models }) => models?.includes(model) ?? true,
  )
  const doing = useDeeds(references.again)
  const me = useMe()
  return html`<h1>References of ${model}</h1>
    <${ModelTabs} model=${model} current="references" query=${query} />
    <${Shown} of=${references} what="the references">${(of: ReferencesOverview) => html`
      <${InForce} of=${of} />
      <${Outcome} of=${doing.outcome} />
      <${List} of=${of} doing=${doing} me=${me} />
      <${Compare} of=${of} query=${query} />
    `}</${Shown}>`
}

const originWords = {
  configuration: 'from the configuration',
  accepted: 'accepted as normal',
  promoted: 'promoted',
} as const

function shortId(id: string): string {
  return id.slice(0, 8)
}

/** The verdict: what holds now. */
function InForce({ of: { references, isLearning, model } }: { readonly of: ReferencesOverview }) {
  const inForce = references.filter(({ inForceFor }) => inForceFor.length > 0)
  if (isLearning && inForce.length === 0)
    return html`<div class="verdict"><p>The reference is being learnt from the stream; nothing is judged until it is there.</p></div>`
  if (inForce.length === 0)
    return html`<div class="verdict"><p>No row of ${model} has come yet; when one does, it is compared with the reference below.</p></div>`
  return html`<div class="verdict ok">${inForce.map(
    ({ id, inForceFor, origin, made, rows, inForceSince }) => html`<p>
    ${versionsText(inForceFor)} compared with <code>${shortId(id)}</code>, ${made === null ? originWords[origin] : html`${originWords[origin]} by <strong>${made.by}</strong>`}, ${plainNumber(rows)} rows${inForceSince !== null && html`, since <${Moment} at=${inForceSince} />`}.${made !== null && made.note !== '' && html` “${made.note}”`}
  </p>`,
  )}</div>`
}

function versionsText(versions: readonly string[]): string {
  const named = versions.filter((version) => version !== '')
  if (named.length === 0) return 'It is'
  return named.length === 1 ? `Version ${named[0]} is` : `Versions ${named.join(', ')} are`
}

interface ListProps {
  readonly of: ReferencesOverview
  readonly doing: Doing
  readonly me: Me | undefined
}

function List({ of, doing, me }: ListProps) {
  if (of.references.length === 0)
    return html`<${Empty} title="No reference yet"><p>It is learnt from the first rows of the stream, as the configuration says.</p></${Empty}>`
  return html`<table class="stacks">
    <thead><tr><th scope="col">Reference</th><th scope="col">Where from</th><th scope="col" class="number">Rows</th><th scope="col">Period</th><th scope="col">Performance in it</th><th scope="col">In force</th><th scope="col">Made</th></tr></thead>
    <tbody>${of.references.map((one) => html`<${Row} key=${one.id} of=${one} model=${of.model} doing=${doing} me=${me} />`)}</tbody>
  </table>`
}

function Row({ of, model, doing, me }: Omit<ListProps, 'of'> & { readonly of: ReferenceView; readonly model: string }) {
  const {
    id,
    origin,
    source,
    rows,
    labelled,
    from,
    to,
    inForceFor,
    inForceSince,
    made,
    ended,
    performance,
    version,
    calibrated,
  } = of
  const uncalibrated = Object.entries(calibrated ?? {}).filter(([, learnt]) => !learnt)
  const isNewest = made !== null && ended === null && inForceFor.length > 0
  return html`<tr>
    <th scope="row"><code title=${id}>${shortId(id)}</code>${version !== null && version !== '' && html`<div class="muted">for version ${version}</div>`}</th>
    <td data-label="Where from">${originWords[origin]}<div class="muted">${source}</div></td>
    <td class="number" data-label="Rows">${plainNumber(rows)}</td>
    <td data-label="Period"><${Moment} at=${from} /> to <${Moment} at=${to} />${uncalibrated.length > 0 && html`<div class="muted">~ noise of windows of ${uncalibrated.map(([window]) => window).join(', ')} not learnt</div>`}</td>
    <td data-label="Performance in it">${performance
      .filter(({ value }) => value !== null)
      .slice(0, 3)
      .map(
        ({ name, value }) => html`<div>${name} ${plainNumber(value as number)}</div>`,
      )}${labelled > 0 && html`<div class="muted">of ${plainNumber(labelled)} labelled rows${labelled > rows && ' before'}</div>`}</td>
    <td>${inForceFor.length > 0 ? html`<span class="status ok"><span aria-hidden="true">✓</span> in force</span>${inForceSince !== null && html`<div class="muted">since <${Moment} at=${inForceSince} /></div>`}` : html`<span class="muted">${ended === null ? 'not in force' : 'taken back'}</span>`}</td>
    <td data-label="Made">${
      made === null
        ? html`<span class="muted">–</span>`
        : html`<strong>${made.by}</strong>, <${Moment} at=${made.at} />${made.note !== '' && html`<div>“${made.note}”</div>`}
          ${made.incident !== null && html`<div class="apart"><${Link} to=${addressOf(['incidents', made.incident])}>its incident</${Link}></div>`}
          ${ended !== null && html`<div class="muted">taken back by ${ended.by}, <${Moment} at=${ended.at} />${ended.because !== '' && ` “${ended.because}”`}</div>`}
          ${isNewest && me?.role === 'approver' && html`<${TakeBack} of=${of} model=${model} doing=${doing} />`}`
    }</td>
  </tr>`
}

function TakeBack({ of, model, doing }: { readonly of: ReferenceView; readonly model: string; readonly doing: Doing }) {
  return html`<${Ask}
    open="Take back…" title=${`Take reference ${shortId(of.id)} back`} confirm="Take back" kind="grave"
    act=${(data: FormData) => doing.do('api/v1/references/revert', { model, version: of.version, id: of.id, note: String(data.get('note') ?? '').trim() })}
  >
    <p>The reference before it, <code>${shortId(of.made?.before ?? '')}</code>, is in force again, and what was accepted alarms again.</p>
    <div class="field"><label for="revert-note">Why</label><textarea id="revert-note" name="note" rows="2" maxlength="4000"></textarea></div>
  </${Ask}>`
}

function Compare({
  of: { references, model },
  query,
}: {
  readonly of: ReferencesOverview
  readonly query: ViewOptions['query']
}) {
  const { address, go } = useSurroundings()
  const kept = references.filter(({ isKept }) => isKept)
  if (kept.length < 2)
    return html`<h2>Compare two</h2><p class="muted">There is one reference: a second comes with accepting an incident as normal, or with promoting a version.</p>`
  const first = query['first'] ?? (kept[1] as ReferenceView).id
  const second = query['second'] ?? (kept[0] as ReferenceView).id
  const picker = (name: 'first' | 'second', label: string, chosen: string) => html`<div class="field">
    <label for=${`compare-${name}`}>${label}</label>
    <select id=${`compare-${name}`} value=${chosen} onChange=${(event: Event) => go(withQuery(address, { first, second, [name]: (event.currentTarget as HTMLSelectElement).value }), { replace: true })}>
      ${kept.map((one) => html`<option value=${one.id} selected=${one.id === chosen}>${optionText(one)}</option>`)}
    </select>
  </div>`
  return html`<section aria-labelledby="compare">
    <h2 id="compare">Compare two</h2>
    <div class="fields">${picker('first', 'First', first)}${picker('second', 'Second', second)}</div>
    ${first === second ? html`<p class="muted">Choose two that differ.</p>` : html`<${Comparison} key=${`${first} ${second}`} model=${model} first=${first} second=${second} />`}
  </section>`
}

function optionText({ id, origin, made, inForceFor }: ReferenceView): string {
  const what = made === null ? originWords[origin] : `${originWords[origin]} by ${made.by} on ${made.at.slice(0, 10)}`
  return `${shortId(id)}: ${what}${inForceFor.length > 0 ? ', in force' : ''}`
}
