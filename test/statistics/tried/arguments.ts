// For every exported function of statistics/, the arguments it is tried with: fitting ones, and hostile ones of the right types.
// A function that is new needs one line in `tried`, or its reason in `inner`.

import fc from 'fast-check'
import { regressionOutcomes } from '../../../src/statistics/performance/from-rows.ts'
import { compatibility, innerOfCompatibility, usesOfCompatibility } from './compatibility.ts'
import { detectors, usesOfDetectors } from './detectors.ts'
import { estimation, lasting } from './estimation.ts'
import type { Tuple, Uses } from './hostile.ts'
import {
  anyNumber,
  both,
  count,
  countValue,
  histograms,
  lists,
  mostly,
  number,
  one,
  positive,
  real,
  realValue,
  share,
  three,
} from './hostile.ts'
import { multivariate, usesOfMultivariate } from './multivariate.ts'

const samples = fc.tuple(fc.nat(8), fc.nat(8)).chain(([m, n]) => fc.tuple(lists(realValue, m), lists(realValue, n)))
const values = fc.nat(8).chain((n) => lists(realValue, n))
const edges = fc
  .uniqueArray(fc.integer({ min: -9, max: 9 }), { maxLength: 6 })
  .map((list) => Float64Array.from(list).sort())
  .chain((list) =>
    fc.oneof({ weight: 9, arbitrary: fc.constant(list) }, { weight: 1, arbitrary: lists(anyNumber, list.length) }),
  )
const binned = edges.chain((list) =>
  fc.record({
    edges: fc.constant(list),
    referenceCounts: lists(countValue, list.length + 1),
    referenceSums: lists(realValue, list.length + 1),
    currentCounts: lists(countValue, list.length + 1),
    currentSums: lists(realValue, list.length + 1),
  }),
)
const binnedCounts = edges.chain((list) =>
  fc.record({ edges: fc.constant(list), counts: lists(countValue, list.length + 1) }),
)
const scores = histograms.map(([positives, negatives]) => ({ positives, negatives }))
const proportion = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(fc.nat(50), fc.nat(500)).map(([a, b]) => ({ successes: a, trials: a + b })) },
  { weight: 1, arbitrary: fc.record({ successes: count, trials: count }) },
)
const whole = fc.oneof(fc.nat(20), fc.nat(5000))
const lossSums = fc.option(
  fc.record({
    count: whole,
    sum: fc.double({ min: 0, max: 50, noNaN: true }),
    sumOfSquares: fc.double({ min: 0, max: 50, noNaN: true }),
  }),
)
const someConfusion = fc.record({
  truePositives: whole,
  falsePositives: whole,
  falseNegatives: whole,
  trueNegatives: whole,
})
const confusion = fc.option(someConfusion)
const regression = fc.array(fc.tuple(real, real), { minLength: 1, maxLength: 5 }).map(
  (rows) =>
    regressionOutcomes({
      labels: Float64Array.from(rows, ([label]) => label),
      predictions: Float64Array.from(rows, ([, prediction]) => prediction),
    }).sums,
)
const withoutMinimums = fc.constant({ minimums: false })
const confidence = mostly(fc.constantFrom(0.95, 0.5, 0.999))

const oneNumber = one(number)
const onePositive = one(positive)
const oneShare = one(share)
const twoPositive = both(positive, positive)
const shareAndPositive = both(share, positive)
const twoProportions = both(proportion, proportion)

const zeroToOne = fc.double({ min: 0, max: 1, noNaN: true })
const multilabelSums = fc.record({
  rows: count,
  hits: count,
  given: count,
  truths: count,
  hitsSquared: count,
  givenSquared: count,
  truthsSquared: count,
  hitsGiven: count,
  hitsTruths: count,
  givenTruths: count,
  exact: count,
})
/** Sums over rows of labels given and true, of which hits are both. */
const multilabelRows = fc.array(fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3)), { maxLength: 5 }).map((list) => {
  const rows = list.map(([h, more, missed]) => ({ h, p: h + more, t: h + missed }))
  const total = (of: (row: { h: number; p: number; t: number }) => number) =>
    rows.reduce((sum, row) => sum + of(row), 0)
  return {
    rows: rows.length,
    hits: total(({ h }) => h),
    given: total(({ p }) => p),
    truths: total(({ t }) => t),
    hitsSquared: total(({ h }) => h * h),
    givenSquared: total(({ p }) => p * p),
    truthsSquared: total(({ t }) => t * t),
    hitsGiven: total(({ h, p }) => h * p),
    hitsTruths: total(({ h, t }) => h * t),
    givenTruths: total(({ p, t }) => p * t),
    exact: total(({ h, p, t }) => (h === p && h === t ? 1 : 0)),
  }
})
const anyLossSums = fc.record({ count, sum: positive, sumOfSquares: positive })
const rowsOf = (length: number, value: fc.Arbitrary<number>) => lists(value, length)
const binary = fc
  .nat(8)
  .chain((n) => fc.record({ labels: rowsOf(n, fc.constantFrom(0, 1)), scores: rowsOf(n, zeroToOne) }))
