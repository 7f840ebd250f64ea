// One incident: what happened in words, the charts that carry it, what to do, and below that the likely causes and the time line.

import { count, plainNumber } from '../../delivery/wording.ts'
import type { EvidenceView, IncidentOverview, RunView } from '../../overview/incident.ts'
import type { Cause } from '../../overview/incident-causes.ts'
import { addressOf } from '../address.ts'
import type { Change } from '../changes.ts'
import type { Doing } from '../deed.ts'
import { Press, useDeeds } from '../deed.ts'
import { useEveryMinute } from '../every-minute.ts'
import { Fold } from '../fold.ts'
import { html } from '../html.ts'
import { Link } from '../link.ts'
import { Moment, spanText } from '../moment.ts'
import { Shown } from '../states.ts'
import type { Data } from '../surroundings.ts'
import { useData, useSurroundings } from '../surroundings.ts'
import type { ViewOptions } from '../view-options.ts'
import { useMe } from '../who.ts'
import { Worded } from '../worded.ts'
import { IncidentCharts } from './incident-charts.ts'
import { Deeds } from './incident-deeds.ts'
import { outcomeWords, TimeLine } from './incident-time-line.ts'
import { IncidentStatus, kindWords } from './incident-words.ts'

/**
 * Whether a change is about it: newer evidence, and another state of its run, are told by the model's name, which is known once it
 * was read. Exported for tests.
 */
export function isAboutIncident({ incidents, models, retraining }: Change, id: string, model?: string): boolean {
  if (incidents?.includes(id) ?? true) return true
  return model !== undefined && ((models?.includes(model) ?? true) || (retraining?.includes(model) ?? true))
}

export function Incident({ parameters }: ViewOptions) {
  const id = parameters['id'] as string
  const incident: Data<IncidentOverview> = useData<IncidentOverview>(
    `incidents/${encodeURIComponent(id)}/overview`,
    (change) => isAboutIncident(change, id, incident.data?.model),
  )
  useEveryMinute(incident.again, incident.data?.silence != null && incident.data.state !== 'resolved')
  const doing = useDeeds(incident.again)
  const me = useMe()
  return html`<p class="crumbs"><${Link} to="incidents">Incidents</${Link}> <span class="muted">#${id.slice(0, 8)}</span></p>
    <${Shown} of=${incident} what="the incident">${(of: IncidentOverview) => html`
      <h1>${of.title}</h1>
      <${Facts} of=${of} />
      <${Words} of=${of} />
      <${IncidentCharts} of=${of} />
      <${Deeds} of=${of} doing=${doing} me=${me} />
      <div class="columns">
        <div>
          <${LikelyCauses} of=${of} />
          ${!isToldAlready(of) && html`<section aria-labelledby="evidence"><h2 id="evidence">Evidence</h2><${Evidence} of=${of.evidence} /></section>`}
        </div>
        <section aria-labelledby="story"><h2 id="story">Time line</h2><${TimeLine} entries=${of.timeLine} /><${Comment} of=${of} doing=${doing} /></section>
      </div>
      ${of.retraining.length > 0 && html`<${Fold} name="retraining" title="Retraining">${of.retraining.map((run) => html`<${Run} run=${run} />`)}</${Fold}>`}
      <${Fold} name="deliveries" title="Delivery log"><${Deliveries} of=${of} /></${Fold}>
    `}</${Shown}>`
}

/** Exported for tests. */
export function Facts({ of }: { readonly of: IncidentOverview }) {
  const { state, severity, kind, since, until, care } = of
  const { acknowledgedBy, acknowledgedAt, assignee, snoozedUntil, snoozedBy, calledIn, quiet } = care
  const isOver = state === 'resolved'
  const lasted = spanText((until === null ? Date.now() : Date.parse(until)) - Date.parse(since))
  return html`<ul class="facts">
    <li><${IncidentStatus} state=${state} severity=${severity} /></li>
    <li>${kindWords[kind] ?? kind} of <${Subject} of=${of} /></li>
    <li>since <${Moment} at=${since} />${until === null ? html`, ${lasted} ago` : isOver ? html`, until <${Moment} at=${until} />, ${lasted}` : html`, for ${lasted} of event time`}</li>
    ${acknowledgedBy !== null && acknowledgedAt !== null && html`<li>acknowledged by <strong>${acknowledgedBy}</strong> <${Moment} at=${acknowledgedAt} /></li>`}
    ${acknowledgedBy === null && !isOver && html`<li>nobody has acknowledged it</li>`}
    ${assignee !== null && html`<li>assigned to <strong>${assignee}</strong></li>`}
    ${snoozedUntil !== null && html`<li>snoozed by ${snoozedBy} until <${Moment} at=${snoozedUntil} /></li>`}
    ${calledIn.length > 0 && html`<li>called in: ${calledIn.join(', ')}</li>`}
    ${quiet !== null && snoozedUntil === null && html`<li>nobody is told now: <${Worded} text=${quiet} /></li>`}
  </ul>`
}

