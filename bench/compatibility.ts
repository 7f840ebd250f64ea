// How far a preset's value from bins lies from the tool's own on the rows themselves, on the data sets of the tests.
//
// Prints the table of docs/compatibility.md. usage: node bench/compatibility.ts [SET …]

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { learnColumn } from '../src/reference/columns.ts'
import type { Preset } from '../src/reference/preset.ts'
import { isFor, presetNamed, presetNames } from '../src/reference/preset.ts'
import { measurePreset } from '../src/reference/preset-measure.ts'
import { isTextual, readRows } from '../src/sources/codecs/rows.ts'
import { azureJensenShannon, azureWasserstein } from '../src/statistics/compatibility/azure/distances.ts'
import { evidentlyValueDrift } from '../src/statistics/compatibility/evidently/value-drift.ts'
import { fitNannyml } from '../src/statistics/compatibility/nannyml/univariate.ts'
import { sagemakerLinf, sagemakerLinfOfCategories } from '../src/statistics/compatibility/sagemaker/linf.ts'
import type { CategoryCounts, ColumnValue } from '../src/statistics/compatibility/values.ts'
import { categoriesOf, countCategories, numbersOf } from '../src/statistics/compatibility/values.ts'
import { vertexJensenShannon, vertexLInfinity } from '../src/statistics/compatibility/vertex/divergences.ts'
import { contributeInputs } from '../src/summaries/contribute.ts'
import type { ColumnCells } from '../src/summaries/layout.ts'
import { createLayout } from '../src/summaries/layout.ts'
import type { Column } from '../src/summaries/schema.ts'

const WINDOWS = 8
/** Of each file its first rows: the exact values take time with the product of both. */
const ROWS_MAX = 6_000
/** Other names of presets that are measured already. */
const aliases = new Set(['nannyml/default', 'sagemaker'])
/** Columns that say when, who or how it ended. */
const notFeatures = new Set(['id', 'time', 'label', 'label_time', 'prediction', 'score'])

type Rows = ReadonlyArray<Readonly<Record<string, unknown>>>

async function rowsOf(path: string): Promise<Rows> {
  const rows: Record<string, unknown>[] = []
  for await (const chunk of readRows(path)) {
    for (const row of chunk) rows.push(row as Record<string, unknown>)
    if (rows.length >= ROWS_MAX) break
  }
  return rows.slice(0, ROWS_MAX)
}

function pathOf(set: string, part: string): string {
  const base = join(import.meta.dirname, '..', 'test', 'data', `${set}-${part}`)
  return existsSync(`${base}.csv.gz`) ? `${base}.csv.gz` : `${base}.parquet`
}

/** A column's cells as the tool would be given them. */
function values(rows: Rows, name: string, kind: Column['kind']): ColumnValue[] {
  return rows.map((row) => {
    const cell = row[name]
    if (cell === undefined || cell === null || cell === '') return null
    return kind === 'numeric' ? Number(cell) : String(cell)
  })
}

function onRows(
  preset: Preset,
  kind: Exclude<Column['kind'], 'embedding'>,
  reference: ColumnValue[],
  current: ColumnValue[],
): number {
  switch (preset.tool) {
    case 'evidently':
      return evidentlyValueDrift({ type: kind, reference, current }, preset.method).value
    case 'nannyml': {
      const type = kind === 'numeric' ? 'continuous' : 'categorical'
      return fitNannyml(preset.method, { type, reference })(current).value
    }
    default:
      return kind === 'numeric'
        ? onNumbers(preset, numbersOf('reference', reference), numbersOf('current', current))
        : onCategories(preset, countCategories(categoriesOf(reference), categoriesOf(current)))
  }
}

type Cloud = Exclude<Preset, { tool: 'evidently' | 'nannyml' }>

function onNumbers(preset: Cloud, reference: Float64Array, current: Float64Array): number {
  if (preset.tool === 'sagemaker') return sagemakerLinf(preset.method, reference, current)
  return preset.tool === 'azure' ? azureWasserstein(reference, current) : vertexJensenShannon(reference, current)
}

function onCategories(preset: Cloud, counts: CategoryCounts): number {
  if (preset.tool === 'sagemaker') return sagemakerLinfOfCategories(preset.method, counts)
  return preset.tool === 'azure' ? azureJensenShannon(counts) : vertexLInfinity(counts)
}

interface Difference {
  readonly raw: number
  readonly binned: number
  readonly sameVerdict: boolean
}

