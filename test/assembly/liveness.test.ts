// Silence as a running daemon sees it: on a real store, through kills, with a source that is away and a disk that is full.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { LivenessWatch, tickUnlessFull } from '../../src/assembly/liveness.ts'
import { planner } from '../../src/assembly/planner.ts'
import type { Document } from '../../src/config/document.ts'
import type { Message } from '../../src/delivery/notification.ts'
import type { Store } from '../../src/store/store.ts'
import { StoreError } from '../../src/store/store-error.ts'
import { Health } from '../../src/telemetry/health.ts'
import { createLog } from '../../src/telemetry/log.ts'
import { HOUR, SECOND } from '../../src/time.ts'
import type { DeskRoom } from '../build/desk.ts'
import { deskRoom, labelAt, openDesk, predictionAt, T0 } from '../build/desk.ts'

const folder = mkdtempSync(join(tmpdir(), 'leeway-liveness-'))
let room: DeskRoom
let document: Document
before(async () => {
  room = await deskRoom(folder)
  document = { ...room.document, liveness: new Map([['ledger', { noDataMs: HOUR, staleLabelsMs: 4 * HOUR }]]) }
})
after(() => rmSync(folder, { recursive: true }))

/** A desk with somebody who looks every five seconds; the clock goes on from one process to the next. */
function watched(options: { state?: string; from?: number; wrap?: (store: Store) => Store } = {}) {
  const desk = openDesk(room, { partitions: 1, ...options })
  const health = new Health()
  const feed = { assigned: new Map([['stream', [{ topic: 'events', partition: 0 }]]]), held: null as string | null }
  const told: string[] = []
  const messages: Message[] = []
  const plan = planner(
    document,
    { settings: { publicUrl: null }, deliver: true, log: createLog('silent') },
    (one) => one,
  )
  let now = options.from ?? T0
  let sent = 0
  const watch = new LivenessWatch({
    store: desk.store,
    document: () => document,
    pipeline: () => desk.pipeline,
    feed,
    health,
    now: () => now,
    steady: () => now,
    plan: (transition, at) => {
      const planned = plan(transition, at)
      for (const { envelope } of planned.notifications) if (envelope.kind === 'message') messages.push(envelope.message)
      return planned
    },
    observer: { transition: ({ incident, change }) => void told.push(`${incident.model}:${incident.kind}:${change}`) },
    queued: () => {},
  })
  desk.rest(now)
  return {
    ...desk,
    health,
    feed,
    told,
    now: () => now,
    send(count = 1) {
      const events = Array.from({ length: count }, () => predictionAt(`p${now}-${sent++}`, now))
      desk.send(0, events, now)
      desk.pipeline.commit()
    },
    label: () => desk.send(0, [labelAt('x', 'bad', now)], now),
    pass(span: number) {
      for (const end = now + span; now < end; ) {
        now += 5 * SECOND
        tickUnlessFull(watch)
      }
    },
    /** What was planned to be sent, and how many messages wait in the outbox. */
    messages,
    queued: () => desk.store.views.queued(),
  }
}

test('a model whose predictions stop is told once, in words, and again when they come', () => {
  const desk = watched()
  desk.send()
  desk.pass(2 * HOUR)
  desk.send()
  desk.pass(SECOND)
  assert.deepEqual(desk.told, ['ledger:no_data:firing', 'ledger:no_data:resolved'])
  const [firing, resolved] = desk.messages
  assert.equal(firing?.title, 'ledger: no predictions for 60 minutes')
  assert.match(firing?.paragraphs.join(' ') ?? '', /The source stream is being read and holds nothing more/)
  assert.equal(resolved?.title, 'ledger: predictions come again')
  assert.equal(desk.queued(), 2)
  const [incident] = desk.store.views.incidents({ limit: 9 })
  assert.deepEqual([incident?.state, incident?.sequence], ['resolved', 2])
  desk.store.close()
})