/** What it is about: the model version in the windows that say so, or a source with the models that wait for it. */
function Subject({ of: { silence, model, name, version, evidence } }: { readonly of: IncidentOverview }) {
  const about = (one: string) => html`<${Link} to=${addressOf(['models', one])}>${one}</${Link}>`
  if (silence?.of === 'source')
    return html`<${Link} to="system">${name}</${Link}>${silence.models.length > 0 && html`, for which ${silence.models.map((one, i) => html`${i > 0 && ', '}${about(one)}`)} ${silence.models.length === 1 ? 'waits' : 'wait'}`}`
  // What does not come any more is missing of all its versions.
  if (silence !== null) return about(model)
  return html`<${Link} to=${addressOf(['models', model], { version, window: evidence[0]?.window })}>${name}</${Link}>`
}

function Words({ of: { paragraphs, evidence, state, severity } }: { readonly of: IncidentOverview }) {
  const level = state === 'resolved' ? 'ok' : state === 'firing' && severity !== 'warning' ? 'alarm' : 'warning'
  const [first, ...rest] = paragraphs.filter((paragraph) => paragraph !== '')
  if (first === undefined) return null
  const [worst, ...others] = evidence
  // All of it is listed below.
  const lead =
    worst !== undefined && others.length > 0 && first.startsWith(worst.text)
      ? html`${worst.text}, and <a href="#evidence">${others.length} more</a>`
      : html`<${Worded} text=${first} />`
  return html`<div class=${`verdict ${level}`}>
    <p>${lead}</p>${rest.map((paragraph) => html`<p class="small"><${Worded} text=${paragraph} /></p>`)}
    <p class="small stacked"><a href="#deeds">What to do</a></p>
  </div>`
}

/** The one piece of evidence is the verdict, word for word, and what it was judged by stands there too. */
function isToldAlready({ evidence, paragraphs }: IncidentOverview): boolean {
  return evidence.length === 1 && paragraphs[0] === evidence[0]?.text
}

const causeWords: Readonly<Record<Cause['kind'], string>> = {
  incident: 'another incident',
  'data quality': 'data quality',
  volume: 'volume',
  rows: 'other rows',
  truth: 'another truth',
  drift: 'drift',
  where: 'where it moved',
}

/** Of what does not come no window says anything: its causes are other incidents, or none are known. Exported for tests. */
export function LikelyCauses({ of }: { readonly of: IncidentOverview }) {
  if (of.silence !== null && of.causes.length === 0) return null
  return html`<section aria-labelledby="causes"><h2 id="causes">Likely causes</h2><${WorstSegments} of=${of} /><${Causes} of=${of} /></section>`
}

/** In which part of the rows it is worst. Exported for tests. */
export function WorstSegments({ of: { segments, model, version } }: { readonly of: IncidentOverview }) {
  return html`${segments.map(({ text, ...asked }) => {
    const page = addressOf(['models', model, 'segments'], { version, ...asked })
    return html`<p key=${asked.column}>${text} <${Link} to=${page}>See segments</${Link}></p>`
  })}`
}

/** Exported for tests. */
export function Causes({
  of: { causes, segments, model, version, evidence, state },
}: {
  readonly of: IncidentOverview
}) {
  if (causes.length === 0)
    return html`<p class="muted">${segments.length > 0 ? 'Apart from that, nothing' : 'Nothing'} else stands out in that window: the data is as complete as it was, and no other input moved.</p>`
  const [worst] = evidence
  // What is over is looked at where it was; what goes on, in the newest window.
  const looked = { version, window: worst?.window, end: state === 'resolved' ? worst?.end : undefined }
  return html`<ol class="causes">${causes.map(
    (cause) => html`<li>
    <span class="cause-kind">${causeWords[cause.kind]}</span> ${cause.text}${weightText(cause)}
    ${cause.incident !== null && html` <${Link} to=${addressOf(['incidents', cause.incident])}>Open that incident</${Link}>`}
    ${cause.feature !== null && cause.incident === null && html` <${Link} to=${addressOf(['models', model, 'features', cause.feature], looked)}>Open ${cause.feature}</${Link}>`}
  </li>`,
  )}</ol>`
}

function weightText({ kind, weight }: Cause) {
  if (weight === null) return null
  const text =
    kind === 'rows' || kind === 'truth'
      ? `${Math.round(weight * 100)} % of it`
      : weight < 1
        ? `${Math.round(weight * 100)} % of what alarms`
        : `${plainNumber(weight)} × what alarms`
  return html` <span class="muted">(${text})</span>`
}

const EVIDENCE_SHOWN = 6

