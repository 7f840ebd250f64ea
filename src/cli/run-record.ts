// What a run that ends has to tell: windows, incidents, messages, triggers and a summary; as objects for JSON and for people.

import type { Message } from '../delivery/notification.ts'
import type { Plan } from '../delivery/plan.ts'
import { incidentView, windowView } from '../http/api.ts'
import type { Transition } from '../incidents/incident.ts'
import type { Verdict, WindowKind } from '../monitors/verdict.ts'
import type { WatchedModel } from '../monitors/watched-model.ts'
import type { WatchedStream } from '../monitors/watched-stream.ts'
import type { WindowResult } from '../monitors/window-result.ts'
import type { FeatureSummary, WindowCounts } from '../overview/window-counts.ts'
import { WindowTally } from '../overview/window-counts.ts'
import type { Pipeline } from '../pipeline.ts'
import { measurePerformance } from '../reference/performance.ts'
import type { Trigger } from '../retraining/trigger.ts'
import type { CounterRow } from '../store/changes.ts'
import type { Views } from '../store/views.ts'
import { add } from '../summaries/summary.ts'
import type { Instant } from '../time.ts'
import { formatInstant } from '../time.ts'

/** Collects what happens while a run goes on. */
export class RunRecord {
  readonly transitions: Transition[] = []
  readonly messages: Array<{ channel: string; key: string; message: Message }> = []
  readonly triggers: Trigger[] = []

  /** To be given to the daemon as `onPlanned`. */
  readonly planned = (transition: Transition, { notifications, trigger }: Plan): void => {
    this.transitions.push(transition)
    for (const { key, envelope } of notifications) {
      if (envelope.kind === 'message') this.messages.push({ key, channel: envelope.channel, message: envelope.message })
    }
    if (trigger !== null) this.triggers.push(trigger)
  }

  get hasAlarmed(): boolean {
    return this.transitions.some(({ change, incident }) => change === 'firing' && incident.severity !== 'warning')
  }
}

/** Every line of the run in the order of event time, the summary last. */
export function* linesOf(record: RunRecord, views: Views, pipeline: Pipeline): Iterable<object> {
  const happened: Array<{ at: Instant; line: object }> = [
    ...record.transitions.map((transition) => ({ at: transition.at, line: incidentLine(transition) })),
    ...record.messages.map(({ channel, key, message }) => ({
      at: message.at,
      line: { type: 'notification', key, channel, ...message, at: formatInstant(message.at) },
    })),
    ...record.triggers.map((trigger) => ({ at: trigger.at, line: triggerLine(trigger) })),
  ].sort((a, b) => a.at - b.at)
  const summary = new Summary(record, pipeline)
  const hasSegments = new Set(
    pipeline
      .models()
      .filter(({ segments }) => segments !== undefined)
      .map(({ name }) => name),
  )
  let next = 0
  for (const result of allResults(views)) {
    for (; next < happened.length && (happened[next] as { at: Instant }).at < result.end; next++)
      yield (happened[next] as { line: object }).line
    summary.window(result)
    yield windowLine(result)
    if (hasSegments.has(result.model)) for (const segment of segmentsIn(views, result)) yield windowLine(segment)
  }
  for (; next < happened.length; next++) yield (happened[next] as { line: object }).line
  yield summary.line()
}

function segmentsIn(views: Views, { model, version, window, end }: WindowResult): readonly WindowResult[] {
  return views.segmentResults({ model, version, window, from: end, to: end + 1 })
}

const PAGE = 500

/** All windows at their newest revision, by end. */
function* allResults(views: Views): Iterable<WindowResult> {
  let from: Instant = 0
  let seen = new Set<string>()
  for (;;) {
    const page = views.results({ from, order: 'oldest', limit: PAGE + seen.size })
    const fresh = page.filter((result) => !seen.has(keyOf(result)))
    if (fresh.length === 0) return
    yield* fresh
    const end = (page[page.length - 1] as WindowResult).end
    seen = new Set([...(end === from ? seen : []), ...page.filter((result) => result.end === end).map(keyOf)])
    from = end
  }
}

function keyOf({ model, version, window, end }: WindowResult): string {
  return `${model}|${version}|${window}|${end}`
}

function windowLine(result: WindowResult): object {
  return { type: 'window', ...windowView(result), verdicts: result.verdicts.map(verdictView) }
}

/** The published fields of a verdict, in their order. */
function verdictView(verdict: Verdict): object {
  const { monitor, kind, feature, metric, value, low, high, reference, status, calibrated, without } = verdict
  const pair = verdict.status !== 'insufficient' && verdict.pair !== undefined ? { pair: verdict.pair } : {}
  const columns = verdict.status !== 'insufficient' && verdict.columns !== undefined ? { columns: verdict.columns } : {}
  const errors = verdict.status !== 'insufficient' && verdict.errors !== undefined ? { errors: verdict.errors } : {}
  const judged =
    verdict.status === 'insufficient'
      ? { threshold: null, effect: null, pValue: null }
      : { threshold: verdict.threshold, effect: verdict.effect, pValue: verdict.pValue }
  const reason = verdict.status === 'insufficient' ? { reason: verdict.reason } : {}
  return {
    monitor,
    kind,
    feature,
    metric,
    value,
    ...judged,
    low,
    high,
    reference,
    status,
    calibrated,
    ...pair,
    ...errors,
    ...columns,
    ...(without !== undefined && { without }),
    ...reason,
  }
}

