// What kind of column each feature is, told from the reference's rows, and its frozen bins or vocabulary.

import { mean, sampleStandardDeviation } from 'simple-statistics'
import { quantileEdges } from '../summaries/bins.ts'
import { isMissing } from '../summaries/contribute.ts'
import type { CategoricalColumn, Column, NumericColumn, Role } from '../summaries/schema.ts'
import { learnEmbedding } from './embedding.ts'

import type { Preset, PresetSettings } from './preset.ts'
import { presetOf } from './preset.ts'
import { presetEdges, presetFacts } from './preset-edges.ts'

export type ColumnKind = Column['kind']

/** Categories with a cell of their own; further ones share OTHER, up to the second limit, and are UNSEEN beyond it. */
const CATEGORIES_MAX = 256
const OTHERS_MAX = 10_000
/** A text column of which more than this share of values is unique says who a row is, not how it is. */
const IDENTIFIER_SHARE = 0.5

export type LearntColumn = Column | { readonly kind: 'ignored'; readonly name: string; readonly because: string }

/**
 * Learns one column from its values in the reference.
 *
 * @param kind what the configuration says it is; undefined = numeric when every present value is a number
 * @param textual true where values come from text (CSV): then text that reads as a number is a number
 */
export function learnColumn(
  name: string,
  role: Role,
  values: readonly unknown[],
  options: { kind?: ColumnKind | undefined; textual: boolean; presets?: PresetSettings | undefined },
): LearntColumn {
  const present = values.filter(
    (value) => value !== undefined && !isMissing(value) && !(options.textual && value === ''),
  )
  if (present.length === 0) return { kind: 'ignored', name, because: 'it has no value in the reference' }
  if (options.kind === 'embedding') {
    const learnt = learnEmbedding(name, role, present)
    return typeof learnt === 'string' ? { kind: 'ignored', name, because: learnt } : learnt
  }
  if (present.some((value) => typeof value === 'object')) {
    return { kind: 'ignored', name, because: 'it holds lists or objects in the reference, not single values' }
  }
  const numbers = numbersOf(present, options.textual)
  const kind = options.kind ?? (numbers.length === present.length ? 'numeric' : 'categorical')
  if (kind === 'categorical') return categorical(name, role, present.map(String))
  if (numbers.length === 0)
    return { kind: 'ignored', name, because: 'it is set to numeric, but has no number in the reference' }
  return numeric(name, role, numbers, presetOf(options.presets, { name, kind: 'numeric' })?.preset)
}

/** A text cell as a number, when it is written as one. */
export function numberOf(value: unknown, textual: boolean): number | undefined {
  const number =
    typeof value === 'number'
      ? value
      : textual && typeof value === 'string' && value.trim() !== ''
        ? Number(value)
        : Number.NaN
  return Number.isFinite(number) ? number : undefined
}

function numbersOf(values: readonly unknown[], textual: boolean): Float64Array {
  const numbers: number[] = []
  for (const value of values) {
    const number = numberOf(value, textual)
    if (number !== undefined) numbers.push(number)
  }
  return Float64Array.from(numbers).sort()
}

function numeric(name: string, role: Role, sorted: Float64Array, preset: Preset | undefined): NumericColumn {
  const { centre, spread } = centreAndSpread(sorted)
  const quantum = 2 ** Math.floor(Math.log2(spread) - 16)
  return {
    kind: 'numeric',
    role,
    name,
    edges: preset === undefined ? quantileEdges(sorted) : edgesWith(sorted, presetEdges(preset, sorted)),
    center: Math.round(centre / quantum) * quantum,
    quantum,
    spread,
    ...(preset !== undefined && { facts: presetFacts(sorted) }),
  }
}

/** Leeway's own edges, and further ones that lie between the first and the last of them. */
function edgesWith(sorted: Float64Array, further: readonly number[]): Float64Array {
  const own = quantileEdges(sorted)
  const [first, last] = [own[0] as number, own[own.length - 1] as number]
  return Float64Array.from(new Set([...own, ...further.filter((edge) => edge > first && edge < last)])).sort()
}

/** Mean and standard deviation; a constant column gets a small spread instead of 0, so that distances stay finite. */
export function centreAndSpread(values: Float64Array): { centre: number; spread: number } {
  // The library is typed for number[]; it reads any indexed list.
  const list = values as unknown as number[]
  const centre = mean(list)
  const deviation = list.length > 1 ? sampleStandardDeviation(list) : 0
  const size = Math.abs(centre)
  return { centre, spread: deviation > 0 ? Math.max(deviation, 1e-9 * size) : Math.max(1e-3 * size, 1e-9) }
}

function categorical(name: string, role: Role, values: readonly string[]): LearntColumn {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  if (role === 'feature' && counts.size > CATEGORIES_MAX && counts.size > IDENTIFIER_SHARE * values.length) {
    return {
      kind: 'ignored',
      name,
      because: `${counts.size} different values in ${values.length} rows: it looks like an identifier`,
    }
  }
  const byFrequency = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([category]) => category)
  const column: CategoricalColumn = {
    kind: 'categorical',
    role,
    name,
    categories: byFrequency.slice(0, CATEGORIES_MAX),
    others: byFrequency.slice(CATEGORIES_MAX, CATEGORIES_MAX + OTHERS_MAX),
  }
  return column
}
