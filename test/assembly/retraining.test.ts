// Requests from the moment an incident asks to what came of the run, on a real store, by a clock of the test's own.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import type { RetrainingOptions } from '../../src/assembly/retraining.ts'
import { Retraining } from '../../src/assembly/retraining.ts'
import { createRetrainingDesk } from '../../src/assembly/retraining-desk.ts'
import type { Incident } from '../../src/incidents/incident.ts'
import type { Found, Launch, Orchestrator, RunState } from '../../src/retraining/orchestrator.ts'
import type { RetrainingRule } from '../../src/retraining/rule.ts'
import { weekdays } from '../../src/retraining/rule.ts'
import { openStore } from '../../src/store/store.ts'
import { StoreError } from '../../src/store/store-error.ts'
import { createLog } from '../../src/telemetry/log.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../src/time.ts'
import { NOON, person, rule } from '../retraining/requests.ts'
import { changes, incident, trigger } from '../store/changes.ts'

const run = { id: 'run-7', link: 'https://jobs.example.org/run-7' }

/** Answers as told, and remembers the keys that it was asked for. */
function orchestrator(isIdempotent: boolean) {
  const keys: string[] = []
  const next: { launch: Launch; found: Found; state: RunState } = {
    launch: { result: 'started', run, detail: '' },
    found: { result: 'none' },
    state: { state: 'running', detail: '' },
  }
  const port: Orchestrator = {
    name: 'retraining/m',
    isIdempotent,
    pollEveryMs: 5 * SECOND,
    launch: async ({ key }) => {
      keys.push(key)
      return next.launch
    },
    find: async () => next.found,
    poll: async () => next.state,
    close: async () => {},
  }
  return { keys, next, port }
}

function office(
  t: TestContext,
  {
    rules = {},
    isIdempotent = true,
    isReplay = false,
  }: { rules?: Partial<RetrainingRule>; isIdempotent?: boolean; isReplay?: boolean } = {},
) {
  const directory = mkdtempSync(join(tmpdir(), 'leeway-retraining-'))
  const store = openStore(directory)
  t.after(() => {
    store.close()
    rmSync(directory, { recursive: true })
  })
  const clock = { now: NOON }
  const receiver = orchestrator(isIdempotent)
  const settings = new Map([['m', rule(rules)]])
  const options: RetrainingOptions = {
    store,
    rules: () => settings,
    orchestrators: new Map([['m', receiver.port]]),
    routes: () => [{ model: null, kind: null, severity: null, to: ['team'] }],
    settings: { publicUrl: 'https://leeway.example.org' },
    clock: () => clock.now,
    random: () => 1,
    referenceOf: () => 'reference-1',
    isReplay,
    promote: () => ({ outcome: 'done', detail: 'promoted' }),
    told() {},
    metrics: { retraining() {}, retrainingEnded() {} },
    log: createLog('silent'),
    onFailure: (error) => {
      throw error
    },
    onTrouble() {},
  }
  const retraining = new Retraining(options)
  t.after(() => retraining.stop())
  const desk = createRetrainingDesk({
    store,
    retraining,
    rules: options.rules,
    orchestrators: options.orchestrators,
    clock: options.clock,
  })
  const fires = (some: Partial<Incident> = {}) => {
    const fired = incident({ kind: 'performance', ...some })
    const { id } = fired
    store.commit(changes({ incidents: [fired], triggers: [trigger({ id, askedAt: clock.now, incident: fired })] }))
  }
  const messages = () =>
    store.outbox.rowsOf('i1:team').flatMap(({ envelope }) => (envelope.kind === 'message' ? envelope.message : []))
  const titles = () => messages().map(({ title }) => title.replace('m 1: ', ''))
  const states = () => store.retraining.list({ limit: 9 }).map(({ id, state }) => `${id} ${state}`)
  return { store, clock, receiver, retraining, desk, fires, messages, titles, states, options, settings }
}

