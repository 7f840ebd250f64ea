// Whether the estimates of one model version can be believed: judged where labels have come, and learnt anew from them.
//
// Two calibrations stand side by side: the reference's, which never changes, and the newest, learnt from the latest labelled windows.
// Each labelled window is first foretold by both from its rows alone and then compared with what its labels say. By metric, the
// calibration that has lately missed by less is used. Its estimates are
//   believed  until the labels of a window refute it (χ² beyond chance), it misses by more than the metric's floor, and it tells
//             little more than the reference's own value would
//   broken    from then on, until the labels of a later window no longer say so of the calibration that is then the better one
// The newest calibration is learnt from all labelled windows since the labels last refuted it.

import type { Calibration } from '../reference/estimation.ts'
import {
  calibrationCells,
  calibrationOf,
  estimatePerformance,
  recalibrate,
  testCalibration,
} from '../reference/estimation.ts'
import { measurePerformance } from '../reference/performance.ts'
import type { Reference } from '../reference/reference.ts'
import { chiSquaredUpperTail } from '../statistics/special/chi-squared.ts'
import type { Instant } from '../time.ts'
import { formatInstant } from '../time.ts'
import type { WindowSpec } from '../windows/window.ts'
import { countOutcomes, floorOf } from './performance.ts'
import { noiseOf } from './policy.ts'
import type { Subject } from './subject.ts'
import { windowNoise } from './subject.ts'

/** A calibration is refuted when its labels are less likely than this. */
const REFUTED = 1e-6
/** What a miss counts for one window later: the last three windows or so count. */
const MEMORY = 0.7
/** An estimate that misses by more than this share of what the reference's value misses by tells little. */
const LITTLE_SKILL = 0.8
/** Labelled rows below which a window tells nothing of a calibration. */
const ROWS_NEEDED = 100

type Source = 'reference' | 'newest'

/** Mean miss over the latest windows, and how much weight of windows is in it. */
interface Miss {
  readonly mean: number
  readonly weight: number
}

interface Trail {
  readonly reference: Miss
  readonly newest: Miss
  /** Of the reference's own value. */
  readonly unchanged: Miss
}

const NO_MISS: Miss = { mean: 0, weight: 0 }

interface State {
  /** End of the newest window that was compared. */
  comparedTo: Instant | null
  readonly trails: Record<string, Trail>
  /** By metric, why its estimates are not believed. */
  broken: Record<string, string>
  /** Outcomes that the newest calibration is learnt from, as far as it needs them: cell, value, cell, value, … */
  newest: number[]
}

export class CalibrationWatch {
  #state: State = { comparedTo: null, trails: {}, broken: {}, newest: [] }
  /** Calibrations by the reference they belong to, made when they are first asked for. */
  #made: { reference: Reference; own: Calibration; newest: Calibration | null } | undefined

  /** By metric, why estimates are not believed. */
  get broken(): Readonly<Record<string, string>> {
    return this.#state.broken
  }

