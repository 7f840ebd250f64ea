// When a sender begins what it does by itself: with its use, and never when it is only tried out.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SenderSet } from '../../src/assembly/sender-set.ts'
import { createDryRun } from '../../src/delivery/dry-run.ts'
import type { Sender } from '../../src/delivery/sender.ts'

test('senders begin what they do by themselves when they are put into use, and end it when they are replaced', async () => {
  const told: string[] = []
  const sender = (name: string): Sender => ({
    name,
    send: async () => ({ result: 'delivered' }),
    start: () => void told.push(`${name} starts`),
    close: async () => void told.push(`${name} ends`),
  })
  const set = new SenderSet(new Map([['a', sender('first')]]))
  const [next, refused] = [sender('next'), sender('refused')]
  assert.deepEqual(told, ['first starts'])
  set.replace(new Map([['a', next]]))
  await set.close()
  await refused.close()
  assert.deepEqual(told.sort(), ['first ends', 'first starts', 'next ends', 'next starts', 'refused ends'])
})

test('a channel that is tried out does nothing by itself', async () => {
  let isStarted = false
  const inner: Sender = {
    name: 'alerts',
    send: () => assert.fail('it was sent'),
    start: () => {
      isStarted = true
    },
    close: async () => {},
  }
  const set = new SenderSet(new Map([['alerts', createDryRun(inner, () => {})]]))
  await set.close()
  assert.equal(isStarted, false)
})