test('an incident leads to a run, its success to a new reference, and people hear each step in the incident’s thread', async (t) => {
  const { store, clock, receiver, retraining, fires, messages, titles, states } = office(t)
  fires()
  await retraining.idle()
  assert.deepEqual([states(), receiver.keys], [['i1 running'], ['leeway-m-i1-1']])
  clock.now += 23 * MINUTE
  receiver.next.state = { state: 'succeeded', detail: '', output: { version: '2' } }
  await retraining.idle()
  assert.deepEqual(states(), ['i1 succeeded'])
  clock.now += MINUTE
  retraining.tick()
  store.commit(changes({ incidents: [incident({ kind: 'performance', state: 'resolved', sequence: 2 })] }))
  const rows = store.views.deliveries(9)
  assert.ok(rows.every(({ key }) => /^i1:r\d+:team$/.test(key)))
  assert.deepEqual(
    store.retraining.history('i1').map(({ change }) => change),
    ['asked', 'dispatching', 'running', 'succeeded', 'promoted'],
  )
  assert.ok(messages().every(({ incidentId, change }) => incidentId === 'i1' && change === 'retraining'))
  assert.deepEqual(titles(), [
    'retraining has begun',
    'retraining has succeeded',
    'the new version is what production is compared with',
  ])
})

test('a promotion that has waited for labels for long is no longer asked for with each look', async (t) => {
  const { clock, receiver, retraining, fires, states, options } = office(t)
  let asked = 0
  const patient = new Retraining({
    ...options,
    promote: () => {
      asked++
      return { outcome: 'waiting', detail: 'wait for labels' }
    },
  })
  t.after(() => patient.stop())
  fires()
  await retraining.idle()
  receiver.next.state = { state: 'succeeded', detail: '', output: { version: '2' } }
  clock.now += MINUTE
  await patient.idle()
  assert.deepEqual(states(), ['i1 succeeded'])
  clock.now += DAY
  const from = asked
  for (let i = 0; i < 360; i++, clock.now += 5 * SECOND) patient.tick()
  assert.equal(asked - from, 3)
})

test('a request awaits approval across a restart, and is dispatched once however many say yes', async (t) => {
  const { store, retraining, desk, fires, receiver, messages, titles, states, options } = office(t, {
    rules: { approval: { is: 'required' } },
  })
  fires()
  await retraining.idle()
  assert.deepEqual([states(), titles()], [['i1 awaiting approval'], ['retraining awaits approval']])
  const [view] = messages().map((message) => message.retraining)
  assert.deepEqual(view, { request: 'i1', state: 'awaiting approval', awaitsApproval: true })
  const restarted = new Retraining(options)
  const both = createRetrainingDesk({ ...options, retraining: restarted })
  assert.deepEqual(both.approve('i1', person()), { outcome: 'done', detail: 'approved by ana', isAudited: true })
  assert.match(desk.approve('i1', person({ name: 'ben', request: 'r2' })).detail, /^approved by ana at .* already/)
  await restarted.idle()
  await retraining.idle()
  assert.deepEqual(receiver.keys, ['leeway-m-i1-1'])
  assert.equal(store.views.audit({ limit: 9 }).filter(({ action }) => action === 'approve retraining').length, 1)
})

test('where the key is not kept, an unclear answer is put to a person, and asked for again only when a person says so', async (t) => {
  const { clock, retraining, desk, fires, receiver, titles, states } = office(t, { isIdempotent: false })
  receiver.next.launch = { result: 'unknown', because: 'ECONNRESET' }
  fires()
  await retraining.idle()
  clock.now += HOUR
  await retraining.idle()
  assert.deepEqual([states(), receiver.keys.length], [['i1 unknown'], 1])
  assert.equal(titles()[0], 'it is not known whether retraining began: somebody must say')
  receiver.next.launch = { result: 'started', run, detail: '' }
  assert.equal(desk.resolveUnknown('i1', 'resend', null, person()).outcome, 'done')
  await retraining.idle()
  assert.deepEqual([states(), receiver.keys], [['i1 running'], ['leeway-m-i1-1', 'leeway-m-i1-2']])
})

test('a run that an unclear answer hid is found by its key', async (t) => {
  const { retraining, fires, receiver, states } = office(t, { isIdempotent: false })
  receiver.next.launch = { result: 'unknown', because: 'timeout' }
  receiver.next.found = { result: 'found', run }
  fires()
  await retraining.idle()
  assert.deepEqual([states(), receiver.keys.length], [['i1 running'], 1])
})

