// What happened, oldest first: verdicts, messages, people, runs, silences, each with its sign.

import type { TimeLineEntry, Told } from '../../overview/incident-time-line.ts'
import { html } from '../html.ts'
import { Moment } from '../moment.ts'

const signs: Readonly<Record<TimeLineEntry['kind'], readonly [sign: string, word: string]>> = {
  verdict: ['◈', 'verdict'],
  message: ['✉', 'message'],
  person: ['●', 'person'],
  retraining: ['▽', 'retraining'],
  silence: ['∅', 'silence'],
  reference: ['⇄', 'reference'],
}

export function TimeLine({ entries }: { readonly entries: readonly TimeLineEntry[] }) {
  return html`<ol class="time-line">${entries.map((entry, i) => html`<${Entry} key=${i} entry=${entry} />`)}</ol>`
}

function Entry({ entry }: { readonly entry: TimeLineEntry }) {
  const { kind, what, at, window, title, text, told, via } = entry
  const [sign, word] = signs[kind]
  const isQuote = what === 'comment'
  return html`<li class=${`entry ${kind} ${what.replaceAll(' ', '-')}`}>
    <span class="sign" aria-hidden="true">${sign}</span>
    <div>
      <p class="entry-head"><span class="unseen">${word}: </span><strong>${title}</strong> <span class="muted"><${Moment} at=${at} />${via !== null && via !== 'api' && ` by ${wayWords[via] ?? via}`}</span></p>
      ${text !== '' && (isQuote ? html`<blockquote>${text}</blockquote>` : html`<p>${text}</p>`)}
      ${window !== null && isApart(at, window) && html`<p class="muted">Judged by data until <${Moment} at=${window} /></p>`}
      ${told.length > 0 && html`<ul class="told">${told.map((one) => html`<${Channel} told=${one} />`)}</ul>`}
    </div>
  </li>`
}

const wayWords: Readonly<Record<string, string>> = { cli: 'the command line', slack: 'Slack', ui: 'this page' }
const APART_MS = 120_000

function isApart(one: string, other: string): boolean {
  return Math.abs(Date.parse(one) - Date.parse(other)) > APART_MS
}

/** What came of a message: sign and word. */
export const outcomeWords: Readonly<Record<Told['outcome'], readonly [sign: string, word: string, status: string]>> = {
  delivered: ['✓', 'told', 'ok'],
  queued: ['…', 'waits to be told', 'insufficient'],
  suppressed: ['∅', 'not told', 'insufficient'],
  superseded: ['→', 'told by a later message', 'insufficient'],
  dead: ['▲', 'could not be told', 'alarm'],
}

function Channel({ told: { channel, outcome, because, attempts, isGathered } }: { readonly told: Told }) {
  const [sign, word, status] = outcomeWords[outcome]
  const more = [
    ...(because === '' || outcome === 'delivered' ? [] : [because]),
    ...(attempts > 1 ? [`${attempts} attempts`] : []),
    ...(isGathered && outcome === 'delivered' ? ['together with others'] : []),
  ]
  return html`<li><span class=${`status ${status}`}><span aria-hidden="true">${sign}</span> ${channel}: ${word}</span>${more.length > 0 && html`<span class="muted"> – ${more.join('; ')}</span>`}</li>`
}
