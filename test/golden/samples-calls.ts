// The golden calls on raw samples, and on what bins keep of them.

import { wassersteinFromBins } from '../../src/statistics/distances/wasserstein-from-bins.ts'
import { meanInterval } from '../../src/statistics/intervals/mean-interval.ts'
import { rocAuc, rocAucBracket } from '../../src/statistics/performance/roc-auc.ts'
import { cramerVonMises } from '../../src/statistics/samples/cramer-von-mises.ts'
import { energyDistance } from '../../src/statistics/samples/energy-distance.ts'
import { ksExact, ksLimit, ksStatistic } from '../../src/statistics/samples/kolmogorov-smirnov.ts'
import { mannWhitney } from '../../src/statistics/samples/mann-whitney.ts'
import { momentsOf } from '../../src/statistics/samples/moments.ts'
import { momentsFromSums } from '../../src/statistics/samples/moments-from-sums.ts'
import { quantilesOf } from '../../src/statistics/samples/quantiles.ts'
import { wasserstein, wassersteinNormed } from '../../src/statistics/samples/wasserstein.ts'
import { welchT } from '../../src/statistics/samples/welch-t.ts'
import type { Arguments, Call } from './call.ts'

function of(compare: (reference: Float64Array, current: Float64Array) => unknown): Call {
  return { run: (args) => compare(args.numbers('reference'), args.numbers('current')) }
}

/** A member that is null becomes undefined with a reason, as the judge wants it. */
function orReason(value: number | null, reason: string): unknown {
  return value ?? { value: null, reason }
}

export const samplesCalls: Readonly<Record<string, Call>> = {
  ksStatistic: of(ksStatistic),
  ksExact: of(ksExact),
  ksLimit: of(ksLimit),
  cramerVonMises: of(cramerVonMises),
  wasserstein: of(wasserstein),
  wassersteinNormed: of(wassersteinNormed),
  energyDistance: of(energyDistance),
  mannWhitney: of(mannWhitney),
  welchT: of((reference, current) => {
    const { statistic, degrees, pValue } = welchT(reference, current)
    return { statistic, df: degrees, pValue }
  }),
  quantiles: { run: (args) => quantilesOf(args.numbers('values'), args.numbers('p')) },
  moments: {
    run: (args) => {
      const { mean, variance, skewness } = momentsOf(args.numbers('values'))
      return { mean, variance: orReason(variance, 'a single value'), skewness: orReason(skewness, 'all values equal') }
    },
  },
  meanInterval: { run: (args) => meanInterval(args.numbers('values'), args.number('confidence')) },
  momentsFromSums: {
    run: (args) =>
      momentsFromSums({
        count: args.number('count'),
        shift: args.number('shift'),
        sum: args.number('sum'),
        sumOfSquares: args.number('sumOfSquares'),
      }),
  },
  wassersteinBinned: { run: wassersteinBinned, refute: outsideOfWasserstein },
  rocAucBinned: { run: rocAucBinned, refute: outsideOfAuc },
}

function wassersteinBinned(args: Arguments) {
  const reference = args.within('reference')
  const current = args.within('current')
  return wassersteinFromBins({
    edges: args.numbers('edges'),
    referenceCounts: reference.numbers('counts'),
    referenceSums: reference.numbers('sums'),
    currentCounts: current.numbers('counts'),
    currentSums: current.numbers('sums'),
  })
}

function outsideOfWasserstein(got: unknown, truth: Arguments, slack: number): string | null {
  return outside(got as { low: number; high: number }, truth.number('wasserstein'), slack)
}

function rocAucBinned(args: Arguments) {
  const histograms = { positives: args.numbers('positives'), negatives: args.numbers('negatives') }
  const { value, standardError } = measured(rocAuc(histograms, 1))
  return { ...rocAucBracket(histograms), value, standardError }
}

function measured<T extends { value: number | null }>(metric: T): T & { value: number; standardError: number } {
  if (metric.value === null) throw new TypeError('the case has a class without rows')
  return metric as T & { value: number; standardError: number }
}

/** How far the standard error from nine bins may lie from that of the scores. */
const NEAR = 0.2

function outsideOfAuc(got: unknown, truth: Arguments, slack: number): string | null {
  const { low, high, standardError } = got as { low: number; high: number; standardError: number }
  const far = Math.abs(standardError / truth.number('standardError') - 1) > NEAR
  return far
    ? `standard error ${standardError} is far from the truth`
    : outside({ low, high }, truth.number('roc_auc'), slack)
}

function outside({ low, high }: { low: number; high: number }, truth: number, slack: number): string | null {
  const room = slack * Math.max(1, Math.abs(truth))
  return truth >= low - room && truth <= high + room ? null : `the truth ${truth} lies outside of ${low} to ${high}`
}