test('one run of a model at a time: the second incident waits until the first run has ended', async (t) => {
  const { clock, retraining, fires, receiver, states } = office(t)
  fires()
  fires({ id: 'i2', version: '2' })
  await retraining.idle()
  assert.deepEqual(states().sort(), ['i1 running', 'i2 gated'])
  clock.now += MINUTE
  receiver.next.state = { state: 'failed', detail: 'exit 1', output: {} }
  await retraining.idle()
  clock.now += MINUTE
  receiver.next.state = { state: 'running', detail: '' }
  await retraining.idle()
  assert.deepEqual(states().sort(), ['i1 failed', 'i2 running'])
})

test('an incident that is over before its run began withdraws its request, which is taken up when it comes back', async (t) => {
  const { store, clock, retraining, fires, receiver, states } = office(t, {
    rules: { cooldownMs: HOUR, approval: { is: 'required' } },
  })
  fires()
  await retraining.idle()
  store.commit(changes({ incidents: [incident({ kind: 'performance', state: 'resolved', sequence: 2 })] }))
  await retraining.idle()
  assert.deepEqual(states(), ['i1 withdrawn'])
  clock.now += MINUTE
  store.commit(changes({ incidents: [incident({ kind: 'performance', sequence: 3 })] }))
  await retraining.idle()
  assert.deepEqual([states(), receiver.keys], [['i1 awaiting approval'], []])
  assert.deepEqual(
    store.retraining.history('i1').map(({ change }) => change),
    ['asked', 'awaiting approval', 'withdrawn', 'asked', 'awaiting approval'],
  )
})

test('automation that is stopped stays stopped, whoever asks, until it is resumed; a person may still ask', async (t) => {
  const { store, retraining, desk, fires, states } = office(t)
  const ben = person({ name: 'ben', role: 'operator' })
  assert.equal(desk.stopAutomation('m', 'a release', ben).outcome, 'done')
  assert.match(desk.stopAutomation('m', '', person()).detail, /stopped by ben since/)
  fires()
  await retraining.idle()
  assert.deepEqual(states(), ['i1 gated'])
  const asked = desk.request({ model: 'm', because: 'new data', incident: null }, person())
  assert.equal(desk.request({ model: 'm', because: 'new data', incident: null }, person()).request, asked.request)
  await retraining.idle()
  assert.deepEqual(states().sort(), ['i1 gated', `${asked.request} running`].sort())
  assert.equal(desk.resumeAutomation('m', ben).outcome, 'done')
  await retraining.idle()
  const [gate] = store.retraining.request('i1')?.gates.slice(-1) ?? []
  assert.equal(gate?.gate, 'in flight')
  assert.deepEqual(
    store.views
      .audit({ limit: 99 })
      .flatMap(({ actor, action }) => (actor === 'leeway' ? [] : [`${actor}: ${action}`])),
    ['ben: resume automation', 'ana: request retraining', 'ben: stop automation'],
  )
})

test('what a role may not do, the desk refuses by whatever way it is asked', (t) => {
  const { desk, fires } = office(t)
  fires()
  const viewer = person({ role: 'viewer', via: 'slack' })
  const operator = person({ role: 'operator', via: 'slack' })
  const refused = [
    desk.request({ model: 'm', because: '', incident: null }, viewer),
    desk.stopAutomation('m', '', viewer),
    desk.veto('i1', '', viewer),
    desk.approve('i1', operator),
    desk.refuse('i1', '', operator),
    desk.resolveUnknown('i1', 'resend', null, operator),
  ]
  for (const { outcome, detail } of refused)
    assert.deepEqual([outcome, /needs the role|needs/.test(detail)], ['refused', true])
})

