// The segments of one model version: panes of their own, and what is said of each in the windows of the whole.
//
// They have no schedule of their own. A window of the whole that is evaluated, for the first time or again, takes its segments along,
// if it ends at a step of theirs: a quarter of a window's size, so that many segments cost little. What is said of them opens no
// incident.
//
// Rows are told apart from a moment on that is kept for each column: `since`. It is the beginning for a version that has told its
// segments apart from its first row; for one that begins later (the column is new, or cells have changed) the end of the last pane
// that holds rows which were not. Windows that start before it are not judged by segment, and labels of rows before it are credited
// to the whole alone.

import { partsOfSegment } from '../events/segment.ts'
import type { PredictionEntry } from '../join/entry.ts'
import type { NamedSegmentLayout, ReferenceSegments, SegmentPart } from '../reference/segments.ts'
import { contributeOutcome, contributePredicted } from '../summaries/outcome.ts'
import { contributeSegment } from '../summaries/segment-layout.ts'
import { add } from '../summaries/summary.ts'
import type { Instant, Millis } from '../time.ts'
import type { PaneShelf, Part } from '../windows/pane.ts'
import { Panes } from '../windows/pane.ts'
import { paneOf } from '../windows/schedule.ts'
import { SlidingSum } from '../windows/sliding.ts'
import type { WindowSpec } from '../windows/window.ts'
import type { SegmentSubject } from './judge-segment.ts'
import { judgeSegmentInputs, judgeSegmentOutcomes, segmentSubject } from './judge-segment.ts'
import type { PaneRetention, RetentionRules } from './pane-retention.ts'
import { retentionOf } from './pane-retention.ts'
import { countOutcomes } from './performance.ts'
import type { SegmentNews } from './segment-news.ts'
import { newsOf } from './segment-news.ts'
import type { SegmentValues } from './segment-values.ts'
import type { Subject } from './subject.ts'
import type { Verdict } from './verdict.ts'
import type { WindowResult } from './window-result.ts'

export interface WatchedSegmentsOptions {
  readonly layout: NamedSegmentLayout
  readonly values: SegmentValues
  readonly subject: Subject
  readonly shelf: (part: Part, segment: string) => PaneShelf
}

/** A window of the whole that is being evaluated. */
export interface WindowOfWhole {
  readonly spec: WindowSpec
  readonly end: Instant
  /** Its result, without verdicts. */
  readonly frame: Pick<WindowResult, 'model' | 'version' | 'window' | 'start' | 'end' | 'revision'>
  /** Whether nothing more can come. */
  readonly isLast: boolean
  /** What was said of a segment before, where rows have not changed since; undefined where inputs are to be judged. */
  readonly earlier: ((segment: string) => WindowResult | undefined) | undefined
}

/** What is said of segments, one step after another: null where a step says nothing yet. */
export type SegmentSteps = Iterable<WindowResult | null>

interface Segment {
  readonly name: string
  readonly column: string
  readonly inputs: Panes
  readonly outcomes: Panes
  /** By window size, in the order of the settings. */
  readonly sums: readonly Sums[]
  /** Made when it is first judged. */
  subject: SegmentSubject | undefined
}

interface Sums {
  readonly inputs: SlidingSum
  readonly outcomes: SlidingSum
}

/** What is saved of it beside the panes. */
interface SavedSegments {
  readonly layout: string
  readonly paneMs: Millis
  /** By column; null: the beginning. */
  readonly since: Readonly<Record<string, Instant | null>>
}

/** Cells that the panes of one segment and part may hold in memory, and panes at most. */
const CELLS_IN_MEMORY = 65_536
const PANES_IN_MEMORY = 16

export class WatchedSegments {
  readonly paneMs: Millis
  readonly #options: WatchedSegmentsOptions
  #subject: Subject
  readonly #windows: readonly WindowSpec[]
  /** By column; a column that is not asked for has none. */
  readonly #since: Map<string, Instant>
  /** By number, made when first needed. */
  readonly #segments: Array<Segment | undefined> = []
  /** By window size, what was said of the newest window since the process began. */
  readonly #news = new Map<string, readonly SegmentNews[]>()

