// How the daemon itself is. What is wrong comes first; then what it reads, what it could not use, what it has to send, and what it has
// room for. The configuration is folded away, and so is what quarantined records hold.

import { useEffect, useState } from 'preact/hooks'
import { plainNumber } from '../../delivery/wording.ts'
import type { DurationFacts, SourceView, SystemView } from '../../overview/system.ts'
import { ApiError } from '../api.ts'
import type { Content } from '../html.ts'
import { html } from '../html.ts'
import { Moment, spanText } from '../moment.ts'
import { Empty, Shown } from '../states.ts'
import type { StatusName } from '../status.ts'
import { Status } from '../status.ts'
import { useData, useSurroundings } from '../surroundings.ts'

interface QuarantineRow {
  readonly number: number
  readonly at: string
  readonly source: string
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly reason: string
  readonly detail: string
  readonly sampleBytes: number
  readonly range: { readonly lastOffset: number; readonly records: number } | null
}

/** What is read goes on by itself, without anything that happens to a model. */
const AGAIN_MS = 5_000

export function System({ query }: { readonly query: Readonly<Record<string, string>> }) {
  const system = useData<SystemView>('system', () => false)
  const quarantine = useData<{ readonly quarantine: readonly QuarantineRow[] }>('quarantine?limit=50', () => false)
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.hidden) return
      system.again()
      quarantine.again()
    }, AGAIN_MS)
    return () => clearInterval(timer)
  })
  return html`<h1>System</h1>
    <${Shown} of=${system} what="the state of the daemon">${(data: SystemView) => html`<${SystemState} data=${data} isOpen=${query['fold'] ?? ''} />`}</${Shown}>
    <h2 id="quarantine">Quarantine</h2>
    <${Shown} of=${quarantine} what="the quarantine">${(data: { quarantine: readonly QuarantineRow[] }) => html`<${Quarantine} rows=${data.quarantine} />`}</${Shown}>`
}

export function SystemState({ data, isOpen }: { readonly data: SystemView; readonly isOpen: string }) {
  const { status, troubles, sources, version, uptimeMs, startedAt, node } = data
  return html`
    ${
      troubles.length === 0
        ? html`<p class="verdict ok"><${Status} of="ok" word="All is well" />: everything that is configured is read, and messages are delivered.</p>`
        : html`<div class=${`verdict ${status}`}>${troubles.map(
            ({ status: one, what, because }) =>
              html`<p key=${what}><${Status} of=${one} word=${what} />: ${because}</p>`,
          )}</div>`
    }
    <p class="muted">leeway ${version} on Node ${node}, up for ${spanText(uptimeMs)} since <${Moment} at=${startedAt} />, ${data.isReady ? 'ready' : 'not ready'}.</p>
    <h2>Sources</h2>
    ${sources.length === 0 ? html`<${Empty} title="No source is read" />` : html`<${Sources} sources=${sources} />`}
    <div class="columns">
      <section><h2>What came</h2><${Came} data=${data} /></section>
      <section><h2>What is sent</h2><${Outbox} data=${data} /></section>
      <section><h2>Room and time</h2><${Room} data=${data} /></section>
      <section><h2>Configuration</h2><${Configuration} data=${data} isOpen=${isOpen === 'configuration'} /></section>
    </div>`
}

const signs: Readonly<Record<SourceView['status'], StatusName>> = {
  ...{ reading: 'ok', waiting: 'insufficient', paused: 'warning', halted: 'alarm', unreadable: 'alarm' },
}
const sourceWords: Readonly<Record<SourceView['status'], string>> = {
  ...{
    reading: 'reading',
    waiting: 'waits for partitions',
    paused: 'paused',
    halted: 'halted',
    unreadable: 'cannot be read',
  },
}