test('a schedule, labels and a new version ask by themselves, once each, and not for what was there before', async (t) => {
  const schedule = { at: 12 * 60, days: ['thursday', 'friday'] as const, timeZone: 'UTC' }
  const { store, clock, retraining, states, receiver } = office(t, {
    rules: { schedule, askAtLabels: 100, askAtNewVersion: true },
  })
  const labels = (value: number) => ({ name: 'labels/joined', model: 'm', version: '', value })
  store.commit(changes({ streams: [{ index: 0, model: 'm', version: '1' }], counters: [labels(500)] }))
  await retraining.idle()
  assert.deepEqual(states(), [])
  receiver.next.launch = { result: 'refused', because: 'not now' }
  store.commit(changes({ counters: [labels(600)] }))
  await retraining.idle()
  store.commit(changes({ streams: [{ index: 1, model: 'm', version: '2' }] }))
  await retraining.idle()
  clock.now += 24 * HOUR
  await retraining.idle()
  await retraining.idle()
  const causes = store.retraining.list({ limit: 9 }).map(({ cause }) => cause.is)
  assert.deepEqual(causes.sort(), ['labels', 'schedule', 'version'])
})

test('while the disk is full a call is not claimed over and over: the next try is the clock’s', async (t) => {
  const { store, fires, receiver, options, states } = office(t)
  const troubles: Array<string | null> = []
  let tries = 0
  const full: RetrainingOptions['store'] = {
    ...store,
    retraining: {
      ...store.retraining,
      decide(decision) {
        if (decision.request.dispatch?.isOpen !== true) return store.retraining.decide(decision)
        // Whoever tries without end would let nobody else have a turn, not even this test.
        if (++tries > 20) void retraining.stop()
        throw new StoreError('full', 'no room')
      },
    },
  }
  const retraining = new Retraining({
    ...options,
    store: full,
    onTrouble: (message) => void troubles.push(message),
    onFailure: (error) => void troubles.push(String(error)),
  })
  fires()
  retraining.tick()
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual([tries, troubles], [1, ['StoreError: no room']])
  assert.deepEqual([states(), receiver.keys], [['i1 dispatching'], []])
  retraining.tick()
  await retraining.stop()
  assert.equal(tries, 2)
})

test('an unclear call is not made again where another target, which keeps no keys, was configured since', async (t) => {
  const { clock, retraining, fires, receiver, states, options } = office(t)
  receiver.next.launch = { result: 'unknown', because: 'timeout' }
  fires()
  await retraining.idle()
  assert.deepEqual(states(), ['i1 dispatching'])
  const other = orchestrator(false)
  const reloaded = new Retraining({ ...options, orchestrators: new Map([['m', other.port]]) })
  clock.now += MINUTE
  await reloaded.idle()
  assert.deepEqual([states(), other.keys], [['i1 unknown'], []])
})

test('what is called again has to pass its gates again, and its own calls hold it up in none of them', async (t) => {
  const { store, clock, retraining, desk, fires, receiver, states } = office(t, {
    rules: { cooldownMs: HOUR, perDayMax: 1, newLabelsMin: 10 },
  })
  store.commit(changes({ counters: [{ name: 'labels/joined', model: 'm', version: '', value: 50 }] }))
  receiver.next.launch = { result: 'retry', because: 'ECONNREFUSED' }
  fires()
  await retraining.idle()
  clock.now += MINUTE
  await retraining.idle()
  assert.deepEqual([states(), receiver.keys.length], [['i1 dispatching'], 2])
  desk.stopAutomation('m', 'a release', person())
  await retraining.idle()
  assert.deepEqual(states(), ['i1 gated'])
  clock.now += HOUR
  await retraining.idle()
  assert.equal(receiver.keys.length, 2)
  // Not sooner than the receiver wanted, either.
  desk.resumeAutomation('m', person())
  receiver.next.launch = { result: 'retry', because: '503', retryAfterMs: HOUR }
  await retraining.idle()
  desk.stopAutomation('m', 'a release', person())
  await retraining.idle()
  desk.resumeAutomation('m', person())
  await retraining.idle()
  assert.deepEqual([states(), receiver.keys.length], [['i1 dispatching'], 3])
  clock.now += HOUR
  receiver.next.launch = { result: 'started', run, detail: '' }
  await retraining.idle()
  assert.deepEqual([states(), new Set(receiver.keys)], [['i1 running'], new Set(['leeway-m-i1-1'])])
})

