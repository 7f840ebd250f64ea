// What Evidently says of a column: a method by name or by Evidently's own choice, its value, and whether that is drift.

import { energyDistance } from '../../samples/energy-distance.ts'
import { wassersteinNormed } from '../../samples/wasserstein.ts'
import { withinDoubles } from '../../undefined-statistic.ts'
import { ksPValue } from '../kolmogorov-smirnov.ts'
import { jensenShannonInNats, sharesOfCounts } from '../shares.ts'
import type { CategoryCounts, ColumnValue } from '../values.ts'
import { categoriesOf, countCategories, isWhole, numbersOf } from '../values.ts'
import {
  evidentlyChiSquared,
  evidentlyFisher,
  evidentlyG,
  evidentlyHellingerOfCategories,
  evidentlyZ,
} from './categorical.ts'
import { eppsSingleton } from './epps-singleton.ts'
import { evidentlyKullbackLeibler, evidentlyPsi } from './filled-shares.ts'
import type { EvidentlyKind, EvidentlyMethod } from './methods.ts'
import { evidentlyDefault, evidentlyMethods, isDrift } from './methods.ts'
import type { NumericSamples } from './numeric-bins.ts'
import { evidentlyHellingerOfNumbers, evidentlyShares } from './numeric-bins.ts'
import { evidentlyAnderson, evidentlyCramerVonMises, evidentlyMannWhitney, evidentlyT } from './sample-tests.ts'

/** A column as Evidently is given it. */
export interface EvidentlyColumn {
  readonly type: EvidentlyKind
  readonly reference: readonly ColumnValue[]
  readonly current: readonly ColumnValue[]
}

export interface ValueDrift {
  readonly method: EvidentlyMethod
  /** A p-value or a distance, by the method. */
  readonly value: number
  readonly threshold: number
  readonly drifted: boolean
}

/**
 * Evidently's drift of one column. Missing and infinite values are left out first.
 *
 * @param method `default` is Evidently's own choice: by the size of the reference and the number of different values
 * @param threshold Evidently's own for the method when left out
 * @throws RangeError if a sample has no value, the method does not exist, is not for columns of this type, or does not allow
 *   these samples
 * @throws UndefinedStatisticError where Evidently answers NaN
 * @see Evidently 0.7.23, ValueDrift
 * @example evidentlyValueDrift({ type: 'numeric', reference: [1, 2, 3, 4], current: [3, 4, 5, 6] }, 'ks').value // 0.7714286
 */
export function evidentlyValueDrift(
  column: EvidentlyColumn,
  method: EvidentlyMethod | 'default' = 'default',
  threshold?: number,
): ValueDrift {
  if (threshold !== undefined && !Number.isFinite(threshold))
    throw new RangeError(`evidentlyValueDrift: threshold is ${threshold}, it must be finite`)
  const samples = prepare(column)
  const chosen = method === 'default' ? choose(column.type, samples) : method
  const known = evidentlyMethods[chosen]
  if (known === undefined)
    throw new RangeError(`evidentlyValueDrift: method is ${chosen}, Evidently has no such method`)
  // Evidently chooses its tests for categories for numbers of few values, too; by name they are for categories alone.
  if (method !== 'default' && !(known.types as readonly EvidentlyKind[]).includes(column.type)) {
    throw new RangeError(`evidentlyValueDrift: method ${chosen} is not for columns of type ${column.type}`)
  }
  const value = withinDoubles(`evidently ${chosen}`, measure(chosen, samples))
  const limit = threshold ?? known.threshold
  return { method: chosen, value, threshold: limit, drifted: isDrift(chosen, value, limit) }
}

interface Prepared {
  readonly numbers: NumericSamples | null
  readonly counts: CategoryCounts
  readonly referenceRows: number
}

function prepare({ type, reference, current }: EvidentlyColumn): Prepared {
  const sides = { reference, current }
  const present = (side: 'reference' | 'current') => {
    const values = categoriesOf(sides[side]).filter((value) => typeof value === 'string' || Number.isFinite(value))
    if (values.length === 0)
      throw new RangeError(`evidently: ${side} has no value that is neither missing nor infinite`)
    return values
  }
  const values = { reference: present('reference'), current: present('current') }
  const sorted = (side: 'reference' | 'current') => numbersOf(`evidently: ${side}`, values[side]).sort()
  return {
    numbers:
      type === 'numeric'
        ? {
            reference: sorted('reference'),
            current: sorted('current'),
            whole: isWhole(reference) && isWhole(current),
          }
        : null,
    counts: countCategories(values.reference, values.current),
    referenceRows: values.reference.length,
  }
}

