// What a silence is about, how long it lasts, and why.

import { html } from '../html.ts'
import { LastingField, untilOf } from './lasting.ts'

export type MatcherName = 'model' | 'version' | 'kind' | 'severity' | 'feature'
export type Matchers = Readonly<Partial<Record<MatcherName, string>>>

const matcherNames: readonly MatcherName[] = ['model', 'version', 'kind', 'severity', 'feature']

export function SilenceFields({ matchers }: { readonly matchers: Matchers }) {
  return html`<fieldset>
      <legend>What it is about; what is left empty matches all, <code>*</code> stands for any letters</legend>
      <div class="fields">${matcherNames.map(
        (name) => html`<div class="field">
        <label for=${`silence-${name}`}>${name}</label>
        <input id=${`silence-${name}`} name=${name} maxlength="128" autocomplete="off" value=${matchers[name] ?? ''} />
      </div>`,
      )}</div>
    </fieldset>
    <${LastingField} id="silence-lasting" label="For how long" />
    <div class="field"><label for="silence-reason">Why</label>
      <textarea id="silence-reason" name="reason" rows="2" maxlength="4000" required></textarea>
    </div>`
}

/** The body of `POST /api/v1/silences`. */
export function silenceOf(data: FormData): object {
  const given = matcherNames.flatMap((name) => {
    const pattern = String(data.get(name) ?? '').trim()
    return pattern === '' ? [] : [[name, pattern] as const]
  })
  return { matchers: Object.fromEntries(given), end: untilOf(data), reason: String(data.get('reason') ?? '').trim() }
}
