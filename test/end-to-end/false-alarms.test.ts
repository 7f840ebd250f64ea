// The whole policy on simulated streams, with a fixed seed: it keeps quiet when nothing happens, and finds what matters.
// `npm run simulate` measures the same at length; docs/false-alarms.md has the numbers.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { quickCells, quickLengths } from '../../bench/simulation/cells.ts'
import type { ChangeResult, QuietResult } from '../../bench/simulation/run-cell.ts'
import { runJob } from '../../bench/simulation/run-cell.ts'

const seed = Number(process.env['LEEWAY_TEST_SEED'] ?? 1)
console.log(`seed ${seed} (LEEWAY_TEST_SEED=n tries another)`)

function run(name: string) {
  const cell = quickCells().find((one) => one.name === name)
  assert.ok(cell, `no quick cell is called ${name}`)
  return runJob({ cell, repeat: 0, seed, lengths: quickLengths })
}

test('independent and clustered rows raise no more alarms than the budget, where other rules raise hundreds', () => {
  const results = ['quiet/iid/25/1000/1h-5m', 'quiet/clustered/25/1000/1h-5m'].map((name) => run(name) as QuietResult)
  const days = results.reduce((sum, result) => sum + result.days, 0)
  const incidents = results.flatMap((result) => Object.values(result.incidents)).reduce((sum, count) => sum + count, 0)
  assert.ok(incidents <= Math.max(1, days / 30), `${incidents} incidents in ${days} days: ${JSON.stringify(results)}`)
  for (const { rules } of results) assert.ok(rules['p < 0.05'].onsets > 100, JSON.stringify(rules))
})

test('a shift of 0.6 standard deviations in one of 25 columns is found within 15 panes', () => {
  const { outcomes } = run('change/iid/25/1000/1h-5m') as ChangeResult
  const delays = outcomes.find(({ name }) => name === 'mean +0.6 sd')?.delays ?? []
  assert.ok(delays.length > 0)
  for (const delay of delays) assert.ok(delay !== null && delay <= 15, `panes to the incident: ${delays.join(', ')}`)
})

test('a shift of 0.25 at 500 rows a window is found in nearly every window that has lasted', () => {
  const { outcomes } = run('change/iid/25/500/1h-5m') as ChangeResult
  const { windows, firing } = outcomes[0]?.longest ?? { windows: 0, firing: 0 }
  assert.ok(windows > 500 && firing >= 0.95 * windows, `${firing} of ${windows} windows`)
})
