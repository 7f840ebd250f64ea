// Which alarms a model's rules raised on its past; and for one of them, moved to another threshold, which it would have raised.

import { useEffect, useRef, useState } from 'preact/hooks'
import { plainNumber, span } from '../../delivery/wording.ts'
import type { AlarmView, BacktestView, RuleRow, TuningView } from '../../overview/backtest.ts'
import { addressOf, withQuery } from '../address.ts'
import { Fold } from '../fold.ts'
import { html } from '../html.ts'
import { useLast } from '../last.ts'
import { Link } from '../link.ts'
import { ModelTabs } from '../model-head.ts'
import { Moment } from '../moment.ts'
import { Empty, Failed, Loading } from '../states.ts'
import { useData, useSurroundings } from '../surroundings.ts'
import { CourseFigure, SweepFigure } from '../tuning-charts.ts'
import type { ViewOptions } from '../view-options.ts'

export function Backtest({ parameters, query }: ViewOptions) {
  const model = parameters['model'] as string
  const { version, monitor, threshold, window, from, to } = query
  const path = addressOf(['models', model, 'backtest'], { version, monitor, threshold, window, from, to })
  // The past does not change under whoever tunes a rule; what is new comes when it is opened again.
  const { data, error, again } = useData<BacktestView>(path, () => false)
  const shown = useLast(data, `${version}|${monitor}`)
  return html`<h1>Backtest of ${model}</h1>
    <${ModelTabs} model=${model} current="backtest" query=${query} />
    ${error !== undefined && html`<${Failed} error=${error} again=${again} />`}
    ${shown === undefined && error === undefined && html`<${Loading} what="the past windows, and playing the rules over them; a long past takes some seconds" />`}
    ${shown !== undefined && html`<${Page} of=${shown} query=${query} isComputing=${data === undefined && error === undefined} />`}`
}

interface PageProps {
  readonly of: BacktestView
  readonly query: Readonly<Record<string, string>>
  readonly isComputing: boolean
}

/** Windows under which a past says little of what a rule will do. */
const FEW_WINDOWS = 30

function Page({ of, query, isComputing }: PageProps) {
  if (of.evaluated === 0 || of.from === null || of.to === null)
    return html`<${Empty} title="There is no past to play the rules over yet">
      <p>It begins with the first window that is evaluated${query['from'] !== undefined || query['to'] !== undefined ? ' in the time that was asked for' : ''}. A file of the past can be replayed now: <code>leeway backtest -c config/leeway.yaml --source NAME</code></p>
    </${Empty}>`
  const few =
    of.evaluated < FEW_WINDOWS &&
    html`<p class="notice">Only ${of.evaluated} windows have been evaluated: too short a past to tune a rule by. A file of the past can be replayed with <code>leeway backtest --source NAME</code>.</p>`
  const { tuning } = of
  return html`${few}
    ${
      tuning === null
        ? html`<div class="verdict"><p>${of.verdict} Choose the rule that is too loud, or too quiet.</p></div>
            <${Loud} rules=${of.rules} />`
        : html`<${Tuning} of=${of} tuning=${tuning} isComputing=${isComputing} />`
    }
    <${Fold} name="incidents" title=${`Incidents by all rules together (${of.alarms.length})`}>
      <p class="muted">As people were told of them, from <${Moment} at=${of.from} /> to <${Moment} at=${of.to} />, ${of.evaluated} windows.</p>
      <${Alarms} alarms=${of.alarms} caption="Incidents by all rules together" />
      ${of.differences.length > 0 && html`<p>What these windows do not tell:</p><ul>${of.differences.map((line) => html`<li>${line}</li>`)}</ul>`}
    </${Fold}>
    ${tuning !== null && html`<${Fold} name="rules" title=${`All rules (${of.rules.length})`}><${Rules} called="All rules" rules=${of.rules} /></${Fold}>`}`
}

/** Those that fired; the others are a click away. */
function Loud({ rules }: { readonly rules: readonly RuleRow[] }) {
  const loud = rules.filter(({ alarms }) => alarms > 0)
  const quiet = rules.filter(({ alarms }) => alarms === 0)
  return html`${loud.length === 0 ? html`<p>No rule raised an alarm.</p>` : html`<${Rules} called="Rules that raised an alarm" rules=${loud} />`}
    ${quiet.length > 0 && html`<${Fold} name="quiet" title=${`Rules without an alarm (${quiet.length})`}><${Rules} called="Rules without an alarm" rules=${quiet} /></${Fold}>`}`
}

