// "This is normal from now on": what a person accepts is what production is compared with, in one step, and can be taken back.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Feed } from '../../src/assembly/feed.ts'
import { modelsOf, pipelineOf } from '../../src/assembly/pipeline-of.ts'
import { planner } from '../../src/assembly/planner.ts'
import { ReferenceDesk } from '../../src/assembly/reference-desk.ts'
import type { Document } from '../../src/config/document.ts'
import { loadDocument } from '../../src/config/load.ts'
import type { Person } from '../../src/handling/deeds.ts'
import type { ModelOptions } from '../../src/monitors/watched-model.ts'
import type { Pipeline } from '../../src/pipeline.ts'
import { deserialise } from '../../src/reference/reference.ts'
import type { Receiver } from '../../src/sources/source.ts'
import type { Store } from '../../src/store/store.ts'
import { openStore } from '../../src/store/store.ts'
import { createLog } from '../../src/telemetry/log.ts'
import { HOUR, MINUTE } from '../../src/time.ts'
import { makeRow, writeConfiguration } from '../build/ledger.ts'
import { seeded } from '../build/random.ts'

const START = Date.UTC(2026, 0, 5)
const folder = mkdtempSync(join(tmpdir(), 'leeway-desk-'))
const windows = '[{size: 2h, slide: 30m}, {size: 1d, slide: 1h}]'
let document: Document
let models: ModelOptions[]
let states = 0

before(async () => {
  document = loadDocument(
    writeConfiguration(folder, {
      brokers: 'localhost:9092',
      topic: 'events',
      windows,
      webhook: 'https://hooks.example.org',
    }),
  )
  models = await modelsOf(document)
})
after(() => rmSync(folder, { recursive: true }))

const ann: Person = { name: 'Ann', role: 'approver', via: 'api', remote: '127.0.0.1', request: 'r1' }

interface Traffic {
  readonly hours: number
  /** By how much amounts are multiplied. */
  readonly times?: number
  readonly version?: string
  /** Whether labels come, an hour after their prediction. */
  readonly labels?: boolean
  /** Share of labels that are turned round. */
  readonly wrong?: number
}

/** A model on one partition that goes through a log at the test's pace. */
async function running(state = join(folder, `state-${states++}`)) {
  const store: Store = openStore(state)
  const log = createLog('error', { write: () => {} })
  const build = (): Pipeline =>
    pipelineOf(document, models, {
      store,
      judgeByEventTime: false,
      plan: (transition, at) =>
        planner(document, { settings: { publicUrl: null }, deliver: true, log }, (plan) => plan)(transition, at),
    })
  let pipeline = build()
  let now = START
  const clock = { now: () => now, steady: () => now }
  const feed = new Feed({
    pipeline,
    clock,
    commitIntervalMs: 1e12,
    commitRecordsMax: 1e9,
    committed() {},
    storeTrouble() {},
  })
  const receiver: Receiver = feed.receiver('stream')
  const [start] = await receiver.assigned([{ topic: 'events', partition: 0 }])
  let offset = start?.nextOffset ?? 0
  const desk = new ReferenceDesk({
    store,
    feed,
    pipeline: () => pipeline,
    build,
    inForce: (fresh) => {
      pipeline = fresh
    },
    plan: (transition, at) =>
      planner(document, { settings: { publicUrl: null }, deliver: true, log }, (plan) => plan)(transition, at),
    observer: {},
    now: clock.now,
    onFailure: (error) => assert.fail(error as Error),
    log,
  })
  const random = seeded(states)
  let time = START
  const send = async ({ hours, times = 1, version, labels = false, wrong = 0 }: Traffic) => {
    const events: Array<{ time: number; event: object }> = []
    for (let i = 0; i < hours * 60; i++, time += MINUTE) {
      const { id, amount, age, job, score, decision, label } = makeRow(random, time)
      const features = { amount: amount === null ? null : amount * times, age, job }
      const event = { type: 'prediction', id, model: 'ledger', version, time, features, score, prediction: decision }
      events.push({ time, event })
      const truth = random() < wrong ? (label === 'bad' ? 'good' : 'bad') : label
      if (labels)
        events.push({
          time: time + HOUR,
          event: { type: 'label', id, model: 'ledger', time: time + HOUR, label: truth },
        })
    }
    events.sort((a, b) => a.time - b.time)
    now = time + HOUR
    const records = events.map(({ event }, i) => ({
      offset: offset + i,
      timestamp: null,
      value: Buffer.from(JSON.stringify(event)),
    }))
    offset += records.length
    await receiver.batch({ topic: 'events', partition: 0, records, nextOffset: offset, endOffset: offset })
    await feed.commit()
  }
  const open = () =>
    store.views.incidents({ limit: 100 }).filter((one) => one.state === 'firing' || one.state === 'clearing')
  const compared = (version = '') => pipeline.models()[0]?.streams.get(version)?.subject.reference
  return { store, desk, feed, send, open, compared, state, pipeline: () => pipeline }
}

