// What leeway says of real data: replayed through the command that users run.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import type { Judged } from '../../bench/verdict-page.ts'
import { isBroken, pagePath, verdictPage } from '../../bench/verdict-page.ts'
import { dataSets } from '../../bench/verdict-sets.ts'
import { worsening } from '../../src/reference/performance.ts'
import type { Replay, Window } from '../build/replay.ts'
import { firing, replay } from '../build/replay.ts'
import { bin } from '../build/state.ts'

const root = join(import.meta.dirname, '..', '..')
const limit = { timeout: 300_000 }

/** Each set is replayed once, for all tests of this file. */
const replays = new Map<string, Promise<Replay>>()
function replayed(config: string): Promise<Replay> {
  const running = replays.get(config) ?? replay(config)
  replays.set(config, running)
  return running
}

const near = (value: number, wanted: number, what: string) =>
  assert.ok(Math.abs(value - wanted) < 0.0006, `${what} is ${value}, scikit-learn says ${wanted}`)

/** Which monitors alarm in a window. */
const alarming = ({ verdicts }: Window) =>
  verdicts.filter(({ status }) => status === 'alarm').map(({ monitor }) => monitor)
const alarmedIn = (windows: readonly Window[], prefix: string) =>
  new Set(windows.flatMap(alarming).filter((monitor) => monitor.startsWith(prefix)))
const nobodyWasTold = ({ incidents }: Replay) =>
  assert.deepEqual(
    incidents.filter(({ change }) => change === 'firing'),
    [],
  )

test('California: performance falls and recovers, and Longitude and Latitude are named first', limit, async () => {
  const run = await replayed('examples/california/leeway.yaml')
  const { incidents, model, windows } = run
  assert.equal(model.predictions, 8_232)
  assert.equal(model.joined, 8_232)
  const performance = (name: string) => model.performance.find(({ metric }) => metric === name)
  near(performance('accuracy')?.reference as number, 0.67, 'accuracy in the reference')
  near(performance('accuracy')?.whole.value as number, 0.5886, 'accuracy')
  near(performance('roc_auc')?.reference as number, 0.9079, 'ROC AUC in the reference')
  near(performance('roc_auc')?.whole.value as number, 0.8401, 'ROC AUC')
  for (const { metric, whole } of model.performance)
    assert.ok(whole.low < whole.value && whole.value < whole.high, `${metric} has no interval`)

  const [fired] = firing(run, 'performance')
  assert.deepEqual(fired?.features.slice(0, 2), ['Longitude', 'Latitude'])
  assert.deepEqual(firing(run, 'drift')[0]?.features.slice(0, 2), ['Longitude', 'Latitude'])
  assert.deepEqual(
    model.features.slice(0, 2).map(({ name }) => name),
    ['Longitude', 'Latitude'],
  )

  const resolved = incidents.filter(({ kind }) => kind === 'performance').at(-1)
  assert.equal(resolved?.change, 'resolved')
  assert.equal(resolved?.id, fired?.id)
  assert.ok((resolved?.at as string) > '2022-01-16', `resolved at ${resolved?.at}, before the last third`)
  assert.ok((resolved?.evidence[0]?.value as number) > 0.9, 'ROC AUC was not back above .90')
  assert.ok(
    windows.every(({ end }, i) => i === 0 || end >= (windows[i - 1] as Window).end),
    'windows are in order of event time',
  )
})

test('wine: another population is noticed within 5 windows', limit, async () => {
  const run = await replayed('test/data/wine.yaml')
  const [drift] = firing(run, 'drift')
  const fifth = run.windows[4]?.end as string
  assert.ok(
    drift !== undefined && drift.at <= new Date(Date.parse(fifth) + 60_000).toISOString(),
    `drift fired at ${drift?.at}, the fifth window ended ${fifth}`,
  )
})

test('adult: nothing happened, and nobody is told anything', limit, async () => {
  const run = await replayed('test/data/adult.yaml')
  nobodyWasTold(run)
  assert.equal(run.model.joined, 16_281)
})

test('employment MA: three years in which nothing happened, and nobody is told anything', limit, async () => {
  const run = await replayed('test/data/employment-ma.yaml')
  nobodyWasTold(run)
  assert.equal(run.model.joined, 208_892)
})

