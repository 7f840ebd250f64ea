// Looks once a second at what comes, and tells of what does not: see `incidents/liveness.ts` for what a silence is.

import type { Document } from '../config/document.ts'
import type { Plan } from '../delivery/plan.ts'
import type { Incident, Transition } from '../incidents/incident.ts'
import type { LivenessRule, LivenessState, Look, SourceState } from '../incidents/liveness.ts'
import { lookAtModel, lookAtSource, noLongerWatched } from '../incidents/liveness.ts'
import type { Observer, Pipeline } from '../pipeline.ts'
import { keyOf } from '../sources/read-positions.ts'
import type { Partition } from '../sources/source.ts'
import type { LivenessChanges } from '../store/liveness.ts'
import type { Store } from '../store/store.ts'
import { StoreError } from '../store/store-error.ts'
import type { Health } from '../telemetry/health.ts'
import type { Instant, Millis } from '../time.ts'
import { MINUTE, SECOND } from '../time.ts'
import { sourcesInUse } from './intakes.ts'
import { checkOfSource } from './source-health.ts'

/** What was not told for as long is told by the next start of the process at the latest. */
const SAVE_EVERY_MS = MINUTE
/** A process that was not awake has seen nothing: a look tells of so much time at most. */
const LOOK_MS_MAX = 5 * SECOND
/** A partition that had nothing more to read at some look of these last minutes is being read as it is written. */
const CAUGHT_UP_MS = 5 * MINUTE

export interface LivenessOptions {
  readonly store: Pick<Store, 'document' | 'handling' | 'writeLiveness'>
  readonly document: () => Document
  readonly pipeline: () => Pick<Pipeline, 'counters' | 'models' | 'progress'>
  readonly feed: { readonly assigned: ReadonlyMap<string, readonly Partition[]>; readonly held: string | null }
  readonly health: Pick<Health, 'checks'>
  readonly now: () => Instant
  readonly steady: () => Millis
  /** What is to be sent for a transition. */
  readonly plan: (transition: Transition, now: Instant) => Pick<Plan, 'notifications'>
  readonly observer: Observer
  /** Told when there is something to send. */
  readonly queued: () => void
}

interface Counts {
  predictions: number
  labels: number
}

export class LivenessWatch {
  readonly #options: LivenessOptions
  readonly #models = new Map<string, LivenessState>()
  readonly #sources = new Map<string, SourceState>()
  /** The document whose sources are those that incidents are about: a reload, or a start, may leave some out. */
  #checked: Document | undefined
  /** By source and partition, when it last had nothing more to read. */
  readonly #caughtUp = new Map<string, Millis>()
  #lookedAt: Millis
  #savedAt: Millis

  constructor(options: LivenessOptions) {
    this.#options = options
    this.#lookedAt = options.steady()
    this.#savedAt = this.#lookedAt
  }

  /** Looks at everything. While the disk is full nothing is remembered, and the next look tells the same. @throws StoreError */
  tick(): void {
    const { document, now, steady } = this.#options
    const at = steady()
    const look: Look = { now: now(), elapsedMs: Math.min(LOOK_MS_MAX, at - this.#lookedAt) }
    this.#lookedAt = at
    const { liveness } = document()
    const counts = this.#counts()
    const transitions: Transition[] = []
    const models = new Map<string, LivenessState>()
    const sources = new Map<string, SourceState>()
    for (const { name: source, type } of sourcesInUse(document())) {
      // A file has its end, and nothing comes behind it.
      if (type === 'file') continue
      const names = [...document().models.values()].filter((model) => model.source === source).map(({ name }) => name)
      const because = this.#whyAway(source)
      const known = this.#sources.get(source) ?? this.#read<SourceState>(sourceDocument(source))
      const looked = lookAtSource(known, { ...look, source, models: names, because }, shortest(liveness, names))
      sources.set(source, looked.state)
      transitions.push(...looked.transitions)
      const isRead = because === null && this.#options.feed.held === null && this.#hasNothingMore(source, at)
      for (const model of names) {
        const rule = liveness.get(model)
        if (rule === undefined) continue
        const before = this.#models.get(model) ?? this.#read<LivenessState>(modelDocument(model))
        const { predictions = 0, labels = 0 } = counts.get(model) ?? {}
        const one = lookAtModel(before, { ...look, model, source, predictions, labels, isRead }, rule)
        models.set(model, one.state)
        transitions.push(...one.transitions)
      }
    }
    if (this.#checked !== document())
      for (const [source, incident] of this.#leftOut(new Set(sources.keys()))) {
        sources.set(source, { lastAt: look.now, awayMs: 0, incident: null })
        transitions.push(noLongerWatched(incident, look.now))
      }
    if (transitions.length > 0 || at - this.#savedAt >= SAVE_EVERY_MS)
      this.#save({ models, sources }, transitions, look)
    this.#checked = document()
    for (const [name, state] of models) this.#models.set(name, state)
    for (const [name, state] of sources) this.#sources.set(name, state)
  }

  /** Incidents of sources that are not looked at any more, each with the name of its source. */
  #leftOut(lookedAt: ReadonlySet<string>): Array<readonly [string, Incident]> {
    return this.#options.store.handling.activeOf('', ['no_data']).flatMap((incident) => {
      const { silence } = incident
      return silence?.of === 'source' && !lookedAt.has(silence.source) ? [[silence.source, incident] as const] : []
    })
  }

  #read<State>(name: string): State | undefined {
    const json = this.#options.store.document(name)
    return json === undefined ? undefined : (JSON.parse(json) as State)
  }

