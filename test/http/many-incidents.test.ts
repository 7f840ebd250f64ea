// As many incidents as a state may hold for 400 days: whoever asks for all of them holds nobody up.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { BacktestDesk } from '../../src/assembly/backtest-desk.ts'
import type { WatchSettings } from '../../src/monitors/subject.ts'
import { openStore } from '../../src/store/store.ts'
import { HOUR } from '../../src/time.ts'
import { ask, testServer } from '../build/http.ts'
import { LongestTurn } from '../build/longest-turn.ts'
import { incident } from '../build/messages.ts'
import { windowResult } from '../build/metrics.ts'
import { changes } from '../store/changes.ts'

const INCIDENTS = 10_000
const folder = mkdtempSync(join(tmpdir(), 'leeway-many-incidents-'))
const store = openStore(folder)
after(() => {
  store.close()
  rmSync(folder, { recursive: true })
})
const all = Array.from({ length: INCIDENTS }, (_, i) => {
  const since = (i + 1) * HOUR
  const [evidence] = incident().evidence
  return incident({
    ...{ id: i.toString(16).padStart(16, '0'), state: 'resolved', since, at: since + HOUR },
    version: i % 10 === 0 ? '6' : '7',
    evidence: Array.from({ length: 3 }, () => ({ ...(evidence as NonNullable<typeof evidence>), end: since })),
  })
})
store.commit(
  changes({
    streams: [{ index: 0, model: 'credit-risk', version: '7' }],
    incidents: all,
    transitions: all
      .filter((_, i) => i % 3 > 0)
      .map(({ id, at }) => ({ ...{ incidentId: id, sequence: 1, change: 'firing', because: 'over', at } }) as const),
    results: [100, 200].map((i) => windowResult({ start: i * HOUR, end: (i + 1) * HOUR, verdicts: [] })),
  }),
)

test('all incidents are told in turns of under 100 ms of processor time, in their order', async (t) => {
  const { port, close } = await testServer({ views: store.views })
  t.after(close)
  await ask(port, '/api/v1/incidents?limit=1')
  for (const order of ['newest', 'urgent']) {
    const turns = new LongestTurn()
    turns.start()
    const answer = await ask(port, `/api/v1/incidents?limit=${INCIDENTS}&order=${order}`)
    const longest = turns.stop()
    assert.equal(answer.status, 200)
    const { incidents } = JSON.parse(answer.text) as { incidents: ReadonlyArray<{ id: string; at: string }> }
    assert.equal(incidents.length, INCIDENTS)
    assert.deepEqual([incidents[0]?.id, incidents.at(-1)?.id], [all.at(-1)?.id, all[0]?.id])
    assert.ok(longest < 100, `the longest turn took ${longest} ms`)
  }
})

test('a backtest reads of all incidents those of its version and time that people were told of', async () => {
  const read: string[] = []
  const views = {
    ...store.views,
    incidentsOf: (ids: readonly string[]) => {
      read.push(...ids)
      return store.views.incidentsOf(ids)
    },
  }
  const windows = [{ name: '1h', sizeMs: HOUR, slideMs: HOUR }]
  const desk = new BacktestDesk({
    views,
    settingsOf: () => ({ windows }) as unknown as WatchSettings,
    windowsMax: null,
  })
  const { differences } = await desk.view({ model: 'credit-risk' })
  // Between the ends of the first and the last window: two of three were told, and one in ten is of another version.
  const wanted = all.filter(
    ({ since, version }, i) => since >= 101 * HOUR && since <= 201 * HOUR && i % 3 > 0 && version === '7',
  )
  assert.deepEqual(new Set(read), new Set(wanted.map(({ id }) => id)))
  assert.equal(differences.length, wanted.length)
  assert.ok(wanted.length > 50)
})
