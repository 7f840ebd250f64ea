// What other tools' definitions are tried with: columns of raw values, counts and shares.

import fc from 'fast-check'
import { evidentlyMethods } from '../../../src/statistics/compatibility/evidently/methods.ts'
import { nannymlMethods } from '../../../src/statistics/compatibility/nannyml/methods.ts'
import type { Tuple, Uses } from './hostile.ts'
import {
  anyNumber,
  both,
  count,
  countValue,
  histograms,
  lists,
  number,
  one,
  realValue,
  share,
  strange,
  three,
} from './hostile.ts'

const counts = histograms.map(([reference, current]) => ({ reference, current }))
const shares = fc.nat(5).chain((n) =>
  fc.record({
    reference: lists(fc.double({ min: 0, max: 1, noNaN: true }), n),
    current: lists(fc.double({ min: 0, max: 1, noNaN: true }), n),
  }),
)
const samples = fc.tuple(fc.nat(8), fc.nat(8)).chain(([m, n]) => fc.tuple(lists(realValue, m), lists(realValue, n)))
const sorted = samples.map(([reference, current]) => [reference.sort(), current.sort()] as const)
const column = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: realValue },
    { weight: 2, arbitrary: fc.integer({ min: 0, max: 4 }) },
    { weight: 1, arbitrary: fc.oneof(strange, anyNumber) },
    { weight: 1, arbitrary: fc.constantFrom(null, true, false, 'a') },
  ),
  { maxLength: 24 },
)
const numbers = fc.array(fc.oneof(realValue, fc.constant(null)), { maxLength: 24 })
const category = fc.array(fc.constantFrom('a', 'b', 'c', 1, 2, true, null), { maxLength: 24 })
const pair = fc.oneof(
  fc.tuple(numbers, numbers, fc.constantFrom('numeric', 'categorical')),
  fc.tuple(column, column, fc.constantFrom('numeric', 'categorical')),
  fc.tuple(category, category, fc.constant('categorical')),
)
const linf = fc.constantFrom('simple', 'robust')
const evidently = Object.keys(evidentlyMethods)
const nannyml = fc.constantFrom(...Object.keys(nannymlMethods))
const chunk = pair.map(([reference, current, type]) => ({
  type: type === 'numeric' ? 'continuous' : type,
  reference,
  current,
}))
const bucketsOf = fc.nat(4).chain((n) =>
  fc.record({
    edges: lists(realValue, n + 1).map((list) => list.sort()),
    counts: lists(countValue, Math.max(1, n)),
  }),
)

