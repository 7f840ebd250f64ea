// When a difference is an alarm: evidence within the false-alarm budget, AND an effect that matters, AND persistence.
//
// A verdict is about one window and knows nothing of the past. It says on which rungs of the ladder (`reference/ladder.ts`) its
// window counts; incidents/count.ts counts the windows.

import { ALARM_RUNG, ladderOf, WARNING_RUNG } from '../reference/ladder.ts'
import { WINDOWS_NEEDED } from '../reference/noise.ts'
import { supportOf } from '../reference/noise-support.ts'
import type { TestNoise, WindowNoise } from '../reference/reference.ts'
import { levelOfRun } from '../statistics/lasting/level-of-run.ts'
import { chiSquaredInverseUpperTail, chiSquaredUpperTail } from '../statistics/special/chi-squared.ts'
import { fInverseUpperTail } from '../statistics/special/f-distribution.ts'
import type { Millis } from '../time.ts'
import { DAY } from '../time.ts'
import type { WindowSpec } from '../windows/window.ts'
import type { WindowKind } from './verdict.ts'

/** Design effect assumed while the reference is too short to learn it. */
const CAUTIOUS_DESIGN_EFFECT = 2
/** How far beyond the largest statistic of the reference period an alarm must be. */
const BEYOND_LARGEST = 1.3
/** Under this share of the weakest rung's threshold an alarm is over (hysteresis), and so is a metric's under this share of its floor. */
export const CLEAR_SHARE = 0.7
/** Under this share of its floor a distance is over. */
const CLEAR_EFFECT = 0.85
/** At this share of the effect's floor a verdict warns, and its window counts for persistence. */
const WARNING_SHARE = 0.5
const budgetPeriodMs: Millis = 30 * DAY

/** How the budget is shared out: where most questions are asked and small changes matter most, most is spent. */
const kindWeights: Readonly<Record<WindowKind, number>> = {
  drift: 5,
  performance: 2,
  estimated: 1,
  quality: 2,
  volume: 1,
}

/** How often the tests of each kind may raise a false alarm. */
export interface Budget {
  /** False alarms per evaluated window that one monitor of the kind may raise. */
  rate(kind: WindowKind, spec: WindowSpec): number
}

/**
 * Shares out a model's budget: over the kinds that have monitors, over the sizes of windows, and evenly over the monitors of a kind.
 *
 * @param falseAlarms expected false alarms per model in 30 days
 * @param monitors how many monitors there are of each kind
 */
export function shareOut(
  falseAlarms: number,
  windows: readonly WindowSpec[],
  monitors: Readonly<Record<WindowKind, number>>,
): Budget {
  const kinds = Object.keys(kindWeights) as WindowKind[]
  const whole = kinds.reduce((sum, kind) => sum + (monitors[kind] > 0 ? kindWeights[kind] : 0), 0)
  return {
    rate(kind, { slideMs }) {
      const ofKind = (falseAlarms * kindWeights[kind]) / whole / windows.length
      return Math.min(0.05, ofKind / (budgetPeriodMs / slideMs) / Math.max(1, monitors[kind]))
    },
  }
}

const unknownNoise: TestNoise = {
  windows: 0,
  designEffect: CAUTIOUS_DESIGN_EFFECT,
  varianceEffect: CAUTIOUS_DESIGN_EFFECT ** 2,
  skewEffect: 1,
  support: Number.POSITIVE_INFINITY,
  correlation: 0,
  largest: [0, 0, 0, 0],
}

/**
 * A test's noise, cautious where it could not be learnt, or in too few windows: a metric that few windows had labels for, say.
 *
 * @param kin the test whose noise serves where this one has none
 */
export function noiseOf(
  noise: WindowNoise | undefined,
  test: string,
  kin = test,
): TestNoise & { readonly calibrated: boolean } {
  const learnt = noise?.tests[test] ?? noise?.tests[kin]
  if (learnt === undefined) return unknownOf
  return noise?.calibrated === true && learnt.windows >= WINDOWS_NEEDED ? calibratedOf(learnt) : cautiousOf(learnt)
}

