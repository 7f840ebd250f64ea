// What stands at the top of every page of a model: its name, its pages, and which version, windows and time are looked at.

import { addressOf, withQuery } from './address.ts'
import { html } from './html.ts'
import { Link } from './link.ts'
import { useSurroundings } from './surroundings.ts'

export type ModelPage = 'overview' | 'features' | 'segments' | 'incidents' | 'references' | 'backtest'

/** What goes along from one page of a model to the next. */
export function keptOf(query: Readonly<Record<string, string>>): Record<string, string | undefined> {
  return {
    version: query['version'],
    window: query['window'],
    since: query['since'],
    from: query['from'],
    to: query['to'],
  }
}

/** Links to the pages of a model; the one where one is, is marked. */
export function ModelTabs({
  model,
  current,
  query = {},
}: {
  readonly model: string
  readonly current: ModelPage | null
  readonly query?: Readonly<Record<string, string>>
}) {
  const { version, window } = query
  const own = { version, window }
  const pages: ReadonlyArray<readonly [ModelPage, string]> = [
    ['overview', addressOf(['models', model], keptOf(query))],
    ['features', addressOf(['models', model, 'features'], keptOf(query))],
    ['segments', addressOf(['models', model, 'segments'], keptOf(query))],
    ['incidents', addressOf(['incidents'], { model, ...keptOf(query) })],
    ['references', addressOf(['models', model, 'references'], keptOf(query))],
    ['backtest', addressOf(['models', model, 'backtest'], own)],
  ]
  return html`<nav aria-label=${`Pages of ${model}`}>
    <ul class="tabs">
      ${pages.map(([name, to]) => html`<li key=${name}><${Link} to=${to} current=${name === current}>${name}</${Link}></li>`)}
    </ul>
  </nav>`
}

const spans: ReadonlyArray<readonly [string, string]> = [
  ['6h', 'last 6 hours'],
  ['24h', 'last 24 hours'],
  ['7d', 'last 7 days'],
  ['30d', 'last 30 days'],
  ['90d', 'last 90 days'],
  ['365d', 'last year'],
]

export function versionName(version: string): string {
  return version === '' ? 'without a version' : version
}

/** Version, window and time, in the address; each is left out where there is nothing to choose. */
export function Pickers({
  version,
  versions,
  window,
  windows,
  others = null,
}: {
  readonly version: string
  readonly versions: readonly string[]
  readonly window: string
  readonly windows: readonly string[]
  /** Versions to compare with; null: no such choice here. */
  readonly others?: readonly string[] | null
}) {
  const { address, go } = useSurroundings()
  const { since = '', from, to, compare = '' } = address.query
  const choose = (changes: Record<string, string | undefined>) => go(withQuery(address, changes))
  const chosen = (event: Event) => (event.target as HTMLSelectElement).value
  const isOwnRange = from !== undefined || to !== undefined
  const known = spans.some(([span]) => span === since)
  return html`<div class="fields pickers">
    ${
      versions.length > 1 &&
      html`<span class="field"><label for="pick-version">Version</label>
        <select id="pick-version" value=${version} onChange=${(event: Event) => choose({ version: chosen(event), end: undefined })}>
          ${versions.map((one) => html`<option key=${one} value=${one}>${versionName(one)}</option>`)}
        </select></span>`
    }
    ${
      windows.length > 1 &&
      html`<span class="field"><label for="pick-window">Window</label>
        <select id="pick-window" value=${window} onChange=${(event: Event) => choose({ window: chosen(event), end: undefined })}>
          ${windows.map((one) => html`<option key=${one} value=${one}>${one}</option>`)}
        </select></span>`
    }
    <span class="field"><label for="pick-since">Time shown</label>
      <select id="pick-since" value=${isOwnRange ? 'own' : since} onChange=${(event: Event) => choose({ since: chosen(event) === '' ? undefined : chosen(event), from: undefined, to: undefined })}>
        <option value="">automatic</option>
        ${isOwnRange && html`<option value="own">${`${from?.slice(0, 10) ?? '…'} to ${to?.slice(0, 10) ?? 'now'}`}</option>`}
        ${!known && since !== '' && html`<option value=${since}>last ${since}</option>`}
        ${spans.map(([span, words]) => html`<option key=${span} value=${span}>${words}</option>`)}
      </select></span>
    ${
      others !== null &&
      others.length > 0 &&
      html`<span class="field"><label for="pick-compare">Compare with</label>
        <select id="pick-compare" value=${compare} onChange=${(event: Event) => choose({ compare: chosen(event) === '' ? undefined : chosen(event) })}>
          <option value="">no other version</option>
          ${others.map((one) => html`<option key=${one} value=${one}>${versionName(one)}</option>`)}
        </select></span>`
    }
  </div>`
}