  /** How a metric is to be estimated, and why it is not to be believed. */
  of(subject: Subject, metric: string): { calibration: Calibration; broken: string | null } {
    const { own, newest } = this.#calibrations(subject.reference)
    const isNewest = newest !== null && better(this.#state.trails[metric]) === 'newest'
    return { calibration: isNewest ? newest : own, broken: this.#state.broken[metric] ?? null }
  }

  /**
   * Compares what was expected of a window with its labels. Windows that overlap with one that was compared are passed over.
   *
   * @param outcomes of the window, with as many labels as make its performance final
   */
  labelled(subject: Subject, spec: WindowSpec, window: { start: Instant; end: Instant }, outcomes: Float64Array): void {
    const { reference } = subject
    const { estimation } = reference.layout.outcomes
    const { comparedTo } = this.#state
    if (estimation === null || subject.estimated.length === 0) return
    if (comparedTo !== null && window.start < comparedTo) return
    if (countOutcomes(outcomes).labelled < ROWS_NEEDED) return
    const { own, newest } = this.#calibrations(reference)
    const { designEffect } = noiseOf(windowNoise(subject, spec), 'calibration')
    const foretell = (calibration: Calibration) => {
      const { statistic, degrees } = testCalibration(reference, calibration, outcomes)
      const pValue = degrees > 0 ? chiSquaredUpperTail(statistic / designEffect, degrees) : 1
      return { pValue, estimates: estimatePerformance(reference, estimation.block, outcomes, calibration) }
    }
    const foretold = { reference: foretell(own), newest: newest === null ? null : foretell(newest) }
    const measured = measurePerformance(reference.layout.outcomes, outcomes, subject.settings.metricOptions)
    const broken: Record<string, string> = {}
    for (const metric of subject.estimated) {
      const realised = measured[metric]?.value ?? null
      const before = subject.performance[metric]?.value ?? null
      const floor = before === null ? null : floorOf(subject, metric, before)
      const kept = this.#state.broken[metric]
      if (kept !== undefined) broken[metric] = kept
      if (realised === null || before === null || floor === null) continue
      const missOf = (value: number | null | undefined) => (value == null ? null : Math.abs(value - realised))
      const past = this.#state.trails[metric]
      const trail: Trail = {
        reference: follow(past?.reference, missOf(foretold.reference.estimates[metric]?.value)),
        newest: follow(past?.newest, missOf(foretold.newest?.estimates[metric]?.value)),
        unchanged: follow(past?.unchanged, Math.abs(before - realised)),
      }
      this.#state.trails[metric] = trail
      const used = better(trail)
      const by = foretold[used] ?? foretold.reference
      const isWrong =
        by.pValue < REFUTED && trail[used].mean > floor && trail[used].mean > LITTLE_SKILL * trail.unchanged.mean
      if (!isWrong) delete broken[metric]
      else {
        const expected = by.estimates[metric]?.value ?? null
        broken[metric] =
          `the window that ended ${formatInstant(window.end)} came out at ${digits(realised)} where ${expected === null ? 'nothing' : digits(expected)} was expected`
      }
    }
    this.#state.broken = broken
    this.#learn(reference, outcomes, foretold.newest !== null && foretold.newest.pValue >= REFUTED)
    this.#state.comparedTo = window.end
  }

  /** The newest calibration, from this window and, while the labels bear it out, from those before it. */
  #learn(reference: Reference, outcomes: Float64Array, isBorneOut: boolean): void {
    const { size } = reference.layout.outcomes
    const sum = new Float64Array(size)
    if (isBorneOut) {
      const { newest } = this.#state
      for (let i = 0; i < newest.length; i += 2) sum[newest[i] as number] = newest[i + 1] as number
      // Older windows fade once there is more than the reference had.
      if ((sum[1] as number) > reference.labelled)
        for (let i = 0; i < size; i++) sum[i] = Math.round((sum[i] as number) / 2)
    }
    const learnt: number[] = []
    for (const [first, count] of [[1, 1] as const, ...calibrationCells(reference.layout.outcomes)]) {
      for (let cell = first; cell < first + count; cell++) {
        const value = (sum[cell] as number) + (outcomes[cell] as number)
        if (value !== 0) learnt.push(cell, value)
      }
    }
    this.#state.newest = learnt
    this.#made = undefined
  }

  #calibrations(reference: Reference): { own: Calibration; newest: Calibration | null } {
    if (this.#made?.reference === reference) return this.#made
    const own = calibrationOf(reference)
    if (own === null) throw new TypeError('a reference without an estimator estimates nothing')
    const { newest } = this.#state
    let learnt: Calibration | null = null
    if (newest.length > 0) {
      const sum = new Float64Array(reference.layout.outcomes.size)
      for (let i = 0; i < newest.length; i += 2) sum[newest[i] as number] = newest[i + 1] as number
      learnt = recalibrate(reference, sum)
    }
    this.#made = { reference, own, newest: learnt }
    return this.#made
  }

  /** State for the next start of the process. */
  save(): unknown {
    return this.#state
  }

  restore(saved: unknown): void {
    this.#state = saved as State
    this.#made = undefined
  }
}

/** The calibration that has lately missed by less; the reference's while the newest has not been tried. */
function better(trail: Trail | undefined): Source {
  if (trail === undefined || trail.newest.weight === 0) return 'reference'
  return trail.reference.weight > 0 && trail.reference.mean <= trail.newest.mean ? 'reference' : 'newest'
}

/** A mean miss after one window more; a window without an estimate changes nothing. */
function follow(past: Miss = NO_MISS, miss: number | null): Miss {
  if (miss === null) return past
  const weight = MEMORY * past.weight + 1
  return { mean: (MEMORY * past.weight * past.mean + miss) / weight, weight }
}

function digits(value: number): string {
  return String(Number(value.toPrecision(3)))
}
