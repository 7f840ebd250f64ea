// A state that a daemon of schema 1 left in the middle of its work, and this version reading on from it.

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { examineFit } from '../src/assembly/fit.ts'
import { modelsOf, pipelineOf } from '../src/assembly/pipeline-of.ts'
import { routesOf, rulesOf } from '../src/assembly/planner.ts'
import { ReferenceDesk } from '../src/assembly/reference-desk.ts'
import type { Document } from '../src/config/document.ts'
import { loadDocument } from '../src/config/load.ts'
import { planDelivery } from '../src/delivery/plan.ts'
import type { Person } from '../src/handling/deeds.ts'
import type { ModelOptions } from '../src/monitors/watched-model.ts'
import { openDatabase } from '../src/store/database.ts'
import { dumpExactly } from '../src/store/dump-exact.ts'
import { openStore } from '../src/store/store.ts'
import { createLog } from '../src/telemetry/log.ts'
import { keysDue } from './build/outbox.ts'
import {
  afterUpgrade,
  beforeUpgrade,
  UPGRADE_COMMIT,
  UPGRADE_NOW,
  writeUpgradeConfiguration,
} from './build/upgraded.ts'

const folder = mkdtempSync(join(tmpdir(), 'leeway-upgrade-'))
let document: Document
let models: ModelOptions[]
before(async () => {
  document = loadDocument(writeUpgradeConfiguration(folder))
  models = await modelsOf(document)
})
after(() => rmSync(folder, { recursive: true }))

function oldState(name: string): string {
  const state = join(folder, name)
  mkdirSync(state)
  const packed = readFileSync(join(import.meta.dirname, 'store/states/schema-1-live.db.gz'))
  writeFileSync(join(state, 'leeway.db'), gunzipSync(packed))
  return state
}

/** Reads events from where the state is, in commits. */
function readOn(state: string, events: readonly object[]): void {
  const store = openStore(state)
  try {
    const plan = { routes: routesOf(document, true), retraining: rulesOf(document), publicUrl: null }
    const pipeline = pipelineOf(document, models, {
      store,
      judgeByEventTime: false,
      plan: (transition, now) => planDelivery(transition, plan, now),
    })
    const place = { topic: 'events', partition: 0 }
    const [start] = pipeline.assigned('stream', [place], UPGRADE_NOW)
    let offset = start?.nextOffset ?? 0
    for (let i = 0; i < events.length; i += UPGRADE_COMMIT) {
      const records = events
        .slice(i, i + UPGRADE_COMMIT)
        .map((event, j) => ({ offset: offset + j, timestamp: null, value: Buffer.from(JSON.stringify(event)) }))
      offset += records.length
      pipeline.apply('stream', { ...place, records, nextOffset: offset, endOffset: offset }, UPGRADE_NOW)
      pipeline.commit()
    }
  } finally {
    store.close()
  }
}

/**
 * What is to be the same; the earlier version did not count what became of early labels, called nothing critical in what it sent, and
 * kept of the evidence only what it made of it.
 */
function linesOf(state: string): string[] {
  const db = openDatabase(state, { readOnly: true })
  try {
    return [...dumpExactly(db)]
      .map((line) => JSON.stringify(line))
      .filter((line) => !line.includes('"early_labels/'))
      .map((line) => line.replaceAll(/"evident":\d+,/g, ''))
      .map((line) => (line.includes('"notification"') ? line.replaceAll('"critical"', '"alarm"') : line))
  } finally {
    db.close()
  }
}

test('a state of schema 1 with open incidents, waiting labels and a request to retrain is read on as if it had been ours from the start', () => {
  const [upgraded, ours] = [oldState('upgraded'), join(folder, 'ours')]
  readOn(upgraded, afterUpgrade)
  readOn(ours, [...beforeUpgrade, ...afterUpgrade])
  const store = openStore(upgraded)
  const [fired] = store.views.incidents({ limit: 9 })
  const due = keysDue(store.outbox, UPGRADE_NOW * 2)
  // One message was delivered by the earlier version: it stays so.
  const [delivered] = store.views.deliveries(99).filter(({ state }) => state === 'delivered')
  assert.deepEqual([fired?.state, store.views.triggers(9).length], ['firing', 1])
  assert.ok(delivered !== undefined && !due.includes(delivered.key))
  // The request that waited in the outbox goes on, under the key that its receiver may have seen.
  const [request] = store.retraining.open()
  assert.deepEqual([request?.state, request?.dispatch?.key], ['asked', fired?.id])
  for (const key of due) store.outbox.delivered(key, UPGRADE_NOW, '')
  store.close()
  const expected = openStore(ours)
  for (const key of keysDue(expected.outbox, UPGRADE_NOW * 2)) expected.outbox.delivered(key, UPGRADE_NOW, '')
  expected.close()
  // How long labels took is counted since the upgrade: earlier versions did not.
  const isOlder = (line: string) => !line.includes('"name":"label_delay/')
  const [have, want] = [upgraded, ours].map((folder) => linesOf(folder).filter(isOlder)) as [string[], string[]]
  assert.ok(want.length > 100)
  assert.deepEqual(have, want)
})

test('before the upgrade doctor does not call it broken', async () => {
  const db = openDatabase(oldState('looked-at'), { readOnly: true })
  const [found] = await examineFit(document, db)
  db.close()
  assert.equal(found?.severity, 'note')
  assert.match(found?.found ?? '', /was not compared with .*leeway.yaml, for the state has an earlier schema/)
})

test('what an earlier version was alarmed by can be accepted as the new normal', () => {
  const state = oldState('accepted')
  readOn(state, afterUpgrade)
  const store = openStore(state)
  const build = () =>
    pipelineOf(document, models, {
      store,
      judgeByEventTime: false,
      plan: () => ({ notifications: [], trigger: null }),
    })
  let pipeline = build()
  pipeline.assigned('stream', [{ topic: 'events', partition: 0 }], UPGRADE_NOW)
  const desk = new ReferenceDesk({
    store,
    feed: { swap: (fresh) => void fresh() },
    pipeline: () => pipeline,
    build,
    inForce: (fresh) => {
      pipeline = fresh
    },
    plan: () => ({ notifications: [], trigger: null }),
    observer: {},
    now: () => UPGRADE_NOW,
    onFailure: (error) => assert.fail(error as Error),
    log: createLog('silent'),
  })
  const open = store.views.incidents({ model: 'filed', limit: 100 }).filter((one) => one.state !== 'resolved')
  const drift = open.find(({ kind }) => kind === 'drift' || kind === 'quality')
  assert.ok(drift, JSON.stringify(open.map(({ kind }) => kind)))
  const by: Person = { name: 'Ann', role: 'approver', via: 'cli', remote: '', request: 'r' }
  const effect = desk.acceptAsNormal(drift.id, by, '', UPGRADE_NOW - 400 * 24 * 3_600_000)
  assert.equal(effect.outcome, 'done', effect.detail)
  assert.equal(
    pipeline
      .models()
      .find(({ name }) => name === 'filed')
      ?.comparedWith('').of,
    'model',
  )
  store.close()
})
