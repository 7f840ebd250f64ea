// The thresholds that a preset's tool learns from the reference: NannyML's, from the windows of the reference period.

import { nannymlThreshold } from '../statistics/compatibility/nannyml/methods.ts'
import { UndefinedStatisticError } from '../statistics/undefined-statistic.ts'
import type { ColumnCells, Layout } from '../summaries/layout.ts'
import type { Instant, Millis } from '../time.ts'
import { rowsWithValue } from './comparison.ts'
import { driftTest } from './noise.ts'
import type { PresetSettings } from './preset.ts'
import { isFor, presetOf } from './preset.ts'
import { presetValue } from './preset-measure.ts'
import type { Reference } from './reference.ts'

/** Fewer values than this have no deviation. */
const WINDOWS_NEEDED = 2

/**
 * Learns the thresholds of all columns that need one, as NannyML does: each window is compared with the whole reference, itself
 * included, so that with few windows the thresholds are too low. That is NannyML's rule; Leeway's own leaves the window out.
 */
export function learnPresetThresholds<Row>(question: {
  /** In order of time. */
  readonly rows: readonly Row[]
  readonly timeOf: (row: Row) => Instant
  readonly inputsOf: (rows: readonly Row[]) => Float64Array
  readonly reference: Float64Array
  readonly layout: Layout
  readonly windows: ReadonlyArray<{ readonly name: string; readonly sizeMs: Millis }>
  readonly presets: PresetSettings
}): NonNullable<Reference['presetThresholds']> {
  const { layout, presets, windows } = question
  const needing = layout.inputs.columns.filter((cells) => needsThreshold(presets, cells))
  if (needing.length === 0) return {}
  const thresholds: Record<string, Record<string, number>> = {}
  for (const { name, sizeMs } of windows) {
    const parts = [...disjointWindows(question, sizeMs)].map((rows) => question.inputsOf(rows))
    const learnt: Record<string, number> = Object.create(null)
    for (const cells of needing) {
      const threshold = thresholdOf(presets, cells, { parts, reference: question.reference })
      if (threshold !== null) learnt[driftTest(cells.column)] = threshold
    }
    thresholds[name] = learnt
  }
  return thresholds
}

function needsThreshold(presets: PresetSettings, { column }: ColumnCells): boolean {
  const choice = presetOf(presets, column)
  return choice?.preset.tool === 'nannyml' && choice.threshold === null && isFor(choice.preset, column.kind)
}

function thresholdOf(
  presets: PresetSettings,
  cells: ColumnCells,
  { parts, reference }: { parts: readonly Float64Array[]; reference: Float64Array },
): number | null {
  const preset = presetOf(presets, cells.column)?.preset
  if (preset?.tool !== 'nannyml') return null
  const values: number[] = []
  for (const current of parts) {
    if (rowsWithValue(cells, current) === 0) continue
    try {
      values.push(presetValue(preset, cells, { reference, current }).value)
    } catch (error) {
      if (!(error instanceof UndefinedStatisticError)) throw error
    }
  }
  return values.length < WINDOWS_NEEDED ? null : nannymlThreshold(preset.method, values)
}

/** The rows of consecutive windows, from the first row's time on, that lie wholly inside the reference period. */
function* disjointWindows<Row>(
  { rows, timeOf }: { readonly rows: readonly Row[]; readonly timeOf: (row: Row) => Instant },
  sizeMs: Millis,
): Iterable<readonly Row[]> {
  const last = rows.length - 1
  const to = timeOf(rows[last] as Row)
  let first = 0
  for (let end = timeOf(rows[0] as Row) + sizeMs; end <= to; end += sizeMs) {
    let next = first
    while (next <= last && timeOf(rows[next] as Row) < end) next++
    yield rows.slice(first, next)
    first = next
  }
}