const classified = fc.nat(6).chain((n) =>
  fc.record({
    classes: fc.constant(['a', 'b', 'c']),
    labels: fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: n, maxLength: n }),
    predictions: fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: n, maxLength: n }),
    probabilities: fc.array(fc.array(share, { minLength: 3, maxLength: 3 }), { minLength: n, maxLength: n }),
  }),
)
const performance: Readonly<Record<string, Tuple>> = {
  'performance/from-rows.ts: absoluteErrorExtremes': one(fc.nat(5).chain((n) => lists(realValue, n))),
  'performance/from-rows.ts: binaryOutcomes': both(binary, share),
  'performance/from-rows.ts: calibrationBins': both(binary, count),
  'performance/from-rows.ts: confusionsByGroup': one(
    fc.nat(8).chain((n) =>
      fc.record({
        groups: fc.array(fc.constantFrom('a', 'b'), { minLength: n, maxLength: n }),
        labels: rowsOf(n, fc.constantFrom(0, 1)),
        predictions: rowsOf(n, fc.constantFrom(0, 1)),
      }),
    ),
  ),
  'performance/from-rows.ts: lossSums': one(fc.nat(5).chain((n) => lists(realValue, n))),
  'performance/from-rows.ts: multiclassOutcomes': one(classified),
  'performance/from-rows.ts: regressionOutcomes': one(
    fc.nat(5).chain((n) => fc.record({ labels: lists(realValue, n), predictions: lists(realValue, n) })),
  ),
  'performance/from-rows.ts: scoreHistograms': one(binary),
  'performance/confusion-metrics.ts: proportion': fc.tuple(count, count, fc.constantFrom(1, 30), fc.constant('rows')),
  'performance/median-from-bins.ts: medianFromBins': both(
    edges.chain((list) =>
      fc.record({
        counts: lists(countValue, list.length + 1),
        edges: fc.constant(list),
        least: mostly(fc.constant(-10)),
        most: mostly(fc.constant(10)),
      }),
    ),
    fc.constantFrom(undefined, 0, 1),
  ),
  'performance/metric.ts: inUnitsOf': both(
    positive,
    fc.oneof(
      fc.constant({ value: null, reason: 'no rows' }),
      fc.record({ value: real, low: real, high: real, standardError: real }),
    ),
  ),
  'performance/metric.ts: meanMetric': both(fc.oneof(lossSums, anyLossSums), fc.constantFrom(undefined, 0, 1)),
  'performance/metric.ts: normalMetric': both(number, positive),
  'performance/multiclass-metrics.ts: perClassMetrics': both(
    fc.nat(3).chain((classes) =>
      fc.record({
        confusion: lists(countValue, classes ** 2),
        classes: fc.constant(classes),
        scores: fc.option(fc.array(scores, { maxLength: 3 }), { nil: undefined }),
      }),
    ),
    withoutMinimums,
  ),
  'performance/multiclass-metrics.ts: topAccuracy': three(
    fc.nat(4).chain((n) => lists(countValue, n)),
    count,
    fc.constantFrom(undefined, 0, 1),
  ),
  'performance/multilabel-metrics.ts: multilabelMetrics': both(
    fc.record({
      labels: fc.array(someConfusion, { maxLength: 3 }),
      sums: fc.oneof({ weight: 3, arbitrary: multilabelRows }, { weight: 1, arbitrary: multilabelSums }),
    }),
    withoutMinimums,
  ),
  'performance/ranking-metrics.ts: rankingMetrics': both(
    fc.record({
      ndcg: anyLossSums,
      averagePrecision: anyLossSums,
      reciprocalRank: anyLossSums,
      hit: anyLossSums,
    }),
    fc.constantFrom(undefined, 0, 1),
  ),
}