const unknownOf = { ...unknownNoise, calibrated: false }
const calibratedOf = derived((learnt) => ({ ...learnt, calibrated: true }))
const cautiousOf = derived((learnt) => {
  const designEffect = Math.max(CAUTIOUS_DESIGN_EFFECT, learnt.designEffect)
  return {
    ...learnt,
    designEffect,
    varianceEffect: designEffect ** 2,
    skewEffect: 1,
    support: Number.POSITIVE_INFINITY,
    calibrated: false,
  }
})

/** A noise made from another, once: thresholds are kept by noise. */
export function derived<Made extends TestNoise>(change: (noise: TestNoise) => Made): (noise: TestNoise) => Made {
  const made = new WeakMap<TestNoise, Made>()
  return (noise) => {
    let changed = made.get(noise)
    if (changed === undefined) {
      changed = change(noise)
      made.set(noise, changed)
    }
    return changed
  }
}

/** One of the tests that a monitor asks at once. */
export interface WeightedTest {
  readonly statistic: number
  readonly degrees: number
  /** Its share of the monitor's rate; the shares of a monitor add up to 1. */
  readonly share: number
  readonly noise: TestNoise
}

/** What a monitor's tests say together. */
export interface Evidence {
  /** Upper tail of the strongest test after its design effect, over its share: a Bonferroni bound for all of them. */
  readonly pValue: number
  /** By rung, the largest statistic over its threshold: 1 and more is evidence. */
  readonly strengths: readonly number[]
}

/** Weighs the tests of one monitor. @param rate false alarms per window that the monitor may raise */
export function weigh(tests: readonly WeightedTest[], spec: WindowSpec, rate: number): Evidence {
  const strengths = ladderOf(spec).map(() => 0)
  let pValue = 1
  for (const { statistic, degrees, share, noise } of tests) {
    if (degrees < 1 || share === 0) continue
    const ratio = statistic / degrees
    const needed = thresholdsOf(noise, degrees, spec, rate * share)
    for (let rung = 0; rung < strengths.length; rung++) {
      strengths[rung] = Math.max(strengths[rung] as number, ratio / (needed[rung] as number))
    }
    const tail = upperTail(noise, degrees, ratio)
    if (tail >= pValue * share) continue
    pValue = Math.min(pValue, Math.max(tail, chiSquaredUpperTail(statistic, degrees)) / share)
  }
  return { pValue, strengths }
}

/** What has been computed and is asked for again and again. Forgets all when it is full, which costs no more than time. */
class Kept {
  readonly #values = new Map<string, Float64Array>()

