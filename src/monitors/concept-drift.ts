// Does the model err more often than in the reference? Asked of every pane in turn, so that small changes add up over time.
//
// Each pane is fed once, in the order of event time, when its labels are complete and every pane before it was fed. What is fed is
// therefore a matter of arrival alone, and the same after a restart. The monitor is in one of two states:
//   quiet     no rise was found, or the last one is over
//   alarming  from the pane in which the detector found a rise, to the one in which the model is well again: the detector has gone
//             back, and the recent share of errors is within the reference's own uncertainty and half of the tolerance

import type { CountErrors } from '../reference/errors.ts'
import { countingErrors } from '../reference/errors.ts'
import { ladderOf } from '../reference/ladder.ts'
import type { Errors } from '../statistics/detectors/e-detector.ts'
import { wilson } from '../statistics/intervals/wilson.ts'
import type { Task } from '../summaries/schema.ts'
import type { Instant } from '../time.ts'
import type { Panes } from '../windows/pane.ts'
import { paneOf } from '../windows/schedule.ts'
import type { WindowSpec } from '../windows/window.ts'
import { tooFew } from './drift.ts'
import type { ConceptDriftSettings, DetectorSettings, ErrorBound, ErrorDetector } from './error-detectors.ts'
import { createErrorDetector } from './error-detectors.ts'
import { CLEAR_SHARE, noiseOf } from './policy.ts'
import type { Subject } from './subject.ts'
import type { Verdict } from './verdict.ts'

/** What the monitor is called. */
export const CONCEPT_DRIFT = 'concept-drift/error'

/** Labelled rows of the reference under which its share of errors says too little. */
const REFERENCE_ROWS = 100
/** A reference with more errors leaves no room for more. */
const BOUND_MAX = 0.95

type Watched = Exclude<ConceptDriftSettings, { detector: 'none' }>

/** What errors are held against. */
interface Rule extends ErrorBound {
  readonly settings: DetectorSettings
  readonly count: CountErrors
  /** Share of errors in the reference. */
  readonly reference: number
  /** At most this share of errors is well again. */
  readonly well: number
  /** Rows after which a pane counts 1 / e in the recent share of errors: so many that chance moves it by the tolerance. */
  readonly memoryRows: number
  readonly calibrated: boolean
}

/** What is remembered from one start of the process to the next. */
export interface SavedConceptDrift {
  /** The first pane that was not fed. */
  readonly next: Instant | null
  readonly recent: Errors
  readonly alarm: { readonly value: number; readonly threshold: number } | null
  readonly detector: { readonly name: string; readonly state: object } | null
}

/** The windows that say what the monitor has found: those that slide in the smallest steps. */
export function finestOf(windows: readonly WindowSpec[]): WindowSpec {
  return windows.reduce((finest, other) => (other.slideMs < finest.slideMs ? other : finest))
}

export class ConceptDrift {
  readonly #settings: Watched
  readonly #windows: readonly WindowSpec[]
  /** Or why there is none. */
  #rule: Rule | string = ''
  #detector: ErrorDetector | undefined
  #next: Instant | null = null
  /** Errors and rows, weighted by how recent they are. */
  #recent: Errors = { trials: 0, errors: 0 }
  #alarm: SavedConceptDrift['alarm'] = null

  constructor(settings: Watched, subject: Subject) {
    this.#settings = settings
    this.#windows = subject.settings.windows
    this.follow(subject)
  }