const kindWords: Readonly<Record<RuleRow['kind'], string>> = {
  drift: 'Drift',
  performance: 'Performance',
  estimated: 'Estimated performance',
  quality: 'Quality',
  volume: 'Volume',
}

function Rules({ called, rules }: { readonly called: string; readonly rules: readonly RuleRow[] }) {
  const { address } = useSurroundings()
  return html`<div class="scroll" role="region" tabindex="0" aria-label=${called}><table class="stacks">
    <thead><tr><th scope="col">Rule</th><th scope="col">Kind</th><th scope="col" class="number">Threshold</th><th scope="col">Alarms by itself</th><th scope="col">In alarm</th><th scope="col">Last fired</th></tr></thead>
    <tbody>${rules.map(
      ({ monitor, kind, name, threshold, because, alarms, firedMs, last }) => html`<tr key=${monitor}>
      <th scope="row">${
        because === null
          ? html`<${Link} to=${withQuery(address, { monitor, threshold: undefined, show: undefined })}>${name}</${Link}>`
          : html`${name} <span class="muted small">(${because})</span>`
      }</th>
      <td data-label="Kind">${kindWords[kind]}</td>
      <td class="number" data-label="Threshold">${threshold === null ? '–' : plainNumber(threshold)}</td>
      <td class="number" data-label="Alarms">${alarms}</td>
      <td data-label="In alarm">${firedMs === 0 ? '–' : span(firedMs)}</td>
      <td data-label="Last fired">${last === null ? '–' : html`<${Moment} at=${last} />`}</td>
    </tr>`,
    )}</tbody>
  </table></div>`
}

interface TuningProps {
  readonly of: BacktestView
  readonly tuning: TuningView
  readonly isComputing: boolean
}

function Tuning({ of, tuning, isComputing }: TuningProps) {
  const { was, would, together, notes, threshold, current } = tuning
  const sum = (alarms: readonly AlarmView[]) => alarms.reduce((ms, { firedMs }) => ms + firedMs, 0)
  const time = (alarms: readonly AlarmView[]) => (alarms.length === 0 ? '–' : span(sum(alarms)))
  const isMoved = threshold !== current
  return html`<div class="verdict"><p>${tuning.verdict}</p></div>
    <${Controls} of=${of} tuning=${tuning} isComputing=${isComputing} />
    <table class="tuning-counts">
      <thead><tr><td></td><th scope="col">now, ${plainNumber(current)}</th>${isMoved && html`<th scope="col">with ${plainNumber(threshold)}</th>`}</tr></thead>
      <tbody>
        <tr><th scope="row">alarms of this rule</th><td>${was.length}</td>${isMoved && html`<td>${would.length}</td>`}</tr>
        <tr><th scope="row">time in alarm</th><td>${time(was)}</td>${isMoved && html`<td>${time(would)}</td>`}</tr>
        <tr><th scope="row">incidents of its kind, by all rules</th><td>${together.was}</td>${isMoved && html`<td>${together.would.length}</td>`}</tr>
      </tbody>
    </table>
    <${CourseFigure} tuning=${tuning} />
    <${SweepFigure} tuning=${tuning} />
    <h2>Alarms of this rule with ${plainNumber(threshold)}</h2>
    <${Alarms} alarms=${would} caption=${`Alarms with a threshold of ${plainNumber(threshold)}`} />
    ${notes.map((note) => html`<p class="muted small">${note}</p>`)}
    <h2>Tune this rule</h2>
    ${isMoved ? html`<${Setting} yaml=${tuning.yaml} />` : html`<p class="muted">Move the threshold; what to write into the configuration then stands here.</p>`}`
}

/** How long nothing is asked for while a slider moves. */
const PAUSE_MS = 300

