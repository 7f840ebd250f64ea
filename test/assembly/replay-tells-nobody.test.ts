import assert from 'node:assert/strict'
import { test } from 'node:test'
import { usualRule } from '../../src/config/retraining-rules.ts'
import { smallDaemon } from '../build/small-daemon.ts'

test('a run that delivers to nobody queues nothing for the channels of the document, whatever asks for a message', async () => {
  const small = await smallDaemon(
    {},
    {
      mode: 'replay',
      deliver: false,
      retraining: new Map([['small', { ...usualRule('small'), target: 'webhook', approval: { is: 'required' } }]]),
      orchestrators: new Map(),
    },
  )
  try {
    await small.ended
    const asked = await small.as('operator', '/api/v1/models/small/retraining', {
      method: 'POST',
      body: JSON.stringify({ because: 'to see who hears of it' }),
      headers: { 'content-type': 'application/json' },
    })
    assert.equal(asked.status, 200)
    await small.daemon.delivered()
    const channels = small.daemon.store.views.deliveries(100).map(({ channel }) => channel)
    assert.ok(channels.length > 0, 'somebody would have heard of it')
    assert.deepEqual([...new Set(channels)], ['console'])
  } finally {
    await small.stop()
  }
})
