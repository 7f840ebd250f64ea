// From where on a difference matters: the effect that an alarm needs beside its evidence.

import type { Fault } from '../reference/comparison.ts'
import type { Effect } from './policy.ts'

/** What matters in the inputs of a model. Records have null prototypes where they come from a document: columns may have any name. */
export interface InputFloors {
  /**
   * Distance from which on drift matters: of PSI, of a shift in standard deviations, of the share of rows in other categories, of
   * embeddings in mean distances.
   */
  readonly drift: number
  /** By column, where it is another one. */
  readonly driftOf: Readonly<Record<string, number>>
  /** By how much the share of bad values must rise, 0 to 1. */
  readonly rise: number
  readonly riseOf: Readonly<Record<string, Partial<Readonly<Record<Fault, number>>>>>
  /** Share of the reference's rows that must be lacking. */
  readonly fall: number
}

export const usualFloors: InputFloors = { drift: 0.1, driftOf: {}, rise: 0.05, riseOf: {}, fall: 0.5 }

/** A share of bad values must also be so many times the reference's. */
const RISE_RATIO = 1.5
/** From which rise on persistence is not awaited. */
const SEVERE_RISE = 0.2

/** A share of bad values that rose, over the rise that matters. */
export function effectOfRise({ share, reference }: { share: number; reference: number }, floor: number): Effect {
  const rise = share - reference
  const size = rise <= 0 || share < RISE_RATIO * reference ? 0 : rise / floor
  return { size, least: size, severe: rise >= SEVERE_RISE }
}

/** The share of bad values at which the rise matters. */
export function shareAt(reference: number, floor: number): number {
  return Math.max(reference + floor, RISE_RATIO * reference)
}

/** Rows that are lacking, over what matters. */
export function effectOfFall({ rows, usual }: { rows: number; usual: number }, floor: number): Effect {
  const size = Math.max(0, (usual - rows) / usual / floor)
  return { size, least: size, severe: false }
}