test('a request whose call has begun nothing is withdrawn with its incident; one that a person had sent again goes on', async (t) => {
  const { store, clock, retraining, desk, fires, receiver, states } = office(t, { isIdempotent: false })
  const over = (id: string) =>
    store.commit(changes({ incidents: [incident({ id, kind: 'performance', state: 'resolved', sequence: 2 })] }))
  receiver.next.launch = { result: 'retry', because: '503' }
  fires()
  await retraining.idle()
  over('i1')
  await retraining.idle()
  assert.deepEqual(states(), ['i1 withdrawn'])
  receiver.next.launch = { result: 'unknown', because: 'timeout' }
  fires({ id: 'i2' })
  await retraining.idle()
  receiver.next.launch = { result: 'retry', because: '503' }
  desk.resolveUnknown('i2', 'resend', null, person())
  await retraining.idle()
  over('i2')
  clock.now += MINUTE
  await retraining.idle()
  assert.deepEqual(states().sort(), ['i1 withdrawn', 'i2 dispatching'])
})

test('an incident of data quality holds a run until it is over, also while it clears', async (t) => {
  const { store, retraining, fires, states } = office(t)
  const quality = (state: Incident['state'], sequence: number) =>
    store.commit(changes({ incidents: [incident({ id: 'q1', kind: 'quality', state, sequence })] }))
  quality('clearing', 2)
  fires()
  await retraining.idle()
  assert.deepEqual(states(), ['i1 gated'])
  quality('resolved', 3)
  await retraining.idle()
  assert.deepEqual(states(), ['i1 running'])
})

test('a rule that was off, or a model that was gone, asks for nothing that came meanwhile', async (t) => {
  const { store, retraining, states, settings } = office(t, { rules: { askAtNewVersion: true } })
  const version = (index: number) =>
    store.commit(changes({ streams: [{ index, model: 'm', version: String(index + 1) }] }))
  version(0)
  await retraining.idle()
  const on = settings.get('m') as RetrainingRule
  settings.set('m', { ...on, askAtNewVersion: false })
  await retraining.idle()
  version(1)
  settings.set('m', on)
  await retraining.idle()
  settings.delete('m')
  await retraining.idle()
  version(2)
  settings.set('m', on)
  await retraining.idle()
  assert.deepEqual(states(), [])
  version(3)
  await retraining.idle()
  assert.equal(states().length, 1)
})

test('a replay asks for the same whenever it runs, and however often it is looked at on the way', async (t) => {
  const told: string[] = []
  for (const [ranAt, looks] of [
    [NOON, 0],
    [NOON + 14 * HOUR, 3],
  ] as const) {
    const quietHours = { from: 0, to: 6 * 60, days: weekdays, timeZone: 'UTC' }
    const { store, clock, receiver, retraining, states, options } = office(t, {
      isReplay: true,
      rules: { quietHours, cooldownMs: DAY, schedule: { at: 12 * 60, days: weekdays, timeZone: 'UTC' } },
    })
    clock.now = ranAt
    const asks = (id: string, askedAt: number) => {
      const fired = incident({ kind: 'performance', id, since: askedAt, at: askedAt })
      store.commit(changes({ incidents: [fired], triggers: [trigger({ id, askedAt, incident: fired })] }))
      for (let i = 0; i < looks; i++) retraining.tick()
    }
    // Bad data on the way holds nothing that is asked for in the end.
    store.commit(changes({ incidents: [incident({ id: 'bad', kind: 'quality', state: 'firing' })] }))
    asks('i1', NOON - 30 * DAY)
    store.commit(changes({ incidents: [incident({ id: 'bad', kind: 'quality', state: 'resolved', sequence: 2 })] }))
    asks('i2', NOON - 30 * DAY + HOUR)
    asks('i3', NOON - 20 * DAY + 14 * HOUR)
    await retraining.idle()
    const messages = ['i1', 'i2', 'i3'].flatMap((id) =>
      store.outbox
        .rowsOf(`${id}:team`)
        .map(({ envelope }) => JSON.stringify(envelope.kind === 'message' && envelope.message)),
    )
    assert.deepEqual(receiver.keys, ['leeway-m-i1-1'])
    assert.ok(messages.length > 0 && options.isReplay)
    told.push([...states(), ...messages].join('\n'))
  }
  assert.equal(told[0], told[1])
  assert.match(told[0] ?? '', /quiet hours are/)
  assert.match(told[0] ?? '', /the last run began at 2026-|is under way/)
})

