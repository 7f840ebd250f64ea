// When a difference is an alarm: evidence within the false-alarm budget, AND an effect that matters. (Persistence comes later,
// in incidents/advance.ts.)

import type { TestNoise, WindowNoise } from '../reference/reference.ts'
import { chiSquaredInverseUpperTail, chiSquaredUpperTail } from '../statistics/special/chi-squared.ts'
import type { Millis } from '../time.ts'
import { DAY } from '../time.ts'

/** Design effect assumed while the reference is too short to learn it. */
const CAUTIOUS_DESIGN_EFFECT = 2
/** How far beyond the largest statistic of the reference period an alarm must be. */
const BEYOND_LARGEST = 1.3
/** Under this share of the threshold, of statistic or effect, an alarm is over (hysteresis). */
export const CLEAR_SHARE = 0.7
/** At this share of the effect's floor, with the same evidence, a verdict warns. */
const WARNING_SHARE = 0.5
const budgetPeriodMs: Millis = 30 * DAY

/**
 * The p-value below which one test of one window is evidence.
 *
 * @param budget expected false alarms per model in 30 days
 * @param slidesMs the slides of the model's windows
 * @param tests tests per window
 */
export function evidenceLevel({
  budget,
  slidesMs,
  tests,
}: {
  budget: number
  slidesMs: readonly Millis[]
  tests: number
}): number {
  let evaluations = 0
  for (const slideMs of slidesMs) evaluations += budgetPeriodMs / slideMs
  return Math.min(0.05, budget / Math.max(1, evaluations * tests))
}

/** A test's noise, cautious where it could not be learnt. */
export function noiseOf(noise: WindowNoise | undefined, test: string): TestNoise & { readonly calibrated: boolean } {
  const learnt = noise?.tests[test]
  if (noise === undefined || learnt === undefined)
    return { designEffect: CAUTIOUS_DESIGN_EFFECT, largest: 0, calibrated: false }
  if (noise.calibrated) return { ...learnt, calibrated: true }
  return {
    designEffect: Math.max(CAUTIOUS_DESIGN_EFFECT, learnt.designEffect),
    largest: learnt.largest,
    calibrated: false,
  }
}

/** A χ² statistic against its threshold. */
export interface Evidence {
  /** Upper tail of the statistic after the design effect. */
  readonly pValue: number
  /** Statistic over threshold: 1 and more is evidence. */
  readonly strength: number
}

export function weigh(options: { statistic: number; degrees: number; level: number; noise: TestNoise }): Evidence {
  const { statistic, degrees, level, noise } = options
  if (degrees < 1) return { pValue: 1, strength: 0 }
  const critical = chiSquaredInverseUpperTail(level, degrees) * noise.designEffect
  const threshold = Math.max(critical, BEYOND_LARGEST * noise.largest)
  return { pValue: chiSquaredUpperTail(statistic / noise.designEffect, degrees), strength: statistic / threshold }
}

/** Of several tests of one question the strongest counts; its p-value is multiplied by their number (Bonferroni). */
export function strongest(tests: readonly Evidence[]): Evidence {
  let best: Evidence = { pValue: 1, strength: 0 }
  for (const test of tests) if (test.strength > best.strength) best = test
  return { pValue: Math.min(1, best.pValue * tests.length), strength: best.strength }
}

export interface Judgement {
  readonly status: 'ok' | 'warning' | 'alarm'
  readonly clear: boolean
}

/** @param effectStrength effect over its floor: 1 and more matters */
export function judge(evidence: Evidence, effectStrength: number): Judgement {
  const evident = evidence.strength >= 1
  const status =
    evident && effectStrength >= 1 ? 'alarm' : evident && effectStrength >= WARNING_SHARE ? 'warning' : 'ok'
  return { status, clear: evidence.strength < CLEAR_SHARE || effectStrength < CLEAR_SHARE }
}
