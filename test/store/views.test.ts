import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import type { WindowResult } from '../../src/monitors/window-result.ts'
import { openStore } from '../../src/store/store.ts'
import { changes, incident, notification, result } from './changes.ts'
import { stateDirectory } from './state-directory.ts'

function open(t: TestContext) {
  const store = openStore(stateDirectory(t))
  t.after(() => store.close())
  return store
}

const HOUR = 3_600_000
const named = ({ model, version, window, end, revision }: WindowResult) =>
  `${model} ${version} ${window} ${end / HOUR} r${revision}`

/** Windows of two models, two versions and two sizes over ten hours; every third has a second revision. */
function history(): WindowResult[] {
  const results: WindowResult[] = []
  for (const [model, version] of [
    ['a', '1'],
    ['a', '2'],
    ['b', ''],
  ] as const) {
    for (const window of ['1h', '6h']) {
      for (let hour = 1; hour <= 10; hour++) {
        for (let revision = 0; revision <= (hour % 3 === 0 ? 1 : 0); revision++)
          results.push(result({ model, version, window, end: hour * HOUR, revision }))
      }
    }
  }
  return results
}
const streams = [
  { index: 0, model: 'a', version: '1' },
  { index: 1, model: 'a', version: '2' },
  { index: 2, model: 'b', version: '' },
]

test('a result comes back whole, its verdicts included', (t) => {
  const { commit, views } = open(t)
  const verdict = {
    monitor: 'drift/age',
    kind: 'drift',
    feature: 'age',
    metric: 'psi',
    status: 'alarm',
    value: 0.3,
    threshold: 0.2,
    effect: 0.3,
    pValue: 1e-300,
    low: null,
    high: null,
    reference: null,
    calibrated: true,
    severe: false,
    holds: [false, true, true, true],
    matters: true,
    clear: false,
    methods: { js: 0.1 },
  } as const
  const whole = result({ segment: 'country=DE', provisional: true, verdicts: [verdict] })
  commit(changes({ results: [whole] }))
  assert.deepEqual(views.results({ segment: 'country=DE', limit: 1 }), [whole])
})

test('windows of segments are apart from those of the whole, and only their newest revision is kept', (t) => {
  const { commit, views } = open(t)
  const [de, fr] = ['country=DE', 'country=FR']
  const of = (segment: string, revision: number, end = HOUR) => result({ model: 'a', segment, revision, end })
  commit(changes({ streams, results: [of('', 0), of(de, 0), of(fr, 0), of(de, 0, 2 * HOUR)] }))
  commit(changes({ results: [of('', 1), of(de, 1)] }))
  assert.deepEqual(
    views.results({ limit: 9 }).map(({ segment, revision }) => [segment, revision]),
    [['', 1]],
  )
  assert.deepEqual(views.latestResults().map(named), ['a 1 1h 1 r1'])
  const query = { model: 'a', version: '1', window: '1h', from: 0, to: 9 * HOUR }
  const shown = (segment?: string) =>
    views
      .segmentResults({ ...query, ...(segment !== undefined && { segment }) })
      .map((one) => `${one.segment} ${one.end / HOUR} r${one.revision}`)
  assert.deepEqual(shown(), ['country=DE 1 r1', 'country=FR 1 r0', 'country=DE 2 r0'])
  assert.deepEqual(shown(de), ['country=DE 1 r1', 'country=DE 2 r0'])
  // The whole goes on alone: a night without rows.
  commit(changes({ results: [3, 4, 5, 6, 7, 8].map((hour) => result({ model: 'a', end: hour * HOUR })) }))
  assert.equal(views.newestOfSegments(query), 2 * HOUR)
  assert.equal(views.newestOfSegments({ ...query, version: 'other' }), undefined)
})

test('windows of segments are forgotten after a quarter, those of the whole after a year', (t) => {
  const { commit, views } = open(t)
  const ends = [1, 100, 300, 400].map((day) => day * 24 * HOUR)
  const results = ends.flatMap((end) => ['', 'country=DE'].map((segment) => result({ model: 'a', segment, end })))
  commit(changes({ streams, results }))
  const now = 402 * 24 * HOUR
  commit(changes({ dropResultsBefore: now - 400 * 24 * HOUR }))
  assert.deepEqual(
    views.results({ limit: 9, order: 'oldest' }).map(({ end }) => end),
    ends.slice(1),
  )
  assert.deepEqual(
    views.segmentResults({ model: 'a', version: '1', window: '1h', from: 0, to: now }).map(({ end }) => end),
    ends.slice(3),
  )
})

test('the newest revision of a window is shown, whatever the order in which revisions came', (t) => {
  const { commit, views } = open(t)
  commit(changes({ streams, results: [result({ model: 'a', revision: 2 }), result({ model: 'a', revision: 0 })] }))
  commit(changes({ results: [result({ model: 'a', revision: 1 })] }))
  assert.deepEqual(views.results({ limit: 9 }).map(named), ['a 1 1h 1 r2'])
  assert.deepEqual(views.latestResults().map(named), ['a 1 1h 1 r2'])
})

test('what windows would weigh is known before they are read', (t) => {
  const { commit, views } = open(t)
  commit(changes({ results: history() }))
  const bytesOf = (windows: readonly WindowResult[]) =>
    windows.reduce((sum, { verdicts }) => sum + Buffer.byteLength(JSON.stringify(verdicts)), 0)
  for (const query of [
    { limit: 3 },
    { limit: 1_000 },
    { model: 'a', version: '1', window: '1h', limit: 5 },
    { from: 9e9, limit: 5 },
  ])
    assert.equal(views.resultsBytes(query), bytesOf(views.results(query)))
})

