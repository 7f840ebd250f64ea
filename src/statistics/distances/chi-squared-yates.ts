import { ChiSquaredTest } from './chi-squared-two-sample.ts'
import { totalsOf } from './histograms.ts'

/**
 * Two-sample χ² test of two cells with Yates' continuity correction, as other tools apply it to 2 × 2 tables.
 *
 * Cells empty on both sides are dropped; two must remain. It is conservative: prefer `chiSquaredTwoSample`, or `fisherExact`
 * when an expected count is under 5.
 *
 * @throws RangeError if other than two cells are in use, the lengths differ or a count is no count
 * @throws UndefinedStatisticError if a histogram is empty
 * @see Yates (1934), Contingency tables involving small numbers and the χ² test, Suppl. J. R. Statist. Soc. 1(2)
 * @example chiSquaredYates(Float64Array.of(20, 80), Float64Array.of(10, 90)).statistic // 3.176471
 */
export function chiSquaredYates(reference: Float64Array, current: Float64Array): ChiSquaredTest {
  const { reference: m, current: n } = totalsOf('chiSquaredYates', reference, current)
  const pooled = reference.map((count, i) => count + (current[i] as number)).filter((count) => count > 0)
  if (pooled.length !== 2) {
    throw new RangeError(`chiSquaredYates: reference and current use ${pooled.length} cells, the correction is for two`)
  }
  const used = reference.findIndex((count, i) => count + (current[i] as number) > 0)
  // Observed less expected is the same in all four cells but for its sign.
  const difference = Math.abs(((reference[used] as number) * n - (current[used] as number) * m) / (m + n))
  const corrected = Math.max(0, difference - 0.5)
  const [first, second] = pooled as unknown as [number, number]
  const statistic = (corrected / m) * (corrected / n) * (m + n) * ((m + n) / first) * ((m + n) / second)
  return new ChiSquaredTest(statistic, 1)
}
