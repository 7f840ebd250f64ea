// What a page shows of a column, held against what the monitor said of it and against the rows themselves.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { columnStatistics } from '../../src/overview/column-statistics.ts'
import { driftParts, scoreBins } from '../../src/overview/drift-parts.ts'
import { compareColumn, prepareColumn } from '../../src/reference/comparison.ts'
import { learnReference } from '../../src/reference/learn.ts'
import type { ReferenceRow } from '../../src/reference/reading.ts'
import { contributeInputs } from '../../src/summaries/contribute.ts'
import { rows } from '../build/rows.ts'

const spec = { name: '500m', sizeMs: 30_000_000, slideMs: 3_000_000 }
const of = (seed: number, count: number) => rows(count, { seed, numbers: 2 })
const reference = learnReference(of(1, 6_000), {
  ...{ model: 'm', task: 'binary', positiveClass: '1', classes: null, columnKinds: {}, multivariate: false },
  ...{ textual: false, source: 'test', windows: [spec], minSamples: 100, estimation: false },
})
const { inputs } = reference.layout
const columns = inputs.columns.map((cells) => prepareColumn(cells, reference.inputs))

function summarise(window: readonly ReferenceRow[]): Float64Array {
  const summary = new Float64Array(inputs.size)
  for (const { event } of window) contributeInputs(inputs, summary, event)
  return summary
}

/** The row with other values of some features. */
const withValues = ({ event, label }: ReferenceRow, features: Record<string, unknown>): ReferenceRow => ({
  event: { ...event, features: { ...event.features, ...features } },
  label,
})
const window = of(2, 1_000).map((row, i) => {
  if (i % 10 === 0) return withValues(row, { n0: 99, c: 'never' })
  return i % 10 === 1 ? withValues(row, { n0: null }) : row
})
const current = summarise(window)
const columnOf = (name: string) => columns.find(({ cells }) => cells.column.name === name) as (typeof columns)[number]

test('the parts of a column add up to its PSI, and their shares to all rows', () => {
  for (const column of columns) {
    const shown = driftParts(column, current)
    assert.ok(shown !== undefined)
    const { psi } = compareColumn(column, current).distances()
    const { name } = column.cells.column
    assert.ok(Math.abs(shown.psi - psi) < 1e-12, `${name}: ${shown.psi} is not ${psi}`)
    const { parts } = shown
    const sum = (read: (part: (typeof parts)[number]) => number) => parts.reduce((all, one) => all + read(one), 0)
    for (const total of [sum((part) => part.current), sum((part) => part.reference)])
      assert.ok(Math.abs(total - 1) < 1e-9, name)
    // Empty categories are not shown, and have next to no part.
    assert.ok(Math.abs(sum((part) => part.psi) - psi) < 1e-2, name)
  }
})

test('what the reference has never seen is a part of its own', () => {
  const shown = driftParts(columnOf('c'), current)
  const [fresh] = shown?.parts.filter(({ isNew }) => isNew) ?? []
  assert.deepEqual([fresh?.label, fresh?.current, fresh?.reference], ['never seen before', 0.1, 0])
})

test('a score is spread over equal parts of its range without losing a row', () => {
  const shown = scoreBins(columnOf('score'), current)
  assert.ok(shown !== undefined)
  assert.deepEqual([shown.bins[0]?.from, shown.bins.at(-1)?.to], [0, 1])
  for (const side of ['reference', 'current'] as const)
    assert.ok(Math.abs(shown.bins.reduce((sum, bin) => sum + bin[side], 0) - 1) < 1e-9, side)
  const mean = window.reduce((sum, { event }) => sum + (event.score ?? 0), 0) / window.length
  assert.ok(Math.abs(shown.mean.current - mean) < 1e-4)
})

test('the figures of a column are those of its rows', () => {
  const { current: now, reference: before } = columnStatistics(columnOf('n0'), reference.inputs, current)
  assert.deepEqual([now.rows, now.values, now.missing], [1_000, 900, 0.1])
  const [least, most] = [before.least?.from ?? 0, before.most?.to ?? 0]
  const values = window.flatMap(({ event: { features } }) =>
    features['n0'] === null ? [] : [features['n0'] as number],
  )
  const outside = values.filter((value) => value < least || value > most).length
  assert.equal(now.outOfRange, outside / 1_000)
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  assert.ok(Math.abs((now.mean ?? 0) - mean) < 1e-2, `${now.mean} ${mean}`)
  const median = [...values].sort((a, b) => a - b)[450] as number
  const shown = now.quantiles.find(({ level }) => level === 0.5)?.value ?? 0
  assert.ok(Math.abs(shown - median) < 0.1, `${shown} ${median}`)
  assert.ok(Math.abs((before.deviation ?? 0) - 1) < 0.05)
  assert.deepEqual(now.most?.to, null)
})
