// One model version under watch: its panes, its windows, and what the monitors say of each.

import type { PredictionEntry } from '../join/entry.ts'
import type { ScoredRow } from '../summaries/contribute.ts'
import { contributeInputs } from '../summaries/contribute.ts'
import { contributeEstimation } from '../summaries/estimation-cells.ts'
import { contributeOutcome, contributePredicted } from '../summaries/outcome.ts'
import { UnseenNames } from '../summaries/unseen-names.ts'
import type { Instant, Millis } from '../time.ts'
import type { PaneShelf, Part } from '../windows/pane.ts'
import { Panes } from '../windows/pane.ts'
import type { Occasion, OpenWindow } from '../windows/schedule.ts'
import { paneOf, Schedule } from '../windows/schedule.ts'
import { SlidingSum } from '../windows/sliding.ts'
import type { Stream, WindowSpec } from '../windows/window.ts'
import { CalibrationWatch } from './calibration-watch.ts'
import { CONCEPT_DRIFT, ConceptDrift, finestOf } from './concept-drift.ts'
import { inputVerdicts, performanceVerdicts } from './earlier-normal.ts'
import type { PaneRetention, RetentionRules } from './pane-retention.ts'
import { normalMs, retentionOf } from './pane-retention.ts'
import { countOutcomes, provisionalReason } from './performance.ts'
import type { Subject } from './subject.ts'
import type { Verdict, WindowKind } from './verdict.ts'
import type { SegmentSteps, WatchedSegmentsOptions } from './watched-segments.ts'
import { WatchedSegments } from './watched-segments.ts'
import type { WindowResult } from './window-result.ts'

/** What one evaluation yields, and of which kinds its verdicts are new to the alarm policy. */
export interface Evaluation {
  readonly spec: WindowSpec
  readonly result: WindowResult
  /** What is said of its segments, to be asked for before anything else is counted; they open no incident. null: nothing. */
  readonly segments: SegmentSteps | null
  readonly news: readonly WindowKind[]
}

export interface WatchedStreamOptions {
  readonly stream: Stream
  readonly subject: Subject
  readonly horizonMs: Millis
  readonly allowedLatenessMs: Millis
  /** No window starts before: the end of the period that a reference learnt from the stream was learnt from. */
  readonly beginAt: Instant
  /** @param segment '' for the whole */
  readonly shelf: (part: Part, segment: string) => PaneShelf
  /** The stored result of a window, at its newest revision: its verdicts on inputs outlive the panes. */
  readonly earlier: (window: string, end: Instant) => WindowResult | undefined
  /** How its segments are told apart; left out: they are not. */
  readonly segments?: Pick<WatchedSegmentsOptions, 'layout' | 'values'> | undefined
  /** As `earlier`, of a segment. */
  readonly earlierOfSegment: (window: string, end: Instant, segment: string) => WindowResult | undefined
}

/** Outcome panes kept in memory; older ones are read again when a late label comes. */
const OUTCOME_PANES_IN_MEMORY = 512
/** Panes of inputs kept in memory beyond those of the longest window. */
const PANES_TO_SPARE = 4
/** A window is evaluated again for labels when their number grew by this share of its predictions. */
const LABEL_STEP = 0.05
/** Judged as soon as the rows are there. */
const INPUT_KINDS: readonly WindowKind[] = ['quality', 'drift', 'volume', 'estimated']

interface Sized {
  readonly schedule: Schedule
  readonly inputs: SlidingSum
  readonly outcomes: SlidingSum
}

export class WatchedStream {
  readonly stream: Stream
  readonly inputs: Panes
  readonly outcomes: Panes
  /** undefined where segments are not told apart. */
  readonly segments: WatchedSegments | undefined
  readonly calibration = new CalibrationWatch()
  /** Values of features that the reference has never seen, by name. */
  readonly unseen: UnseenNames
  /** Of the row that is being counted. */
  #rowTime: Instant = 0
  readonly #takeUnseen = (column: string, value: unknown): void => this.unseen.take(column, value, this.#rowTime)
  readonly #options: WatchedStreamOptions
  readonly #sized: readonly Sized[]
  #subject: Subject
  /** Told in the windows that slide in the smallest steps; undefined where it is not wanted. */
  readonly #conceptDrift: { readonly monitor: ConceptDrift; readonly spec: WindowSpec } | undefined
  /** Panes that end before this are final, labelled or not. */
  #finalBefore: Instant = Number.NEGATIVE_INFINITY
  /** Outcome panes that labels have changed since windows were last marked. */
  readonly #touched = new Set<Instant>()
  #evaluatedUpTo: Instant = Number.NEGATIVE_INFINITY
  #firstPane = Number.POSITIVE_INFINITY
  #lastPane = Number.NEGATIVE_INFINITY
  /** Whether the next row is the first after rows that were not counted. */
  #isResuming = false

