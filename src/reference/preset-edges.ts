// The bins that a preset's tool would make of a numeric column, frozen with the reference beside Leeway's own.

import { doaneBins, evenEdges, outerEdges, sturgesBins } from '../statistics/compatibility/equal-width.ts'
import { DISTINCT_MAX } from '../statistics/compatibility/evidently/numeric-bins.ts'
import { nannymlEdges } from '../statistics/compatibility/nannyml/univariate.ts'
import { bucketEdges } from '../statistics/compatibility/vertex/divergences.ts'
import { floatBelow, quantileEdges } from '../summaries/bins.ts'
import type { PresetFacts } from '../summaries/schema.ts'
import type { Preset } from './preset.ts'

/** Quantiles for presets that compare two distribution functions: what happens between two edges is not seen. */
const FINE_LEVELS = 256

/** @param sorted finite values of the reference in ascending order, at least one */
export function presetFacts(sorted: Float64Array): PresetFacts {
  const few: number[] = []
  let distinct = 0
  let single = 0
  for (let i = 0; i < sorted.length; i++) {
    if (i > 0 && sorted[i] === sorted[i - 1]) continue
    distinct++
    if (sorted[i] !== sorted[i + 1]) single++
    if (few.length <= DISTINCT_MAX) few.push(sorted[i] as number)
  }
  return { distinct, single, few: few.length <= DISTINCT_MAX ? few : null, doaneBins: doaneBins(sorted) }
}

/**
 * Edges that a preset needs for its bins to be exact while a window stays within the reference's range; in Leeway's right-closed
 * form, so that a tool's bin from an edge on begins right above the double below that edge.
 *
 * @param sorted finite values of the reference in ascending order, at least one
 */
export function presetEdges(preset: Preset, sorted: Float64Array): readonly number[] {
  switch (preset.tool) {
    case 'evidently':
      return evidentlyEdges(preset.method, sorted)
    case 'nannyml': {
      if (preset.method !== 'jensen_shannon' && preset.method !== 'hellinger') return fine(sorted)
      const [minimum, maximum] = [sorted[0] as number, sorted[sorted.length - 1] as number]
      return leftClosed(nannymlEdges(minimum, maximum, doaneBins(sorted)))
    }
    case 'azure':
    case 'sagemaker':
      return fine(sorted)
    case 'vertex':
      return leftClosed(bucketEdges(sorted[0] as number, sorted[sorted.length - 1] as number))
  }
}

function fine(sorted: Float64Array): readonly number[] {
  return [...quantileEdges(sorted, FINE_LEVELS)]
}

function evidentlyEdges(
  method: Extract<Preset, { tool: 'evidently' }>['method'],
  sorted: Float64Array,
): readonly number[] {
  const { distinct, few } = presetFacts(sorted)
  if (few !== null) return isolated(few)
  switch (method) {
    case 'psi':
    case 'kl_div':
    case 'jensenshannon':
      // A window of up to as many rows as the reference has.
      return equalWidth(sorted, sorted.length + 1, 2 * sorted.length)
    case 'hellinger':
      return equalWidth(sorted, distinct, 2 * distinct)
    default:
      return fine(sorted)
  }
}

/** The edges of all numbers of bins that Sturges' rule can make of the reference and a window within its range. */
function equalWidth(sorted: Float64Array, rowsMin: number, rowsMax: number): number[] {
  const [minimum, maximum] = [sorted[0] as number, sorted[sorted.length - 1] as number]
  const { first, last } = outerEdges(minimum, maximum)
  const edges: number[] = []
  const most = sturgesBins(maximum - minimum, rowsMax, false)
  for (let bins = sturgesBins(maximum - minimum, rowsMin, false); bins <= most; bins++) {
    edges.push(...leftClosed(evenEdges(first, last, bins)))
  }
  return edges
}

function leftClosed(edges: Float64Array): number[] {
  return Array.from(edges, floatBelow)
}

function isolated(values: readonly number[]): number[] {
  return values.flatMap((value) => [floatBelow(value), value])
}