  /** The reference has learnt its performance: what was fed until then counts no longer. */
  follow(subject: Subject): void {
    this.#rule = ruleFor(this.#settings, subject)
    this.#recent = { trials: 0, errors: 0 }
    this.#alarm = null
    if (typeof this.#rule !== 'string') this.#detector = createErrorDetector(this.#rule.settings, this.#rule)
  }

  /**
   * Feeds the panes that start before `end` and were not fed yet, up to the first whose labels are not complete.
   *
   * @param from the first pane of the stream
   * @param isComplete whether a pane's labels are
   */
  feed(
    panes: Panes,
    from: Instant,
    end: Instant,
    isComplete: (start: Instant, outcomes: Float64Array) => boolean,
  ): void {
    const rule = this.#rule
    if (typeof rule === 'string') return
    let next = this.#next ?? from
    for (;;) {
      const start = panes.firstIn(next, end)
      if (start === undefined) break
      const outcomes = panes.read(start) as Float64Array
      if (!isComplete(start, outcomes)) {
        this.#next = start
        return
      }
      const errors = rule.count(outcomes)
      if (errors.trials > 0) this.#take(rule, errors)
      next = start + panes.paneMs
    }
    this.#next = Math.max(next, end)
  }

  #take(rule: Rule, pane: Errors): void {
    const kept = Math.exp(-pane.trials / rule.memoryRows)
    this.#recent = {
      trials: kept * this.#recent.trials + pane.trials,
      errors: kept * this.#recent.errors + pane.errors,
    }
    const detector = this.#detector as ErrorDetector
    const risen = detector.feed(pane)
    if (risen !== null) this.#alarm = { value: risen.value, threshold: risen.threshold }
    else if (this.#alarm !== null && this.#isWell(rule)) {
      this.#alarm = null
      this.#detector = createErrorDetector(rule.settings, rule)
    }
  }

  #isWell({ well }: Rule): boolean {
    const strength = this.#detector?.statistic()?.strength ?? 0
    return strength < CLEAR_SHARE && this.#recent.errors <= well * this.#recent.trials
  }

  /** @param obstacle why the window may not be judged, or null */
  judge(obstacle: string | null): Verdict {
    const rule = this.#rule
    const metric = this.#detector?.metric ?? this.#settings.detector
    const identity = { monitor: CONCEPT_DRIFT, kind: 'performance', feature: null, metric } as const
    if (typeof rule === 'string') return tooFew(identity, rule, false)
    if (obstacle !== null) return tooFew(identity, obstacle, rule.calibrated)
    const { trials, errors } = this.#recent
    if (trials === 0) return tooFew(identity, 'no pane with labelled rows is complete yet', rule.calibrated)
    const statistic = this.#detector?.statistic() ?? null
    const shown = this.#alarm ?? statistic
    if (shown === null) return tooFew(identity, 'the detector has begun afresh and needs more rows', rule.calibrated)
    const { value, threshold } = shown
    const alarms = this.#alarm !== null
    return {
      ...identity,
      status: alarms ? 'alarm' : (statistic?.strength ?? 0) < CLEAR_SHARE ? 'ok' : 'warning',
      value,
      threshold,
      effect: value,
      pValue: null,
      low: null,
      high: null,
      reference: null,
      calibrated: rule.calibrated,
      // The detector has added up evidence over time: to wait for more would be to wait twice.
      severe: alarms,
      matters: alarms,
      holds: ladderOf(finestOf(this.#windows)).map(() => alarms),
      clear: !alarms && this.#isWell(rule),
      errors: { current: errors / trials, reference: rule.reference },
      methods: {
        [metric]: value,
        error_rate: errors / trials,
        error_rate_reference: rule.reference,
        error_rate_bound: rule.bound,
      },
    }
  }

  save(): SavedConceptDrift {
    const detector = this.#detector
    return {
      next: this.#next,
      recent: this.#recent,
      alarm: this.#alarm,
      detector: detector === undefined ? null : { name: this.#settings.detector, state: detector.state },
    }
  }

  /** As `save`, for a start under a reference that errs otherwise: what was fed stays fed, and counts no longer. */
  saveAfresh(): SavedConceptDrift {
    return { next: this.#next, recent: { trials: 0, errors: 0 }, alarm: null, detector: null }
  }

  /** Continues behind `next`, where nothing was remembered: the monitor is new. */
  beginAt(next: Instant): void {
    this.#next = next
  }

  restore(saved: SavedConceptDrift): void {
    this.#next = saved.next
    this.#recent = saved.recent
    const rule = this.#rule
    if (typeof rule === 'string' || saved.detector?.name !== this.#settings.detector) return
    this.#alarm = saved.alarm
    this.#detector = createErrorDetector(rule.settings, rule, saved.detector.state)
  }
}

function ruleFor(settings: Watched, subject: Subject): Rule | string {
  const { layout, outcomes } = subject.reference
  const count = countingErrors(layout.outcomes, outcomes)
  const { trials, errors } = count(outcomes)
  if (trials < REFERENCE_ROWS) {
    return trials === 0
      ? 'the reference has no labelled rows with a prediction to compare with'
      : `${trials} labelled rows in the reference, ${REFERENCE_ROWS} needed`
  }
  const { tolerance } = settings
  const upper = wilson(errors, trials).high
  const bound = upper + tolerance
  if (bound > BOUND_MAX) return `the reference errs in ${errors} of ${trials} rows: that leaves no room to get worse`
  return {
    settings,
    count,
    reference: errors / trials,
    bound,
    well: upper + tolerance / 2,
    memoryRows: (bound * (1 - bound)) / (2 * tolerance ** 2),
    averageRunLength: averageRunLength(subject, finestOf(subject.settings.windows)),
    ...noise(subject),
  }
}

/** Panes between two false alarms: what the budget leaves to one monitor of performance, in all of its windows. */
function averageRunLength({ settings, budget }: Subject, { slideMs }: WindowSpec): number {
  const { windows } = settings
  const falseAlarmsPerSlide = windows.reduce(
    (sum, spec) => sum + (budget.rate('performance', spec) * slideMs) / spec.slideMs,
    0,
  )
  return Math.max(2, slideMs / paneOf(windows) / falseAlarmsPerSlide)
}

/** The metric whose noise is that of the errors. */
const metricOfErrors: Readonly<Record<Task, string>> = {
  binary: 'accuracy',
  multiclass: 'accuracy',
  multilabel: 'subset_accuracy',
  regression: 'mae',
}

/** By how much errors vary more than independent ones: as those of the model's windows do, by the most cautious of what was learnt. */
function noise({ settings, reference }: Subject): { designEffect: number; calibrated: boolean } {
  const test = `performance/${metricOfErrors[reference.task]}`
  const all = settings.windows.map(({ name }) => noiseOf(reference.noise[name], test))
  const learnt = all.filter(({ calibrated }) => calibrated)
  const effects = (learnt.length > 0 ? learnt : all).map(({ designEffect }) => designEffect)
  // A metric that is the same in every window of the reference has no design effect to learn.
  const known = effects.filter((effect) => effect >= 1)
  return { designEffect: Math.max(1, ...known), calibrated: learnt.length > 0 }
}
