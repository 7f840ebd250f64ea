import { UndefinedStatisticError, withinDoubles } from '../undefined-statistic.ts'
import { columnsOf } from './moments.ts'
import type { Residual } from './pca-reconstruction.ts'

/**
 * Mean length of what the reference's principal components leave over of each row.
 *
 * The mean of errors, not of their squares, as NannyML's data reconstruction has it; needs the rows.
 *
 * @param rows of as many columns as the residual has, finite
 * @throws RangeError if a row has another length or a value is not finite
 * @throws UndefinedStatisticError if there are no rows
 * @see NannyML 0.13, DataReconstructionDriftCalculator
 * @example meanResidual({ components: 0, mean: Float64Array.of(0, 0), scale: Float64Array.of(1, 1), directions: Float64Array.of(1, 0, 0, 1), variances: Float64Array.of(1, 1) }, [[3, 4]]) // 5
 */
export function meanResidual(residual: Residual, rows: ReadonlyArray<ArrayLike<number>>): number {
  if (rows.length === 0) throw new UndefinedStatisticError('meanResidual: current has no rows')
  const d = columnsOf(rows, 'meanResidual: current')
  if (d !== residual.mean.length) {
    throw new RangeError(`meanResidual: current has ${d} columns, reference has ${residual.mean.length}`)
  }
  const { mean, scale, directions } = residual
  let total = 0
  for (const row of rows) {
    let squares = 0
    for (let first = 0; first < directions.length; first += d) {
      let along = 0
      for (let i = 0; i < d; i++) {
        along += ((directions[first + i] as number) * ((row[i] as number) - (mean[i] as number))) / (scale[i] as number)
      }
      squares += along * along
    }
    total += Math.sqrt(squares)
  }
  return withinDoubles('meanResidual', total / rows.length)
}
