export interface EDetectorOptions {
  /** The error mean that is still acceptable, strictly between 0 and 1. */
  readonly m: number
  /** How much of the stake is put on errors, each above 0 and below 1 / m; see `gradedBets`. */
  readonly bets: readonly number[]
  /** Panes between false alarms, at least; a change is when the statistic exceeds it. Above 0. */
  readonly threshold: number
  /** By how many times errors vary more than independent ones would; evidence is divided by it. 1 and more. */
  readonly designEffect: number
}

/** Everything the e-detector remembers: plain fields, to be kept as JSON. */
export interface EDetectorState {
  readonly options: EDetectorOptions
  /** ln of the Shiryaev-Roberts statistic per bet; null before the first pane, where it is ln 0. */
  logSums: (number | null)[]
  /** ln of the mean of the statistics; null before the first pane. */
  logStatistic: number | null
  /** Whether the statistic exceeds the threshold. */
  changed: boolean
}

/** A pane's errors among its rows. */
export interface Errors {
  readonly trials: number
  readonly errors: number
}

/**
 * Betting e-detector for errors of 0 and 1: is their mean still at most m?
 *
 * Each bet b multiplies its stake by 1 + b (x − m) at every row x, which gains nothing on average as long as the mean is at most m. A pane
 * of n rows with e errors multiplies it by E = (1 + b (1 − m))ᵉ (1 − b m)ⁿ⁻ᵉ: the product over its rows, whatever their order and however
 * they are spread over partitions. The Shiryaev-Roberts statistic of a bet is M ← (1 + M) E, the detector's the mean over bets. Its
 * average run length to a false alarm is at least `threshold` panes, whatever the dependence that keeps the mean of each pane, given
 * the past, at most m.
 *
 * Unlike the published detectors it does not begin afresh after a change: create a new one when what it reported is over.
 *
 * @throws RangeError if an option is out of its range
 * @see Shin, Ramdas and Rinaldo (2024), E-detectors: a nonparametric framework for sequential change detection, NEJSDS 2(2)
 * @see Waudby-Smith and Ramdas (2024), Estimating means of bounded random variables by betting, JRSS B 86(1)
 * @example createEDetector({ m: 0.12, bets: gradedBets(0.12, 8), threshold: 8640 }).logSums.length // 8
 */
export function createEDetector(
  options: Omit<EDetectorOptions, 'designEffect'> & Partial<EDetectorOptions>,
): EDetectorState {
  const full = { designEffect: 1, ...options }
  const { m, bets, threshold, designEffect } = full
  if (!(m > 0 && m < 1)) throw new RangeError(`eDetector: m is ${m}, it must lie between 0 and 1`)
  if (bets.length === 0) throw new RangeError('eDetector: bets is empty, at least one is needed')
  for (const bet of bets) {
    if (!(bet > 0 && bet * m < 1)) {
      throw new RangeError(`eDetector: one of the bets is ${bet}, bets must lie above 0 and below 1 / m = ${1 / m}`)
    }
  }
  if (!(threshold > 0 && threshold < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`eDetector: threshold is ${threshold}, it must be above 0 and finite`)
  }
  if (!(designEffect >= 1 && designEffect < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`eDetector: designEffect is ${designEffect}, it must be at least 1 and finite`)
  }
  return { options: full, logSums: bets.map(() => null), logStatistic: null, changed: false }
}

/**
 * Takes in one pane, changing `state`. A pane without rows counts as a pane: it multiplies by 1.
 *
 * @returns whether the statistic exceeds the threshold
 * @throws RangeError if trials or errors is not a whole number of 0 or more, or errors exceeds trials
 * @example updateEDetector(createEDetector({ m: 0.1, bets: [1], threshold: 2 }), { trials: 2, errors: 2 }) ? 1 : 0 // 1
 */
