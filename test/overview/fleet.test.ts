import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Verdict } from '../../src/monitors/verdict.ts'
import type { WindowResult } from '../../src/monitors/window-result.ts'
import type { FleetModel, FleetMoment, FleetView } from '../../src/overview/fleet.ts'
import { coursesOf, fleetView, presents } from '../../src/overview/fleet.ts'
import { COURSE_LENGTH, FleetBoard } from '../../src/overview/fleet-board.ts'
import { lastedUntil } from '../../src/overview/incident.ts'
import { formatInstant } from '../../src/time.ts'
import { AT, incident } from '../build/messages.ts'
import { driftVerdict, windowResult } from '../build/metrics.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

const recall: Verdict = {
  ...driftVerdict('x', 'ok', 0.72),
  monitor: 'performance/recall',
  kind: 'performance',
  feature: null,
  metric: 'recall',
  low: 0.703,
  high: 0.741,
  reference: 0.81,
}

/** One window a day, the last of which ends at `AT` unless said otherwise. */
function windows(model: string, count: number, change: Partial<WindowResult> = {}): WindowResult[] {
  const { end = AT, verdicts = [driftVerdict('income', 'ok', 0.02), recall] } = change
  return Array.from({ length: count }, (_, i) =>
    windowResult({ model, window: '1d', samples: 500 + i, ...change, end: end - (count - 1 - i) * DAY, verdicts }),
  )
}

function model(name: string, change: Partial<FleetModel> = {}): FleetModel {
  const spec = { name: '1d', sizeMs: DAY, slideMs: DAY }
  return { name, task: 'binary', source: 'production', windows: [spec], versions: ['7'], learning: null, ...change }
}

function view(board: FleetBoard, models: readonly FleetModel[], some: Partial<FleetMoment> = {}): FleetView {
  const usual = { window: null, earlier: false, show: null, search: '', limit: 100, now: AT, firstSteps: () => steps }
  return fleetView(board, models, { ...usual, ...some })
}

const steps = [{ source: 'production', reads: 'the topic t at localhost:9092', event: '{}', command: 'printf' }]

function boardOf(...results: readonly WindowResult[]): FleetBoard {
  const board = new FleetBoard()
  for (const result of results) board.result(result)
  return board
}

test('who needs somebody comes first, with what is wrong in words, since when, and what may explain it', () => {
  const board = boardOf(...['fine', 'credit-risk', 'small'].flatMap((name) => windows(name, 2)))
  board.incident(incident())
  board.result(
    windowResult({
      ...{ model: 'small', window: '1d', end: AT, revision: 1, samples: 3 },
      verdicts: [{ ...driftVerdict('age', 'ok'), status: 'insufficient', value: null, reason: '3 rows, 100 needed' }],
    } as Partial<WindowResult>),
  )
  const { models, counts } = view(board, [
    model('fine'),
    model('small'),
    model('new', { versions: [] }),
    model('credit-risk'),
  ])
  assert.deepEqual(
    models.map(({ model: name, status, what }) => [name, status, what]),
    [
      ['credit-risk', 'alarm', 'ROC AUC 0.908 → 0.842 (0.812–0.867), which income, job may explain'],
      ['new', 'no_data', 'waits for its first rows from production'],
      ['small', 'insufficient', '3 rows, 100 needed'],
      ['fine', 'ok', ''],
    ],
  )
  assert.deepEqual(counts, { needYou: 1, watch: 0, fine: 1, tooFew: 1, waiting: 1, earlier: 0 })
  assert.deepEqual(
    [models[0]?.since, models[0]?.incidents],
    ['2026-11-18T14:05:00Z', { count: 1, ids: [incident().id] }],
  )
})

test('an incident that has ended leaves the fleet, and one that somebody looks after says who', () => {
  const board = boardOf(...windows('credit-risk', 2))
  board.incident(incident())
  board.handled({ incident: incident().id, acknowledgedBy: 'maria' })
  assert.equal(view(board, [model('credit-risk')]).models[0]?.acknowledgedBy, 'maria')
  board.incident(incident({ state: 'resolved' }))
  const [row] = view(board, [model('credit-risk')]).models
  assert.deepEqual([row?.status, row?.needsYou, row?.acknowledgedBy], ['ok', false, null])
})

