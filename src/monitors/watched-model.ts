// One model under watch: its reference (known, or being learnt from the stream) and its versions.

import { seedOf } from '../events/id-hash.ts'
import type { LearnOptions } from '../reference/learn.ts'
import { learnReference } from '../reference/learn.ts'
import type { HeldEvent } from '../reference/learning.ts'
import { LearningPeriod } from '../reference/learning.ts'
import { tooShortFor } from '../reference/phases.ts'
import type { Reading } from '../reference/reading.ts'
import { createReading } from '../reference/reading.ts'
import type { Reference } from '../reference/reference.ts'
import { countingOf, freeze, leavesOf } from '../reference/reference.ts'
import type { NamedSegmentLayout, SegmentChoice } from '../reference/segments.ts'
import { segmentLayoutOf, withSegmentOutcomes } from '../reference/segments.ts'
import { withOutcomes } from '../reference/with-outcomes.ts'
import { add } from '../summaries/summary.ts'
import type { Instant, Millis } from '../time.ts'
import { formatDuration } from '../time.ts'
import type { Stream } from '../windows/window.ts'
import { countOutcomes } from './performance.ts'
import { SegmentValues } from './segment-values.ts'
import type { WatchSettings } from './subject.ts'
import { createSubject } from './subject.ts'
import type { WatchedStreamOptions } from './watched-stream.ts'
import { WatchedStream } from './watched-stream.ts'

export interface ModelOptions {
  readonly name: string
  /** Name of the source its events come from. */
  readonly source: string
  readonly settings: WatchSettings
  readonly horizonMs: Millis
  readonly limits?: { readonly versions: number; readonly learningBytes: number }
  /** Columns that tell segments apart, and how many values of each; left out: none do. */
  readonly segments?: SegmentChoice | undefined
  readonly reference: Reference | { readonly firstMs: Millis }
  /** How a reference is learnt from the stream. */
  readonly learn: Omit<
    LearnOptions,
    | 'source'
    | 'until'
    | 'windows'
    | 'minSamples'
    | 'metricOptions'
    | 'model'
    | 'textual'
    | 'leaveOutStrays'
    | 'segments'
  >
}

/** What a version is compared with: a reference of its own, one of the model's made of production, or the configuration's. */
export interface Compared {
  readonly reference: Reference
  readonly of: 'version' | 'model' | 'configuration'
}

interface Instead {
  readonly version: string | null
  readonly reference: Reference | null
}

/** Versions with a stream of their own when nobody says otherwise; further ones share the version `__other__`. */
const VERSIONS_MAX = 100
export const OTHER_VERSION = '__other__'

type StreamSupport = Pick<WatchedStreamOptions, 'shelf' | 'earlier' | 'earlierOfSegment' | 'allowedLatenessMs'>

export class WatchedModel {
  readonly options: ModelOptions
  /** Tells its ids apart from equal ones of other models; the same in every run. */
  readonly idSeed: number
  readonly streams = new Map<string, WatchedStream>()
  learning: LearningPeriod | undefined
  /** The configuration's, or learnt from the stream. */
  reference: Reference | undefined
  /** Made of production: by version, and (null) for all versions without one of their own. */
  readonly #made: ReadonlyMap<string | null, Reference>
  #reading: Reading | undefined
  /** Whether a reference learnt from the stream still waits for the labels of its period. */
  #awaitsLabels = false
  #beginAt: Instant = 0
  #featuresKnown = 0
  #segmentLayout: NamedSegmentLayout | undefined
  #segmentNames: readonly string[] = []
  #segments: SegmentValues | undefined

  /**
   * @param learnt the reference that an earlier run learnt from the stream
   * @param made references that people have put in its place, by version
   * @param segmentNames segments that an earlier run has told apart, by number
   */
  constructor(
    options: ModelOptions,
    learnt: { reference: Reference; awaitsLabels: boolean } | undefined,
    made: ReadonlyMap<string | null, Reference> = new Map(),
    segmentNames: readonly string[] = [],
  ) {
    this.options = options
    this.#segmentNames = segmentNames
    this.#made = made
    this.idSeed = seedOf(options.name)
    if (!('firstMs' in options.reference)) this.#adopt(options.reference)
    else if (learnt !== undefined) {
      this.#adopt(learnt.reference)
      this.#awaitsLabels = learnt.awaitsLabels
      this.#beginAt = learnt.reference.to + 1
    } else this.learning = new LearningPeriod(options.reference.firstMs, options.limits?.learningBytes)
  }

  get name(): string {
    return this.options.name
  }

  get reading(): Reading {
    if (this.#reading === undefined) throw new Error(`${this.name} has no reference yet`)
    return this.#reading
  }

  get awaitsLabels(): boolean {
    return this.#awaitsLabels
  }

  #adopt(reference: Reference): void {
    this.reference = reference
    this.#featuresKnown = reference.columns.filter(({ role }) => role === 'feature').length + reference.ignored.length
    this.#reading = createReading(reference.task, reference.classes, leavesOf(reference))
    const { segments } = this.options
    if (segments === undefined) return
    this.#segmentLayout = segmentLayoutOf(reference)
    this.#segments = new SegmentValues(segments, this.#segmentNames, Object.keys(reference.segments?.parts ?? {}))
  }