export function updateEDetector(state: EDetectorState, { trials, errors }: Errors): boolean {
  requireCounts({ trials, errors })
  const { m, bets, threshold, designEffect } = state.options
  for (let k = 0; k < bets.length; k++) {
    const gain = logGain(bets[k] as number, m, { trials, errors }) / designEffect
    state.logSums[k] = logOnePlus(state.logSums[k] as number | null) + gain
  }
  state.logStatistic = logMean(state.logSums as number[])
  state.changed = state.logStatistic > Math.log(threshold)
  return state.changed
}

function requireCounts({ trials, errors }: Errors): void {
  if (!(Number.isSafeInteger(trials) && trials >= 0)) {
    throw new RangeError(`eDetector: trials is ${trials}, it must be a whole number of 0 or more`)
  }
  if (!(Number.isSafeInteger(errors) && errors >= 0 && errors <= trials)) {
    throw new RangeError(
      `eDetector: errors is ${errors}, it must be a whole number from 0 to trials, which is ${trials}`,
    )
  }
}

function logGain(bet: number, m: number, { trials, errors }: Errors): number {
  return errors * Math.log1p(bet * (1 - m)) + (trials - errors) * Math.log1p(-bet * m)
}

/** ln(1 + eˣ), without overflow; x = null stands for ln 0. */
function logOnePlus(x: number | null): number {
  if (x === null) return 0
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x))
}

function logMean(logs: readonly number[]): number {
  const largest = Math.max(...logs)
  let sum = 0
  for (const log of logs) sum += Math.exp(log - largest)
  return largest + Math.log(sum / logs.length)
}

/**
 * ln of what one bet makes of a pane: ln((1 + b (1 − m))ᵉ (1 − b m)ⁿ⁻ᵉ).
 *
 * Adding those of parts of a pane gives that of the pane.
 *
 * @throws RangeError if m is not between 0 and 1, the bet not above 0 and below 1 / m, or a count is no count
 * @example logEValue({ trials: 100, errors: 20 }, { m: 0.1, bet: 1 }) // 4.40824
 */
export function logEValue(counts: Errors, { m, bet }: { m: number; bet: number }): number {
  createEDetector({ m, bets: [bet], threshold: 1 })
  requireCounts(counts)
  return logGain(bet, m, counts)
}

/**
 * Limits the statistic of every bet, changing `state`: a detector that has alarmed for long would otherwise need as long to come back.
 *
 * What has been reported stays reported: limits at or above ln(threshold) + ln(number of bets) leave a change a change.
 *
 * @param logLimit largest ln of a bet's statistic
 * @throws RangeError if the limit is not finite
 */
export function limitEDetector(state: EDetectorState, logLimit: number): void {
  if (!Number.isFinite(logLimit)) throw new RangeError(`limitEDetector: logLimit is ${logLimit}, it must be finite`)
  if (state.logStatistic === null) return
  state.logSums = state.logSums.map((log) => Math.min(log as number, logLimit))
  state.logStatistic = logMean(state.logSums as number[])
}

/** The boldest bet is this share of 1 / m, at which an error-free row would take the whole stake. */
const BOLDEST = 0.9
/** How many times smaller the most careful bet is. */
const RANGE = 32
const BETS_MAX = 1000

/**
 * Bets for an acceptable mean m: from 0.9 / m down to a 32nd of that, in equal ratios.
 *
 * A bet b answers best to a mean higher than m by about b m (1 − m), gains anything from half of that on, and keeps most of its speed
 * within a factor of two; so the bets together serve means from about m + 0.014 (1 − m) on.
 *
 * @param count how many, 2 to 1000
 * @throws RangeError if m or count lies elsewhere
 * @example gradedBets(0.1, 6)[5] // 0.28125
 */
export function gradedBets(m: number, count: number): number[] {
  if (!(m >= 1e-300 && m < 1)) throw new RangeError(`gradedBets: m is ${m}, it must lie between 1e-300 and 1`)
  if (!(Number.isInteger(count) && count >= 2 && count <= BETS_MAX)) {
    throw new RangeError(`gradedBets: count is ${count}, it must be a whole number from 2 to ${BETS_MAX}`)
  }
  return Array.from({ length: count }, (_, k) => BOLDEST / m / RANGE ** (k / (count - 1)))
}
