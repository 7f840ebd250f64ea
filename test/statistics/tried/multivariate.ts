// What functions of several columns are tried with.

import fc from 'fast-check'
import { momentsOfRows } from '../../../src/statistics/multivariate/moments.ts'
import { fitResidual } from '../../../src/statistics/multivariate/pca-reconstruction.ts'
import type { Tuple, Uses } from './hostile.ts'
import {
  anyNumber,
  both,
  count,
  countValue,
  lists,
  number,
  one,
  positive,
  real,
  realValue,
  share,
  strange,
  three,
} from './hostile.ts'

const columns = fc.nat(3)
/** Rows of as many columns; now and then one too long, or with a strange value. */
function rows(
  d: number,
  { minLength = 0, value = realValue }: { minLength?: number; value?: fc.Arbitrary<number> } = {},
) {
  const row = fc.array(value, { minLength: d, maxLength: d })
  return fc.oneof(
    { weight: 9, arbitrary: fc.array(row, { minLength, maxLength: 6 }) },
    {
      weight: 1,
      arbitrary: fc.array(fc.array(fc.oneof(strange, anyNumber), { minLength: d, maxLength: d + 1 }), { maxLength: 3 }),
    },
  )
}

/** Those of rows, or nothing of the kind. */
function moments(d: number) {
  const fitting = fc.array(fc.array(real, { minLength: d + 1, maxLength: d + 1 }), { minLength: 2, maxLength: 6 })
  return fc.oneof(
    { weight: 4, arbitrary: fitting.map((list) => momentsOfRows(list)) },
    { weight: 1, arbitrary: fc.record({ count, mean: lists(realValue, d + 1), covariance: symmetric(d + 1) }) },
    {
      weight: 1,
      arbitrary: fc.record({ count: countValue, mean: lists(realValue, d), covariance: lists(realValue, d * d) }),
    },
  )
}

function symmetric(d: number) {
  return lists(realValue, d * d).map((matrix) =>
    matrix.map((_, at) => {
      const [i, j] = [Math.floor(at / d), at % d]
      return matrix[Math.min(i, j) * d + Math.max(i, j)] as number
    }),
  )
}

const twoMoments = columns.chain((d) => fc.tuple(moments(d), moments(d)))
const measure = columns.chain((d) =>
  fc.tuple(fc.record({ mean: lists(realValue, d), lower: lists(realValue, d * d) }), lists(realValue, d)),
)
const residuals = fc.integer({ min: 1, max: 3 }).chain((d) =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .array(fc.array(real, { minLength: d, maxLength: d }), { minLength: 2, maxLength: 6 })
        .map((list) => fitResidual(momentsOfRows([...list, list[0]?.map((x) => x + 1) as number[]]))),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        components: fc.nat(d),
        mean: lists(real, d),
        scale: lists(realValue, d),
        directions: lists(real, d),
        variances: lists(real, 1),
      }),
    },
  ),
)
const d = fc.oneof({ weight: 4, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: number })
const matrixAndSize = fc.oneof(
  { weight: 4, arbitrary: columns.chain((size) => fc.tuple(symmetric(size), fc.constant(size))) },
  { weight: 1, arbitrary: fc.tuple(lists(realValue, 4), d) },
)
const positiveDefinite = columns
  .chain((size) => fc.tuple(rows(size + 1, { minLength: 2, value: real }), fc.constant(size + 1)))
  .map(([list, size]) => {
    try {
      return [momentsOfRows(list).covariance, size] as const
    } catch {
      return [new Float64Array(size * size), size] as const
    }
  })

export const multivariate: Readonly<Record<string, Tuple>> = {
  'multivariate/cholesky.ts: cholesky': fc.oneof(positiveDefinite, matrixAndSize),
  'multivariate/cholesky.ts: squaredLength': columns.chain((n) =>
    fc.tuple(lists(realValue, n * n), lists(realValue, n)),
  ),
  'multivariate/correlation-change.ts: correlationChange': twoMoments,
  'multivariate/correlation-change.ts: correlationChanges': twoMoments,
  'multivariate/embedding-distance.ts: embeddingDistance': fc.oneof(
    columns.chain((n) => fc.tuple(lists(realValue, n), lists(realValue, n))),
    fc.tuple(lists(realValue, 2), lists(realValue, 3)),
  ),
  'multivariate/hotelling-t2.ts: hotellingT2': three(
    columns.chain(moments),
    columns.chain(moments),
    fc.oneof(fc.constant({}), fc.record({ ridge: positive })),
  ),
  'multivariate/hotelling-t2.ts: mahalanobisSquared': measure,
  'multivariate/hotelling-t2.ts: measureOfMeans': both(columns.chain(moments), positive),
  'multivariate/mean-residual.ts: meanResidual': residuals.chain((residual) =>
    fc.tuple(fc.constant(residual), rows(residual.mean.length)),
  ),
  'multivariate/mmd-rbf.ts: mmdRbf': columns.chain((n) => fc.tuple(rows(n), rows(n), positive)),
  'multivariate/moments.ts: columnsOf': both(
    columns.chain((n) => rows(n)),
    fc.constant('rows'),
  ),
  'multivariate/moments.ts: meanOfRows': one(columns.chain((n) => rows(n))),
  'multivariate/moments.ts: momentsFromCrossSums': one(
    columns.chain((n) =>
      fc.record({ count, sums: lists(realValue, n), products: lists(realValue, (n * (n + 1)) / 2) }),
    ),
  ),
  'multivariate/moments.ts: momentsOfRows': one(columns.chain((n) => rows(n))),
  'multivariate/pca-reconstruction.ts: fitResidual': both(columns.chain(moments), share),
  'multivariate/pca-reconstruction.ts: pcaReconstruction': fc
    .tuple(twoMoments, fc.oneof(fc.constant({}), fc.record({ share })))
    .map(([[before, now], options]) => [before, now, options]),
  'multivariate/pca-reconstruction.ts: reconstructionError': residuals.chain((residual) =>
    fc.tuple(fc.constant(residual), moments(residual.mean.length - 1)),
  ),
  'multivariate/symmetric-eigen.ts: symmetricEigen': matrixAndSize,
}

export const usesOfMultivariate: Uses = {
  'multivariate/correlation-change.ts: correlationChanges': (call, args) => [...(call(...args) as Iterable<unknown>)],
}