  constructor(options: WatchedStreamOptions) {
    this.#options = options
    this.stream = options.stream
    this.#subject = options.subject
    this.unseen = new UnseenNames(this.longestMs)
    const { windows, conceptDrift } = options.subject.settings
    const { layout } = options.subject.reference
    const paneMs = paneOf(windows)
    this.inputs = new Panes({ paneMs, size: layout.inputs.size, shelf: options.shelf('inputs', '') })
    this.outcomes = new Panes({ paneMs, size: layout.outcomes.size, shelf: options.shelf('outcomes', '') })
    this.#sized = windows.map((spec) => ({
      schedule: new Schedule(spec, paneMs),
      inputs: new SlidingSum(this.inputs),
      outcomes: new SlidingSum(this.outcomes),
    }))
    const { segments, subject, shelf } = options
    this.segments = segments && new WatchedSegments({ ...segments, subject, shelf })
    if (conceptDrift !== undefined && conceptDrift.detector !== 'none') {
      this.#conceptDrift = { monitor: new ConceptDrift(conceptDrift, options.subject), spec: finestOf(windows) }
    }
  }

  get subject(): Subject {
    return this.#subject
  }

  /** The reference has learnt its performance; the layout stays. */
  set subject(subject: Subject) {
    this.#subject = subject
    this.#conceptDrift?.monitor.follow(subject)
    if (this.segments !== undefined) this.segments.subject = subject
  }

  get longestMs(): Millis {
    return Math.max(...this.subject.settings.windows.map(({ sizeMs }) => sizeMs))
  }

  /** End of the next window that is due; Infinity before the first row. */
  get nextDue(): Instant {
    let next = Number.POSITIVE_INFINITY
    for (const { schedule } of this.#sized) if (schedule.nextEnd < next) next = schedule.nextEnd
    return next
  }

  /** Counts a new prediction into its pane. */
  predicted(row: ScoredRow, entry: Pick<PredictionEntry, 'time' | 'prediction' | 'outputs' | 'segments'>): void {
    const { time, prediction, outputs } = entry
    const { layout } = this.subject.reference
    const pane = this.inputs.startOf(time)
    const inputs = this.inputs.writable(pane)
    this.#rowTime = time
    contributeInputs(layout.inputs, inputs, row, this.#takeUnseen)
    if (layout.inputs.estimation !== null)
      contributeEstimation(layout.inputs.estimation, inputs, prediction, outputs, 1)
    contributePredicted(layout.outcomes, this.outcomes.writable(pane))
    this.segments?.predicted(entry)
    if (pane > this.#lastPane) this.#lastPane = pane
    if (this.#isResuming) {
      this.#isResuming = false
      this.#passOver(pane + this.inputs.paneMs)
    }
    const begin = Math.max(pane, this.#options.beginAt)
    if (begin < this.#firstPane) this.#began(begin)
    if (pane < this.#evaluatedUpTo) this.#late(pane)
  }

  #began(pane: Instant): void {
    for (const { schedule } of this.#sized) {
      if (Number.isFinite(this.#firstPane)) schedule.beginEarlier(pane)
      else schedule.begin(pane)
    }
    this.#firstPane = pane
  }

  #late(pane: Instant): void {
    for (const { schedule, inputs, outcomes } of this.#sized) {
      inputs.touched(pane)
      outcomes.touched(pane)
      schedule.touched(pane, 'inputs')
      schedule.touched(pane, 'outcomes')
    }
  }

  /** A labelled prediction counts (1), or counts no longer (−1). */
  outcome(entry: PredictionEntry, sign: 1 | -1): void {
    const pane = this.outcomes.startOf(entry.time)
    contributeOutcome(this.subject.reference.layout.outcomes, this.outcomes.writable(pane), entry, sign)
    this.segments?.outcome(entry, sign)
    if (pane < this.#evaluatedUpTo) this.#touched.add(pane)
  }

  /**
   * Evaluates what is due at the watermark, and again what has changed.
   *
   * @param occasion `due`: the watermark moved; `quiet`: the source is idle; `end`: the input has ended, every window is final
   */
  *evaluate(watermark: Instant, occasion: Exclude<Occasion, 'slide'>): Iterable<Evaluation> {
    this.#markTouched()
    this.#finalBefore = occasion === 'end' ? Number.POSITIVE_INFINITY : this.#closedBefore(watermark)
    for (const sized of this.#sized) {
      const due = sized.schedule.nextEnd <= watermark
      if (due || occasion !== 'due') yield* this.#again(sized, watermark, occasion === 'due' ? 'slide' : occasion)
      while (sized.schedule.nextEnd <= watermark) {
        const evaluation = this.#first(sized, watermark, occasion)
        if (evaluation !== undefined) yield evaluation
      }
      sized.schedule.close(this.#closedBefore(watermark))
    }
  }

  /**
   * Rows up to now passed it by, uncounted: windows that hold some of them are not evaluated. Up to when is told by the watermark,
   * if other models have moved it meanwhile, and by the next row.
   */
  resume(watermark: Instant): void {
    this.#isResuming = true
    this.#passOver(watermark)
  }

  #passOver(before: Instant): void {
    for (const { schedule } of this.#sized) schedule.skipTo(before + schedule.spec.sizeMs - this.inputs.paneMs)
  }

  #markTouched(): void {
    for (const pane of this.#touched) {
      for (const { schedule, outcomes } of this.#sized) {
        schedule.touched(pane, 'outcomes')
        outcomes.touched(pane)
      }
    }
    this.#touched.clear()
  }

  #closedBefore(watermark: Instant): Instant {
    return watermark - this.#options.horizonMs
  }

  #first({ schedule, inputs, outcomes }: Sized, watermark: Instant, occasion: Occasion): Evaluation | undefined {
    const { spec, nextEnd: end } = schedule
    const from = end - spec.sizeMs
    const sum = inputs.moveTo(from, end)
    this.#evaluatedUpTo = Math.max(this.#evaluatedUpTo, end)
    const rows = sum[0] as number
    if (rows === 0 && this.#isLongEmpty(schedule, from)) {
      schedule.skipTo(this.#nextPane(end) ?? watermark)
      if (schedule.nextEnd === end) schedule.skipTo(end)
      return undefined
    }
    const { settings } = this.subject
    const results = outcomes.moveTo(from, end)
    const window = schedule.evaluated(countOutcomes(results))
    const verdicts = inputVerdicts(this.subject, spec, { end, inputs: sum }, this.calibration)
    return this.#conclude({
      spec,
      window,
      verdicts,
      results,
      samples: rows,
      earlier: undefined,
      isFirst: true,
      isLast: occasion === 'end',
      final: occasion === 'end' || this.#covered(results, settings.minCoverage),
    })
  }

  /** One window length after its last row a stream without rows is no longer evaluated: its silence was told. */
  #isLongEmpty({ spec }: Schedule, from: Instant): boolean {
    let lastBefore = Number.NEGATIVE_INFINITY
    for (const start of this.inputs.starts()) if (start < from && start > lastBefore) lastBefore = start
    return from - lastBefore > spec.sizeMs
  }

  #nextPane(from: Instant): Instant | undefined {
    let next: Instant | undefined
    for (const start of this.inputs.starts()) if (start >= from && (next === undefined || start < next)) next = start
    return next
  }

  #covered(results: Float64Array, minCoverage: number): boolean {
    const { predicted, labelled } = countOutcomes(results)
    return predicted > 0 && labelled >= minCoverage * predicted
  }

  *#again(sized: Sized, watermark: Instant, occasion: Occasion): Iterable<Evaluation> {
    const { schedule } = sized
    const closing = this.#closedBefore(watermark)
    const windows = new Set([
      ...schedule.changed(),
      ...(occasion === 'end' ? schedule.unsettled() : schedule.unsettled().filter((w) => w.end < closing)),
    ])
    for (const window of [...windows].sort((a, b) => a.end - b.end)) {
      const evaluation = this.#reconsider(sized, window, occasion === 'end' || window.end < closing, occasion)
      if (evaluation !== undefined) yield evaluation
    }
  }

  #reconsider(
    { schedule, outcomes }: Sized,
    window: OpenWindow,
    isLast: boolean,
    occasion: Occasion,
  ): Evaluation | undefined {
    const { spec } = schedule
    const from = window.end - spec.sizeMs
    const results = outcomes.moveTo(from, window.end)
    const counts = countOutcomes(results)
    const final = isLast || this.#covered(results, this.subject.settings.minCoverage)
    const grown = Math.abs(counts.labelled - window.labelled) >= LABEL_STEP * Math.max(1, counts.predicted)
    const worthwhile = window.inputsChanged || occasion !== 'slide' || isLast || grown || (final && !window.settled)
    if (!worthwhile) return undefined
    const inputsChanged = window.inputsChanged
    const earlier = this.#options.earlier(spec.name, window.end)
    const sum = inputsChanged || earlier === undefined ? this.inputs.sum(from, window.end) : undefined
    const verdicts =
      sum === undefined
        ? (earlier as WindowResult).verdicts.filter(({ kind }) => kind !== 'performance')
        : inputVerdicts(this.subject, spec, { end: window.end, inputs: sum }, this.calibration)
    Object.assign(window, counts, { revision: window.revision + 1, inputsChanged: false, outcomesChanged: false })
    return this.#conclude({
      spec,
      window,
      verdicts,
      results,
      samples: counts.predicted,
      earlier,
      isFirst: false,
      isLast,
      inputsStay: sum === undefined,
      final,
    })
  }

  #conclude(options: {
    spec: WindowSpec
    window: OpenWindow
    verdicts: Verdict[]
    results: Float64Array
    samples: number
    /** The window's result before. */
    earlier: WindowResult | undefined
    isFirst: boolean
    /** Whether nothing more can come. */
    isLast: boolean
    /** Whether rows are what they were when it was last evaluated. */
    inputsStay?: boolean
    final: boolean
  }): Evaluation {
    const { spec, window, results, final } = options
    const { model, version } = this.stream
    const settles = final && !window.settled
    const conceptDrift = this.#judgeConceptDrift(spec, window, { final, results, earlier: options.earlier })
    if (final) window.settled = true
    const { end } = window
    const performance = performanceVerdicts(this.subject, spec, { end, outcomes: results, provisional: !final })
    const verdicts = [...options.verdicts, ...performance, ...conceptDrift]
    const start = window.end - spec.sizeMs
    if (settles && spec.sizeMs === this.longestMs && this.#covered(results, this.subject.settings.minCoverage))
      this.calibration.labelled(this.subject, spec, { start, end: window.end }, results)
    const { labelled } = countOutcomes(results)
    const frame = { model, version, window: spec.name, start, end, revision: window.revision }
    return {
      spec,
      segments: this.#judgeSegments(spec, frame, options),
      result: {
        ...frame,
        segment: '',
        samples: options.samples,
        labelled,
        provisional: !final,
        verdicts,
      },
      news: [...(options.isFirst ? INPUT_KINDS : []), ...(settles ? (['performance'] as const) : [])],
    }
  }

  #judgeSegments(
    spec: WindowSpec,
    frame: Pick<WindowResult, 'model' | 'version' | 'window' | 'start' | 'end' | 'revision'>,
    { isLast, inputsStay = false }: { readonly isLast: boolean; readonly inputsStay?: boolean },
  ): SegmentSteps | null {
    const { end } = frame
    if (this.segments?.isDue({ spec, end }) !== true) return null
    const earlier = inputsStay
      ? (segment: string) => this.#options.earlierOfSegment(spec.name, end, segment)
      : undefined
    return this.segments.judge({ spec, end, frame, isLast, earlier })
  }

  /** Said once for each window, when its performance is judged: the detector takes every pane once, and cannot go back. */
  #judgeConceptDrift(
    spec: WindowSpec,
    { end, settled }: OpenWindow,
    options: { final: boolean; results: Float64Array; earlier: WindowResult | undefined },
  ): Verdict[] {
    const { final, results, earlier } = options
    if (this.#conceptDrift?.spec !== spec) return []
    const { monitor } = this.#conceptDrift
    const { settings } = this.subject
    if (settled) return (earlier?.verdicts ?? []).filter((verdict) => verdict.monitor === CONCEPT_DRIFT)
    if (!final) return [monitor.judge(provisionalReason(countOutcomes(results), settings))]
    const { paneMs } = this.outcomes
    const from = Math.ceil(this.#firstPane / paneMs) * paneMs
    monitor.feed(
      this.outcomes,
      from,
      end,
      (start, cells) => start + paneMs < this.#finalBefore || this.#covered(cells, settings.minCoverage),
    )
    return [monitor.judge(null)]
  }

  /** Until its next slide a window holds, and will then subtract, what lies a slide before what it needs. */
  #heldMs(): Millis {
    return Math.max(...this.subject.settings.windows.map(({ sizeMs, slideMs }) => sizeMs + slideMs))
  }

  #retentionRules(): RetentionRules {
    const { horizonMs, allowedLatenessMs } = this.#options
    return { horizonMs, allowedLatenessMs, normalMs: normalMs(this.subject.settings.windows) }
  }

  /** As `retention`, of the panes of segments. */
  retentionOfSegments(watermark: Instant): PaneRetention | undefined {
    return this.segments?.retention(watermark, this.#retentionRules())
  }

  /** Which panes are no longer needed at this watermark. */
  retention(watermark: Instant): PaneRetention {
    return retentionOf(watermark, { paneMs: this.inputs.paneMs, heldMs: this.#heldMs() }, this.#retentionRules())
  }

  /** Told after a commit. */
  saved(): void {
    // Those that only a new reference would ask for are read again then.
    this.inputs.saved(
      Math.ceil((this.#heldMs() + this.#options.allowedLatenessMs) / this.inputs.paneMs) + PANES_TO_SPARE,
    )
    this.outcomes.saved(OUTCOME_PANES_IN_MEMORY)
    this.segments?.saved()
  }

  /** Memory is short: what can be read again leaves it. */
  release(): void {
    this.inputs.release()
    this.outcomes.release()
    for (const { panes } of this.segments?.panes() ?? []) panes.release()
  }

  /** State for the next start of the process, beside the panes. */
  save(): string {
    return this.#save(this.calibration.save(), this.#conceptDrift?.monitor.save())
  }

  /**
   * As `save`, for a start under another reference.
   *
   * @param options.performance whether its performance is another one: what errors and estimates had added up to is forgotten
   */
  saveFor(options: { readonly performance: boolean }): string {
    if (!options.performance) return this.save()
    return this.#save(new CalibrationWatch().save(), this.#conceptDrift?.monitor.saveAfresh())
  }

  #save(calibration: unknown, conceptDrift: unknown): string {
    const [first, last] = [this.#firstPane, this.#lastPane]
    return JSON.stringify({
      evaluatedUpTo: Number.isFinite(this.#evaluatedUpTo) ? this.#evaluatedUpTo : null,
      panes: Number.isFinite(first) ? [first, last] : null,
      touched: [...this.#touched],
      ...(this.#isResuming && { isResuming: true }),
      unseen: this.unseen.save(),
      calibration,
      conceptDrift,
      ...(this.segments !== undefined && { segments: this.segments.save() }),
      schedules: this.#sized.map(({ schedule }) => ({ window: schedule.spec.name, ...(schedule.save() as object) })),
    })
  }

  restore(json: string): void {
    const saved = JSON.parse(json)
    this.#evaluatedUpTo = saved.evaluatedUpTo ?? Number.NEGATIVE_INFINITY
    if (saved.panes !== null) [this.#firstPane, this.#lastPane] = saved.panes
    for (const pane of saved.touched) this.#touched.add(pane)
    this.#isResuming = saved.isResuming === true
    this.calibration.restore(saved.calibration)
    this.segments?.restore(saved.segments, this.#lastPane + this.inputs.paneMs)
    this.unseen.restore(saved.unseen)
    if (saved.conceptDrift !== undefined) this.#conceptDrift?.monitor.restore(saved.conceptDrift)
    else if (Number.isFinite(this.#lastPane)) this.#conceptDrift?.monitor.beginAt(this.#lastPane)
    for (const { schedule } of this.#sized) {
      const state = saved.schedules.find(({ window }: { window: string }) => window === schedule.spec.name)
      if (state !== undefined) schedule.restore(state)
      else if (Number.isFinite(this.#lastPane)) schedule.begin(this.#lastPane)
    }
  }
}
