// What estimates without labels are tried with.

import fc from 'fast-check'
import type { Tuple } from './hostile.ts'
import { both, count, countValue, lists, number, one, positive, real, realValue, share, three } from './hostile.ts'

const bins = fc.nat(5)
const options = fc.constantFrom({}, { minimums: false })
const chance = fc.double({ min: 0, max: 1, noNaN: true })
const chanceBins = bins.chain((n) => fc.record({ rows: lists(countValue, n), chances: lists(chance, n) }))
const leaf = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ rows: fc.nat(500), absolute: fc.nat(9), squared: fc.nat(90), fourth: fc.nat(9000) }),
  },
  { weight: 1, arbitrary: fc.record({ rows: count, absolute: positive, squared: positive, fourth: positive }) },
)
const leaves = fc.array(leaf, { maxLength: 4 })
const minimum = fc.constantFrom(undefined, 0, 1)
const fold = fc.oneof(fc.constant(0), fc.nat(300))

export const estimation: Readonly<Record<string, Tuple>> = {
  'estimation/binary-estimates.ts: estimateBinary': bins.chain((n) =>
    fc.tuple(
      fc.record({
        negativeDecisions: lists(countValue, n),
        positiveDecisions: lists(countValue, n),
        undecided: lists(countValue, n),
        scoreSums: lists(chance, n),
      }),
      lists(chance, n),
      options,
    ),
  ),
  'estimation/calibration-gain.ts: calibrationGain': one(
    bins.chain((n) => fc.record({ positives: lists(fold, n), negatives: lists(fold, n), scores: lists(chance, n) })),
  ),
  'estimation/calibration-gain.ts: isotonicChances': bins.chain((n) =>
    fc.tuple(lists(countValue, n), lists(countValue, n)),
  ),
  'estimation/calibration-test.ts: calibrationTest': bins.chain((n) =>
    fc.tuple(lists(realValue, n), lists(countValue, n)),
  ),
  'estimation/estimated-ranking.ts: estimatedAveragePrecision': both(chanceBins, minimum),
  'estimation/estimated-ranking.ts: estimatedRocAuc': both(chanceBins, minimum),
  'estimation/estimated-ranking.ts: expectedTotals': both(fc.constant('expectedTotals'), chanceBins),
  'estimation/isotonic.ts: isotonicAt': both(
    fc.nat(5).chain((n) =>
      fc.record({
        x: lists(real, n).map((list) => list.sort()),
        values: lists(chance, n).map((list) => list.sort()),
      }),
    ),
    number,
  ),
  'estimation/isotonic.ts: isotonicRegression': bins.chain((n) =>
    fc.tuple(lists(realValue, n), lists(realValue, n), fc.option(lists(realValue, n), { nil: undefined })),
  ),
  'estimation/isotonic.ts: poolAdjacentViolators': bins.chain((n) =>
    fc.tuple(lists(realValue, n), lists(countValue, n)),
  ),
  'estimation/leaf-estimates.ts: estimateFromLeaves': leaves.chain((list) =>
    fc.tuple(lists(countValue, list.length), fc.constant(list), options),
  ),
  'estimation/leaf-estimates.ts: leafContributions': leaves.chain((list) =>
    fc.tuple(lists(countValue, list.length), lists(countValue, list.length), fc.constant(list)),
  ),
  'estimation/loss-tree.ts: growLossTree': fc.nat(12).chain((n) =>
    three(
      fc.array(
        fc.record({
          codes: fc.array(fc.nat(3), { minLength: n, maxLength: n }).map((codes) => Uint16Array.from(codes)),
          size: fc.oneof({ weight: 9, arbitrary: fc.constant(4) }, { weight: 1, arbitrary: count }),
          orderedFrom: fc.nat(4),
        }),
        { maxLength: 2 },
      ),
      lists(realValue, n),
      fc.record({ leavesMax: fc.nat(5), leafRowsMin: fc.nat(3), rowsMax: fc.nat(9) }, { requiredKeys: [] }),
    ),
  ),
  'estimation/multiclass-estimates.ts: estimateMulticlass': both(
    fc.nat(3).chain((classes) =>
      fc.record({
        classes: fc.constant(classes),
        expected: lists(positive, classes ** 2),
        squares: lists(positive, classes ** 2),
        logLoss: fc.option(fc.record({ count, sum: positive, variance: positive })),
        rankings: fc.array(chanceBins, { maxLength: 3 }),
      }),
    ),
    options,
  ),
}

export const lasting: Readonly<Record<string, Tuple>> = {
  'lasting/level-of-run.ts: levelOfRun': both(share, fc.record({ further: positive, correlation: share })),
}