type Running = Awaited<ReturnType<typeof running>>

const kinds = ({ open }: Running) =>
  open()
    .map(({ kind }) => kind)
    .sort()

/** Amounts have trebled, and people know. */
async function drifted(): Promise<{ set: Running; id: string }> {
  const set = await running()
  await set.send({ hours: 6 })
  await set.send({ hours: 30, times: 3 })
  assert.deepEqual(kinds(set), ['drift', 'quality'])
  return { set, id: set.open().find(({ kind }) => kind === 'drift')?.id as string }
}

test('what is accepted is what windows are compared with: quiet while it lasts, and an alarm when it changes back', async () => {
  const { set, id } = await drifted()
  const { store, desk, send, open, compared } = set
  const [before, queued] = [compared(), store.views.queued()]
  const effect = desk.acceptAsNormal(id, ann, 'prices went up')
  assert.deepEqual([effect.outcome, effect.isAudited], ['done', true], effect.detail)
  assert.match(
    effect.detail,
    /is in force for ledger; ended with the one before: drift \w+, quality \w+; made of 1\d{3} rows/,
  )
  assert.match(effect.detail, /of amount much lies outside the bins/)
  assert.match(effect.detail, /noise of windows of 1d is that of file reference\.csv, taken with caution/)
  assert.deepEqual(open(), [])
  const found = store.views.incident(id)
  assert.deepEqual(
    [found?.incident.state, found?.transitions.at(-1)?.because, found?.transitions.at(-1)?.change],
    ['resolved', 'accepted as the new normal by Ann', 'resolved'],
  )
  assert.equal(store.views.queued(), queued + 2)
  assert.notEqual(compared()?.id, before?.id)
  const [entry] = store.views.audit({ limit: 1 })
  assert.deepEqual([entry?.action, entry?.target, entry?.outcome, entry?.actor], ['incident accept', id, 'done', 'Ann'])
  assert.match(entry?.detail ?? '', /^prices went up; reference/)

  await send({ hours: 48, times: 3 })
  assert.deepEqual(open(), [])
  await send({ hours: 12 })
  const [again] = open().filter(({ kind }) => kind === 'drift')
  assert.deepEqual(again?.features, ['amount'])
  assert.notEqual(again?.id, id)
  store.close()
})

test('done twice it is done once, and says by whom', async () => {
  const { set, id } = await drifted()
  const { desk, store } = set
  desk.acceptAsNormal(id, ann, '')
  const [rows, incidents] = [store.references.list().length, store.views.incidents({ limit: 10 })]
  const again = desk.acceptAsNormal(id, { ...ann, name: 'Bob' }, '')
  assert.equal(again.outcome, 'done')
  assert.match(again.detail, /^Ann accepted it before/)
  assert.equal(store.references.list().length, rows)
  assert.deepEqual(store.views.incidents({ limit: 10 }), incidents)
  assert.match(desk.acceptAsNormal('nowhere', ann, '').detail, /there is no incident nowhere/)
  store.close()
})

test('too few rows are refused, nothing has changed then, and it can be accepted later', async () => {
  const set = await running()
  const { store, desk, send, open, compared } = set
  await send({ hours: 6 })
  await send({ hours: 5, times: 3 })
  const id = open()[0]?.id as string
  const before = compared()?.id
  const refused = desk.acceptAsNormal(id, ann, '')
  assert.equal(refused.outcome, 'refused')
  assert.match(refused.detail, /^the span holds \d+ rows, and 500 are needed: wait, or name a longer one/)
  assert.deepEqual([open()[0]?.id, compared()?.id, store.references.list()], [id, before, []])
  await send({ hours: 8, times: 3 })
  assert.equal(desk.acceptAsNormal(id, ann, '').outcome, 'done')
  store.close()
})

test('windows that hold rows from before are not judged, and say so', async () => {
  const { set, id } = await drifted()
  const { store, desk, send } = set
  // The day's windows still hold rows of the old normal when only the last hours are accepted.
  const from = START + 26 * HOUR
  assert.match(desk.acceptAsNormal(id, ann, '', from).detail, /windows of 1d are judged again from 2026-01-07T02:00/)
  await send({ hours: 4, times: 3 })
  const [day] = store.views.results({ model: 'ledger', version: '', window: '1d', limit: 1 })
  const verdict = day?.verdicts.find(({ monitor }) => monitor === 'drift/amount')
  assert.equal(verdict?.status, 'insufficient')
  assert.match(verdict?.status === 'insufficient' ? verdict.reason : '', /^it begins before 2026-01-06T02:00/)
  const [short] = store.views.results({ model: 'ledger', version: '', window: '2h', limit: 1 })
  assert.equal(short?.verdicts.find(({ monitor }) => monitor === 'drift/amount')?.status, 'ok')
  store.close()
})

