import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Fleet } from '../../src/assembly/fleet.ts'
import { loadDocument } from '../../src/config/load.ts'
import type { FleetView } from '../../src/overview/fleet.ts'
import { openStore } from '../../src/store/store.ts'
import { smallDaemon, smallDocument } from '../build/small-daemon.ts'

test('the fleet that was kept up while the daemon ran is the one that is read from the state after a start', async (t) => {
  const small = await smallDaemon()
  t.after(() => small.stop())
  await small.ended
  const fleet = async () => JSON.parse((await small.as('viewer', '/api/v1/fleet')).text) as FleetView
  const kept = await fleet()
  const [row] = kept.models
  assert.deepEqual(
    [kept.models.length, row?.model, row?.window, row?.evaluatedTo],
    [1, 'small', '6h', '2026-01-05T23:00:00Z'],
  )
  const stored = small.daemon.store.views.results({ model: 'small', limit: 24 })
  assert.equal(row?.volume?.points.filter((point) => point !== null).length, stored.length)
  const read = new Fleet({
    store: small.daemon.store,
    inForce: () => ({ document: loadDocument(join(small.folder, 'leeway.yaml')), pipeline: small.daemon.pipeline }),
    now: () => Date.parse(kept.at),
    filled: () => {},
    onFailure: assert.ifError,
  })
  const query = { window: null, earlier: false, show: null, search: '', limit: 10 }
  assert.deepEqual((await read.view(query)).models[0]?.evaluatedTo, row?.evaluatedTo)
  while ((await read.view(query)).isFilling);
  assert.deepEqual((await read.view(query)).models, kept.models)
})

test('the fleet is asked for what is looked for, and a group that there is not is named with those that there are', async (t) => {
  const small = await smallDaemon()
  t.after(() => small.stop())
  await small.ended
  const ask = async (query: string) => {
    const { status, text } = await small.as('viewer', `/api/v1/fleet?${query}`)
    return [status, status === 200 ? (JSON.parse(text) as FleetView).models.length : text]
  }
  assert.deepEqual(await ask('search=SMALL'), [200, 1])
  assert.deepEqual(await ask('search=large'), [200, 0])
  assert.deepEqual(await ask('show=earlier'), [200, 0])
  const [status, text] = await ask('show=bad')
  assert.equal(status, 400)
  assert.match(String(text), /not one of needYou, watch, fine, tooFew, waiting, earlier/)
})

test('a model that a reload brings is in the fleet, and one that it takes out is not', async (t) => {
  const small = await smallDaemon()
  t.after(() => small.stop())
  await small.ended
  small.write(smallDocument().replace('  small: {', '  other: {'))
  assert.equal((await small.as('operator', '/api/v1/reload', { method: 'POST' })).status, 200)
  const { models } = JSON.parse((await small.as('viewer', '/api/v1/fleet')).text) as FleetView
  assert.deepEqual(
    models.map(({ model, status, what }) => [model, status, what]),
    [['other', 'no_data', 'waits for its first rows from history']],
  )
})

test('a fleet that is being read does not touch a store that is closed', async () => {
  const small = await smallDaemon()
  await small.ended
  const state = join(small.folder, 'state')
  const document = loadDocument(join(small.folder, 'leeway.yaml'))
  const { pipeline } = small.daemon
  await small.daemon.stop()
  const store = openStore(state)
  const failures: unknown[] = []
  const fleet = new Fleet({
    store,
    inForce: () => ({ document, pipeline }),
    now: Date.now,
    filled: () => {},
    onFailure: (e) => failures.push(e),
  })
  fleet.follow()
  await fleet.stop()
  store.close()
  await small.stop()
  assert.deepEqual(failures, [])
  rmSync(small.folder, { recursive: true, force: true })
})

test('a page that is open hears that the configuration was reloaded, and the stream ends, so that withdrawn tokens read no more', async (t) => {
  const small = await smallDaemon({ readAccess: 'token' })
  t.after(() => small.stop())
  await small.ended
  const stream = small.as('viewer', '/api/v1/live')
  // The stream is open when it is counted.
  while (!/leeway_live_connections 1/.test((await small.as('viewer', '/metrics')).text));
  small.writeTokens(['operator'])
  await small.as('operator', '/api/v1/reload', { method: 'POST' })
  const { status, text } = await stream
  assert.equal(status, 200)
  assert.match(text, /^event: hello\n.*event: change\ndata: .*"isReloaded":true/s)
  assert.equal((await small.as('viewer', '/api/v1/live')).status, 401)
})