function choose(type: EvidentlyKind, { counts, referenceRows }: Prepared): EvidentlyMethod {
  return evidentlyDefault({ type, referenceRows, distinct: counts.categories.length })
}

function measure(method: EvidentlyMethod, { numbers, counts }: Prepared): number {
  const shares = () => (numbers === null ? sharesOfCounts(counts) : evidentlyShares(numbers))
  const { reference, current } = numbers ?? { reference: new Float64Array(), current: new Float64Array() }
  switch (method) {
    case 'psi':
      return evidentlyPsi(shares())
    case 'kl_div':
      return evidentlyKullbackLeibler(shares())
    case 'jensenshannon':
      return jensenShannonInNats(shares())
    case 'hellinger':
      return numbers === null ? evidentlyHellingerOfCategories(counts) : evidentlyHellingerOfNumbers(numbers)
    case 'chisquare':
      return evidentlyChiSquared(counts)
    case 'z':
      return evidentlyZ(inOrder(counts))
    case 'g_test':
      return evidentlyG(counts)
    case 'fisher_exact':
      return evidentlyFisher(counts)
    case 'wasserstein':
      return wassersteinNormed(reference, current)
    case 'ks':
      return ksPValue(reference, current)
    case 't_test':
      return evidentlyT(reference, current)
    case 'ed':
      return energyDistance(reference, current)
    case 'mannw':
      return evidentlyMannWhitney(reference, current)
    case 'anderson':
      return evidentlyAnderson(reference, current)
    case 'cramer_von_mises':
      return evidentlyCramerVonMises(reference, current)
    case 'es':
      return eppsSingleton(reference, current)
    default:
      return method satisfies never
  }
}

/** Counts with the categories in order of their names or numbers. */
function inOrder({ categories, reference, current }: CategoryCounts): CategoryCounts {
  const order = categories.map((_, i) => i).sort((i, j) => compare(categories[i] as string, categories[j] as string))
  return {
    categories: order.map((i) => categories[i] as string | number),
    reference: Float64Array.from(order, (i) => reference[i] as number),
    current: Float64Array.from(order, (i) => current[i] as number),
  }
}

function compare(a: string | number, b: string | number): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** A frame's verdict by Evidently's default preset. */
export interface PresetVerdict {
  readonly driftedColumns: number
  /** Share of columns that have drifted. */
  readonly share: number
  /** Whether at least half of the columns have. */
  readonly drifted: boolean
  readonly columns: ReadonlyMap<string, ValueDrift>
}

/** From this share of drifted columns on the whole frame counts as drifted. */
const FRAME_SHARE = 0.5

/** Two frames and what kind their columns are. */
export interface EvidentlyFrames {
  readonly numeric: readonly string[]
  readonly categorical: readonly string[]
  readonly reference: Readonly<Record<string, readonly ColumnValue[]>>
  readonly current: Readonly<Record<string, readonly ColumnValue[]>>
}

/**
 * The verdict of Evidently's DataDriftPreset at its defaults: each column by Evidently's own choice of method.
 *
 * @throws RangeError if no column is named, a frame lacks one, or as `evidentlyValueDrift`
 * @see Evidently 0.7.23, DataDriftPreset
 * @example evidentlyPreset({ numeric: ['a'], categorical: [], reference: { a: [1, 2, 3, 4, 5, 6] }, current: { a: [7, 8, 9] } }).share // 1
 */
export function evidentlyPreset({ numeric, categorical, reference, current }: EvidentlyFrames): PresetVerdict {
  const kinds = [
    ...numeric.map((name) => [name, 'numeric'] as const),
    ...categorical.map((name) => [name, 'categorical'] as const),
  ]
  if (kinds.length === 0) throw new RangeError('evidentlyPreset: numeric and categorical name no column')
  const verdicts = new Map<string, ValueDrift>()
  for (const [name, type] of kinds) {
    const column = {
      type,
      reference: columnOf('reference', reference, name),
      current: columnOf('current', current, name),
    }
    verdicts.set(name, evidentlyValueDrift(column))
  }
  let driftedColumns = 0
  for (const { drifted } of verdicts.values()) if (drifted) driftedColumns++
  const share = driftedColumns / verdicts.size
  return { driftedColumns, share, drifted: share >= FRAME_SHARE, columns: verdicts }
}

function columnOf(side: string, frame: EvidentlyFrames['reference'], name: string): readonly ColumnValue[] {
  const column = Object.hasOwn(frame, name) ? frame[name] : undefined
  if (column === undefined) throw new RangeError(`evidentlyPreset: ${side} has no column ${name}`)
  return column
}