test('one window over a threshold is something to watch, and nobody is called for it', () => {
  const verdicts = [driftVerdict('income', 'alarm', 0.31), recall]
  const { models, counts } = view(boardOf(...windows('a', 1, { verdicts })), [model('a')])
  assert.deepEqual([models[0]?.status, models[0]?.needsYou], ['warning', false])
  assert.match(models[0]?.what ?? '', /^income: PSI 0\.31 \(alarm from 0\.1\), in the newest window$/)
  assert.deepEqual([models[0]?.drift, counts.watch], [{ drifted: 1, monitored: 1 }, 1])
})

test('a course has a place for each slide, so that missing windows are gaps, and is the same in whatever order it came', () => {
  const all = windows('a', 30)
  const some = all.filter(({ end }) => end !== AT - 3 * DAY)
  const straight = view(boardOf(...some), [model('a')])
  assert.deepEqual(view(boardOf(...some.toReversed()), [model('a')]), straight)
  const points = straight.models[0]?.volume?.points ?? []
  assert.equal(points.length, COURSE_LENGTH)
  assert.deepEqual(points.slice(-5), [525, null, 527, 528, 529])
})

test('of one window the newest revision counts, and of a window that is long past nothing changes', () => {
  const board = boardOf(...windows('a', COURSE_LENGTH))
  const newer = windowResult({ model: 'a', window: '1d', end: AT, revision: 2, samples: 900 })
  board.result(newer)
  board.result({ ...newer, revision: 1, samples: 1 })
  board.result({ ...newer, end: AT - 100 * DAY, samples: 2 })
  const { points = [], last } = view(board, [model('a')]).models[0]?.volume ?? {}
  assert.deepEqual([last, points.length, points.includes(2)], [900, COURSE_LENGTH, false])
})

test('performance is that of the newest window whose labels suffice, with its interval; or it is marked as provisional', () => {
  const provisional = {
    ...windowResult({ model: 'a', window: '1d' }),
    verdicts: [{ ...recall, value: 0.9 }],
    provisional: true,
  }
  const board = boardOf(...windows('a', 2), { ...provisional, end: AT + DAY })
  const shown = view(board, [model('a')]).models[0]?.performance
  assert.deepEqual(
    [shown?.name, shown?.text, shown?.reference, shown?.isProvisional, shown?.end],
    ['recall', '0.720 (0.703–0.741)', 0.81, false, '2026-11-20T14:05:00Z'],
  )
  assert.equal(view(boardOf(provisional), [model('a')]).models[0]?.performance?.isProvisional, true)
})

test('the metric that an incident is about is the one that is shown', () => {
  const auc: Verdict = { ...recall, monitor: 'performance/roc_auc', metric: 'roc_auc', value: 0.84 }
  const board = boardOf(...windows('credit-risk', 1, { verdicts: [recall, auc] }))
  assert.equal(view(board, [model('credit-risk')]).models[0]?.performance?.metric, 'recall')
  board.incident(incident())
  assert.equal(view(board, [model('credit-risk')]).models[0]?.performance?.metric, 'roc_auc')
})

test('a version whose rows another one has now is counted, and shown last to whoever asks for it', () => {
  const board = boardOf(...windows('a', 2, { version: '6', end: AT - 9 * DAY }), ...windows('a', 2))
  const versions = [model('a', { versions: ['6', '7'] })]
  const usual = view(board, versions, { limit: 1 })
  assert.deepEqual(
    usual.models.map(({ version, status }) => [version, status]),
    [['7', 'ok']],
  )
  assert.deepEqual(
    [usual.leftOut, usual.counts],
    [0, { needYou: 0, watch: 0, fine: 1, tooFew: 0, waiting: 0, earlier: 1 }],
  )
  assert.deepEqual(
    view(board, versions, { earlier: true }).models.map(({ version, status, what }) => [version, status, what]),
    [
      ['7', 'ok', ''],
      ['6', 'no_data', 'no more rows, while version 7 has them'],
    ],
  )
})

