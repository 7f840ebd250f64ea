// The golden calls that are performance estimated without labels: as the daemon does it, from the cells of each chunk of rows.

import { isotonicAt, isotonicRegression } from '../../src/statistics/estimation/isotonic.ts'
import type { Metric } from '../../src/statistics/performance/metric.ts'
import type { Arguments, Call } from './call.ts'
import type { DataSet } from './data-sets.ts'
import { readDataSet } from './data-sets.ts'
import { estimateChunks } from './estimate-chunks.ts'

interface Chunk {
  readonly from: number
  readonly to: number
  readonly estimated: Readonly<Record<string, number>>
}

export const estimationCalls: Readonly<Record<string, Call>> = {
  isotonic: { run: isotonic },
  'nannyml/cbpe': {
    run: (args) => chunksOf(args, 'binary', () => []),
    assess: (got, expected, { abs }) => assess(got, expected, { closeTo: abs, worseBy: (error) => error + 0.005 }),
  },
  'nannyml/cbpe-multiclass': {
    run: (args) => chunksOf(args, 'multiclass', () => []),
    assess: (got, expected, { abs }) => assess(got, expected, { closeTo: abs, worseBy: (error) => error + 0.005 }),
  },
  'nannyml/dle': {
    run: (args) => chunksOf(args, 'regression', () => args.list('features').map(String)),
    assess: (got, expected) => assess(got, expected, { closeTo: null, worseBy: (error) => 1.25 * error }),
  },
}

function isotonic(args: Arguments): Float64Array {
  const weights = args.has('weights') ? args.numbers('weights') : undefined
  const curve = isotonicRegression(args.numbers('x'), args.numbers('y'), weights)
  return args.numbers('at').map((at) => isotonicAt(curve, at))
}

async function chunksOf(args: Arguments, task: DataSet['task'], features: () => readonly string[]) {
  const rowsPerChunk = args.number('rowsPerChunk')
  if (!(Number.isInteger(rowsPerChunk) && rowsPerChunk >= 1))
    throw new RangeError(`rowsPerChunk is ${rowsPerChunk}, it must be a whole number of at least 1`)
  const data = await readDataSet(args.text('dataset'), task, features())
  const chunks = estimateChunks(data, rowsPerChunk).map(({ from, to, metrics }): Chunk => {
    // Of several classes the library means the macro averages.
    const { f1 = metrics['f1_macro'], roc_auc = metrics['roc_auc_ovr_macro'] } = metrics
    const named = { ...metrics, f1, roc_auc }
    return {
      from,
      to,
      estimated: Object.fromEntries(Object.entries(named).map(([name, metric]) => [name, numberOr0(metric)])),
    }
  })
  return { chunks }
}

/** The library says 0 where nothing is predicted positive. */
function numberOr0(metric: Metric | undefined): number {
  return metric?.value ?? 0
}

interface Rule {
  /** How far the estimates may lie from the library's, on average; null = only their errors are compared. */
  readonly closeTo: number | null
  /** What the mean absolute error of the estimates may be, from the library's. */
  readonly worseBy: (error: number) => number
}

function assess(got: unknown, expected: Arguments, rule: Rule): string | null {
  const { chunks: mine } = got as { chunks: readonly Chunk[] }
  const wanted = expected.list('chunks') as ReadonlyArray<Chunk & { realized: Record<string, number> }>
  const errors = expected.within('meanAbsoluteError')
  const naive = expected.within('naiveError')
  const bounds = (chunks: readonly Chunk[]) => chunks.map(({ from, to }) => `${from}-${to}`).join()
  if (bounds(mine) !== bounds(wanted)) return `got the chunks ${bounds(mine)}, wanted ${bounds(wanted)}`
  const problems = errors.names.flatMap((metric) => {
    const mean = (miss: (i: number) => number) =>
      wanted.reduce((sum, _, i) => sum + Math.abs(miss(i)), 0) / wanted.length
    const estimate = (i: number) => mine[i]?.estimated[metric] ?? Number.NaN
    const away = mean((i) => estimate(i) - (wanted[i]?.estimated[metric] as number))
    const error = mean((i) => estimate(i) - (wanted[i]?.realized[metric] as number))
    const [theirs, asBefore] = [errors.number(metric), naive.number(metric)]
    const found: string[] = []
    if (rule.closeTo !== null && !(away <= rule.closeTo))
      found.push(`${metric}: ${away} from the library's estimates on average`)
    if (!(error <= rule.worseBy(theirs)))
      found.push(`${metric}: mean absolute error ${error}, the library's is ${theirs}`)
    if (rule.closeTo === null && theirs < asBefore && !(error < asBefore))
      found.push(`${metric}: mean absolute error ${error}, no better than the reference's value with ${asBefore}`)
    return found
  })
  return problems.length === 0 ? null : problems.join('; ')
}