function Controls({ of, tuning, isComputing }: TuningProps) {
  const { address, go } = useSurroundings()
  const { sweep, threshold, current, unit, monitor, window } = tuning
  const [moved, move] = useState<number | null>(null)
  const floors = sweep.map(({ floor }) => floor)
  const at = moved ?? threshold
  const ask = (floor: number) =>
    go(withQuery(address, { threshold: floor === current ? undefined : String(floor) }), { replace: true })
  // An answer that came makes what was moved the threshold.
  useEffect(() => move(null), [threshold, monitor])
  useEffect(() => {
    if (moved === null || moved === threshold) return undefined
    const timer = setTimeout(() => ask(moved), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [moved])
  const index = floors.reduce(
    (best, floor, i) => (Math.abs(floor - at) < Math.abs((floors[best] as number) - at) ? i : best),
    0,
  )
  const point = sweep[index]
  const text = `${plainNumber(at)}: ${point?.alarms ?? 0} ${point?.alarms === 1 ? 'alarm' : 'alarms'}`
  const typed = (event: Event) => {
    const number = Number((event.currentTarget as HTMLInputElement).value)
    if (Number.isFinite(number) && number > 0) move(number)
  }
  const rules = of.rules.filter(({ because }) => because === null)
  return html`<div class="fields tuning-fields">
      <p class="field"><label for="rule">Rule</label>
        <select id="rule" value=${monitor} onChange=${(event: Event) => go(withQuery(address, { monitor: (event.currentTarget as HTMLSelectElement).value, threshold: undefined }))}>
          ${Object.entries(kindWords).map(([kind, word]) => {
            const ofKind = rules.filter((rule) => rule.kind === kind)
            return (
              ofKind.length > 0 &&
              html`<optgroup label=${word}>${ofKind.map((rule) => html`<option value=${rule.monitor} selected=${rule.monitor === monitor}>${rule.name} (${rule.alarms})</option>`)}</optgroup>`
            )
          })}
        </select></p>
      ${
        of.windows.length > 1 &&
        html`<p class="field"><label for="window">Windows drawn</label>
          <select id="window" onChange=${(event: Event) => go(withQuery(address, { window: (event.currentTarget as HTMLSelectElement).value }), { replace: true })}>
            ${of.windows.map((name) => html`<option value=${name} selected=${name === window}>${name}</option>`)}
          </select></p>`
      }
      <p class="field tuning-slider"><label for="slider">Threshold (${unit})</label>
        <input id="slider" type="range" min="0" max=${floors.length - 1} step="1" value=${index} aria-valuetext=${text}
          onInput=${(event: Event) => move(floors[Number((event.currentTarget as HTMLInputElement).value)] ?? current)} /></p>
      <p class="field"><label for="threshold">Exactly</label>
        <input id="threshold" type="number" min="0" step="any" inputmode="decimal" value=${at} onChange=${typed} /></p>
      <p class="field"><button type="button" disabled=${at === current} onClick=${() => move(current)}>As it is (${plainNumber(current)})</button></p>
    </div>
    <p class="muted small tuning-state" role="status">${isComputing || (moved !== null && moved !== threshold) ? `${text}. Playing the policy …` : `${text} with this threshold.`}</p>`
}

function Alarms({ alarms, caption }: { readonly alarms: readonly AlarmView[]; readonly caption: string }) {
  if (alarms.length === 0) return html`<p class="muted">No alarm.</p>`
  return html`<div class="scroll" role="region" tabindex="0" aria-label=${caption}><table class="stacks">
    <thead><tr><th scope="col">Fired</th><th scope="col">Ended</th><th scope="col">In alarm</th><th scope="col">Severity</th><th scope="col">Rules</th></tr></thead>
    <tbody>${alarms.map(({ id, firings, firedMs, severity, monitors }) => {
      const [first, last] = [firings[0], firings.at(-1)]
      return html`<tr key=${id}>
        <th scope="row">${first !== undefined && html`<${Moment} at=${first.from} />`}${firings.length > 1 && ` (${firings.length} times)`}</th>
        <td data-label="Ended">${last?.to == null ? 'goes on' : html`<${Moment} at=${last.to} />`}</td>
        <td data-label="In alarm">${span(firedMs)}</td>
        <td data-label="Severity">${severity}</td>
        <td data-label="Rules">${monitors.join(', ')}</td>
      </tr>`
    })}</tbody>
  </table></div>`
}

/** What to write into the configuration. */
function Setting({ yaml }: { readonly yaml: string }) {
  const [said, say] = useState('')
  const place = useRef<HTMLPreElement>(null)
  const copy = () =>
    navigator.clipboard.writeText(yaml).then(
      () => say('Copied.'),
      () => {
        // Without TLS browsers have no clipboard: it is selected, to be copied by hand.
        if (place.current !== null) getSelection()?.selectAllChildren(place.current)
        say('Selected: copy it with the keyboard.')
      },
    )
  useEffect(() => say(''), [yaml])
  return html`<p>Merge this into the configuration, check it, and reload:</p>
    <pre ref=${place} tabindex="0" aria-label="Setting">${yaml}</pre>
    <div class="buttons"><button type="button" class="primary" onClick=${() => void copy()}>Copy the setting</button> <span role="status">${said}</span></div>`
}