function incidentLine({ incident, change, because, at }: Transition): object {
  const { id, model, version, kind, severity, state, since, features, evidence } = incidentView(incident)
  return {
    type: 'incident',
    id,
    model,
    version,
    monitor: evidence[0]?.monitor ?? kind,
    kind,
    severity,
    state,
    change,
    at: formatInstant(at),
    since,
    because,
    features,
    evidence,
  }
}

function triggerLine({ id, model, version, target, at, incident }: Trigger): object {
  return {
    type: 'trigger',
    id,
    model,
    version,
    target,
    at: formatInstant(at),
    kind: incident.kind,
    features: incident.features,
  }
}

export interface PerformanceSummary {
  readonly metric: string
  readonly reference: number | null
  /** Of the newest window. */
  readonly last: number | null
  readonly low: number | null
  readonly high: number | null
  /** Over everything that was labelled in this run. */
  readonly whole: { readonly value: number; readonly low: number; readonly high: number } | null
  readonly windows: WindowCounts
}

export interface ModelSummary {
  readonly model: string
  readonly version: string
  readonly predictions: number
  readonly labels: number
  readonly joined: number
  readonly duplicates: number
  readonly late: number
  readonly quarantined: number
  readonly windows: number
  readonly incidents: Readonly<Record<WindowKind, number>>
  readonly features: readonly FeatureSummary[]
  readonly performance: readonly PerformanceSummary[]
}

/** Sums up a run, fed with its windows in order. */
class Summary {
  readonly #record: RunRecord
  readonly #pipeline: Pipeline
  readonly #tallies = new Map<string, WindowTally>()
  readonly #last = new Map<string, WindowResult>()

  constructor(record: RunRecord, pipeline: Pipeline) {
    this.#record = record
    this.#pipeline = pipeline
  }

  window(result: WindowResult): void {
    const key = streamKey(result)
    const tally = this.#tallies.get(key) ?? new WindowTally()
    this.#tallies.set(key, tally)
    tally.add(result)
    this.#last.set(key, result)
  }

  line(): { type: 'summary'; models: ModelSummary[] } {
    const models = this.#pipeline
      .models()
      .flatMap((model) => [...model.streams.values()].map((stream) => this.#model(model, stream)))
    return { type: 'summary', models }
  }

  #model(watched: WatchedModel, { stream, outcomes, subject }: WatchedStream): ModelSummary {
    const { model, version } = stream
    const key = streamKey(stream)
    const tally = this.#tallies.get(key) ?? new WindowTally()
    const counters = this.#pipeline.counters()
    const counted = (...names: string[]) =>
      sum(
        counters,
        (row) => names.includes(row.name) && row.model === model && (row.version === version || row.version === ''),
      )
    const fired = (kind: WindowKind) =>
      this.#record.transitions.filter(
        ({ change, incident }) =>
          change === 'firing' &&
          incident.reopened === undefined &&
          incident.kind === kind &&
          streamKey(incident) === key,
      ).length
    const total = new Float64Array(outcomes.size)
    for (const start of outcomes.starts()) add(total, outcomes.read(start) as Float64Array)
    const whole = measurePerformance(subject.reference.layout.outcomes, total, subject.settings.metricOptions)
    const last = new Map((this.#last.get(key)?.verdicts ?? []).map((verdict) => [verdict.monitor, verdict]))
    return {
      model,
      version,
      predictions: counted('predictions'),
      labels: counted('labels'),
      joined: total[1] as number,
      duplicates: counted('duplicate_predictions', 'labels/duplicate'),
      late: counted('late'),
      quarantined: sum(counters, ({ name }) => name.startsWith('rejected/') || name === 'unknown_model'),
      windows: tally.windows,
      incidents: {
        drift: fired('drift'),
        performance: fired('performance'),
        estimated: fired('estimated'),
        quality: fired('quality'),
        volume: fired('volume'),
      },
      features: tally.features(),
      performance: watched.options.settings.metrics.map((metric) => {
        const verdict = last.get(`performance/${metric}`)
        const measured = whole[metric]
        return {
          metric,
          reference: subject.performance[metric]?.value ?? null,
          last: verdict?.value ?? null,
          low: verdict?.low ?? null,
          high: verdict?.high ?? null,
          whole:
            measured === undefined || measured.value === null
              ? null
              : { value: measured.value, low: measured.low, high: measured.high },
          windows: tally.performance(metric),
        }
      }),
    }
  }
}

function sum(rows: readonly CounterRow[], wanted: (row: CounterRow) => boolean): number {
  return rows.reduce((total, row) => (wanted(row) ? total + row.value : total), 0)
}

function streamKey({ model, version }: { model: string; version: string }): string {
  return `${model}|${version}`
}
