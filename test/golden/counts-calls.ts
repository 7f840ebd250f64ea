// The golden calls on counts over the same cells, and on proportions.

import type { Adjustment } from '../../src/statistics/adjust-p-values.ts'
import { adjustPValues } from '../../src/statistics/adjust-p-values.ts'
import type { ChiSquaredTest } from '../../src/statistics/distances/chi-squared-two-sample.ts'
import { chiSquaredTwoSample } from '../../src/statistics/distances/chi-squared-two-sample.ts'
import { chiSquaredYates } from '../../src/statistics/distances/chi-squared-yates.ts'
import { cramersV } from '../../src/statistics/distances/cramers-v.ts'
import { gTest } from '../../src/statistics/distances/g-test.ts'
import { hellinger } from '../../src/statistics/distances/hellinger.ts'
import { jensenShannon } from '../../src/statistics/distances/jensen-shannon.ts'
import { kolmogorovSmirnovBinned } from '../../src/statistics/distances/kolmogorov-smirnov-binned.ts'
import { kullbackLeibler } from '../../src/statistics/distances/kullback-leibler.ts'
import { lInfinity } from '../../src/statistics/distances/l-infinity.ts'
import {
  populationStability,
  populationStabilityCorrected,
} from '../../src/statistics/distances/population-stability.ts'
import { populationStabilityFilled } from '../../src/statistics/distances/population-stability-filled.ts'
import { totalVariation } from '../../src/statistics/distances/total-variation.ts'
import type { Proportion } from '../../src/statistics/distances/two-proportion-z.ts'
import { twoProportionZ } from '../../src/statistics/distances/two-proportion-z.ts'
import { proportionDifferenceInterval } from '../../src/statistics/intervals/proportion-difference-interval.ts'
import { lossChange } from '../../src/statistics/performance/loss-change.ts'
import type { Arguments, Call } from './call.ts'

type Compare<T> = (reference: Float64Array, current: Float64Array) => T

function of(compare: Compare<unknown>): Call {
  return { run: (args) => compare(args.numbers('reference'), args.numbers('current')) }
}

/** Golden files call degrees of freedom df. */
function test(compare: Compare<ChiSquaredTest>): Call {
  return of((reference, current) => {
    const { statistic, degrees, pValue } = compare(reference, current)
    return { statistic, df: degrees, pValue }
  })
}

function proportion(args: Arguments, side: string): Proportion {
  const [successes, trials] = args.numbers(side) as unknown as [number, number]
  return { successes, trials }
}

export const countsCalls: Readonly<Record<string, Call>> = {
  chi2TwoSample: test(chiSquaredTwoSample),
  chi2Yates: test(chiSquaredYates),
  gTest: test(gTest),
  cramersV: of(cramersV),
  jsDistance: of(jensenShannon),
  hellinger: of(hellinger),
  totalVariation: of(totalVariation),
  lInfinity: of((reference, current) => lInfinity(reference, current).value),
  klDivergence: of(kullbackLeibler),
  ksBinned: of(kolmogorovSmirnovBinned),
  psi: of(populationStability),
  psiCorrected: {
    run: (args) =>
      populationStabilityCorrected(args.numbers('reference'), args.numbers('current'), args.number('designEffect')),
  },
  psiFilled: {
    run: (args) => populationStabilityFilled(args.numbers('reference'), args.numbers('current'), args.number('fill')),
  },
  twoProportionZ: { run: (args) => twoProportionZ(proportion(args, 'reference'), proportion(args, 'current')) },
  proportionDifferenceInterval: {
    run: (args) =>
      proportionDifferenceInterval(
        proportion(args, 'reference'),
        proportion(args, 'current'),
        args.number('confidence'),
      ),
  },
  adjustPValues: { run: (args) => adjustPValues(args.numbers('pValues'), args.text('method') as Adjustment) },
  lossChange: {
    run: (args) =>
      lossChange({
        reference: args.numbers('reference'),
        current: args.numbers('current'),
        referenceLoss: args.numbers('referenceLoss'),
        currentLoss: args.numbers('currentLoss'),
      }),
  },
}
