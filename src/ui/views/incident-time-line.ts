// What happened, oldest first: verdicts, messages, people, runs, silences, each with its sign.

import type { TimeLineEntry, Told } from '../../overview/incident-time-line.ts'
import { html } from '../html.ts'
import { Moment } from '../moment.ts'
import { Worded } from '../worded.ts'

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
      <p class="entry-head"><span class="unseen">${word}: </span><strong><${Worded} text=${title} /></strong> <span class="muted"><${Moment} at=${at} />${via !== null && via !== 'api' && ` by ${wayWords[via] ?? via}`}</span></p>
      ${text !== '' && (isQuote ? html`<blockquote>${text}</blockquote>` : html`<p><${Worded} text=${text} /></p>`)}
      ${window !== null && isApart(at, window) && html`<p class="muted">Judged by data until <${Moment} at=${window} /></p>`}
      ${told.length > 0 && html`<${Channels} told=${told} />`}
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

/** Channels of which the same is to be said stand together. */
function together(told: readonly Told[]) {
  const textOf = ({ outcome, because, attempts, isGathered }: Told) =>
    [
      ...(because === '' || outcome === 'delivered' ? [] : [because]),
      ...(attempts > 1 ? [`${attempts} attempts`] : []),
      ...(isGathered && outcome === 'delivered' ? ['together with others'] : []),
    ].join('; ')
  return [...Map.groupBy(told, (one) => `${one.outcome} ${textOf(one)}`).values()].map((ones) => ({
    outcome: (ones[0] as Told).outcome,
    text: textOf(ones[0] as Told),
    channels: ones.map(({ channel }) => channel).join(', '),
  }))
}

function Channels({ told }: { readonly told: readonly Told[] }) {
  return html`<ul class="told">${together(told).map(({ outcome, text, channels }) => {
    const [sign, word, status] = outcomeWords[outcome]
    return html`<li><span class=${`status ${status}`}><span aria-hidden="true">${sign}</span> ${word}</span>: ${channels}${text !== '' && html`<span class="muted"> – <${Worded} text=${text} /></span>`}</li>`
  })}</ul>`
}
