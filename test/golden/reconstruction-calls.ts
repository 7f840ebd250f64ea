// The golden calls that are NannyML's data reconstruction.

import { meanResidual } from '../../src/statistics/multivariate/mean-residual.ts'
import { momentsOfRows } from '../../src/statistics/multivariate/moments.ts'
import { fitResidual } from '../../src/statistics/multivariate/pca-reconstruction.ts'
import type { Arguments, Call } from './call.ts'

function fitted(args: Arguments) {
  const variance = args.number('variance')
  if (!(variance > 0 && variance < 1)) throw new RangeError(`variance is ${variance}, it must lie between 0 and 1`)
  return fitResidual(momentsOfRows(args.rows('reference'), 'reference'), variance)
}

export const reconstructionCalls: Readonly<Record<string, Call>> = {
  'nannyml/data-reconstruction': { run: (args) => meanResidual(fitted(args), args.rows('current')) },
  'nannyml/data-reconstruction-chunks': {
    run: (args) => {
      const [residual, rows, size] = [fitted(args), args.rows('current'), args.number('rowsPerChunk')]
      if (!(Number.isInteger(size) && size >= 1)) throw new RangeError(`rowsPerChunk is ${size}, it must be 1 or more`)
      const chunks = Array.from({ length: Math.ceil(rows.length / size) }, (_, i) =>
        rows.slice(i * size, (i + 1) * size),
      )
      return chunks.map((chunk) => meanResidual(residual, chunk))
    },
  },
}