  /** The segments that its rows are told apart by; undefined where they are not, or while its reference is learnt. */
  get segments(): SegmentValues | undefined {
    return this.#segments
  }

  /**
   * The version under which an event is counted.
   *
   * @param isTight memory is short: no version is added
   */
  versionOf(version: string, isTight = false): string {
    const { versions = VERSIONS_MAX } = this.options.limits ?? {}
    return this.streams.has(version) || (this.streams.size < versions && !isTight) ? version : OTHER_VERSION
  }

  /** The version under which something is told of an event that is not counted: it adds no version. */
  knownVersionOf(version: string): string {
    return this.streams.has(version) || version === '' ? version : OTHER_VERSION
  }

  /** How many features of an event the reference does not have, at least; where the event lacks others, more. */
  unknownFeatures(features: Readonly<Record<string, unknown>>): number {
    return Math.max(0, Object.keys(features).length - this.#featuresKnown)
  }

  /**
   * What a version is compared with, and whose it is. One whose bins are not those of the configuration's reference is set aside.
   *
   * @param version null: one that has none of its own
   * @param instead as if this were the one of the version that it names (null: of all without one of their own)
   */
  comparedWith(version: string | null, instead?: Instead): Compared {
    const reference = this.reference as Reference
    for (const scope of [version, null]) {
      const made = scope === instead?.version ? instead.reference : this.#made.get(scope)
      if (made != null && countingOf(made) === countingOf(reference))
        return { reference: made, of: scope === null ? 'model' : 'version' }
    }
    return { reference, of: 'configuration' }
  }

  /** Made of production, and not in force: the configuration's reference has other bins or classes now. */
  get setAside(): readonly Reference[] {
    const { reference } = this
    if (reference === undefined) return []
    return [...this.#made.values()].filter((made) => countingOf(made) !== countingOf(reference))
  }

  watch(stream: Stream, support: StreamSupport): WatchedStream {
    const { settings, horizonMs } = this.options
    const subject = createSubject(this.comparedWith(stream.version).reference, settings)
    const segments = this.#segmentLayout && { layout: this.#segmentLayout, values: this.#segments as SegmentValues }
    const watched = new WatchedStream({ stream, subject, horizonMs, beginAt: this.#beginAt, segments, ...support })
    this.streams.set(stream.version, watched)
    return watched
  }

  /** The learning period has passed: builds the reference. @returns what was held back, to be counted now */
  finishLearning(): readonly HeldEvent[] {
    const { learning, options } = this
    if (learning === undefined) return []
    const { settings } = options
    const first = 'firstMs' in options.reference ? formatDuration(options.reference.firstMs) : ''
    const { baseline = 'pooled' } = options.learn
    const lack = tooShortFor(baseline, learning.spanMs)
    const learnt = learnReference(learning.rows(), {
      ...options.learn,
      model: this.name,
      textual: false,
      leaveOutStrays: true,
      source: `first ${first} of the stream${lack === null ? '' : `; compared as a whole: ${lack}`}`,
      baseline: lack === null ? baseline : 'pooled',
      until: learning.until,
      windows: settings.windows,
      minSamples: settings.minSamples,
      presets: settings.presets,
      metricOptions: settings.metricOptions,
      segments: options.segments,
    })
    this.#awaitsLabels = learnt.labelled < settings.minCoverage * learnt.rows
    // Labels that come early are not like the others: what their rows lose says little of the rest.
    const { losses: _, ...withoutLosses } = learnt
    const reference = this.#awaitsLabels ? withoutLosses : learnt
    this.#adopt(reference)
    this.#beginAt = reference.to + 1
    this.learning = undefined
    return learning.events
  }

  /**
   * Completes a reference learnt from the stream with the performance of its period, once its labels have come.
   *
   * @returns true when the reference has changed
   */
  completeReference(watermark: Instant): boolean {
    const { reference, options } = this
    if (!this.#awaitsLabels || reference === undefined) return false
    const total = new Float64Array(reference.layout.outcomes.size)
    for (const { outcomes } of this.streams.values()) {
      add(total, outcomes.sum(outcomes.startOf(reference.from), outcomes.startOf(reference.to) + outcomes.paneMs))
    }
    const { predicted, labelled } = countOutcomes(total)
    const isOver = watermark > reference.to + options.horizonMs
    if (labelled < options.settings.minCoverage * predicted && !isOver) return false
    this.#awaitsLabels = false
    if (labelled === 0) return true
    this.reference = freeze(
      withSegmentOutcomes(withOutcomes(reference, labelled, total), this.#outcomesBySegment(reference)),
    )
    const subject = createSubject(this.reference, options.settings)
    for (const stream of this.streams.values()) {
      if (this.comparedWith(stream.stream.version).of === 'configuration') stream.subject = subject
    }
    return true
  }

  /** What the outcomes of the reference's period add up to, by segment. */
  #outcomesBySegment({ from, to }: Reference): ReadonlyMap<string, Float64Array> {
    const totals = new Map<string, Float64Array>()
    for (const { segments } of this.streams.values()) {
      for (const [name, outcomes] of segments?.outcomesIn(from, to) ?? []) {
        const total = totals.get(name)
        if (total === undefined) totals.set(name, outcomes)
        else add(total, outcomes)
      }
    }
    return totals
  }
}
