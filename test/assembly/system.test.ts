import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { SystemView } from '../../src/overview/system.ts'
import { ask } from '../build/http.ts'
import { smallDaemon, smallDocument } from '../build/small-daemon.ts'
import { changes } from '../store/changes.ts'

test('the daemon tells how it is, and no secret of it', async (t) => {
  const small = await smallDaemon()
  t.after(() => small.stop())
  await small.ended
  const secret = `whsec_${Buffer.from('nobody-may-see-0123456789').toString('base64')}`
  writeFileSync(join(small.folder, 'secret'), secret)
  small.write(
    smallDocument({
      rest: 'channels:\n  hook: {type: webhook, url: "https://example.com/x?token=nobody-may-see", secretFile: secret}\n',
    }),
  )
  assert.equal((await small.as('operator', '/api/v1/reload', { method: 'POST' })).status, 200)
  const { text } = await small.as('viewer', '/api/v1/system')
  const system = JSON.parse(text) as SystemView
  assert.deepEqual([system.sources[0]?.name, system.sources[0]?.lag, system.counts.predictions], ['history', null, 480])
  assert.deepEqual([system.outbox.channels[0]?.name, system.configuration.lastReload?.successful], ['hook', true])
  assert.ok((system.commits?.count ?? 0) > 0 && (system.evaluations?.count ?? 0) > 0 && system.store.stateBytes > 0)
  assert.match(system.configuration.text, /secretFile: secret/)
  assert.ok(!text.includes('nobody-may-see') && !text.includes(secret))
})

test('what a quarantined record holds is read by operators only, and each reading is in the audit', async (t) => {
  const small = await smallDaemon()
  t.after(() => small.stop())
  await small.ended
  const { store } = small.daemon
  const record = {
    source: 'history',
    topic: 't',
    partition: 0,
    offset: 7,
    reason: 'not_json',
    detail: 'at 1',
    at: 0,
    range: null,
  }
  const sample = new TextEncoder().encode('<b>{"card": "4111"}')
  store.commit(
    changes({
      quarantine: [
        { ...record, sample },
        { ...record, sample: Uint8Array.of(0, 255, 1) },
      ],
    }),
  )
  const [binary, text] = JSON.parse((await small.as('viewer', '/api/v1/quarantine')).text).quarantine
  const path = `/api/v1/quarantine/${text.number}/sample`
  assert.equal((await small.as('viewer', path)).status, 403)
  assert.equal((await ask(small.port, path)).status, 401)
  const reply = await small.as('operator', path)
  assert.equal(reply.headers['content-type'], 'application/json; charset=utf-8')
  assert.deepEqual(JSON.parse(reply.text).sample, {
    bytes: 19,
    mayBeCut: false,
    text: '<b>{"card": "4111"}',
    hex: null,
  })
  const bytes = JSON.parse((await small.as('approver', `/api/v1/quarantine/${binary.number}/sample`)).text).sample
  assert.deepEqual([bytes.bytes, bytes.hex], [3, '00ff01'])
  for (const nothing of ['999', 'x', '-1', '1e3'])
    assert.equal((await small.as('operator', `/api/v1/quarantine/${nothing}/sample`)).status, 404)
  const audit = store.views.audit({ limit: 100 }).filter(({ action }) => action === 'quarantine.sample')
  assert.deepEqual(
    audit.filter(({ target }) => target === String(text.number)).map(({ actor, outcome }) => [actor, outcome]),
    [
      ['the-operator', 'done'],
      ['the-operator', 'asked'],
    ],
  )
})