function Sources({ sources }: { readonly sources: readonly SourceView[] }) {
  const partitions = sources.reduce((sum, { partitions, leftOut }) => sum + partitions.length + leftOut, 0)
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Sources"><table class="stacks">
    <caption class="unseen">Sources</caption>
    <thead><tr><th scope="col">Source</th><th scope="col">Status</th><th scope="col" class="number">Behind</th><th scope="col">Complete until</th><th scope="col" class="number">Models</th></tr></thead>
    <tbody>${sources.map(
      (source) => html`<tr key=${source.name}>
        <th scope="row">${source.name} <span class="muted">${source.type}</span></th>
        <td><${Status} of=${signs[source.status]} word=${sourceWords[source.status]} />${source.because !== null && html`<br />${source.because}`}</td>
        <td class="number" data-label="Behind">${source.lag === null ? '—' : `${count(source.lag)} records`}</td>
        <td data-label="Complete until">${source.watermark === null ? '—' : html`<${Moment} at=${source.watermark} /> <span class="muted">${agoText(source.watermarkAgeMs ?? 0)}</span>`}</td>
        <td class="number" data-label="Models">${source.models}</td>
      </tr>`,
    )}</tbody>
  </table></div>
  ${partitions > 0 && html`<details class="fold"><summary>Partitions (${count(partitions)})</summary>${sources.map((source) => source.partitions.length > 0 && html`<${Partitions} key=${source.name} source=${source} />`)}</details>`}`
}

function Partitions({ source: { name, partitions, leftOut } }: { readonly source: SourceView }) {
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${`Partitions of ${name}`}><table class="numbers">
      <caption class="unseen">Partitions of ${name}</caption>
      <thead><tr><th scope="col">Partition</th><th scope="col">Next offset</th><th scope="col">End</th><th scope="col">Behind</th><th scope="col">Halted</th></tr></thead>
      <tbody>${partitions.map(
        ({ topic, partition, nextOffset, endOffset, lag, halted }) => html`<tr key=${`${topic}/${partition}`}>
          <th scope="row">${topic}/${partition}</th><td>${count(nextOffset)}</td><td>${endOffset === null ? '—' : count(endOffset)}</td>
          <td>${lag === null ? '—' : count(lag)}</td><td>${halted ?? ''}</td>
        </tr>`,
      )}</tbody>
    </table></div>
    ${leftOut > 0 && html`<p class="muted">${count(leftOut)} more of ${name}, which are less behind.</p>`}`
}

function Came({ data: { counts, rejected, lost, join } }: { readonly data: SystemView }) {
  const rows: Array<readonly [string, number]> = [
    ['Predictions counted', counts.predictions],
    ['Labels received', counts.labels],
    ['Predictions that came too late', counts.late],
    ['Events counted before', counts.duplicates],
    ['Events of models that are not configured', counts.unknownModel],
    ['Keys that mean nothing', counts.ignoredKeys],
    ['Records without a value', counts.tombstones],
    ...rejected.map(({ reason, records }) => [`Quarantined: ${reason.replaceAll('_', ' ')}`, records] as const),
    ...lost.map(({ partition, reason, records }) => [`Lost of ${partition}: ${reason}`, records] as const),
    ['Predictions and labels that wait for each other', join.waiting],
    ['Dropped while they waited', join.evicted],
  ]
  return html`<${Facts} rows=${rows.filter(([, value], i) => value > 0 || i < 2).map(([name, value]) => [name, count(value)])} />`
}

function Outbox({ data: { outbox } }: { readonly data: SystemView }) {
  const { queued, oldestMs, channels, failures } = outbox
  const stateSigns = { 'takes messages': 'ok', 'is tried': 'warning', 'takes none': 'alarm' } as const
  return html`<p>${queued === 0 ? 'No message waits.' : `${count(queued)} messages wait${oldestMs === null ? '' : `, the oldest for ${spanText(oldestMs)}`}.`}</p>
    <ul class="plain">${channels.map(
      ({ name, type, state, because }) =>
        html`<li key=${name}><${Status} of=${stateSigns[state]} word=${name} /> <span class="muted">${type}</span> ${state}${because !== null && `: ${because}`}</li>`,
    )}</ul>
    ${
      failures.length > 0 &&
      html`<details class="fold" open><summary>${failures.length} messages that failed</summary><ul class="plain">${together(
        failures,
      ).map(
        ({ ones, oldest: { channel, state, detail, queuedAt }, triesMost }) =>
          html`<li key=${`${channel} ${state} ${detail}`}>${channel}: ${ones === 1 ? 'one' : ones} ${state === 'dead' ? 'given up' : ones === 1 ? 'is tried again' : 'are tried again'} after ${ones === 1 ? '' : 'up to '}${triesMost} ${triesMost === 1 ? 'try' : 'tries'}: ${detail} <span class="muted">(${ones > 1 && 'the oldest '}queued <${Moment} at=${queuedAt} />)</span></li>`,
      )}</ul></details>`
    }`
}

/** Messages of a channel that fail for the same reason are one line. */
function together(failures: SystemView['outbox']['failures']) {
  const groups = Map.groupBy(failures, ({ channel, state, detail }) => JSON.stringify([channel, state, detail]))
  return [...groups.values()].map((ones) => ({
    ones: ones.length,
    oldest: ones.reduce((oldest, one) => (one.queuedAt < oldest.queuedAt ? one : oldest)),
    triesMost: Math.max(...ones.map(({ attempts }) => attempts)),
  }))
}