test('a version that people were told of stays in the fleet, whoever has its rows now', () => {
  const board = boardOf(...windows('a', 2, { version: '6', end: AT - 9 * DAY }), ...windows('a', 2))
  board.incident(incident({ model: 'a', version: '6' }))
  const [first] = view(board, [model('a', { versions: ['6', '7'] })]).models
  assert.deepEqual([first?.version, first?.needsYou], ['6', true])
})

test('where the past is replayed, how long something lasts is counted in the time of the events', () => {
  const board = boardOf(...windows('credit-risk', 2))
  board.incident(incident())
  const untilOf = (now: number) => view(board, [model('credit-risk')], { now }).models[0]?.until
  assert.equal(untilOf(AT + HOUR), formatInstant(AT + HOUR))
  assert.equal(untilOf(AT + 1914 * DAY), formatInstant(AT))
})

test('predictions that do not come are told of the version that had some, and of a source that cannot be read all are told', () => {
  const silence = {
    of: 'predictions',
    lastAt: AT - 3 * HOUR,
    after: HOUR,
    source: 'production',
    because: null,
    models: ['a'],
  } as const
  const board = boardOf(...windows('a', 2))
  board.incident(incident({ id: 's', model: 'a', version: '', kind: 'no_data', evidence: [], silence }))
  const away = { ...silence, of: 'source' } as const
  board.incident(
    incident({ id: 't', model: 'source production', version: '', kind: 'no_data', evidence: [], silence: away }),
  )
  const { models, sources } = view(board, [model('a')])
  assert.deepEqual(
    [models[0]?.status, models[0]?.what, models[0]?.needsYou],
    ['no_data', 'no predictions for 3 hours', true],
  )
  assert.deepEqual(
    sources.map(({ source, says, incident: id }) => [source, says, id]),
    [['production', 'nothing can be read for 3 hours', 't']],
  )
})

test('what was not read from the state yet is said, and what is no longer configured is forgotten', () => {
  const board = boardOf(...windows('a', 2), ...windows('gone', 2))
  const models = [model('a')]
  assert.equal(view(board, models).isFilling, true)
  for (const key of coursesOf([...models, model('gone')])) board.filled(key)
  assert.equal(view(board, models).isFilling, false)
  board.keep(coursesOf(models))
  assert.deepEqual(
    [board.lacks(coursesOf([model('gone')])).length, view(board, [model('gone')]).models[0]?.volume],
    [1, null],
  )
})

test('windows that the state forgets are not shown for longer, and no more courses are kept than may be', () => {
  const board = boardOf(...windows('a', 4))
  board.take({ results: [], incidents: [], handling: [], forgottenBefore: AT - DAY })
  assert.equal(view(board, [model('a')]).models[0]?.volume?.points.filter((point) => point !== null).length, 2)
  const tight = new FleetBoard(1)
  for (const result of [...windows('a', 1), ...windows('b', 1)]) tight.result(result)
  assert.deepEqual(
    view(tight, [model('a'), model('b')]).models.map(({ volume }) => volume?.last),
    [undefined, 500],
  )
})

test('rows beyond the limit are counted, and nothing of it is a number that JSON does not have', () => {
  const names = Array.from({ length: 5 }, (_, i) => `m${i}`)
  const found = view(
    boardOf(...names.flatMap((name) => windows(name, 3))),
    names.map((name) => model(name)),
    { limit: 2 },
  )
  assert.deepEqual([found.models.length, found.leftOut, found.counts.fine], [2, 3, 5])
  assert.deepEqual(JSON.parse(JSON.stringify(found)), found)
})

test('a fleet that no event has come for says what its sources wait for, and no other does', () => {
  const empty = new FleetBoard()
  const stepsOf = (change: Partial<FleetModel>) => view(empty, [model('a', change)]).firstSteps
  assert.deepEqual(stepsOf({ versions: [] }), steps)
  assert.deepEqual(stepsOf({ versions: [], learning: { until: null } }), steps)
  assert.deepEqual(stepsOf({}), [], 'its first window is not full yet')
  assert.deepEqual(stepsOf({ versions: [], learning: { until: AT } }), [], 'it learns from the events that have come')
  assert.deepEqual(view(empty, [model('a'), model('b', { versions: [] })]).firstSteps, [])
})

