// What a preset's tool would say of a window, from bins.
//
// Categories are counted as the tool counts them. Numbers are exact where an edge of the tool's bins is an edge of ours (see
// preset-edges.ts), and read off between our edges otherwise, whole rows at a time. docs/compatibility.md has the measured differences.

import { AZURE_THRESHOLD, azureJensenShannon } from '../statistics/compatibility/azure/distances.ts'
import { evenEdges, outerEdges, sturgesBins } from '../statistics/compatibility/equal-width.ts'
import {
  evidentlyChiSquared,
  evidentlyHellingerOfCategories,
  evidentlyZ,
} from '../statistics/compatibility/evidently/categorical.ts'
import { evidentlyKullbackLeibler, evidentlyPsi } from '../statistics/compatibility/evidently/filled-shares.ts'
import type { EvidentlyMethod } from '../statistics/compatibility/evidently/methods.ts'
import { evidentlyDefault, evidentlyMethods, isDrift, isPValue } from '../statistics/compatibility/evidently/methods.ts'
import { ksStatisticPValue } from '../statistics/compatibility/kolmogorov-smirnov.ts'
import type { NannymlMethod } from '../statistics/compatibility/nannyml/methods.ts'
import { NANNYML_CHI2_LEVEL } from '../statistics/compatibility/nannyml/methods.ts'
import type { ChunkDrift } from '../statistics/compatibility/nannyml/univariate.ts'
import { nannymlEdges, nannymlOfCategories } from '../statistics/compatibility/nannyml/univariate.ts'
import { linf, SAGEMAKER_THRESHOLD, sagemakerLinfOfCategories } from '../statistics/compatibility/sagemaker/linf.ts'
import type { Shares } from '../statistics/compatibility/shares.ts'
import { jensenShannonInNats, sharesOfCounts } from '../statistics/compatibility/shares.ts'
import {
  bucketDivergence,
  bucketEdges,
  VERTEX_THRESHOLD,
  vertexLInfinity,
} from '../statistics/compatibility/vertex/divergences.ts'
import { wassersteinFromBins } from '../statistics/distances/wasserstein-from-bins.ts'
import { UndefinedStatisticError } from '../statistics/undefined-statistic.ts'
import { floatAbove } from '../summaries/bins.ts'
import type { CategoricalCells, ColumnCells, NumericCells } from '../summaries/layout.ts'
import { FIRST_CATEGORY, OTHER } from '../summaries/layout.ts'
import type { BinnedSample } from './binned-sample.ts'
import { countsIn, readSample, rowsBelow } from './binned-sample.ts'
import type { Preset, PresetChoice } from './preset.ts'
import { isFor } from './preset.ts'

/** A tool's verdict. */
export interface PresetDrift {
  /** The tool and the method it took: `evidently/psi`. */
  readonly method: string
  readonly value: number
  /** Null where the p-value alone decides. */
  readonly threshold: number | null
  readonly pValue: number | null
  readonly drifted: boolean
}

/** A tool's verdict without a threshold of its own. */
type Measured = Pick<PresetDrift, 'method' | 'value' | 'pValue'>

/** Both sides of a comparison. */
interface Summaries {
  readonly reference: Float64Array
  readonly current: Float64Array
}

/**
 * A preset's verdict on a column of a window. Both sides must hold at least one value.
 *
 * @param learnt the threshold that was learnt from the reference, for the tool that learns one
 * @returns in words why there is no verdict, where there is none
 */
export function measurePreset(
  { preset, threshold }: PresetChoice,
  cells: ColumnCells,
  summaries: Summaries,
  learnt: number | null,
): PresetDrift | string {
  if (!isFor(preset, cells.column.kind)) return `${preset.name} is not for ${cells.column.kind} columns`
  let measured: Measured
  try {
    measured = presetValue(preset, cells, summaries)
  } catch (error) {
    if (error instanceof UndefinedStatisticError) return error.message
    throw error
  }
  switch (preset.tool) {
    case 'evidently': {
      const method = measured.method.slice('evidently/'.length) as EvidentlyMethod
      const limit = threshold ?? evidentlyMethods[method].threshold
      return { ...measured, threshold: limit, drifted: isDrift(method, measured.value, limit) }
    }
    case 'nannyml': {
      if (measured.pValue !== null)
        return { ...measured, threshold: null, drifted: measured.pValue < NANNYML_CHI2_LEVEL }
      const limit = threshold ?? learnt
      if (limit === null)
        return 'the reference holds fewer than two windows of this size, from which NannyML learns its threshold; set drift.threshold'
      return { ...measured, threshold: limit, drifted: measured.value > limit }
    }
    default: {
      const limit = threshold ?? defaultThreshold[preset.tool]
      return { ...measured, threshold: limit, drifted: measured.value > limit }
    }
  }
}

const defaultThreshold = {
  azure: AZURE_THRESHOLD,
  sagemaker: SAGEMAKER_THRESHOLD,
  vertex: VERTEX_THRESHOLD,
} as const