test('results are found by model, version, window and time, newest or oldest first', (t) => {
  const { commit, views } = open(t)
  commit(changes({ results: history() }))
  assert.deepEqual(views.results({ model: 'b', version: '', window: '1h', limit: 3 }).map(named), [
    'b  1h 10 r0',
    'b  1h 9 r1',
    'b  1h 8 r0',
  ])
  assert.deepEqual(views.results({ model: 'a', from: 3 * HOUR, to: 4 * HOUR, limit: 9 }).map(named), [
    'a 1 1h 3 r1',
    'a 1 6h 3 r1',
    'a 2 1h 3 r1',
    'a 2 6h 3 r1',
  ])
  assert.deepEqual(views.results({ window: '6h', order: 'oldest', limit: 4 }).map(named), [
    'a 1 6h 1 r0',
    'a 2 6h 1 r0',
    'b  6h 1 r0',
    'a 1 6h 2 r0',
  ])
  assert.deepEqual(views.results({ model: 'c', limit: 9 }), [])
  assert.equal(views.results({ limit: 1_000 }).length, 60)
})

test('the latest result of each stream and window size', (t) => {
  const { commit, views } = open(t)
  assert.deepEqual(views.latestResults(), [])
  commit(changes({ streams, results: history() }))
  commit(changes({ results: [result({ model: 'a', version: '2', window: '6h', end: 12 * HOUR, revision: 0 })] }))
  assert.deepEqual(views.latestResults().map(named), [
    'a 1 1h 10 r0',
    'a 1 6h 10 r0',
    'a 2 1h 10 r0',
    'a 2 6h 12 r0',
    'b  1h 10 r0',
    'b  6h 10 r0',
  ])
})

test('an incident is shown with what happened to it and who was told', (t) => {
  const { commit, views } = open(t)
  const transition = (sequence: number) => ({
    incidentId: 'i1',
    sequence,
    change: 'update' as const,
    because: `b${sequence}`,
    at: sequence,
  })
  commit(
    changes({
      incidents: [incident(), incident({ id: 'i2' })],
      transitions: [transition(2), transition(1), { ...transition(1), incidentId: 'i2' }],
      notifications: [
        notification({ key: 'a', queuedAt: 2 }),
        notification({ key: 'b', queuedAt: 1 }),
        notification({ key: 'c', incidentId: 'i2' }),
      ],
    }),
  )
  const shown = views.incident('i1')
  assert.deepEqual(shown?.incident, incident())
  assert.deepEqual(shown?.transitions, [transition(1), transition(2)])
  assert.deepEqual(
    shown?.deliveries.map(({ key }) => key),
    ['b', 'a'],
  )
  assert.equal(views.incident('i3'), undefined)
})

test('incidents are found by model, kind and state, the latest first', (t) => {
  const { commit, views } = open(t)
  const some = [
    incident({ id: '1', at: 1 }),
    incident({ id: '2', at: 3, state: 'resolved' }),
    incident({ id: '3', at: 2, kind: 'performance' }),
    incident({ id: '4', at: 4, model: 'other' }),
  ]
  commit(changes({ incidents: some }))
  const found = (query: Omit<Parameters<typeof views.incidents>[0], 'limit'>, limit = 9) =>
    views.incidents({ ...query, limit }).map(({ id }) => id)
  assert.deepEqual(found({}), ['4', '2', '3', '1'])
  assert.deepEqual(found({}, 2), ['4', '2'])
  assert.deepEqual(found({ model: 'm', state: 'firing' }), ['3', '1'])
  assert.deepEqual(found({ kind: 'performance' }), ['3'])
})

test('deliveries are shown newest first, and the oldest that waits is known', (t) => {
  const { commit, views, outbox } = open(t)
  assert.equal(views.oldestQueuedAt(), undefined)
  commit(
    changes({
      notifications: [
        notification({ key: 'a', lane: 'a', queuedAt: 10 }),
        notification({ key: 'b', lane: 'b', queuedAt: 20 }),
      ],
    }),
  )
  assert.equal(views.oldestQueuedAt(), 10)
  outbox.delivered('a', 30, '')
  assert.equal(views.oldestQueuedAt(), 20)
  assert.deepEqual(
    views.deliveries(1).map(({ key }) => key),
    ['b'],
  )
})

test('what a channel has delivered about incidents that go on comes back in its order, and nothing else', (t) => {
  const { commit, outbox, views } = open(t)
  const row = (key: string, incidentId: string, order: number) =>
    notification({ key, lane: `${incidentId}:team`, order, queuedAt: 100 + order, incidentId })
  commit(
    changes({
      incidents: [
        incident({ id: 'fires' }),
        incident({ id: 'clears', state: 'clearing' }),
        incident({ id: 'over', state: 'resolved' }),
      ],
      notifications: [
        row('1', 'fires', 1),
        row('2', 'over', 2),
        row('3', 'clears', 3),
        row('4', 'fires', 4),
        row('5', 'clears', 5),
      ],
    }),
  )
  for (const key of ['1', '2', '3', '4']) outbox.delivered(key, 200, '')
  outbox.dead('5', 200, 'no')
  const told = views.toldOfOpen('team').map((one) => one.kind === 'message' && one.message.incidentId)
  assert.deepEqual(told, ['fires', 'clears', 'fires'])
  assert.deepEqual(views.toldOfOpen('another'), [])
  assert.deepEqual([...views.openIncidents()].sort(), ['clears', 'fires'])
})