function Room({ data: { store, memoryShare, commits, evaluations } }: { readonly data: SystemView }) {
  const times = ({ medianMs, p99Ms, maxMs }: DurationFacts) =>
    `${plainNumber(medianMs)} ms, ${plainNumber(p99Ms)} ms at the 99th percentile, ${plainNumber(maxMs)} ms at most`
  return html`<${Facts} rows=${[
    ['State', `${bytes(store.stateBytes)} in ${store.directory}`],
    ['Free on its disk', `${bytes(store.freeBytes)}; warns under ${bytes(store.freeMinBytes)}`],
    ['Memory', `${Math.round(memoryShare * 100)} % of what may be used`],
    ['A commit takes', commits === null ? 'none yet' : times(commits)],
    ['Judging a window takes', evaluations === null ? 'none yet' : times(evaluations)],
  ]} />`
}

function Configuration({ data: { configuration }, isOpen }: { readonly data: SystemView; readonly isOpen: boolean }) {
  const { file, hash, since, lastReload, text } = configuration
  return html`<p>${file}, in force since <${Moment} at=${since} /> <span class="muted">(${hash.slice(0, 12)})</span></p>
    ${
      lastReload !== null &&
      html`<p><${Status} of=${lastReload.successful ? 'ok' : 'warning'} word=${lastReload.successful ? 'reloaded' : 'a reload was refused'} /> <${Moment} at=${lastReload.at} />${lastReload.because !== null && html`: ${lastReload.because}`}</p>`
    }
    <details class="fold" open=${isOpen}><summary>As it is written, without secrets</summary><pre tabindex="0">${text}</pre></details>`
}

function Quarantine({ rows }: { readonly rows: readonly QuarantineRow[] }) {
  if (rows.length === 0) return html`<p class="muted">Every record could be used.</p>`
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Quarantine"><table class="stacks">
    <caption class="unseen">Records that could not be used, newest first</caption>
    <thead><tr><th scope="col">When</th><th scope="col">Where</th><th scope="col">Why</th><th scope="col">What it holds</th></tr></thead>
    <tbody>${rows.map(
      ({ number, at, topic, partition, offset, range, reason, detail, sampleBytes }) => html`<tr key=${number}>
        <td><${Moment} at=${at} /></td>
        <td>${topic}/${partition} at ${range === null ? offset : `${offset} to ${range.lastOffset} (${count(range.records)} records)`}</td>
        <td><b>${reason.replaceAll('_', ' ')}</b> ${detail}</td>
        <td>${sampleBytes > 0 ? html`<${Sample} number=${number} />` : '—'}</td>
      </tr>`,
    )}</tbody>
  </table></div>`
}

interface SampleAnswer {
  readonly sample: {
    readonly bytes: number
    readonly mayBeCut: boolean
    readonly text: string
    readonly hex: string | null
  }
}

/** It may hold what nobody meant to publish: it is asked for by itself, which is written into the audit. */
function Sample({ number }: { readonly number: number }) {
  const { api } = useSurroundings()
  const [shown, setShown] = useState<Content>(null)
  const show = async () => {
    try {
      const { sample } = await api.get<SampleAnswer>(`quarantine/${number}/sample`)
      setShown(html`<pre tabindex="0">${sample.hex ?? sample.text}${sample.mayBeCut && ' …'}</pre>`)
    } catch (error) {
      setShown(
        html`<span class="error" role="alert">${error instanceof ApiError ? error.message : String(error)}</span>`,
      )
    }
  }
  return (
    shown ??
    html`<button type="button" class="small" title="Needs the role operator, and is written into the audit" onClick=${show}>Show</button>`
  )
}

function Facts({ rows }: { readonly rows: ReadonlyArray<readonly [string, Content]> }) {
  return html`<dl class="readings">${rows.map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`
}

function count(value: number): string {
  return value.toLocaleString('en')
}

function agoText(ms: number): string {
  return ms < 0 ? '' : `${spanText(ms)} ago`
}

function bytes(value: number): string {
  const [size, unit] = value >= 2 ** 30 ? [2 ** 30, 'GiB'] : value >= 2 ** 20 ? [2 ** 20, 'MiB'] : [1024, 'KiB']
  return `${(value / (size as number)).toPrecision(3)} ${unit}`
}