test('employment MA, an incident: told within days, over when it is over, silent otherwise', limit, async () => {
  const run = await replayed('test/data/employment-ma-incident.yaml')
  const [begin, end] = ['2017-12-04', '2018-01-28']
  const outside = run.windows.filter((window) => window.end <= begin || window.start >= end)
  assert.deepEqual([...alarmedIn(outside, 'performance/')], [])
  assert.deepEqual([...alarmedIn(outside, 'drift/')], [])
  const within = run.windows.filter((window) => window.start >= begin && window.end < end && window.window === '7d')
  assert.ok(within.length > 40, `${within.length} windows within the incident`)
  for (const window of within) {
    for (const monitor of ['drift/RELP', 'drift/AGEP', 'drift/SCHL', 'performance/f1'])
      assert.ok(alarming(window).includes(monitor), `${monitor} does not alarm in the week that ends ${window.end}`)
  }
  const [drift] = firing(run, 'drift')
  assert.ok(
    drift !== undefined && drift.at > begin && drift.at < '2017-12-09',
    `drift was told at ${drift?.at}, and the incident began on ${begin}`,
  )
  const ofAge = run.incidents.find(
    ({ kind, change, features }) =>
      kind === 'drift' && (change === 'firing' || change === 'update') && features.includes('AGEP'),
  )
  assert.ok(ofAge !== undefined && ofAge.at < '2017-12-15', `age was told at ${ofAge?.at}`)
  assert.ok(
    run.incidents.some(({ id, change }) => id === drift.id && change === 'resolved'),
    'drift does not resolve',
  )
  const [estimated] = firing(run, 'estimated')
  assert.ok(
    estimated !== undefined && estimated.at > begin && estimated.at < '2017-12-15',
    `without labels the fall was told at ${estimated?.at}`,
  )
  const performance = run.incidents.filter(
    ({ kind, change }) => kind === 'performance' && (change === 'firing' || change === 'resolved'),
  )
  assert.deepEqual(
    performance.map(({ change }) => change),
    ['firing', 'resolved'],
  )
  const [fired, resolved] = performance
  assert.ok(
    fired !== undefined && fired.since > begin && fired.since < '2017-12-09',
    `performance fell since ${fired?.since}, and the incident began on ${begin}`,
  )
  assert.ok(
    resolved?.evidence.some((evidence) => evidence.end > end),
    'performance resolved by windows that end before the incident does',
  )
})

test('SEA: the concept drifts, so performance alarms by accuracy and F1, and no feature does', limit, async () => {
  const run = await replayed('test/data/sea.yaml')
  assert.equal(firing(run, 'performance').length, 1)
  // The concept changes at 05:00; errors are known an hour late, and 120 rows come in an hour.
  const [fired] = firing(run, 'performance')
  assert.equal(fired?.evidence[0]?.monitor, 'concept-drift/error')
  assert.ok(fired.at > '2026-01-06T05:00' && fired.at < '2026-01-06T15:00', `told at ${fired.at}`)
  const alarmed = alarmedIn(run.windows, '')
  assert.ok(alarmed.has('performance/accuracy') && alarmed.has('performance/f1'), `alarmed: ${[...alarmed].join(', ')}`)
  assert.deepEqual([...alarmedIn(run.windows, 'drift/')], [])
  assert.deepEqual(firing(run, 'drift'), [])
})

test(
  'electricity: features and performance both alarm, and estimates that labels refute are marked broken',
  limit,
  async () => {
    const run = await replayed('test/data/elec.yaml')
    const drifted = new Set(run.incidents.filter(({ kind }) => kind === 'drift').flatMap(({ features }) => features))
    for (const feature of ['transfer', 'vicdemand']) assert.ok(drifted.has(feature), `${feature} is not named`)
    assert.ok(firing(run, 'performance').length > 0, 'performance does not fire')
    assert.ok(alarmedIn(run.windows, 'performance/').has('performance/roc_auc'), 'ROC AUC does not alarm')
    const broken = run.windows.filter(({ verdicts }) =>
      verdicts.some((verdict) => verdict.metric === 'roc_auc' && isBroken(verdict)),
    )
    assert.ok(broken[0] !== undefined && broken[0].end < '1997-05-15', `broken first in ${broken[0]?.end}`)
  },
)

test(
  'car prices: features move in the second half, the error falls, and a better model is no alarm',
  limit,
  async () => {
    const run = await replayed('test/data/car-price.yaml')
    const [drift, ...more] = firing(run, 'drift')
    assert.ok(drift !== undefined && drift.since > '2017-02-28T08:00', `drift since ${drift?.since}`)
    assert.deepEqual(more, [])
    assert.deepEqual([...alarmedIn(run.windows, 'performance/')], [])
  },
)

test('bike rental: the season moves the features, and the model falls behind', limit, async () => {
  const run = await replayed('test/data/bike-rental.yaml')
  const [drift] = firing(run, 'drift')
  assert.ok(
    ['season', 'temp', 'atemp'].every((feature) => drift?.features.includes(feature)),
    `drifting in ${drift?.features}`,
  )
  assert.equal(firing(run, 'performance').length, 1)
})

test('credit cards: the accuracy of three classes falls from the middle on', limit, async () => {
  const run = await replayed('test/data/credit-cards.yaml')
  const [fired] = firing(run, 'performance')
  assert.ok(fired !== undefined && fired.since > '2020-11-01T22', `performance fired since ${fired?.since}`)
  assert.ok(alarmedIn(run.windows, 'performance/').has('performance/accuracy'), 'accuracy does not alarm')
})