/** A preset's value for a column. @throws UndefinedStatisticError where it has none */
export function presetValue(preset: Preset, cells: ColumnCells, summaries: Summaries): Measured {
  if (cells.kind === 'embedding') throw new UndefinedStatisticError('presets do not judge columns of embeddings')
  return cells.kind === 'categorical'
    ? ofCategories(preset, cells, summaries)
    : ofNumbers(preset, cells, {
        reference: readSample(cells, summaries.reference, true),
        current: readSample(cells, summaries.current, false),
      })
}

function ofCategories(preset: Preset, cells: CategoricalCells, summaries: Summaries): Measured {
  const counts = usedCategories(cells, summaries)
  switch (preset.tool) {
    case 'evidently': {
      const method =
        preset.method === 'default'
          ? evidentlyDefault({
              type: 'categorical',
              referenceRows: counts.reference.reduce((rows, count) => rows + count, 0),
              distinct: counts.distinct,
            })
          : preset.method
      return evidentlyMeasured(method, evidentlyOfCounts(method, counts))
    }
    case 'nannyml':
      return { method: `nannyml/${preset.method}`, ...nannymlOfCategories(preset.method, counts) }
    case 'azure':
      return distance('azure/jensen_shannon', azureJensenShannon(counts))
    case 'sagemaker':
      return distance(`sagemaker/linf_${preset.method}`, sagemakerLinfOfCategories(preset.method, counts))
    case 'vertex':
      return distance('vertex/l_infinity', vertexLInfinity(counts))
  }
}

function distance(method: string, value: number): Measured {
  return { method, value, pValue: null }
}

function evidentlyMeasured(method: EvidentlyMethod, value: number): Measured {
  return { method: `evidently/${method}`, value, pValue: isPValue(method) ? value : null }
}

/** Rows per category that occurs on either side, in order of names; rare ones and new ones each share a cell, in front. */
function usedCategories(cells: CategoricalCells, summaries: Summaries): Shares & { readonly distinct: number } {
  const { categories, others } = cells.column
  const order = categories
    .map((_, i) => i)
    .sort((i, j) => ((categories[i] as string) < (categories[j] as string) ? -1 : 1))
  const offsets = [...order.map((i) => FIRST_CATEGORY + i), 0, 1]
  const at = (inputs: Float64Array, offset: number) => inputs[cells.counts + offset] as number
  const used = offsets.filter((offset) => at(summaries.reference, offset) + at(summaries.current, offset) > 0)
  return {
    reference: Float64Array.from(used, (offset) => at(summaries.reference, offset)),
    current: Float64Array.from(used, (offset) => at(summaries.current, offset)),
    distinct: used.length + (used.includes(OTHER) ? others.length - 1 : 0),
  }
}

/** Evidently's methods from rows per cell. */
function evidentlyOfCounts(method: EvidentlyMethod, counts: Shares): number {
  switch (method) {
    case 'psi':
      return evidentlyPsi(sharesOfCounts(counts))
    case 'kl_div':
      return evidentlyKullbackLeibler(sharesOfCounts(counts))
    case 'jensenshannon':
      return jensenShannonInNats(counts)
    case 'hellinger':
      return evidentlyHellingerOfCategories(counts)
    case 'chisquare':
      return evidentlyChiSquared(counts)
    case 'z':
      return evidentlyZ(counts)
    default:
      throw new RangeError(`evidently/${method} cannot be told from counts`)
  }
}

interface Samples {
  readonly reference: BinnedSample
  readonly current: BinnedSample
}

function ofNumbers(preset: Preset, cells: NumericCells, samples: Samples): Measured {
  const { spread } = cells.column
  const { reference, current } = samples
  // A constant column has a spread so that Leeway's own distances stay finite; other tools see none.
  const deviation = reference.minimum === reference.maximum ? 0 : spread
  switch (preset.tool) {
    case 'evidently':
      return evidentlyOfNumbers(preset.method, cells, samples, deviation)
    case 'nannyml':
      return { method: `nannyml/${preset.method}`, ...nannymlOfNumbers(preset.method, cells, samples) }
    case 'azure':
      return distance('azure/wasserstein', wasserstein(samples) / Math.max(deviation, LEAST_DEVIATION))
    case 'sagemaker': {
      const rows = { reference: reference.rows, current: current.rows }
      return distance(`sagemaker/linf_${preset.method}`, linf(preset.method, largestDifference(samples), rows))
    }
    case 'vertex':
      return distance('vertex/jensen_shannon', bucketDivergence(bucketsOf(reference), bucketsOf(current)))
  }
}

/** Floor of the deviation that distances are divided by, in the values' own unit: Evidently's and Azure's. */
const LEAST_DEVIATION = 1e-3

