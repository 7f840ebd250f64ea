// The golden calls that are NannyML’s definitions.

import { nannymlAlerts } from '../../src/statistics/compatibility/nannyml/alerts.ts'
import type { NannymlKind, NannymlMethod } from '../../src/statistics/compatibility/nannyml/methods.ts'
import { fitNannyml } from '../../src/statistics/compatibility/nannyml/univariate.ts'
import type { Arguments, Call } from './call.ts'
import { kindOf, valuesOf } from './evidently-calls.ts'

function column(args: Arguments) {
  const [reference, current] = [valuesOf(args, 'reference'), valuesOf(args, 'current')]
  const kind = args.has('type') ? args.text('type') : kindOf(reference, current)
  return { type: (kind === 'categorical' ? 'categorical' : 'continuous') as NannymlKind, reference, current }
}

function method(name: NannymlMethod, type?: NannymlKind): Call {
  return {
    run: (args) => {
      const read = column(args)
      return fitNannyml(name, { ...read, type: type ?? read.type })(read.current).value
    },
  }
}

export const nannymlCalls: Readonly<Record<string, Call>> = {
  'nannyml/jensen_shannon': method('jensen_shannon'),
  'nannyml/hellinger': method('hellinger'),
  'nannyml/kolmogorov_smirnov': method('kolmogorov_smirnov'),
  'nannyml/wasserstein': method('wasserstein'),
  'nannyml/chi2': method('chi2', 'categorical'),
  'nannyml/l_infinity': method('l_infinity', 'categorical'),
  'nannyml/univariate-alerts': {
    run: (args) => {
      const name = args.text('method') as NannymlMethod
      const rowsPerChunk = args.has('rowsPerChunk') ? args.number('rowsPerChunk') : undefined
      const { values, ...rest } = nannymlAlerts(name, { ...column(args), rowsPerChunk })
      return { ...rest, values: values.map((value) => value ?? { value, reason: 'the chunk has no value' }) }
    },
  },
}