function Evidence({ of }: { readonly of: readonly EvidenceView[] }) {
  if (of.length === 0)
    return html`<p class="muted">It is no matter of windows: what does not come is told by the clock.</p>`
  const rest = of.slice(EVIDENCE_SHOWN)
  return html`<${Pieces} of=${of.slice(0, EVIDENCE_SHOWN)} />
    ${rest.length > 0 && html`<${Fold} name="more-evidence" title=${`${rest.length} more`}><${Pieces} of=${rest} /></${Fold}>`}`
}

/** What is judged by the same window stands together, and the window is told once. */
function Pieces({ of }: { readonly of: readonly EvidenceView[] }) {
  const groups = Map.groupBy(of, ({ end, window, samples, labelled, calibrated }) =>
    [end, window, samples, labelled, calibrated].join(' '),
  )
  return html`${[...groups].map(
    ([key, ones]) => html`<div key=${key}>
      <p class="muted">${basis(ones[0] as EvidenceView)}</p>
      <ul class="evidence">${ones.map((one) => html`<li key=${one.monitor}>${one.text}${one.p !== null && html` <span class="muted">${one.p}</span>`}</li>`)}</ul>
    </div>`,
  )}`
}

function basis({ samples, labelled, window, end, calibrated }: EvidenceView) {
  return html`${count(samples)} rows${labelled > 0 && `, ${count(labelled)} labelled`}, window of ${window} until <${Moment} at=${end} />${!calibrated && ' ~ its noise is not learnt yet'}`
}

function Comment({ of, doing }: { readonly of: IncidentOverview; readonly doing: Doing }) {
  const { drafts } = useSurroundings()
  const draft = `comment on ${of.id}`
  const offer = of.deeds.find(({ deed }) => deed === 'comment')
  if (offer === undefined || offer.refusal !== null) return null
  const typed = (event: Event) => void drafts.set(draft, (event.currentTarget as HTMLTextAreaElement).value)
  const send = async () => {
    const text = drafts.get(draft) ?? ''
    await doing.do(offer.path, { text })
    // Whoever went on writing while it was sent goes on.
    if (drafts.get(draft) === text) drafts.delete(draft)
  }
  return html`<div class="comment-form">
    <div class="field"><label for="comment">Comment</label><textarea id="comment" rows="2" maxlength="4000" aria-describedby="comment-does" value=${drafts.get(draft) ?? ''} onInput=${typed}></textarea></div>
    <${Press} label="Add the comment" kind=${of.primary === 'comment' ? 'primary' : 'plain'} act=${send} />
    <p class="muted" id="comment-does">${offer.does}</p>
  </div>`
}

function Run({ run }: { readonly run: RunView }) {
  return html`<div class="run">
    <p><strong>${run.target}: ${run.state}</strong> since <${Moment} at=${run.since} />: <${Worded} text=${run.because} />. <span class="muted">Asked for because <${Worded} text=${run.cause} />.</span></p>
    ${run.gates.length > 0 && html`<ul class="told">${run.gates.map(({ gate, passes, because }) => html`<li><span class=${`status ${passes ? 'ok' : 'warning'}`}><span aria-hidden="true">${passes ? '✓' : '◆'}</span> ${gate}: ${passes ? 'passes' : 'holds it'}</span><span class="muted"> – <${Worded} text=${because} /></span></li>`)}</ul>`}
    ${run.run !== null && html`<p>Run ${run.run.link !== null && /^https?:/.test(run.run.link) ? html`<a href=${run.run.link} rel="noreferrer">${run.run.id ?? 'without an id'}</a>` : (run.run.id ?? 'without an id')}: ${run.run.status}</p>`}
    ${run.verification !== null && html`<p>Whether it helped: ${run.verification}</p>`}
  </div>`
}

function Deliveries({ of: { deliveries } }: { readonly of: IncidentOverview }) {
  if (deliveries.length === 0)
    return html`<p class="muted">No message of it was queued: no route leads to a channel.</p>`
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Delivery log"><table>
    <thead><tr><th scope="col">Queued</th><th scope="col">Channel</th><th scope="col">Outcome</th><th scope="col">Attempts</th><th scope="col">Why</th><th scope="col">Key</th></tr></thead>
    <tbody>${deliveries.map(({ key, channel, state, attempts, detail, queuedAt, endedAt, toldIn }) => {
      const [sign, word, status] = outcomeWords[state]
      return html`<tr>
        <td><${Moment} at=${queuedAt} /></td>
        <th scope="row">${channel}</th>
        <td><span class=${`status ${status}`}><span aria-hidden="true">${sign}</span> ${word}</span>${endedAt !== null && html` <span class="muted"><${Moment} at=${endedAt} /></span>`}</td>
        <td class="number">${attempts}</td>
        <td>${detail}${toldIn !== null && ` (in ${toldIn})`}</td>
        <td><code>${key}</code></td>
      </tr>`
    })}</tbody>
  </table></div>`
}