  get(key: string, compute: () => Float64Array): Float64Array {
    let value = this.#values.get(key)
    if (value === undefined) {
      value = compute()
      if (this.#values.size >= KEPT_MAX) this.#values.clear()
      this.#values.set(key, value)
    }
    return value
  }
}
const KEPT_MAX = 4_096

/** The thresholds of one noise: the same for every window of the same steps. */
const thresholds = new WeakMap<TestNoise, Kept>()

/** By rung, the statistic over its degrees of freedom from which on a window counts. */
function thresholdsOf(noise: TestNoise, degrees: number, spec: WindowSpec, rate: number): Float64Array {
  let ofNoise = thresholds.get(noise)
  if (ofNoise === undefined) {
    ofNoise = new Kept()
    thresholds.set(noise, ofNoise)
  }
  return ofNoise.get(`${degrees}|${rate}|${spec.sizeMs / spec.slideMs}`, () =>
    levelsOf(noise, spec, rate).map((level, rung) =>
      Math.max(exceededBy(noise, degrees, level), BEYOND_LARGEST * (noise.largest[rung] as number)),
    ),
  )
}

/**
 * The χ² whose multiple, shifted, has the mean, variance and skewness of a statistic over its degrees of freedom.
 *
 * @see Liu, Tang and Zhang (2009), A new chi-square approximation to the distribution of non-negative definite quadratic forms
 *   in non-central normal variables, Computational Statistics & Data Analysis 53
 */
function fitted({ designEffect, varianceEffect, skewEffect }: TestNoise, degrees: number) {
  const own = degrees / skewEffect ** 2
  const scale = Math.sqrt(varianceEffect / (degrees * own))
  return { own, scale, offset: designEffect - scale * own }
}

/**
 * The statistic over its degrees of freedom that is exceeded with the probability `level`, the less sure the noise the larger. At
 * levels that are not rare a very skewed noise would ask for less than independent rows do: never less than that.
 */
function exceededBy(noise: TestNoise, degrees: number, level: number): number {
  const { own, scale, offset } = fitted(noise, degrees)
  return Math.max(
    offset + scale * own * fInverseUpperTail(level, own, supportOf(noise, degrees)),
    chiSquaredInverseUpperTail(level, degrees) / degrees,
  )
}

function upperTail(noise: TestNoise, degrees: number, ratio: number): number {
  const { own, scale, offset } = fitted(noise, degrees)
  return chiSquaredUpperTail(Math.max(0, (ratio - offset) / scale), own)
}

/** Correlations are rounded up to this, so that columns that are nearly alike share what is laborious to compute. */
const CORRELATION_STEP = 1 / 64
const levels = new Kept()

/** By rung, the p-value that each window of a run must reach. Windows share rows, and something may wander from one to the next. */
function levelsOf({ correlation }: TestNoise, spec: WindowSpec, rate: number): Float64Array {
  const slides = spec.sizeMs / spec.slideMs
  const wandering = Math.min(1, Math.ceil(correlation / CORRELATION_STEP) * CORRELATION_STEP)
  const key = `${slides}|${rate}|${wandering}`
  return levels.get(key, () =>
    Float64Array.from(ladderOf(spec), ({ share, further, slidesApart }) => {
      const common = 1 - slidesApart / slides
      return levelOfRun(rate * share, { further, correlation: common + (1 - common) * wandering })
    }),
  )
}

export interface Judgement {
  readonly status: 'ok' | 'warning' | 'alarm'
  readonly evident: number
  readonly clear: boolean
  /** By rung, whether this window counts. */
  readonly holds: readonly boolean[]
  /** Whether the effect reaches its floor: an incident fires in such a window only. */
  readonly matters: boolean
  /** So large that persistence need not be awaited, if the evidence for that is there. */
  readonly severe: boolean
}

/** How large a difference is, over the floor from which on it matters. */
export interface Effect {
  /** Best guess. */
  readonly size: number
  /** What it is at least, as far as these rows can tell; the best guess itself where no interval is known. */
  readonly least: number
  /** Whether nobody would want to wait for an effect of this size. */
  readonly severe: boolean
}

/** What evidence and effect say together: an alarm needs evidence of a difference, and that the difference matters. */
export function judge({ strengths }: Evidence, effect: Effect): Judgement {
  return decide(evidentOf(strengths, effect), effect)
}

/** A bit for each rung with evidence, one for a weakest rung that is not clear, and one for an effect that is severe. */
function evidentOf(strengths: readonly number[], { severe }: Effect): number {
  let bits = (strengths[strengths.length - 1] as number) >= CLEAR_SHARE ? LINGERS : 0
  for (let rung = 0; rung < RUNGS; rung++) if ((strengths[rung] as number) >= 1) bits |= 1 << rung
  return severe ? bits | SEVERE : bits
}
const RUNGS = 4
const LINGERS = 1 << RUNGS
const SEVERE = LINGERS << 1

/**
 * A judgement from what was kept of the evidence: the same evidence can be held against another floor.
 *
 * @param evident as in a verdict
 */
export function decide(evident: number, { size, least }: Omit<Effect, 'severe'>): Judgement {
  const severe = (evident & SEVERE) !== 0
  const holds = Array.from(
    { length: RUNGS },
    (_, rung) => counts(size) && (evident & (1 << rung)) !== 0 && (rung > 0 || severe),
  )
  const matters = least >= 1
  return {
    status: holds[ALARM_RUNG] && matters ? 'alarm' : holds[WARNING_RUNG] ? 'warning' : 'ok',
    evident,
    clear: (evident & LINGERS) === 0 || size < CLEAR_EFFECT,
    holds,
    matters,
    severe: severe && holds[0] === true && matters,
  }
}

/** Whether an effect of this size counts for persistence, if the evidence is there. */
export function counts(size: number): boolean {
  return size >= WARNING_SHARE
}

/** What a verdict of an earlier version tells of the evidence: enough to hold it against the same floor or a higher one. */
export function evidentIn({ holds, clear }: Pick<Judgement, 'holds' | 'clear'>): number {
  const rungs = holds.reduce((bits, held, rung) => (held ? bits | (1 << rung) : bits), 0)
  return rungs | (clear ? 0 : LINGERS) | (holds[0] ? SEVERE : 0)
}
