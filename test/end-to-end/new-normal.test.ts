// After something was accepted as the new normal the policy keeps its budget, and finds what changes from then on.
// Simulated streams with a fixed seed, as in false-alarms.test.ts.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PANE, SimulatedModel } from '../../bench/simulation/model.ts'
import { Watcher, watch } from '../../bench/simulation/product.ts'
import { SlidingSum } from '../../bench/simulation/sliding-sum.ts'
import type { TrafficKind } from '../../bench/simulation/traffic.ts'
import type { SpanPane } from '../../src/reference/rebase.ts'
import { rebase } from '../../src/reference/rebase.ts'
import { DAY, HOUR, MINUTE } from '../../src/time.ts'

const seed = Number(process.env['LEEWAY_TEST_SEED'] ?? 1)
console.log(`seed ${seed} (LEEWAY_TEST_SEED=n tries another)`)

const spec = { name: '1h', sizeMs: HOUR, slideMs: 5 * MINUTE }
const perHour = HOUR / PANE
const WATCHED_DAYS = 8

/** What fires in the days after a reference was made of so many hours of the same traffic. */
function quietDays(traffic: TrafficKind, spanHours: number): { fired: number; calibrated: boolean | undefined } {
  const panes = (spanHours * HOUR + WATCHED_DAYS * DAY) / PANE
  const model = new SimulatedModel({
    ...{ traffic, features: 8, rowsPerWindow: 500, spec, referenceDays: 7, panes, seed, baseline: 'pooled' },
  })
  const from = model.firstPane + spanHours * perHour
  const span: SpanPane[] = [...model.panes(model.firstPane, from)].map((cells, i) => ({
    start: model.startOf(model.firstPane + i),
    inputs: cells.slice(),
    outcomes: new Float64Array(model.frame.layout.outcomes.size),
  }))
  const made = rebase({
    before: model.reference,
    panes: span,
    paneMs: PANE,
    source: 'accepted',
    performance: 'wanted',
    windows: [spec],
    minSamples: 100,
    minCoverage: 0.8,
  })
  if (made.is === 'refused') assert.fail(made.because)
  const watcher = new Watcher(watch(made.reference, spec), spec)
  const sum = new SlidingSum(model.frame.layout.inputs.size, perHour)
  let [end, fired] = [from, 0]
  for (const pane of model.panes(from, model.firstPane + panes)) {
    sum.push(pane)
    end++
    if (end - from >= perHour) fired += watcher.judge(sum.cells, model.startOf(end)).fired.length
  }
  return { fired, calibrated: made.reference.noise['1h']?.calibrated }
}

test('a day of independent, clustered and autocorrelated rows makes a normal that keeps the budget', () => {
  const all = (['iid', 'clustered', 'autocorrelated'] as const).map((traffic) => quietDays(traffic, 24))
  assert.ok(all.every(({ calibrated }) => calibrated))
  const fired = all.reduce((sum, one) => sum + one.fired, 0)
  // One in 30 days: more than 2 in 24 days come about one time in twenty.
  assert.ok(fired <= 2, JSON.stringify(all))
})

test('six hours make one that has not learnt its noise, says so, and is no louder', () => {
  const all = (['iid', 'clustered'] as const).map((traffic) => quietDays(traffic, 6))
  assert.ok(all.every(({ calibrated }) => calibrated === false))
  assert.ok(all.reduce((sum, one) => sum + one.fired, 0) <= 2, JSON.stringify(all))
})