/** By `file: function`, the arguments it is tried with. */
export const tried: Readonly<Record<string, Tuple>> = {
  ...compatibility,
  ...detectors,
  ...estimation,
  ...lasting,
  ...multivariate,
  'adjust-p-values.ts: adjustPValues': both(
    fc.nat(5).chain((n) => lists(fc.double({ min: 0, max: 1, noNaN: true }), n)),
    fc.constantFrom('bonferroni', 'holm', 'benjamini-hochberg', 'benjamini-yekutieli'),
  ),
  'distances/chi-squared-two-sample.ts: chiSquaredTwoSample': histograms,
  'distances/chi-squared-yates.ts: chiSquaredYates': histograms,
  'distances/cramers-v.ts: cramersV': histograms,
  'distances/energy-from-bins.ts: energyFromBins': one(binned),
  'distances/g-test.ts: gTest': histograms,
  'distances/hellinger.ts: hellinger': histograms,
  'distances/jensen-shannon.ts: jensenShannon': histograms,
  'distances/kolmogorov-smirnov-binned.ts: kolmogorovSmirnovBinned': histograms,
  'distances/kullback-leibler.ts: kullbackLeibler': histograms,
  'distances/l-infinity.ts: lInfinity': histograms,
  'distances/mean-shift.ts: meanShift': both(
    fc.record({ count, mean: number, variance: positive }),
    fc.record({ count, mean: number, variance: positive }),
  ),
  'distances/pool-sparse.ts: poolSparse': histograms,
  'distances/population-stability-filled.ts: populationStabilityFilled': fc
    .tuple(histograms, share)
    .map(([[reference, current], fill]) => [reference, current, fill]),
  'distances/population-stability.ts: populationStability': histograms,
  'distances/population-stability.ts: populationStabilityCorrected': fc
    .tuple(histograms, positive)
    .map(([[reference, current], effect]) => [reference, current, effect]),
  'distances/probability-greater.ts: probabilityGreater': histograms,
  'distances/proportion-test.ts: proportionTest': twoProportions,
  'distances/quantile-from-bins.ts: quantileFromBins': both(binnedCounts, share),
  'distances/quantile-from-bins.ts: robustSpread': one(binnedCounts),
  'distances/rank-tests.ts: rankTests': histograms,
  'distances/total-variation.ts: totalVariation': histograms,
  'distances/two-proportion-z.ts: twoProportionZ': twoProportions,
  'distances/variance-ratio.ts: varianceRatio': both(
    fc.record({ count, variance: positive, kurtosis: positive }),
    fc.record({ count, variance: positive, kurtosis: positive }),
  ),
  'distances/wasserstein-from-bins.ts: wassersteinAtLeast': one(binned),
  'distances/wasserstein-from-bins.ts: wassersteinFromBins': one(binned),
  'intervals/average-precision-interval.ts: averagePrecisionInterval': three(share, count, confidence),
  'intervals/auc-interval.ts: aucInterval': both(
    share,
    fc.record({ standardError: share, positives: count, negatives: count }),
  ),
  'intervals/confidence.ts: standardErrorsAt': oneShare,
  'intervals/f1-interval.ts: f1Interval': both(
    fc.record({ truePositives: count, falsePositives: count, falseNegatives: count }),
    confidence,
  ),
  'intervals/logit-interval.ts: logitInterval': three(share, positive, confidence),
  'intervals/mean-interval.ts: meanInterval': both(values, confidence),
  'intervals/normal-interval.ts: normalInterval': both(number, positive),
  'intervals/proportion-difference-interval.ts: proportionDifferenceInterval': three(
    proportion,
    proportion,
    confidence,
  ),
  'intervals/wilson.ts: wilson': three(count, count, confidence),
  'performance/average-precision.ts: averagePrecision': both(
    scores,
    fc.record({ minimum: fc.constant(1), within: fc.constantFrom('mixed', 'tied') }),
  ),
  'performance/binary-metrics.ts: binaryMetrics': both(
    fc.tuple(scores, confusion, lossSums, lossSums).map(([histograms, counts, logLoss, brier]) => ({
      ...histograms,
      confusion: counts,
      logLoss,
      brier,
    })),
    withoutMinimums,
  ),
  'performance/multiclass-metrics.ts: multiclassMetrics': both(
    fc.tuple(fc.nat(3), lossSums).chain(([classes, logLoss]) =>
      fc.record({
        confusion: fc
          .array(countValue, { minLength: classes ** 2, maxLength: classes ** 2 })
          .map((cells) => Float64Array.from(cells)),
        classes: fc.constant(classes),
        logLoss: fc.constant(logLoss),
      }),
    ),
    withoutMinimums,
  ),
  'performance/loss-change.ts: lossChange': one(
    fc.nat(4).chain((n) =>
      fc.record({
        reference: lists(countValue, n),
        current: lists(countValue, n),
        referenceLoss: lists(real, n),
        currentLoss: lists(real, n),
      }),
    ),
  ),
  'performance/mix-effect.ts: mixEffect': one(
    fc.nat(4).chain((n) =>
      fc.record({
        reference: lists(countValue, n),
        current: lists(countValue, n),
        loss: lists(real, n),
        labelled: lists(countValue, n),
        variance: real,
      }),
    ),
  ),
  'intervals/clopper-pearson.ts: clopperPearson': three(count, count, confidence),
  'performance/business-value.ts: businessValue': fc
    .nat(4)
    .chain((n) => fc.tuple(lists(countValue, n), lists(real, n), fc.constant(1))),
  'performance/calibration-error.ts: calibrationError': both(
    fc.array(fc.tuple(fc.nat(20), fc.nat(20), share), { maxLength: 4 }).map((bins) => ({
      counts: Float64Array.from(bins, ([a, b]) => a + b),
      positives: Float64Array.from(bins, ([a]) => a),
      scores: Float64Array.from(bins, ([a, b, mean]) => (a + b) * mean),
    })),
    fc.constant(1),
  ),
  'performance/confusion-metrics.ts: confusionMetrics': both(
    fc.record({ truePositives: count, falsePositives: count, falseNegatives: count, trueNegatives: count }),
    withoutMinimums,
  ),
  'performance/fairness.ts: fairness': one(fc.dictionary(fc.constantFrom('a', 'b', 'c'), someConfusion)),
  'performance/interval-coverage.ts: intervalCoverage': both(
    fc.nat(4).chain((n) => fc.record({ low: lists(real, n), high: lists(real, n), labels: lists(real, n) })),
    fc.constant(1),
  ),
  'performance/lift-at-share.ts: liftAtShare': three(scores, share, fc.constant(1)),
  ...performance,
  'performance/pinball-loss.ts: pinballLoss': three(regression, share, fc.constant(1)),
  'performance/precision-recall-curve.ts: precisionRecallCurve': one(scores),
  'performance/ranking-metrics.ts: rankQuery': both(
    fc.nat(5).chain((n) => fc.record({ relevance: lists(fc.nat(3), n), scores: lists(real, n) })),
    count,
  ),
  'performance/regression-metrics.ts: regressionMetrics': both(regression, withoutMinimums),
  'performance/roc-auc.ts: rocAuc': both(scores, fc.constant(1)),
  'performance/roc-auc.ts: rocAucBracket': one(scores),
  'performance/score-separation.ts: scoreSeparation': both(scores, fc.constant(1)),
  'samples/cramer-von-mises.ts: cramerVonMises': samples,
  'samples/energy-distance.ts: energyDistance': samples,
  'samples/kolmogorov-smirnov.ts: ksExact': samples,
  'samples/kolmogorov-smirnov.ts: ksLimit': samples,
  'samples/kolmogorov-smirnov.ts: ksStatistic': samples,
  'samples/mann-whitney.ts: mannWhitney': samples,
  'samples/moments-from-sums.ts: momentsFromSums': one(
    fc.record({ count, shift: number, sum: number, sumOfSquares: positive }),
  ),
  'samples/moments.ts: momentsOf': one(values),
  'samples/quantiles.ts: quantilesOf': both(
    values,
    fc.nat(4).chain((n) => lists(fc.double({ min: 0, max: 1, noNaN: true }), n)),
  ),
  'samples/wasserstein.ts: wasserstein': samples,
  'samples/wasserstein.ts: wassersteinNormed': samples,
  'samples/welch-t.ts: welchT': samples,
  'special/binomial.ts: binomialUpperTail': three(count, count, share),
  'special/chi-squared.ts: chiSquaredInverseUpperTail': shareAndPositive,
  'special/chi-squared.ts: chiSquaredLogUpperTail': twoPositive,
  'special/chi-squared.ts: chiSquaredUpperTail': twoPositive,
  'special/cramer-von-mises.ts: cramerVonMisesUpperTail': onePositive,
  'special/f-distribution.ts: fInverseUpperTail': three(share, positive, positive),
  'special/fisher-exact.ts: fisherExact': one(fc.tuple(fc.tuple(count, count), fc.tuple(count, count))),
  'special/incomplete-beta.ts: betaInc': three(positive, positive, share),
  'special/incomplete-beta.ts: betaIncInverse': three(positive, positive, share),
  'special/incomplete-gamma.ts: gammaP': twoPositive,
  'special/incomplete-gamma.ts: gammaQ': twoPositive,
  'special/kolmogorov.ts: kolmogorovUpperTail': onePositive,
  'special/kolmogorov-finite.ts: kolmogorovFiniteUpperTail': both(share, fc.nat(60)),
  'special/ln-gamma.ts: lnGamma': onePositive,
  'special/normal.ts: erfc': oneNumber,
  'special/normal.ts: normalLogUpperTail': oneNumber,
  'special/normal.ts: normalQuantile': oneShare,
  'special/normal.ts: normalUpperTail': oneNumber,
  'special/poisson.ts: poissonUpperTail': both(count, positive),
  'special/student-t.ts: studentTQuantile': shareAndPositive,
  'special/student-t.ts: studentTUpperTail': both(number, positive),
}

