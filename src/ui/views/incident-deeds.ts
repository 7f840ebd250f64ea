// What can be done about an incident: one button stands out, costly deeds ask once, and what takes another token says so.

import type { IncidentOverview } from '../../overview/incident.ts'
import type { DeedOffer } from '../../overview/incident-deeds.ts'
import type { Doing } from '../deed.ts'
import { Outcome, Press } from '../deed.ts'
import { Ask } from '../dialog.ts'
import type { Content } from '../html.ts'
import { html } from '../html.ts'
import { useSurroundings } from '../surroundings.ts'
import type { Me } from '../who.ts'
import { Worded } from '../worded.ts'
import { LastingField, untilOf } from './lasting.ts'
import { SilenceFields, silenceOf } from './silence-fields.ts'

export interface DeedsOptions {
  readonly of: IncidentOverview
  readonly doing: Doing
  readonly me: Me | undefined
}

/** Shown where comments are, not among the buttons. */
const apart: ReadonlySet<string> = new Set(['comment'])

export function Deeds({ of, doing, me }: DeedsOptions) {
  const offers = of.deeds.filter(({ deed }) => !apart.has(deed))
  const possible = offers.filter(({ refusal }) => refusal === null)
  const refused = offers.filter(({ refusal }) => refusal !== null)
  const primary =
    possible.find(({ deed }) => deed === of.primary) ?? possible.find(({ deed }) => deed === 'acknowledge')
  const ordered = primary === undefined ? possible : [primary, ...possible.filter((one) => one !== primary)]
  const note = primary !== undefined && !primary.isCostly ? primary.does : ''
  return html`<section aria-labelledby="deeds">
    <h2 id="deeds">What to do</h2>
    ${
      possible.length > 0 &&
      html`<div class="buttons">
        ${ordered.map((offer) => html`<${Deed} key=${offer.deed + (offer.request ?? '')} offer=${offer} of=${of} doing=${doing} me=${me} kind=${offer === primary ? 'primary' : 'plain'} />`)}
      </div>`
    }
    ${note !== '' && html`<p class="muted" id="primary-does">${note}</p>`}
    <${Outcome} of=${doing.outcome} />
    ${offers.length === 0 && html`<p class="muted">It is over: only comments can be added.</p>`}
    <${NotAllowed} refused=${refused} me=${me} isAll=${possible.length === 0} />
  </section>`
}

/** Grouped by what they take: whoever lacks it can ask somebody who has it. */
function NotAllowed({
  refused,
  me,
  isAll,
}: {
  readonly refused: readonly DeedOffer[]
  readonly me: Me | undefined
  readonly isAll: boolean
}) {
  const { session } = useSurroundings()
  if (refused.length === 0) return null
  const names = (offers: readonly DeedOffer[]) => offers.map(({ label }) => label.replace(/…$/, '')).join(', ')
  if (me?.hasTokens === false) return html`<p class="notice">${names(refused)}: ${refused[0]?.refusal}.</p>`
  const byRole = [...Map.groupBy(refused, ({ needs }) => needs)]
  const withArticle = (role: string) => `${role === 'viewer' ? 'a' : 'an'} ${role}`
  return html`<div class="notice">
    ${byRole.map(([role, offers]) => html`<p><strong>${names(offers)}</strong>: this takes the token of ${withArticle(role)}${me?.role != null ? `; yours (${me.name}) has the role ${me.role}` : ''}.</p>`)}
    <p><button type="button" class=${isAll ? 'primary' : 'small'} onClick=${() => session.ask()}>${me?.role == null ? 'Enter a token' : 'Use another token'}</button></p>
  </div>`
}

interface DeedProps extends DeedsOptions {
  readonly offer: DeedOffer
  readonly kind?: 'primary' | 'plain'
}