test('in a replay an orchestrator that is away for a moment is called again, however long ago the incident was', async (t) => {
  for (const away of [
    { result: 'retry', because: '503' },
    { result: 'unknown', because: 'timeout' },
  ] as const) {
    const { store, retraining, receiver, states, options } = office(t, { isReplay: true, rules: { cooldownMs: HOUR } })
    const askedAt = NOON - 300 * DAY
    const fired = incident({ kind: 'performance', since: askedAt, at: askedAt })
    store.commit(changes({ incidents: [fired], triggers: [trigger({ askedAt, incident: fired })] }))
    await retraining.stop()
    let calls = 0
    const port: Orchestrator = {
      ...receiver.port,
      launch: async () => (++calls < 3 ? away : { result: 'started', run, detail: '' }),
    }
    const orchestrators = new Map([['m', port]])
    const replay = new Retraining({ ...options, orchestrators, clock: Date.now, random: () => 0.01 })
    const startedAt = Date.now()
    await replay.idle()
    await replay.stop()
    assert.deepEqual([states(), calls], [['i1 running'], 3])
    // Calls are measured by the clock, all else by the time of the incident.
    const { dispatch, gates } = store.retraining.request('i1') ?? {}
    assert.ok((dispatch?.claimedAt ?? 0) >= startedAt)
    assert.ok(gates?.every(({ passes }) => passes))
  }
})

test('a replay holds a request for the labels that had come by then, and runs for those since the one before', async (t) => {
  const { store, retraining, receiver, states } = office(t, { isReplay: true, rules: { newLabelsMin: 500 } })
  receiver.next.launch = { result: 'started', run: null, detail: '202' }
  const asks = (id: string, daysAgo: number, labels: number) => {
    const at = NOON - daysAgo * DAY
    const fired = incident({ kind: 'performance', id, since: at, at })
    store.commit(
      changes({
        incidents: [fired],
        triggers: [trigger({ id, askedAt: at, labels, incident: fired })],
        counters: [{ name: 'labels/joined', model: 'm', version: '', value: labels }],
      }),
    )
  }
  asks('i1', 40, 0)
  asks('i2', 30, 600)
  asks('i3', 20, 1000)
  asks('i4', 10, 1200)
  asks('i5', 5, 1600)
  await retraining.idle()
  assert.deepEqual(states().sort(), ['i1 gated', 'i2 handed over', 'i3 gated', 'i4 handed over', 'i5 gated'])
  const held = store.retraining.request('i3')?.gates.at(-1)?.because
  assert.equal(held, '400 labels have come since the last run began, 500 are needed')
})

test('bad data that a replay finds later holds nothing that was asked for before', async (t) => {
  const { store, retraining, states } = office(t, { isReplay: true, rules: {} })
  const at = NOON - 30 * DAY
  const bad = incident({ id: 'bad', kind: 'quality', since: at, at: at + DAY })
  const asks = (id: string, askedAt: number) => {
    const fired = incident({ kind: 'performance', id, since: askedAt, at: askedAt })
    store.commit(changes({ incidents: [fired, bad], triggers: [trigger({ id, askedAt, incident: fired })] }))
  }
  asks('i1', at)
  asks('i2', at + 2 * DAY)
  await retraining.idle()
  assert.deepEqual(states().sort(), ['i1 running', 'i2 gated'])
  assert.equal(store.retraining.request('i2')?.gates.at(-1)?.gate, 'data quality')
})

test('the runs of a replay are read once for all its requests', async (t) => {
  const { store, options } = office(t, { isReplay: true, rules: { newLabelsMin: 1 } })
  let reads = 0
  const counting: RetrainingOptions['store'] = {
    ...store,
    retraining: {
      ...store.retraining,
      list: (query) => {
        reads++
        return store.retraining.list(query)
      },
    },
  }
  for (let i = 0; i < 20; i++) {
    const fired = incident({ kind: 'performance', id: `i${i}` })
    store.commit(changes({ incidents: [fired], triggers: [trigger({ id: fired.id, labels: 0, incident: fired })] }))
  }
  const retraining = new Retraining({ ...options, store: counting })
  await retraining.idle()
  await retraining.stop()
  assert.deepEqual([reads, store.retraining.list({ state: 'gated', limit: 99 }).length], [1, 20])
})