test('what is looked for is looked for in all of the fleet, and what is counted stays all of it', () => {
  const names = Array.from({ length: 30 }, (_, i) => `m${i}`)
  const board = boardOf(
    ...names.flatMap((name) => windows(name, 1)),
    ...windows('m29', 1, { version: '6', end: AT - 9 * DAY }),
  )
  board.incident(incident({ id: 'x', model: 'm7' }))
  const models = names.map((name) => model(name, name === 'm29' ? { versions: ['6', '7'] } : {}))
  const found = (some: Partial<FleetMoment>) => {
    const { models: rows, leftOut, counts } = view(board, models, { limit: 2, ...some })
    return [rows.map((row) => `${row.model} ${row.version}`), leftOut, counts.needYou + counts.fine + counts.earlier]
  }
  assert.deepEqual(found({ search: 'M28' }), [['m28 7'], 0, 31])
  assert.deepEqual(found({ search: 'roc auc' }), [['m7 7'], 0, 31])
  assert.deepEqual(found({ show: 'needYou' }), [['m7 7'], 0, 31])
  assert.deepEqual(found({ show: 'fine' })[1], 27)
  assert.deepEqual(found({ show: 'earlier' }), [['m29 6'], 0, 31])
})

test('where there is no room for all, the newest version of each model has its course, also one that comes later', () => {
  const board = new FleetBoard(3)
  const followed = (...versions: string[]) => [model('a', { versions }), model('b', { versions: ['1'] })]
  const shown = (models: readonly FleetModel[]) =>
    view(board, models, { earlier: true })
      .models.filter(({ volume }) => volume !== null)
      .map((row) => `${row.model} ${row.version}`)
  const before = followed('1', '2', '3')
  board.keep(coursesOf(before))
  assert.deepEqual(
    board.lacks(coursesOf(before)).map((key) => `${key.model} ${key.version}`),
    ['a 3', 'b 1', 'a 2'],
  )
  for (const version of ['3', '2']) for (const result of windows('a', 1, { version })) board.result(result)
  for (const result of windows('b', 1, { version: '1' })) board.result(result)
  assert.deepEqual(shown(before), ['a 3', 'a 2', 'b 1'])
  const without = view(board, before, { earlier: true }).models.find(({ volume }) => volume === null)
  assert.match(`${without?.version} ${without?.what}`, /^1 more versions are watched than can be told of here/)
  // It waits for nothing, and does not stand before what is well.
  assert.deepEqual([without?.isEarlier, view(board, before).counts.waiting], [true, 0])

  for (const key of coursesOf(before)) board.filled(key)
  const after = followed('1', '2', '3', '4')
  board.keep(coursesOf(after))
  assert.deepEqual(board.lacks(coursesOf(after)), [{ model: 'a', version: '4', window: '1d' }])
  for (const result of windows('a', 1, { version: '4' })) board.result(result)
  assert.deepEqual(shown(after), ['a 4', 'a 3', 'b 1'])
})

test('what goes on lasts until now while rows come, however late the evidence, and in a past that is replayed until its newest rows', () => {
  const present = (now: number) => presents(boardOf(...windows('credit-risk', 2)), [model('credit-risk')], now)
  // Windows of a day may end a day late, and rows another.
  assert.equal(present(AT + 2 * DAY)('credit-risk'), AT + 2 * DAY)
  assert.equal(present(AT + 2 * DAY + 1)('credit-risk'), AT)
  assert.equal(present(AT + 9 * DAY)('a model that is not watched'), AT + 9 * DAY)
})

test('an incident lasts until its end, or the present of its model; what does not come by the clock lasts until now', () => {
  const silence = { of: 'predictions', lastAt: AT, after: HOUR, source: 's', because: null, models: [] } as const
  assert.equal(lastedUntil(incident({ state: 'resolved', at: AT }), AT + DAY), formatInstant(AT))
  assert.equal(lastedUntil(incident(), AT + DAY), formatInstant(AT + DAY))
  assert.equal(lastedUntil(incident(), undefined), null)
  assert.equal(lastedUntil(incident({ silence, evidence: [] }), AT + DAY), null)
})
