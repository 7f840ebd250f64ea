// What a reference has learnt for estimating performance without labels; frozen with it.

import type { IsotonicCurve } from '../statistics/estimation/isotonic.ts'
import type { LossTree } from '../statistics/estimation/loss-tree.ts'

export type Estimator =
  | {
      readonly task: 'binary'
      /** Chance of being positive per score bin of the outcome schema. */
      readonly chances: Float64Array
      /** False where the scores themselves serve as chances: calibration would not have made them more right, or there were no labels. */
      readonly calibrated: boolean
    }
  | {
      readonly task: 'multiclass'
      /** Per class: from its probability to its chance, before the chances of a row are made to add up to 1; null = as it is. */
      readonly curves: readonly (IsotonicCurve | null)[]
    }
  | {
      readonly task: 'regression'
      /** Columns by their place among the reference's columns; losses in units of the outcome schema's spread. */
      readonly tree: LossTree
    }

/** As JSON can hold it. */
export function plainEstimator(estimator: Estimator) {
  switch (estimator.task) {
    case 'binary':
      return { ...estimator, chances: [...estimator.chances] }
    case 'multiclass':
      return {
        ...estimator,
        curves: estimator.curves.map((curve) => curve && { x: [...curve.x], values: [...curve.values] }),
      }
    case 'regression':
      return estimator
  }
}

export function estimatorOf(plain: ReturnType<typeof plainEstimator>): Estimator {
  switch (plain.task) {
    case 'binary':
      return { ...plain, chances: Float64Array.from(plain.chances) }
    case 'multiclass':
      return {
        ...plain,
        curves: plain.curves.map(
          (curve) => curve && { x: Float64Array.from(curve.x), values: Float64Array.from(curve.values) },
        ),
      }
    case 'regression':
      return plain
  }
}
