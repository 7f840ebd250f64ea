// A column whose values lie far from 0 and close together, such as a longitude, wherever its values are told.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { render } from 'preact-render-to-string'
import { distributionBars } from '../../src/delivery/charts/distribution-bars.ts'
import { numberWithin } from '../../src/delivery/wording.ts'
import { columnStatistics } from '../../src/overview/column-statistics.ts'
import { driftParts, scoreBins } from '../../src/overview/drift-parts.ts'
import { compareColumns } from '../../src/overview/reference-comparison.ts'
import { prepareColumn } from '../../src/reference/comparison.ts'
import { learnReference } from '../../src/reference/learn.ts'
import { DistributionChart } from '../../src/ui/charts/distribution.ts'
import { scoreText } from '../../src/ui/charts/score-distribution.ts'
import { html } from '../../src/ui/html.ts'
import { figuresOf } from '../../src/ui/views/feature.ts'
import { changed, rows } from '../build/rows.ts'

/** A reference of 3,000 rows whose only number is like a longitude: mean and standard deviation as given. */
const referenceOf = (seed: number, mean: number, deviation = 1.4) =>
  learnReference(
    changed(rows(3_000, { seed, numbers: 1 }), 'n0', (value) => mean + deviation * (value as number)),
    {
      ...{ model: 'm', task: 'binary', positiveClass: '1', classes: null, columnKinds: {}, multivariate: false },
      ...{ textual: false, source: 'test', windows: [], minSamples: 100, estimation: false },
    },
  )
const [first, second] = [referenceOf(1, -120.4), referenceOf(2, -120.1)]
const cells = first.layout.inputs.columns.find(({ column }) => column.name === 'n0')
assert.ok(cells !== undefined)
const column = prepareColumn(cells, first.inputs)

test('every part of its distribution has a name of its own, in messages and on pages', () => {
  for (const labels of [
    driftParts(column, first.inputs)?.parts.map(({ label }) => label) ?? [],
    distributionBars(column, first.inputs)?.bars.map(({ label }) => label) ?? [],
  ]) {
    assert.ok(labels.length >= 9)
    assert.equal(new Set(labels).size, labels.length, labels.join('; '))
    for (const label of labels) {
      const [low, high] = label.split(' to ')
      assert.ok(high === undefined || low !== high, label)
      assert.doesNotMatch(label, /\d\.\d{5}/)
    }
  }
})

test('its figures, edges, means and references are told to a hundredth of its spread', () => {
  const figures = new Map(
    figuresOf(columnStatistics(column, first.inputs, first.inputs)).map(([name, now]) => [name, now]),
  )
  for (const name of ['mean', 'median', 'least', 'most'])
    assert.match(figures.get(name) ?? '', /^-1[12]\d\.\d{1,2}( to -1[12]\d\.\d{1,2})?$/, name)
  const parts = driftParts(column, first.inputs)
  assert.ok(parts !== undefined)
  const drawn = render(html`<${DistributionChart} distribution=${{ name: 'n0', ...parts }} />`)
  const ticks = [...drawn.matchAll(/class="chart-tick"[^>]*>(-1[^<]*)</g)].map(([, tick = '']) => tick)
  assert.ok(ticks.length >= 2, drawn)
  assert.equal(new Set(ticks).size, ticks.length, ticks.join(' '))
  const score = scoreBins(column, first.inputs)
  assert.ok(score !== undefined)
  assert.match(scoreText({ name: 'n0', ...score }), /Mean -120\.\d\d? now, -120\.\d\d? in the reference/)
  const compared = compareColumns(first, second).find(({ name }) => name === 'n0')
  const [before, after] = (compared?.mean ?? []).map((mean) => numberWithin(mean ?? 0, compared?.spread ?? null))
  assert.match(`${before} → ${after}`, /^-120\.[34]\d? → -120\.[01]\d?$/)
})
