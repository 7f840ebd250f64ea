import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Cell } from '../../bench/simulation/cells.ts'
import { quickCells } from '../../bench/simulation/cells.ts'
import type { Change } from '../../bench/simulation/columns.ts'
import { changes } from '../../bench/simulation/columns.ts'
import { SimulatedModel, scoredRow } from '../../bench/simulation/model.ts'
import { runAll } from '../../bench/simulation/run-all.ts'
import type { TrafficKind } from '../../bench/simulation/traffic.ts'
import { createTraffic } from '../../bench/simulation/traffic.ts'
import { contributeInputs } from '../../src/summaries/contribute.ts'
import { testSeed } from '../build/random.ts'

const seed = testSeed()
const [firstCell] = quickCells() as [Cell]

const models = new Map<TrafficKind, SimulatedModel>()

function modelOf(traffic: TrafficKind): SimulatedModel {
  const made = models.get(traffic) ?? makeModel(traffic)
  models.set(traffic, made)
  return made
}

function makeModel(traffic: TrafficKind): SimulatedModel {
  return new SimulatedModel({
    traffic,
    features: 25,
    rowsPerWindow: 2_400,
    spec: firstCell.spec,
    referenceDays: 0.25,
    panes: 10,
    seed,
    baseline: 'pooled',
  })
}

/** What the product makes of the pane when its rows come one by one. */
function counted(model: SimulatedModel, pane: number, change?: Change): Float64Array {
  const { inputs } = model.frame.layout
  const summary = new Float64Array(inputs.size)
  for (const row of model.rowsOf(pane, change)) contributeInputs(inputs, summary, scoredRow(row))
  return summary
}

for (const traffic of ['iid', 'mixed'] as const) {
  test(`a pane of ${traffic} traffic drawn as a vector is the one that its rows add up to`, () => {
    const model = modelOf(traffic)
    const [from, to] = [model.firstPane, model.firstPane + 8]
    for (const [i, pane] of [...model.panes(from, to)].entries()) assert.deepEqual(pane, counted(model, from + i))
    for (const change of changes) {
      const [before, after] = model.panes(from, from + 2, { at: from + 1, change }) as Iterable<Float64Array>
      assert.deepEqual(before, counted(model, from), `${change.name}, before it`)
      assert.deepEqual(after, counted(model, from + 1, change), change.name)
    }
  })
}

test('changes are as large as their names say', () => {
  const model = modelOf('iid')
  const values = (name: string, change?: Change) =>
    Array.from({ length: 10 }, (_, pane) => model.rowsOf(model.firstPane + pane, change))
      .flat()
      .map((row) => row[name])
  const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length
  const spread = (list: readonly number[]) => Math.sqrt(mean(list.map((value) => (value - mean(list)) ** 2)))
  for (const change of changes) {
    const [before, after] = [values(change.column), values(change.column, change)]
    const size = Number(/[\d.]+/.exec(change.name)?.[0])
    const [change1, tolerance] =
      change.kind === 'quality'
        ? [after.filter((value) => value === null).length / after.length - size / 100, 0.04]
        : change.name.startsWith('category')
          ? [
              (after.filter((v) => v === 'v1').length - before.filter((v) => v === 'v1').length) / after.length -
                size / 100,
              0.05,
            ]
          : change.name.startsWith('mean')
            ? [mean(after as number[]) - mean(before as number[]) - size, 1e-9]
            : [spread(after as number[]) / spread(before as number[]) - size, 1e-9]
    assert.ok(Math.abs(change1) < tolerance, `${change.name}: off by ${change1}`)
  }
})

test('season and wobble are as large as they are said to be, and a burst brings equal rows', () => {
  const panes = 288 * 40
  const of = (kind: TrafficKind) => createTraffic(kind, { rowsPerPane: 50, panes, panesPerDay: 288, columns: 1, seed })
  const shiftOf = (kind: TrafficKind) => (of(kind).shifts as readonly [Float64Array])[0]
  const largest = Math.max(...shiftOf('seasonal .3'))
  assert.ok(Math.abs(largest - 0.3) < 1e-3, `the season reaches ${largest}`)
  const wobble = shiftOf('autocorrelated')
  const product = (lag: number) => {
    let sum = 0
    for (let pane = lag; pane < panes; pane++) sum += (wobble[pane] as number) * (wobble[pane - lag] as number)
    return sum / (panes - lag)
  }
  assert.ok(Math.abs(Math.sqrt(product(0)) - 0.1) < 0.012, `the wobble's deviation is ${Math.sqrt(product(0))}`)
  assert.ok(Math.abs(product(1) / product(0) - 0.9) < 0.03, `from pane to pane ${product(1) / product(0)} stay`)
  const clustered = of('clustered')
  const rows = clustered.rows.reduce((sum, count) => sum + count, 0) * clustered.burst
  assert.ok(Math.abs(rows / panes - 50) < 1, `${rows / panes} rows a pane`)
})

test('a run that was stopped goes on where it was, also when its last line was cut', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-simulate-'))
  try {
    const state = join(folder, 'state.jsonl')
    const spec = { ...firstCell.spec, slideMs: 4 * 3_600_000 }
    const cell = { ...firstCell, features: 5, rowsPerWindow: 100, spec, repeats: 2 }
    const told: number[] = []
    const run = () =>
      runAll({
        cells: [cell],
        seed: 1,
        lengths: { referenceDays: 1, monthDays: 1 },
        workers: 1,
        state,
        onProgress: (done) => told.push(done),
      })
    const straight = await run()
    assert.deepEqual(told.splice(0), [1, 2])
    const lines = readFileSync(state, 'utf8')
    writeFileSync(state, `${lines.split('\n')[0]}\n{"code":"`)
    const resumed = await run()
    assert.deepEqual(told.splice(0), [2])
    assert.deepEqual(resumed, straight)
    assert.deepEqual(await run(), straight)
    assert.deepEqual(told, [])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