function Deed({ offer, of, doing, me, kind = 'plain' }: DeedProps) {
  const { deed, label, path, does } = offer
  const form = forms[deed]
  if (form === undefined)
    return html`<${Press} label=${label} kind=${kind} describedBy=${kind === 'primary' ? 'primary-does' : undefined} act=${() => doing.do(path)} />`
  const isGrave = deed === 'refuse' || deed === 'veto' || deed === 'accept'
  return html`<${Ask}
    open=${label}
    title=${form.title ?? label.replace(/…$/, '')}
    confirm=${form.confirm}
    kind=${kind === 'plain' && isGrave ? 'grave' : kind}
    act=${(data: FormData) => doing.do(path, form.body(data, of))}
  ><p><${Worded} text=${does} /></p>${form.fields({ of, me })}</${Ask}>`
}

interface Form {
  readonly title?: string
  readonly confirm: string
  readonly fields: (about: Pick<DeedProps, 'of' | 'me'>) => Content
  readonly body: (data: FormData, of: IncidentOverview) => object
}

const text = (data: FormData, name: string) => String(data.get(name) ?? '').trim()

function Field({
  name,
  label,
  children,
}: {
  readonly name: string
  readonly label: string
  readonly children?: Content
}) {
  return html`<div class="field"><label for=${`deed-${name}`}>${label}</label>${children}</div>`
}

const because = (label: string, isNeeded = false) => html`<${Field} name="because" label=${label}>
  <textarea id="deed-because" name="because" rows="2" maxlength="1000" required=${isNeeded}></textarea>
</${Field}>`

const forms: Readonly<Partial<Record<DeedOffer['deed'], Form>>> = {
  // It stands where the button to acknowledge stood a moment before.
  unacknowledge: { confirm: 'Unacknowledge', fields: () => null, body: () => ({}) },
  assign: {
    confirm: 'Assign',
    fields: ({ of, me }) => html`<${Field} name="to" label="To whom (empty: nobody any more)">
      <input id="deed-to" name="to" maxlength="128" autocomplete="off" value=${of.care.assignee ?? me?.name ?? ''} />
    </${Field}>`,
    body: (data) => ({ to: text(data, 'to') === '' ? null : text(data, 'to') }),
  },
  snooze: {
    confirm: 'Snooze',
    fields: () => html`<${LastingField} id="deed-lasting" label="For how long" />`,
    body: (data) => ({ until: untilOf(data) }),
  },
  silence: {
    title: 'Silence incidents like this one',
    confirm: 'Silence',
    fields: ({ of }) =>
      html`<${SilenceFields} matchers=${{ model: of.model, kind: of.kind, ...(of.features.length === 1 && { feature: of.features[0] }) }} />`,
    body: (data) => silenceOf(data),
  },
  accept: {
    confirm: 'Accept as normal',
    fields: () => html`<${Field} name="note" label="Why (it stays with the reference)">
      <textarea id="deed-note" name="note" rows="2" maxlength="4000"></textarea>
    </${Field}>`,
    body: (data) => ({ note: text(data, 'note') }),
  },
  approve: { confirm: 'Approve', fields: () => null, body: () => ({}) },
  refuse: { confirm: 'Refuse', fields: () => because('Why'), body: (data) => ({ because: text(data, 'because') }) },
  veto: { confirm: 'Veto', fields: () => because('Why'), body: (data) => ({ because: text(data, 'because') }) },
  'request run': {
    confirm: 'Ask for a run',
    fields: () => because('Why', true),
    body: (data, of) => ({ because: text(data, 'because'), incident: of.id }),
  },
  'resolve run': {
    confirm: 'Say so',
    fields: () => html`<${Field} name="found" label="What became of it">
        <select id="deed-found" name="found">
          <option value="started">a run began</option>
          <option value="not-started">no run began, or it is given up</option>
          <option value="resend">send it again</option>
        </select>
      </${Field}>
      <${Field} name="run" label="Id of the run, if it is known"><input id="deed-run" name="run" maxlength="256" autocomplete="off" /></${Field}>`,
    body: (data) => ({ found: text(data, 'found'), run: text(data, 'run') === '' ? null : text(data, 'run') }),
  },
}
