// What leeway says of real data: replayed through the command that users run.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { bin } from '../build/state.ts'

const root = join(import.meta.dirname, '..', '..')
const run = promisify(execFile)

type Line = { type: string } & Record<string, unknown>
interface Incident {
  id: string
  kind: string
  change: string
  at: string
  features: string[]
  evidence: Array<{ monitor: string; metric: string; value: number; low: number; high: number }>
}

async function replay(config: string) {
  const { stdout } = await run(process.execPath, [bin, 'replay', '-c', join(root, config), '--json'], {
    maxBuffer: 1 << 30,
  })
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
  const summary = lines.at(-1) as unknown as { type: string; models: Array<Record<string, unknown>> }
  assert.equal(summary.type, 'summary')
  return {
    lines,
    windows: lines.filter(({ type }) => type === 'window') as unknown as Array<{
      start: string
      end: string
      samples: number
      verdicts: Array<Record<string, unknown>>
    }>,
    incidents: lines.filter(({ type }) => type === 'incident') as unknown as Incident[],
    triggers: lines.filter(({ type }) => type === 'trigger'),
    model: summary.models[0] as {
      predictions: number
      joined: number
      quarantined: number
      incidents: Record<string, number>
      features: Array<{ name: string; worst: { method: string; value: number }; alarmed: boolean }>
      performance: Array<{ metric: string; reference: number; whole: { value: number; low: number; high: number } }>
    },
  }
}

const firing = (incidents: readonly Incident[], kind: string) =>
  incidents.filter((incident) => incident.kind === kind && incident.change === 'firing')
const near = (value: number, wanted: number, what: string) =>
  assert.ok(Math.abs(value - wanted) < 0.0006, `${what} is ${value}, scikit-learn says ${wanted}`)

test('California: performance falls and recovers, and Longitude and Latitude are named first', {
  timeout: 120_000,
}, async () => {
  const { incidents, model, windows } = await replay('examples/california/leeway.yaml')
  assert.equal(model.predictions, 8_232)
  assert.equal(model.joined, 8_232)
  const performance = (name: string) => model.performance.find(({ metric }) => metric === name)
  near(performance('accuracy')?.reference as number, 0.67, 'accuracy in the reference')
  near(performance('accuracy')?.whole.value as number, 0.5886, 'accuracy')
  near(performance('roc_auc')?.reference as number, 0.9079, 'ROC AUC in the reference')
  near(performance('roc_auc')?.whole.value as number, 0.8401, 'ROC AUC')
  for (const { metric, whole } of model.performance)
    assert.ok(whole.low < whole.value && whole.value < whole.high, `${metric} has no interval`)

  const [fired] = firing(incidents, 'performance')
  assert.deepEqual(fired?.features.slice(0, 2), ['Longitude', 'Latitude'])
  assert.deepEqual(firing(incidents, 'drift')[0]?.features.slice(0, 2), ['Longitude', 'Latitude'])
  assert.deepEqual(
    model.features.slice(0, 2).map(({ name }) => name),
    ['Longitude', 'Latitude'],
  )

  const ofPerformance = incidents.filter(({ kind }) => kind === 'performance')
  const resolved = ofPerformance.at(-1) as Incident
  assert.equal(resolved.change, 'resolved')
  assert.equal(resolved.id, fired?.id)
  assert.ok(resolved.at > '2022-01-16', `resolved at ${resolved.at}, before the last third`)
  assert.ok((resolved.evidence[0]?.value as number) > 0.9, 'ROC AUC was not back above .90')
  assert.ok(
    windows.every(({ end }, i) => i === 0 || end >= (windows[i - 1] as { end: string }).end),
    'windows are in order of event time',
  )
})

test('wine: another population is noticed within 5 windows', { timeout: 120_000 }, async () => {
  const { incidents, windows } = await replay('test/data/wine.yaml')
  const [drift] = firing(incidents, 'drift')
  const fifth = windows[4]?.end as string
  assert.ok(
    drift !== undefined && drift.at <= new Date(Date.parse(fifth) + 60_000).toISOString(),
    `drift fired at ${drift?.at}, the fifth window ended ${fifth}`,
  )
})

test('adult: nothing happened, and nobody is told anything', { timeout: 120_000 }, async () => {
  const { model, incidents } = await replay('test/data/adult.yaml')
  assert.deepEqual(
    incidents.filter(({ change }) => change === 'firing'),
    [],
  )
  assert.equal(model.joined, 16_281)
})

test('employment MA: three years in which nothing happened, and nobody is told anything', {
  timeout: 300_000,
}, async () => {
  const { model, incidents } = await replay('test/data/employment-ma.yaml')
  assert.deepEqual(
    incidents.filter(({ change }) => change === 'firing'),
    [],
  )
  assert.equal(model.joined, 208_892)
})

test('SEA: the concept drifts, so performance alarms by accuracy and F1, and no feature does', {
  timeout: 120_000,
}, async () => {
  const { model, incidents, windows } = await replay('test/data/sea.yaml')
  assert.equal(firing(incidents, 'performance').length, 1)
  const alarmed = new Set(
    windows.flatMap(({ verdicts }) =>
      verdicts.filter(({ status }) => status === 'alarm').map(({ monitor }) => monitor),
    ),
  )
  assert.ok(alarmed.has('performance/accuracy') && alarmed.has('performance/f1'), `alarmed: ${[...alarmed].join(', ')}`)
  assert.deepEqual(
    model.features.filter((feature) => feature.alarmed),
    [],
  )
  assert.deepEqual(firing(incidents, 'drift'), [])
})

test('car prices: features move, the error falls, and a better model is no alarm', { timeout: 120_000 }, async () => {
  const { incidents } = await replay('test/data/car-price.yaml')
  assert.equal(firing(incidents, 'drift').length, 1)
  assert.deepEqual(firing(incidents, 'performance'), [])
})

test('credit cards: the accuracy of three classes falls from the middle on', { timeout: 120_000 }, async () => {
  const { incidents } = await replay('test/data/credit-cards.yaml')
  const [fired] = firing(incidents, 'performance')
  assert.ok(fired !== undefined && fired.at > '2020-10-25', `performance fired at ${fired?.at}`)
})

test('the demo asks for retraining once, and its messages are part of its output', { timeout: 120_000 }, async () => {
  const { stdout } = await run(process.execPath, [bin, 'demo', '--exit', '--json'], { cwd: root, maxBuffer: 1 << 30 })
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
  assert.equal(lines.filter(({ type }) => type === 'trigger').length, 1)
  assert.ok(lines.some((line) => line.type === 'notification' && /ROC AUC/.test(String(line['title']))))
  assert.ok(!/NaN|Infinity/.test(stdout))
})