/** Numbers are told apart by whether the window stays within the range of the reference. */
function partOf(kind: Column['kind'], reference: readonly ColumnValue[], current: readonly ColumnValue[]): string {
  if (kind === 'categorical') return kind
  const [before, now] = [numbersOf('reference', reference).sort(), numbersOf('current', current).sort()]
  const isWithin =
    (now[0] as number) >= (before[0] as number) &&
    (now[now.length - 1] as number) <= (before[before.length - 1] as number)
  return `numeric, ${isWithin ? 'within the range' : 'beyond it'}`
}

const outcome = { task: 'regression', center: 0, spread: 1, errorEdges: Float64Array.of(0) } as const

/** Every window's value of a column, both ways. */
function* compare(preset: Preset, name: string, reference: Rows, windows: readonly Rows[], textual: boolean) {
  const learnt = learnColumn(
    name,
    'feature',
    reference.map((row) => row[name]),
    { textual, presets: { all: { preset, threshold: null }, columns: {} } },
  )
  if (learnt.kind === 'ignored' || learnt.kind === 'embedding' || !isFor(preset, learnt.kind)) return
  const { kind } = learnt
  const layout = createLayout([learnt], outcome).inputs
  const [cells] = layout.columns as unknown as [ColumnCells]
  const before = values(reference, name, kind)
  // A column without variation is a case of its own; the page says what becomes of it.
  if (kind === 'numeric' && new Set(before).size === 1) return
  const summaries = { reference: summarise(before), current: new Float64Array(layout.size) }
  function summarise(column: readonly ColumnValue[]) {
    const summary = new Float64Array(layout.size)
    for (const value of column)
      contributeInputs(layout, summary, { features: { [name]: value }, score: null, prediction: null })
    return summary
  }
  for (const window of windows) {
    const now = values(window, name, kind)
    // The threshold does not matter for the value; one between the two would differ, so the raw value's verdict is asked for.
    const raw = onRows(preset, kind, before, now)
    const binned = measurePreset(
      { preset, threshold: preset.tool === 'nannyml' ? 0.1 : null },
      cells,
      { ...summaries, current: summarise(now) },
      null,
    )
    if (typeof binned === 'string') continue
    const limit = binned.threshold
    const sameVerdict = limit === null || raw < limit === binned.value < limit
    yield { part: partOf(kind, before, now), difference: { raw, binned: binned.value, sameVerdict } as Difference }
  }
}

const all = ['adult', 'bike-rental', 'car-price', 'credit-cards', 'elec', 'employment-ma', 'sea', 'wine']
const sets = process.argv.length > 2 ? process.argv.slice(2) : all
const found = new Map<string, Difference[]>()
for (const set of sets) {
  const path = pathOf(set, 'reference')
  const [reference, production] = [await rowsOf(path), await rowsOf(pathOf(set, 'production'))]
  const size = Math.ceil(production.length / WINDOWS)
  const windows = Array.from({ length: WINDOWS }, (_, i) => production.slice(i * size, (i + 1) * size))
  const names = Object.keys(reference[0] as object).filter((name) => !notFeatures.has(name))
  for (const presetName of presetNames.filter((name) => !aliases.has(name))) {
    for (const name of names) {
      for (const { part, difference } of compare(presetNamed(presetName), name, reference, windows, isTextual(path))) {
        const key = `${presetName} | ${part}`
        found.set(key, [...(found.get(key) ?? []), difference])
      }
    }
  }
  process.stderr.write(`${set} done\n`)
}
const number = (value: number) => (value === 0 ? '0' : value < 1e-12 ? '< 1e-12' : String(Number(value.toPrecision(2))))
process.stdout.write(
  '| preset | columns | | windows × columns | median value | median difference | largest difference | same verdict |\n|---|---|---|---|---|---|---|---|\n',
)
for (const [key, differences] of [...found].sort(([a], [b]) => (a < b ? -1 : 1))) {
  const sorted = (pick: (one: Difference) => number) => differences.map(pick).sort((a, b) => a - b)
  const far = sorted(({ raw, binned }) => Math.abs(raw - binned))
  const middle = far.length >> 1
  const same = differences.filter(({ sameVerdict }) => sameVerdict).length / differences.length
  const raws = sorted(({ raw }) => raw)
  process.stdout.write(
    `| ${key} | ${(far[far.length - 1] as number) < 1e-12 ? 'exact' : 'approximated'} | ${differences.length} | ${number(raws[middle] as number)} | ${number(far[middle] as number)} | ${number(far[far.length - 1] as number)} | ${(100 * same).toFixed(1)} % |\n`,
  )
}
