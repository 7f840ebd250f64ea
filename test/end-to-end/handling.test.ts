// A daemon as it runs: what a silence keeps back is recorded, and told when it ends.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { incident, notification } from '../build/messages.ts'
import { smallDaemon } from '../build/small-daemon.ts'
import { changes } from '../store/changes.ts'

test('the clock of a running daemon ends a silence, and what it kept back is told once', {
  timeout: 60_000,
}, async () => {
  const small = await smallDaemon()
  try {
    await small.ended
    const asked = await small.as('operator', '/api/v1/silences', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        matchers: { model: 'sma*' },
        end: new Date(Date.now() + 3_000).toISOString(),
        reason: 'a test',
      }),
    })
    assert.equal(asked.status, 200, asked.text)
    const ours = incident({ model: 'small' })
    const { id, at } = ours
    small.daemon.store.commit(
      changes({
        incidents: [ours],
        transitions: [{ incidentId: id, sequence: 2, change: 'firing', because: 'over the threshold', at }],
        notifications: [notification('screen', { incident: ours })],
      }),
    )
    await small.daemon.delivered()
    const deliveries = async () =>
      JSON.parse((await small.as('viewer', `/api/v1/incidents/${id}`)).text).deliveries as Array<{
        key: string
        state: string
        detail: string
      }>
    const [kept] = await deliveries()
    assert.equal(kept?.state, 'suppressed')
    assert.match(kept?.detail ?? '', /silence s\w+ of the-operator \(model=sma\*\): a test/)
    while (!small.told.some((text) => text.includes(id) || text.includes('ROC AUC'))) await pause(100)
    // Two more looks of the clock tell nothing more.
    await pause(2_500)
    assert.deepEqual(
      (await deliveries()).map(({ key, state }) => [key, state]),
      [
        [`${id}:2:screen`, 'suppressed'],
        [`${id}:after-1:screen`, 'delivered'],
      ],
    )
  } finally {
    await small.stop()
  }
})