test('a value that became better never alarms, in any set', limit, async () => {
  for (const { name, config } of dataSets) {
    const { windows, incidents } = await replayed(config)
    const alarms = windows.flatMap(({ verdicts }) =>
      verdicts.filter(({ status, kind }) => status === 'alarm' && kind === 'performance'),
    )
    const evidence = incidents.flatMap(({ kind, change, evidence: told }) =>
      kind === 'performance' && (change === 'firing' || change === 'update') ? told : [],
    )
    for (const { metric, reference, value, errors } of [...alarms, ...evidence]) {
      const isWorse =
        errors === undefined
          ? worsening(metric, reference as number, value as number) > 0
          : errors.current > errors.reference
      assert.ok(isWorse, `${name}: ${metric} alarms at ${value}, and the reference has ${reference}`)
    }
  }
})

/** Of a metric's estimates: how far they lie from what came out, how far the reference's value does, and in how many windows they are broken. */
function estimatesOf({ windows }: Replay, metric: string) {
  let [missed, unchanged, both, broken] = [0, 0, 0, 0]
  for (const { verdicts } of windows) {
    const estimate = verdicts.find(({ monitor }) => monitor === `estimated/${metric}`)
    const realised = verdicts.find(({ monitor }) => monitor === `performance/${metric}`)
    if (estimate?.reason?.startsWith('calibration broken: ')) broken++
    if (typeof estimate?.value !== 'number' || typeof realised?.value !== 'number') continue
    missed += Math.abs(estimate.value - realised.value)
    unchanged += Math.abs((realised.reference as number) - realised.value)
    both++
  }
  return { missed: missed / both, unchanged: unchanged / both, broken }
}

test('elec and SEA: the concept drifts, so labels break the estimates and mend them again', limit, async () => {
  for (const config of ['test/data/elec.yaml', 'test/data/sea.yaml']) {
    const { missed, unchanged, broken } = estimatesOf(await replayed(config), 'accuracy')
    assert.ok(broken >= 8, `${config}: accuracy is said to be broken in ${broken} windows`)
    assert.ok(missed < 0.75 * unchanged, `${config}: what is told misses by ${missed}, no change by ${unchanged}`)
  }
})

test('where the concept stays the estimates are believed, and tell more than the reference', limit, async () => {
  for (const [config, metric, share] of [
    ['test/data/adult.yaml', 'f1', 1],
    ['test/data/employment-ma.yaml', 'roc_auc', 1],
    ['examples/california/leeway.yaml', 'roc_auc', 0.5],
    ['test/data/credit-cards.yaml', 'accuracy', 0.5],
    ['test/data/car-price.yaml', 'mae', 0.25],
  ] as const) {
    const { missed, unchanged, broken } = estimatesOf(await replayed(config), metric)
    assert.equal(broken, 0, `${config}: ${metric}`)
    assert.ok(
      missed < share * unchanged,
      `${config}: ${metric} is missed by ${missed}, no change misses by ${unchanged}`,
    )
  }
})

test('an estimate never alarms, in any set', limit, async () => {
  for (const { config } of dataSets)
    assert.deepEqual([...alarmedIn((await replayed(config)).windows, 'estimated/')], [])
})

test('every window is judged on just the rows it holds, in every set', limit, async () => {
  for (const { name, config } of dataSets) {
    for (const { verdicts, samples, window, end } of (await replayed(config)).windows) {
      const volume = verdicts.find(({ monitor }) => monitor === 'volume')?.value ?? samples
      assert.equal(volume, samples, `${name}, ${window} that ends ${end}`)
    }
  }
})

test('the page of verdicts says what leeway says today (npm run verdicts writes it)', limit, async () => {
  // Two at a time, as there are cores.
  const judged = new Map<string, Judged>()
  const waiting = [...dataSets]
  const work = async () => {
    for (let set = waiting.shift(); set !== undefined; set = waiting.shift()) {
      judged.set(set.name, {
        set,
        configured: await replayed(set.config),
        alike: await replay(set.config, set.windows),
      })
    }
  }
  await Promise.all([work(), work()])
  const page = verdictPage(dataSets.map(({ name }) => judged.get(name) as Judged))
  assert.equal(page, readFileSync(pagePath, 'utf8'))
})

test('the demo asks for retraining once, and its messages are part of its output', { timeout: 120_000 }, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [bin, 'demo', '--exit', '--json'], {
    cwd: root,
    maxBuffer: 1 << 30,
  })
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; title?: string })
  assert.equal(lines.filter(({ type }) => type === 'trigger').length, 1)
  assert.ok(lines.some((line) => line.type === 'notification' && /ROC AUC/.test(String(line.title))))
  assert.ok(!/NaN|Infinity/.test(stdout))
})