export const compatibility: Readonly<Record<string, Tuple>> = {
  'compatibility/azure/distances.ts: azureJensenShannon': one(counts),
  'compatibility/azure/distances.ts: azureWasserstein': samples,
  'compatibility/equal-width.ts: doaneBins': one(samples.map(([reference]) => reference)),
  'compatibility/equal-width.ts: evenEdges': three(number, number, count),
  'compatibility/equal-width.ts: histogram': sorted,
  'compatibility/equal-width.ts: sturgesBins': three(number, count, fc.boolean()),
  'compatibility/evidently/categorical.ts: evidentlyChiSquared': one(counts),
  'compatibility/evidently/categorical.ts: evidentlyFisher': one(counts),
  'compatibility/evidently/categorical.ts: evidentlyG': one(counts),
  'compatibility/evidently/categorical.ts: evidentlyHellingerOfCategories': one(counts),
  'compatibility/evidently/categorical.ts: evidentlyZ': one(counts),
  'compatibility/evidently/filled-shares.ts: evidentlyKullbackLeibler': one(shares),
  'compatibility/evidently/filled-shares.ts: evidentlyPsi': one(shares),
  'compatibility/evidently/value-drift.ts: evidentlyPreset': one(
    pair.map(([reference, current, type]) => ({
      numeric: type === 'numeric' ? ['a'] : [],
      categorical: type === 'numeric' ? [] : ['a'],
      reference: { a: reference },
      current: { a: current },
    })),
  ),
  'compatibility/evidently/value-drift.ts: evidentlyValueDrift': three(
    pair.map(([reference, current, type]) => ({ type, reference, current })),
    fc.constantFrom('default', ...evidently),
    fc.option(share, { nil: undefined }),
  ),
  'compatibility/kolmogorov-smirnov.ts: ksPValue': sorted,
  'compatibility/kolmogorov-smirnov.ts: ksStatisticPValue': three(share, count, count),
  'compatibility/kolmogorov-smirnov.ts: largestDifference': sorted,
  'compatibility/nannyml/alerts.ts: nannymlAlerts': both(
    nannyml,
    fc.tuple(chunk, fc.option(count, { nil: undefined })).map(([of, rowsPerChunk]) => ({ ...of, rowsPerChunk })),
  ),
  'compatibility/nannyml/methods.ts: nannymlThreshold': both(nannyml, fc.array(fc.option(share))),
  'compatibility/nannyml/univariate.ts: fitNannyml': both(nannyml, chunk),
  'compatibility/nannyml/univariate.ts: nannymlEdges': three(number, number, count),
  'compatibility/nannyml/univariate.ts: nannymlOfCategories': both(nannyml, counts),
  'compatibility/sagemaker/linf.ts: linf': three(linf, share, fc.record({ reference: count, current: count })),
  'compatibility/sagemaker/linf.ts: sagemakerLinf': fc.tuple(linf, samples).map(([method, pair]) => [method, ...pair]),
  'compatibility/sagemaker/linf.ts: sagemakerLinfOfCategories': both(linf, counts),
  'compatibility/shares.ts: jensenShannonInNats': one(fc.oneof(shares, counts)),
  'compatibility/shares.ts: sharesOfCounts': one(counts),
  'compatibility/vertex/divergences.ts: bucketDivergence': both(bucketsOf, bucketsOf),
  'compatibility/vertex/divergences.ts: bucketEdges': both(number, number),
  'compatibility/vertex/divergences.ts: vertexJensenShannon': samples,
  'compatibility/vertex/divergences.ts: vertexLInfinity': one(counts),
}

export const usesOfCompatibility: Uses = {
  'compatibility/nannyml/univariate.ts: fitNannyml': (fit, [method, of]) => {
    const measure = fit(method, of) as (chunk: unknown) => unknown
    return measure((of as { current: unknown }).current)
  },
}

const ready = 'takes what evidentlyValueDrift makes ready, and is tried through it'
export const innerOfCompatibility: Readonly<Record<string, string>> = {
  'compatibility/equal-width.ts: lowerBound': 'counts',
  'compatibility/equal-width.ts: outerEdges': 'a part of others, which check its arguments',
  'compatibility/equal-width.ts: upperBound': 'counts',
  'compatibility/evidently/epps-singleton.ts: eppsSingleton': ready,
  'compatibility/evidently/methods.ts: evidentlyDefault': 'answers with a name',
  'compatibility/evidently/methods.ts: isDrift': 'answers with yes or no',
  'compatibility/evidently/methods.ts: isPValue': 'answers with yes or no',
  'compatibility/evidently/numeric-bins.ts: evidentlyHellingerOfNumbers': ready,
  'compatibility/evidently/numeric-bins.ts: evidentlyShares': ready,
  'compatibility/evidently/sample-tests.ts: evidentlyAnderson': ready,
  'compatibility/evidently/sample-tests.ts: evidentlyCramerVonMises': ready,
  'compatibility/evidently/sample-tests.ts: evidentlyMannWhitney': ready,
  'compatibility/evidently/sample-tests.ts: evidentlyT': ready,
  'compatibility/shares.ts: sum': 'a part of others, which check its arguments',
  'compatibility/values.ts: categoriesOf': 'reads a column',
  'compatibility/values.ts: countCategories': 'counts',
  'compatibility/values.ts: isWhole': 'answers with yes or no',
  'compatibility/values.ts: numbersOf': 'reads a column, infinities and all',
}
