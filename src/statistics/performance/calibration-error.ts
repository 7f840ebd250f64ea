import { normalUpperTail } from '../special/normal.ts'
import type { Metric } from './metric.ts'
import { ROWS_FOR_A_MEAN, undefinedBecause } from './metric.ts'

/** What each bin of scores holds. */
export interface CalibrationBins {
  /** Rows, length B. */
  readonly counts: Float64Array
  /** Sum of their scores. */
  readonly scores: Float64Array
  /** How many of them are positive. */
  readonly positives: Float64Array
}

export interface CalibrationError {
  /** Expected calibration error: the mean over rows of |mean score − share of positives| of their bin. */
  readonly expected: Metric
  /** The largest of these differences; null without rows. */
  readonly maximum: number | null
  /** What the expected calibration error would be on average if the scores were perfectly calibrated, by chance alone. */
  readonly underCalibration: number | null
}

/**
 * How far scores are from being probabilities, from bins of scores.
 *
 * Chance makes the expected calibration error larger than it is, for differences of either sign count; compare it with
 * `underCalibration`. Its interval reaches 1.96 standard errors around the value less this bias. Each bin's difference is taken as
 * normal with variance c (1 − c) / n at its share of positives c.
 *
 * @param minimum rows below which there is no value
 * @throws RangeError if the lists have different lengths, or a count or sum is negative or not finite
 * @see Naeini, Cooper and Hauskrecht (2015), Obtaining well calibrated probabilities using Bayesian binning, AAAI; Leone, Nelson and
 *   Nottingham (1961), The folded normal distribution, Technometrics 3(4), for the bias
 * @example calibrationError({ counts: Float64Array.of(40, 60), scores: Float64Array.of(8, 45), positives: Float64Array.of(10, 42) }).expected.value // 0.05
 */
export function calibrationError(bins: CalibrationBins, minimum: number = ROWS_FOR_A_MEAN): CalibrationError {
  checkBins(bins)
  const { counts, scores, positives } = bins
  let rows = 0
  for (const count of counts) rows += count
  if (rows === 0 || rows < minimum) {
    const expected = undefinedBecause(`${rows} labelled rows with a score, ${Math.max(1, minimum)} needed`)
    return { expected, maximum: null, underCalibration: null }
  }
  let [value, maximum, bias, variance, underCalibration] = [0, 0, 0, 0, 0]
  for (let bin = 0; bin < counts.length; bin++) {
    const count = counts[bin] as number
    if (count === 0) continue
    const weight = count / rows
    const gap = Math.abs((scores[bin] as number) - (positives[bin] as number)) / count
    const share = ((positives[bin] as number) + 0.5) / (count + 1)
    const sd = Math.sqrt((share * (1 - share)) / count)
    value += weight * gap
    maximum = Math.max(maximum, gap)
    underCalibration += weight * sd * Math.sqrt(2 / Math.PI)
    bias += weight * biasOfSize(gap, sd)
    variance += (weight * sd) ** 2
  }
  const standardError = Math.sqrt(variance)
  const reach = 1.96 * standardError
  return {
    expected: {
      value,
      low: Math.max(0, Math.min(value, value - bias - reach)),
      high: Math.min(1, Math.max(value, value - bias + reach)),
      standardError,
    },
    maximum,
    underCalibration,
  }
}

/** By how much |X| exceeds |μ| on average, X normal about μ: at 0 √(2/π) sd, and nothing far from it. */
function biasOfSize(mu: number, sd: number): number {
  if (sd === 0) return 0
  const z = mu / sd
  // The tail first: twice a value near the largest double is no number any more.
  return sd * Math.sqrt(2 / Math.PI) * Math.exp((-z * z) / 2) - 2 * (mu * normalUpperTail(z))
}

function checkBins(bins: CalibrationBins): void {
  const { length } = bins.counts
  for (const [name, values] of Object.entries(bins) as [string, Float64Array][]) {
    if (values.length !== length)
      throw new RangeError(
        `calibrationError: ${name} has ${values.length} bins, counts ${length}; they must be the same bins`,
      )
    const wrong = values.findIndex((value) => !(value >= 0 && value < Number.POSITIVE_INFINITY))
    if (wrong >= 0)
      throw new RangeError(
        `calibrationError: ${name} has ${values[wrong]} in bin ${wrong}; it must be 0 or more and finite`,
      )
  }
}
