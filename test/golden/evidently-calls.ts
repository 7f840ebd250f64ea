// The golden calls that are Evidently’s definitions.

import type { EvidentlyKind, EvidentlyMethod } from '../../src/statistics/compatibility/evidently/methods.ts'
import { evidentlyPreset, evidentlyValueDrift } from '../../src/statistics/compatibility/evidently/value-drift.ts'
import type { ColumnValue } from '../../src/statistics/compatibility/values.ts'
import type { Arguments, Call } from './call.ts'
import { numberOf } from './call.ts'

/** A column’s values: numbers may be spelled, as golden files write what JSON has no word for. */
export function valuesOf(args: Arguments, name: string): ColumnValue[] {
  return args.list(name).map((value) => numberOf(value) ?? (value as ColumnValue))
}

/** What kind a column without a type is: text is categories. */
export function kindOf(...columns: readonly ColumnValue[][]): EvidentlyKind {
  return columns.some((values) => values.some((value) => typeof value === 'string' || typeof value === 'boolean'))
    ? 'categorical'
    : 'numeric'
}

function method(name: EvidentlyMethod, kind?: EvidentlyKind): Call {
  return {
    run: (args) => {
      const [reference, current] = [valuesOf(args, 'reference'), valuesOf(args, 'current')]
      return evidentlyValueDrift({ type: kind ?? kindOf(reference, current), reference, current }, name).value
    },
  }
}

export const evidentlyCalls: Readonly<Record<string, Call>> = {
  'evidently/wasserstein': method('wasserstein'),
  'evidently/psi': method('psi'),
  'evidently/jensenshannon': method('jensenshannon'),
  'evidently/hellinger': method('hellinger'),
  'evidently/ks': method('ks'),
  'evidently/t_test': method('t_test'),
  'evidently/chisquare': method('chisquare', 'categorical'),
  'evidently/z': method('z', 'categorical'),
  'evidently/value-drift': {
    run: (args) =>
      evidentlyValueDrift(
        {
          type: args.text('type') as EvidentlyKind,
          reference: valuesOf(args, 'reference'),
          current: valuesOf(args, 'current'),
        },
        args.text('method') as EvidentlyMethod | 'default',
        args.has('threshold') ? args.number('threshold') : undefined,
      ).value,
  },
  'evidently/preset': { run: preset, refute: otherMethods },
}

function preset(args: Arguments) {
  const frame = (side: string) => {
    const columns = args.within(side)
    return Object.fromEntries(columns.names.map((name) => [name, valuesOf(columns, name)]))
  }
  const {
    driftedColumns,
    share,
    columns: verdicts,
  } = evidentlyPreset({
    numeric: args.list('numeric') as string[],
    categorical: args.list('categorical') as string[],
    reference: frame('reference'),
    current: frame('current'),
  })
  const of = <T>(read: (verdict: { method: EvidentlyMethod; value: number; threshold: number }) => T) =>
    Object.fromEntries([...verdicts].map(([name, verdict]) => [name, read(verdict)]))
  return {
    driftedColumns,
    share,
    columns: of(({ value }) => value),
    methods: of(({ method }) => method),
    thresholds: of(({ threshold }) => threshold),
  }
}

const displayed: Readonly<Partial<Record<EvidentlyMethod, string>>> = {
  ks: 'K-S p_value',
  chisquare: 'chi-square p_value',
  z: 'Z-test p_value',
  wasserstein: 'Wasserstein distance (normed)',
  jensenshannon: 'Jensen-Shannon distance',
}

function otherMethods(got: unknown, truth: Arguments): string | null {
  const { methods, thresholds } = got as {
    methods: Record<string, EvidentlyMethod>
    thresholds: Record<string, number>
  }
  for (const [name, method] of Object.entries(methods)) {
    const wanted = truth.within('methods').text(name)
    if (displayed[method] !== wanted) return `${name} was judged by ${method}, by ${wanted} in truth`
    const threshold = truth.within('thresholds').number(name)
    if (thresholds[name] !== threshold) return `${name} has the threshold ${thresholds[name]}, ${threshold} in truth`
  }
  return null
}