test('a process that is killed and started again tells nothing twice, and goes on counting', () => {
  const first = watched()
  first.send()
  first.pass(40 * 60 * SECOND)
  first.store.close()
  const second = watched({ state: first.state, from: first.now() })
  second.pass(25 * 60 * SECOND)
  assert.deepEqual(second.told, ['ledger:no_data:firing'])
  second.store.close()
  const third = watched({ state: first.state, from: second.now() })
  third.pass(3 * HOUR)
  assert.deepEqual(third.told, [])
  assert.equal(third.queued(), 1)
  assert.equal(third.store.views.incidents({ state: 'firing', limit: 9 }).length, 1)
  third.send()
  third.pass(SECOND)
  assert.deepEqual(third.told, ['ledger:no_data:resolved'])
  third.store.close()
})

test('a source that is away is told of once, and none of its models', () => {
  const desk = watched()
  desk.send()
  desk.pass(10 * SECOND)
  desk.health.set('source stream', false, 'no broker answers')
  desk.pass(2 * HOUR)
  desk.health.set('source stream', true, 'reading')
  desk.pass(30 * 60 * SECOND)
  assert.deepEqual(desk.told, ['source stream:no_data:firing', 'source stream:no_data:resolved'])
  const [message] = desk.messages
  assert.equal(message?.title, 'source stream: nothing can be read for 60 minutes')
  assert.match(message?.paragraphs.join(' ') ?? '', /no broker answers.*Nothing is known of ledger/s)
  desk.store.close()
})

test('while reading is paused, or the source is behind, nothing is a silence', () => {
  const paused = watched()
  paused.send()
  paused.pass(SECOND)
  paused.feed.held = 'reading is paused'
  paused.pass(2 * HOUR)
  assert.deepEqual(paused.told, [])
  paused.store.close()
  const behind = watched()
  behind.pipeline.apply('stream', { ...behind.batch(0, [predictionAt('p', T0)]), endOffset: 99 }, T0)
  behind.pass(2 * HOUR)
  assert.deepEqual(behind.told, [])
  behind.store.close()
})

test('labels that stop while predictions come are a warning', () => {
  const desk = watched()
  desk.send()
  desk.label()
  for (let hour = 0; hour < 6; hour++) {
    desk.pass(0.5 * HOUR)
    desk.send()
    desk.pass(0.5 * HOUR)
  }
  assert.deepEqual(desk.told, ['ledger:stale_labels:firing'])
  desk.label()
  desk.pass(SECOND)
  assert.deepEqual(desk.told, ['ledger:stale_labels:firing', 'ledger:stale_labels:resolved'])
  assert.equal(desk.store.views.incidents({ limit: 9 })[0]?.severity, 'warning')
  desk.store.close()
})

test('while the disk is full nothing is told, and it is told once when there is room', () => {
  let isFull = false
  const desk = watched({
    wrap: (store) => ({
      ...store,
      writeLiveness(changes) {
        if (isFull) throw new StoreError('full', 'no room')
        store.writeLiveness(changes)
      },
    }),
  })
  desk.send()
  desk.pass(30 * 60 * SECOND)
  isFull = true
  desk.pass(HOUR)
  assert.deepEqual(desk.told, [])
  isFull = false
  desk.pass(2 * HOUR)
  assert.deepEqual(desk.told, ['ledger:no_data:firing'])
  desk.store.close()
})

test('the incident of a source that the configuration has no more ends, also when that was found out at a start', () => {
  const inForce = document
  const without = {
    ...inForce,
    models: new Map([...inForce.models].map(([name, model]) => [name, { ...model, source: 'other' }])),
    sources: new Map([...inForce.sources.values()].map((source) => ['other', { ...source, name: 'other' }])),
  }
  const away = (state?: string, from?: number) => {
    const desk = watched({ ...(state !== undefined && { state }), ...(from !== undefined && { from }) })
    desk.health.set('source stream', false, 'no broker answers')
    return desk
  }
  try {
    const desk = away()
    desk.pass(2 * HOUR)
    document = without
    desk.pass(10 * SECOND)
    assert.deepEqual(desk.told, ['source stream:no_data:firing', 'source stream:no_data:resolved'])
    assert.deepEqual(desk.store.handling.underWay(), [])
    // Back, it is looked at anew.
    document = inForce
    desk.pass(2 * HOUR)
    assert.deepEqual(desk.told.slice(2), ['source stream:no_data:firing'])
    desk.store.close()
    document = without
    const next = away(desk.state, desk.now())
    next.pass(10 * SECOND)
    assert.deepEqual(next.told, ['source stream:no_data:resolved'])
    next.store.close()
  } finally {
    document = inForce
  }
})