/** Functions whose value may be infinite where the true one is: the ends of a distribution, and what is beyond a double. */
export const infinite: ReadonlySet<string> = new Set([
  'special/chi-squared.ts: chiSquaredInverseUpperTail',
  'special/chi-squared.ts: chiSquaredLogUpperTail',
  'special/f-distribution.ts: fInverseUpperTail',
  'special/ln-gamma.ts: lnGamma',
  'special/normal.ts: normalLogUpperTail',
  'special/normal.ts: normalQuantile',
  'special/student-t.ts: studentTQuantile',
])

/** How functions are used that are not only called. */
export const uses: Uses = { ...usesOfCompatibility, ...usesOfDetectors, ...usesOfMultivariate }

const part = 'a part of others, which check its arguments'
/** Exported for other files of statistics/, and tried through them. */
export const inner: Readonly<Record<string, string>> = {
  ...innerOfCompatibility,
  'detectors/checks.ts: requireError': 'checks arguments',
  'detectors/checks.ts: requireFinite': 'checks arguments',
  'detectors/checks.ts: requireInnerShare': 'checks arguments',
  'detectors/checks.ts: requireNotNegative': 'checks arguments',
  'detectors/checks.ts: requirePositive': 'checks arguments',
  'detectors/checks.ts: requireShare': 'checks arguments',
  'detectors/checks.ts: requireWhole': 'checks arguments',
  'detectors/running-mean.ts: takeIn': part,
  'intervals/average-precision-interval.ts: averagePrecisionStandardError': part,
  'intervals/wilson.ts: proportionStandardError': part,
  'multivariate/moments.ts: checkMoments': 'checks arguments',
  'multivariate/moments.ts: sameColumns': 'checks arguments',
  'sketches/text-hash.ts: hashText': 'answers with two whole numbers of 32 bits, for any text',
  'distances/binned-samples.ts: partOf': part,
  'distances/binned-samples.ts: rowsOf': 'checks arguments',
  'distances/chi-squared-two-sample.ts: ChiSquaredTest': 'what the tests answer',
  'distances/histograms.ts: isCount': 'checks arguments',
  'distances/histograms.ts: sharesOf': part,
  'distances/histograms.ts: smoothedSharesOf': part,
  'distances/histograms.ts: totalsOf': 'checks arguments',
  'distances/two-proportion-z.ts: shareOf': 'checks arguments',
  'intervals/f1-interval.ts: f1OfJaccard': part,
  'intervals/normal-interval.ts: checkStandardError': 'checks arguments',
  'performance/metric.ts: meanStandardError': part,
  'performance/metric.ts: undefinedBecause': part,
  'performance/average-precision-error.ts: averagePrecisionError': part,
  'performance/confusion-metrics.ts: noConfusionMetrics': part,
  'performance/confusion-metrics.ts: signedMetric': part,
  'performance/multinomial.ts: multinomialStandardError': part,
  'performance/regression-metrics.ts: tooFewRows': part,
  'performance/score-histograms.ts: classTotals': 'checks arguments',
  'samples/kolmogorov-smirnov.ts: ksExactPValue': part,
  'samples/ranks.ts: ranksOf': part,
  'samples/values.ts: sortedPair': part,
  'samples/values.ts: sortedValues': part,
  'samples/values.ts: stepsOf': part,
  'special/find-root.ts: findRoot': part,
  'special/incomplete-beta.ts: lnBetaInc': part,
  'special/incomplete-beta.ts: lnBetaTerm': part,
  'special/incomplete-gamma.ts: lnGammaP': part,
  'special/incomplete-gamma.ts: lnGammaQ': part,
  'special/incomplete-gamma.ts: lnGammaTerm': part,
  'special/ln-gamma.ts: lnBeta': part,
  'special/ln-gamma.ts: lnGammaPlusOne': part,
  'special/ln-gamma.ts: lnGammaRise': part,
  'special/ln-gamma.ts: stirlingError': part,
  'special/log-minus.ts: logMinus': part,
  'undefined-statistic.ts: UndefinedStatisticError': 'an error',
  'undefined-statistic.ts: withinDoubles': 'checks an answer',
}