function wasserstein({ reference, current }: Samples): number {
  return wassersteinFromBins({
    edges: reference.edges,
    referenceCounts: reference.counts,
    referenceSums: reference.sums,
    currentCounts: current.counts,
    currentSums: current.sums,
  }).low
}

function largestDifference({ reference, current }: Samples): number {
  let largest = 0
  for (let i = 0; i < reference.upTo.length; i++) {
    const difference = (reference.upTo[i] as number) / reference.rows - (current.upTo[i] as number) / current.rows
    largest = Math.max(largest, Math.abs(difference))
  }
  return largest
}

function bucketsOf(sample: BinnedSample) {
  const edges = bucketEdges(sample.minimum, sample.maximum)
  return { edges, counts: edges.length === 1 ? Float64Array.of(sample.rows) : countsIn(sample, edges) }
}

function nannymlOfNumbers(method: NannymlMethod, { column }: NumericCells, samples: Samples): ChunkDrift {
  if (method === 'kolmogorov_smirnov') return { value: largestDifference(samples), pValue: null }
  if (method === 'wasserstein') return { value: wasserstein(samples), pValue: null }
  const { reference, current } = samples
  if (column.facts === undefined) {
    throw new UndefinedStatisticError(
      `the reference was learnt without a preset, and NannyML's bins of ${column.name} cannot be told from it; learn it again`,
    )
  }
  if (reference.minimum === reference.maximum) {
    throw new UndefinedStatisticError(
      `the reference of ${column.name} has a single value, and what lies within half a unit of it, NannyML's only bin, cannot be told; use nannyml/wasserstein`,
    )
  }
  const edges = nannymlEdges(reference.minimum, reference.maximum, column.facts.doaneBins)
  const [before, now] = [countsIn(reference, edges), countsIn(current, edges)]
  const inside = now.reduce((rows, count) => rows + count, 0)
  return nannymlOfCategories(method, {
    reference: Float64Array.of(...before, 0),
    current: Float64Array.of(...now, current.rows - inside),
  })
}

function evidentlyOfNumbers(
  wanted: EvidentlyMethod | 'default',
  { column: { facts } }: NumericCells,
  samples: Samples,
  deviation: number,
): Measured {
  const { reference, current } = samples
  const few = facts?.few === undefined || facts.few === null ? null : oneByOne(samples, facts.few)
  const distinct = few?.reference.length ?? Number.POSITIVE_INFINITY
  const method =
    wanted === 'default' ? evidentlyDefault({ type: 'numeric', referenceRows: reference.rows, distinct }) : wanted
  switch (method) {
    case 'wasserstein': {
      const divisor = Math.max(deviation * Math.sqrt((reference.rows - 1) / reference.rows), LEAST_DEVIATION)
      return evidentlyMeasured(method, wasserstein(samples) / divisor)
    }
    case 'ks':
      return evidentlyMeasured(method, ksStatisticPValue(largestDifference(samples), reference.rows, current.rows))
    case 'hellinger': {
      // A new value is to be expected as often as values occur once.
      const values =
        few !== null
          ? distinct
          : facts === undefined
            ? reference.rows + current.rows
            : facts.distinct + (current.rows * facts.single) / reference.rows
      return evidentlyMeasured(
        method,
        evidentlyOfCounts(method, overEqualWidth(samples, values, facts?.few?.every(Number.isInteger))),
      )
    }
    default: {
      const counts = few ?? overEqualWidth(samples, reference.rows + current.rows)
      return evidentlyMeasured(method, evidentlyOfCounts(method, counts))
    }
  }
}

/** Rows per value of the reference and per gap between two, where either side has any. */
function oneByOne({ reference, current }: Samples, values: readonly number[]): Shares {
  const cells: [number, number][] = []
  const add = (before: number, now: number) => {
    if (before + now > 0) cells.push([before, now])
  }
  let [seenBefore, seenNow] = [0, 0]
  const upTo = (point: number) => {
    const [before, now] = [rowsBelow(reference, point), rowsBelow(current, point)]
    add(before - seenBefore, now - seenNow)
    seenBefore = before
    seenNow = now
  }
  for (const value of values) {
    upTo(value)
    upTo(floatAbove(value))
  }
  add(reference.rows - seenBefore, current.rows - seenNow)
  return {
    reference: Float64Array.from(cells, ([rows]) => rows),
    current: Float64Array.from(cells, ([, rows]) => rows),
  }
}

/**
 * Rows over Evidently's bins of both samples.
 *
 * @param values what Sturges' rule is told their number is
 * @param whole whether they are integers
 */
function overEqualWidth({ reference, current }: Samples, values: number, whole = false): Shares {
  const minimum = Math.min(reference.minimum, current.minimum)
  const maximum = Math.max(reference.maximum, current.maximum)
  const { first, last } = outerEdges(minimum, maximum)
  const edges = evenEdges(first, last, sturgesBins(maximum - minimum, values, whole))
  return { reference: countsIn(reference, edges), current: countsIn(current, edges) }
}
