// An incident of a source is told wherever its models are looked at.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Incident } from '../../src/incidents/incident.ts'
import type { SourceState } from '../../src/incidents/liveness.ts'
import { lookAtSource } from '../../src/incidents/liveness.ts'
import { incidentShown, incidentsOf } from '../../src/overview/model.ts'
import { incidentsOf as reported } from '../../src/overview/report-incidents.ts'
import { openStore } from '../../src/store/store.ts'
import { ask, testServer } from '../build/http.ts'
import { stateDirectory } from '../store/state-directory.ts'

const MINUTE = 60_000

test('the page of a model, its incidents and its report tell that its source cannot be read, and those of others do not', async (t) => {
  const store = openStore(stateDirectory(t))
  t.after(() => store.close())
  const seen = { source: 'houses', models: ['california'], because: 'the brokers are away' }
  const before: SourceState = { lastAt: 0, awayMs: 0, incident: null }
  const look = { ...seen, now: 30 * MINUTE, elapsedMs: 30 * MINUTE }
  const { transitions } = lookAtSource(before, look, 10 * MINUTE)
  const [{ incident } = assert.fail()] = transitions
  const fires = { incidentId: incident.id, sequence: 1, change: 'firing', because: '', at: incident.at } as const
  store.writeLiveness({ documents: [], incidents: [incident], transitions: [fires], notifications: [] })

  const of = (name: string, source: string) =>
    incidentsOf({ model: { name, options: { source } }, views: store.views }, '1').map(incidentShown(45 * MINUTE))
  assert.deepEqual(
    of('california', 'houses').map(({ id, text, isActive }) => [id, text, isActive]),
    [[incident.id, 'source houses: nothing can be read for 45 minutes', true]],
  )
  assert.deepEqual([of('later', 'houses'), of('california', 'wines')], [[], []])

  const { port, close } = await testServer({ views: store.views })
  t.after(close)
  const listed = async (model: string) =>
    (JSON.parse((await ask(port, `/api/v1/incidents?model=${model}`)).text) as { incidents: Incident[] }).incidents.map(
      ({ id }) => id,
    )
  assert.deepEqual([await listed('california'), await listed('wine')], [[incident.id], []])

  const report = (model: string) =>
    // Its last window ended before the source fell silent.
    reported(store, { model, version: '1', from: 0, end: 0, to: null, now: 45 * MINUTE }).map(
      ({ title, isOpen, lasted }) => [title, isOpen, lasted],
    )
  assert.deepEqual(report('california'), [['source houses: nothing can be read for 30 minutes', true, '45 minutes']])
  assert.deepEqual(report('wine'), [])
})