  constructor(options: WatchedSegmentsOptions) {
    this.#options = options
    this.#subject = options.subject
    this.#windows = options.subject.settings.windows
    this.paneMs = segmentPaneOf(this.#windows)
    this.#since = new Map(options.values.choice.columns.map((column) => [column, Number.NEGATIVE_INFINITY]))
  }

  /** What the whole is compared with has changed. */
  set subject(subject: Subject) {
    this.#subject = subject
    for (const segment of this.#segments) if (segment !== undefined) segment.subject = undefined
  }

  /** Counts the row that was counted into the whole just now. */
  predicted({ time, segments }: Pick<PredictionEntry, 'time' | 'segments'>): void {
    const pane = this.#startOf(time)
    for (const number of segments) {
      const segment = this.#at(number, time)
      if (segment === undefined) continue
      contributeSegment(this.#options.layout, segment.inputs.writable(pane))
      contributePredicted(this.#options.layout.outcomes, segment.outcomes.writable(pane))
      for (const { inputs, outcomes } of segment.sums) {
        inputs.touched(pane)
        outcomes.touched(pane)
      }
    }
  }

  /** A labelled prediction counts (1), or counts no longer (−1). */
  outcome(entry: PredictionEntry, sign: 1 | -1): void {
    const pane = this.#startOf(entry.time)
    for (const number of entry.segments) {
      const segment = this.#at(number, entry.time)
      if (segment === undefined) continue
      contributeOutcome(this.#options.layout.outcomes, segment.outcomes.writable(pane), entry, sign)
      for (const { outcomes } of segment.sums) outcomes.touched(pane)
    }
  }

  #startOf(time: Instant): Instant {
    return time - (time % this.paneMs)
  }

  /** The segment that a row of this time is counted in; undefined where it is in none. */
  #at(number: number, time: Instant): Segment | undefined {
    const segment = this.#segments[number] ?? this.#make(number)
    return segment !== undefined && time >= (this.#since.get(segment.column) as Instant) ? segment : undefined
  }

  #make(number: number): Segment | undefined {
    const { layout, values, shelf } = this.#options
    const name = values.names[number]
    if (name === undefined) return undefined
    const { column } = partsOfSegment(name)
    if (!this.#since.has(column)) return undefined
    const panes = (part: Part) => {
      const { size } = layout[part]
      return new Panes({ paneMs: this.paneMs, size, shelf: shelf(part, name), keepsWhatIsRead: false })
    }
    const [inputs, outcomes] = [panes('inputs'), panes('outcomes')]
    const segment: Segment = {
      name,
      column,
      inputs,
      outcomes,
      sums: this.#windows.map(() => ({ inputs: new SlidingSum(inputs), outcomes: new SlidingSum(outcomes) })),
      subject: undefined,
    }
    this.#segments[number] = segment
    return segment
  }

  #all(): Segment[] {
    const { names } = this.#options.values
    return names.flatMap((_, number) => this.#segments[number] ?? this.#make(number) ?? [])
  }

  /** Windows that start before are not judged by this column; undefined where it tells no segments apart. */
  sinceOf(column: string): Instant | undefined {
    return this.#since.get(column)
  }

  /** Whether the segments of a window that ends there are judged. */
  isDue({ spec, end }: { readonly spec: WindowSpec; readonly end: Instant }): boolean {
    return end % stepOf(spec) === 0
  }

  /**
   * What a window of the whole that is due says of each segment that has rows in it. A step is what is done for one segment (about 2 ms for 50
   * features), and nothing may be counted before the last of them.
   */
  *judge(window: WindowOfWhole): Generator<WindowResult | null> {
    const news: SegmentNews[] = []
    for (const [column, since] of this.#since) {
      if (window.frame.start < since) continue
      const segments = this.#all().filter((segment) => segment.column === column)
      for (const result of this.#judgeColumn(window, segments)) {
        if (result !== null) news.push(newsOf(result))
        yield result
      }
    }
    const [before] = this.#news.get(window.spec.name) ?? []
    if (before === undefined || before.end <= window.end) this.#news.set(window.spec.name, news)
  }

  /** What was said of the newest window of each size, since the process began. */
  get news(): readonly SegmentNews[] {
    return [...this.#news.values()].flat()
  }

  *#judgeColumn(window: WindowOfWhole, segments: readonly Segment[]): Generator<WindowResult | null> {
    const { spec, end, frame } = window
    const all = new Float64Array(this.#options.layout.outcomes.size)
    const held: Array<{ segment: Segment; sums: Sums; outcomes: Float64Array }> = []
    for (const segment of segments) {
      const sums = segment.sums[this.#windows.indexOf(spec)] as Sums
      const outcomes = sums.outcomes.moveTo(frame.start, end)
      add(all, outcomes)
      held.push({ segment, sums, outcomes })
      yield null
    }
    for (const { segment, sums, outcomes } of held) {
      if (countOutcomes(outcomes).predicted === 0) continue
      const inputs = () => sums.inputs.moveTo(frame.start, end)
      yield this.#judgeSegment(window, segment, { inputs, outcomes, all })
    }
  }

  #judgeSegment(
    { spec, end, frame, isLast, earlier }: WindowOfWhole,
    segment: Segment,
    { inputs, outcomes, all }: { inputs: () => Float64Array; outcomes: Float64Array; all: Float64Array },
  ): WindowResult {
    const { predicted, labelled } = countOutcomes(outcomes)
    const provisional = !isLast && labelled < this.#subject.settings.minCoverage * predicted
    const { name } = segment
    segment.subject ??= segmentSubject(this.#subject, this.#options.layout, name)
    const { subject } = segment
    const before = earlier?.(name)
    const ofInputs: readonly Verdict[] =
      before === undefined
        ? judgeSegmentInputs(subject, spec, { end, inputs: inputs() })
        : before.verdicts.filter(({ kind }) => kind === 'drift')
    const ofOutcomes = judgeSegmentOutcomes(subject, spec, { end, outcomes, provisional, all })
    const verdicts = [...ofOutcomes, ...ofInputs]
    return { ...frame, segment: name, samples: predicted, labelled, provisional, verdicts }
  }

  /**
   * What the outcomes of each segment add up to from one time to another, in the panes that end by then: what comes behind the period
   * is none of it. Of columns that told segments apart all the while.
   */
  outcomesIn(from: Instant, to: Instant): Map<string, Float64Array> {
    const totals = new Map<string, Float64Array>()
    for (const { name, column, outcomes } of this.#all()) {
      const [first, end] = [this.#startOf(from), this.#startOf(to + 1)]
      if ((this.#since.get(column) as Instant) <= from && first < end) totals.set(name, outcomes.sum(first, end))
    }
    return totals
  }

  /**
   * What the panes of each segment hold that lie in [from, to), for a reference to be made of them. Outcomes, which are kept for
   * longer, are those of [outcomesFrom, to), of panes whose labels are complete.
   */
  partsIn(
    { from, outcomesFrom, to }: { readonly from: Instant; readonly outcomesFrom: Instant; readonly to: Instant },
    minCoverage: number,
  ): ReferenceSegments {
    const { layout } = this.#options
    const firstIn = (time: Instant) => Math.ceil(time / this.paneMs) * this.paneMs
    const first = firstIn(from)
    const parts = this.#all().flatMap(({ name, column, inputs, outcomes }): Array<[string, SegmentPart]> => {
      const since = this.#since.get(column) as Instant
      if (since > first) return []
      const total = { inputs: inputs.sum(first, this.#startOf(to)), outcomes: new Float64Array(layout.outcomes.size) }
      for (let start = firstIn(Math.max(outcomesFrom, since)); start + this.paneMs <= to; start += this.paneMs) {
        const cells = outcomes.read(start)
        if (cells === undefined) continue
        const { predicted, labelled } = countOutcomes(cells)
        if (labelled >= minCoverage * predicted) add(total.outcomes, cells)
      }
      return total.inputs[0] === 0 ? [] : [[name, total]]
    })
    return { layout: layout.id, parts: Object.fromEntries(parts) }
  }

  /** Which panes are no longer needed at this watermark. */
  retention(watermark: Instant, rules: RetentionRules): PaneRetention {
    const heldMs = Math.max(...this.#windows.map((spec) => spec.sizeMs + stepOf(spec)))
    return retentionOf(watermark, { paneMs: this.paneMs, heldMs }, rules)
  }

  /** The panes of each segment that is in memory. */
  *panes(): Iterable<{ readonly segment: string; readonly part: Part; readonly panes: Panes }> {
    for (const segment of this.#segments) {
      if (segment === undefined) continue
      yield { segment: segment.name, part: 'inputs', panes: segment.inputs }
      yield { segment: segment.name, part: 'outcomes', panes: segment.outcomes }
    }
  }

  /** Told after a commit. */
  saved(): void {
    for (const { panes } of this.panes())
      panes.saved(Math.max(2, Math.min(PANES_IN_MEMORY, Math.floor(CELLS_IN_MEMORY / panes.size))))
  }

  save(): SavedSegments {
    const since = [...this.#since].map(([column, time]) => [column, Number.isFinite(time) ? time : null])
    return { layout: this.#options.layout.id, paneMs: this.paneMs, since: Object.fromEntries(since) }
  }

  /**
   * @param saved undefined where the version has told no segments apart until now
   * @param countedTo the end of the last pane of the whole that holds a row
   */
  restore(saved: SavedSegments | undefined, countedTo: Instant): void {
    const goesOn = saved?.layout === this.#options.layout.id && saved.paneMs === this.paneMs
    const now = Math.ceil(countedTo / this.paneMs) * this.paneMs
    for (const column of this.#since.keys()) {
      const before = goesOn && Object.hasOwn(saved.since, column) ? saved.since[column] : now
      this.#since.set(column, before ?? Number.NEGATIVE_INFINITY)
    }
  }
}

/**
 * Segments are judged where windows end that many apart: the largest whole number of slides that is no more than a quarter of the
 * size, and goes into it without remainder.
 */
export function stepOf({ sizeMs, slideMs }: WindowSpec): Millis {
  const slides = sizeMs / slideMs
  for (let parts = 4; parts < slides; parts++) if (slides % parts === 0) return sizeMs / parts
  return slideMs
}

/** The pane of segments: all windows that they are judged in are whole multiples of it. */
function segmentPaneOf(windows: readonly WindowSpec[]): Millis {
  return paneOf(windows.map((spec) => ({ ...spec, slideMs: stepOf(spec) })))
}
