// The golden calls that are several columns at once, and embeddings.

import { correlationChange } from '../../src/statistics/multivariate/correlation-change.ts'
import { embeddingDistance } from '../../src/statistics/multivariate/embedding-distance.ts'
import { hotellingT2 } from '../../src/statistics/multivariate/hotelling-t2.ts'
import { mmdRbf } from '../../src/statistics/multivariate/mmd-rbf.ts'
import type { Moments } from '../../src/statistics/multivariate/moments.ts'
import { meanOfRows, momentsOfRows } from '../../src/statistics/multivariate/moments.ts'
import { pcaReconstruction } from '../../src/statistics/multivariate/pca-reconstruction.ts'
import type { Call } from './call.ts'

function ofMoments(compare: (reference: Moments, current: Moments) => unknown): Call {
  return {
    run: (args) =>
      compare(momentsOfRows(args.rows('reference'), 'reference'), momentsOfRows(args.rows('current'), 'current')),
  }
}

function orReason(value: number | null, reason: string): unknown {
  return value ?? { value: null, reason }
}

export const multivariateCalls: Readonly<Record<string, Call>> = {
  hotellingT2: ofMoments(hotellingT2),
  correlationChange: ofMoments(correlationChange),
  pcaReconstruction: ofMoments(pcaReconstruction),
  embeddingDistance: {
    run: (args) => {
      const [before, now] = [
        meanOfRows(args.rows('reference'), 'reference'),
        meanOfRows(args.rows('current'), 'current'),
      ]
      const { euclidean, cosine } = embeddingDistance(before, now)
      return { euclidean, cosine: orReason(cosine, 'a centroid is 0') }
    },
  },
  mmdRbf: {
    run: (args) => {
      const { biased, unbiased } = mmdRbf(args.rows('reference'), args.rows('current'), args.number('gamma'))
      return { biased, unbiased: orReason(unbiased, 'a single row') }
    },
  },
}