test('it is taken back: the reference before is in force, and what was accepted alarms again', async () => {
  const { set, id } = await drifted()
  const { store, desk, send, compared } = set
  const before = compared()?.id
  desk.acceptAsNormal(id, ann, '')
  await send({ hours: 4, times: 3 })
  const of = { model: 'ledger', version: null, id: compared()?.id as string }
  const other = desk.revert({ ...of, id: 'another' }, ann, '')
  assert.deepEqual([other.outcome, compared()?.id], ['refused', of.id])
  assert.match(
    other.detail,
    new RegExp(`is compared with reference ${of.id}, accepted by Ann at .*, and not with another`),
  )
  const reverted = desk.revert(of, { ...ann, name: 'Bob' }, 'it was a mistake')
  assert.equal(reverted.outcome, 'done', reverted.detail)
  assert.equal(compared()?.id, before)
  const [made] = store.references.list()
  assert.deepEqual([made?.ended?.by, made?.ended?.because], ['Bob', 'it was a mistake'])
  await send({ hours: 4, times: 3 })
  assert.deepEqual(kinds(set), ['drift', 'quality'])
  assert.match(desk.revert(of, ann, '').detail, /^Bob took it back before, at /)
  assert.match(desk.revert({ ...of, id: 'another' }, ann, '').detail, /there is nothing to take back/)
  store.close()
})

test('a start of the process goes on under what was accepted, and a reference with other bins sets it aside', async () => {
  const { set, id } = await drifted()
  set.desk.acceptAsNormal(id, ann, '')
  await set.send({ hours: 3, times: 3 })
  const accepted = set.compared()?.id
  set.store.close()
  const again = await running(set.state)
  assert.equal(again.compared()?.id, accepted)
  assert.deepEqual(again.open(), [])
  const [model] = again.pipeline().models()
  assert.deepEqual([model?.comparedWith('').of, model?.setAside], ['model', []])
  const profile = again.store.references.profile(accepted as string)
  assert.equal(deserialise(profile as string).id, accepted)
  again.store.close()
})

test('a version is promoted: its own reference once its rows suffice, once, and no other version changes', async () => {
  const set = await running()
  const { store, desk, send, compared } = set
  await send({ hours: 6, version: '1' })
  const wish = {
    key: 'request-1',
    model: 'ledger',
    version: '2',
    from: null,
    to: null,
    needsLabels: true,
    by: { name: 'retraining', role: '', remote: '' },
    note: 'run 17 has succeeded',
  }
  assert.deepEqual(desk.promote(wish), { outcome: 'waiting', detail: 'no row of ledger 2 has come yet' })
  await send({ hours: 6, version: '2', labels: true })
  const early = desk.promote(wish)
  assert.equal(early.outcome, 'waiting')
  assert.match(early.detail, /^the span holds \d+ rows, and 500 are needed/)
  await send({ hours: 6, version: '2', labels: true })
  const first = compared('1')?.id
  const done = desk.promote(wish)
  assert.equal(done.outcome, 'done', done.detail)
  assert.equal(compared('1')?.id, first)
  assert.equal(done.outcome === 'done' && compared('2')?.id, done.outcome === 'done' && done.reference)
  const again = desk.promote(wish)
  assert.equal(again.outcome, 'done')
  assert.match(again.detail, /^done before/)
  assert.equal(store.references.list().length, 1)
  assert.equal(desk.promote({ ...wish, key: 'another', model: 'nowhere' }).outcome, 'refused')
  // A version that comes now is compared with what the configuration says.
  await send({ hours: 2, version: '3' })
  const [model] = set.pipeline().models()
  assert.deepEqual(
    ['1', '2', '3'].map((version) => model?.comparedWith(version).of),
    ['configuration', 'version', 'configuration'],
  )
  store.close()
})

test('worse performance is accepted with its labels: the model is as good as it is, and no estimate is broken by it', async () => {
  const set = await running()
  const { store, desk, send, open, compared } = set
  await send({ hours: 6, labels: true })
  await send({ hours: 40, labels: true, wrong: 0.4 })
  const performance = open().find(({ kind }) => kind === 'performance')
  assert.ok(performance, JSON.stringify(open().map(({ kind }) => kind)))
  const before = compared()
  const effect = desk.acceptAsNormal(performance.id, ann, '')
  assert.equal(effect.outcome, 'done', effect.detail)
  assert.match(effect.detail, /performance is measured anew on \d+ labelled rows/)
  assert.notDeepEqual(compared()?.outcomes, before?.outcomes)
  assert.deepEqual(open(), [])
  await send({ hours: 30, labels: true, wrong: 0.4 })
  assert.deepEqual(
    open().map(({ kind }) => kind),
    [],
  )
  store.close()
})