  /** What has come of each model, in all of its versions; what is held back while it learns has come, too. */
  #counts(): ReadonlyMap<string, Counts> {
    const counts = new Map<string, Counts>()
    const of = (model: string) => {
      const found = counts.get(model) ?? { predictions: 0, labels: 0 }
      counts.set(model, found)
      return found
    }
    const pipeline = this.#options.pipeline()
    for (const { name, model, value } of pipeline.counters())
      if (name === 'predictions' || name === 'labels') of(model)[name] += value
    for (const { name, learning } of pipeline.models())
      if (learning !== undefined) of(name).predictions += learning.events.length
    return counts
  }

  /** Why the source, or a partition of it, cannot be read; null when all of it can. */
  #whyAway(source: string): string | null {
    const check = checkOfSource(source)
    const failed = this.#options.health.checks.find(
      ({ name, ok }) => !ok && (name === check || name.endsWith(` ${check}`)),
    )
    return failed?.because ?? null
  }

  #hasNothingMore(source: string, at: Millis): boolean {
    const { feed, pipeline } = this.#options
    const progress = pipeline()
      .progress()
      .find((one) => one.source === source)
    for (const partition of progress?.partitions ?? []) {
      const { nextOffset, endOffset } = partition
      if (nextOffset >= endOffset) this.#caughtUp.set(`${source}/${keyOf(partition)}`, at)
    }
    const assigned = feed.assigned.get(source) ?? []
    return (
      assigned.length > 0 &&
      assigned.every(
        (partition) => at - (this.#caughtUp.get(`${source}/${keyOf(partition)}`) ?? -Infinity) < CAUGHT_UP_MS,
      )
    )
  }

  #save(
    states: { models: ReadonlyMap<string, LivenessState>; sources: ReadonlyMap<string, SourceState> },
    transitions: readonly Transition[],
    { now }: Look,
  ): void {
    const { store, plan, observer, queued } = this.#options
    const documents = [
      ...[...states.models].map(([name, state]) => ({ name: modelDocument(name), json: JSON.stringify(state) })),
      ...[...states.sources].map(([name, state]) => ({ name: sourceDocument(name), json: JSON.stringify(state) })),
    ]
    const changes: LivenessChanges = {
      documents,
      incidents: transitions.map(({ incident }) => incident),
      transitions: transitions.map(({ incident: { id, sequence }, change, because, at }) => {
        return { incidentId: id, sequence, change, because, at }
      }),
      notifications: transitions.flatMap((transition) => plan(transition, now).notifications),
    }
    store.writeLiveness(changes)
    this.#savedAt = this.#lookedAt
    for (const transition of transitions) observer.transition?.(transition)
    if (changes.notifications.length > 0) queued()
  }
}

/** A full disk is told elsewhere, and passes. */
export function tickUnlessFull(watch: LivenessWatch): void {
  try {
    watch.tick()
  } catch (error) {
    if (!(error instanceof StoreError) || error.kind !== 'full') throw error
  }
}

function modelDocument(model: string): string {
  return `liveness/model/${model}`
}

function sourceDocument(source: string): string {
  return `liveness/source/${source}`
}

/** A source is away for long when it would be long for one of its models. */
function shortest(rules: ReadonlyMap<string, LivenessRule>, models: readonly string[]): Millis | null {
  const all = models.flatMap((model) => rules.get(model)?.noDataMs ?? [])
  return all.length === 0 ? null : Math.min(...all)
}
