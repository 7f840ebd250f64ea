// Trouble that lasts hours must be seen, and must not fill a disk.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StallWatch } from '../../src/sources/stall-watch.ts'
import { Trouble } from '../../src/sources/trouble.ts'

function timed() {
  const told: string[] = []
  const states: Array<string | null> = []
  let now = 0
  const trouble = new Trouble({
    now: () => now,
    state: (message) => states.push(message),
    tell: (message) => told.push(message),
  })
  return { told, states, trouble, pass: (ms: number) => (now += ms) }
}

test('a broker that is away for two days is told a few times, and readiness says why all the while', () => {
  const { told, states, trouble, pass } = timed()
  for (let at = 0; at < 48 * 3_600_000; at += 10_000) {
    trouble.met('no broker answers')
    pass(10_000)
  }
  assert.ok(told.length < 60, `${told.length} lines`)
  assert.deepEqual(told.slice(0, 4), [
    'no broker answers',
    'no broker answers (for 60 s, 7 times)'.replace('60 s', '1 min'),
    'no broker answers (for 6 min, 37 times)',
    'no broker answers (for 21 min, 127 times)',
  ])
  assert.deepEqual(states, ['no broker answers'])
  assert.equal(trouble.passed(), '48 h')
  assert.deepEqual(states, ['no broker answers', null])
})

test('another trouble is told at once, and the time counts from where all was well', () => {
  const { told, trouble, pass } = timed()
  trouble.met('the broker refuses')
  pass(30_000)
  trouble.met('the broker is away')
  pass(30_000)
  assert.deepEqual(told, ['the broker refuses', 'the broker is away'])
  assert.equal(trouble.passed(), '1 min')
  assert.equal(trouble.passed(), null)
})

const behind = { isBehind: true, isHeld: false, read: 10 }

test('a client that brings nothing although there is something is stalled after the time-out, and the second time given up', () => {
  const watch = new StallWatch(60_000)
  assert.equal(watch.look({ ...behind, now: 0 }), 'no')
  assert.equal(watch.look({ ...behind, now: 59_999 }), 'no')
  assert.equal(watch.look({ ...behind, now: 60_000 }), 'stalled')
  assert.equal(watch.look({ ...behind, now: 60_001 }), 'no')
  assert.equal(watch.look({ ...behind, now: 120_001 }), 'given up')
})

test('progress in between forgives a stall, and neither a full disk nor the end of the topic is one', () => {
  const watch = new StallWatch(60_000)
  watch.look({ ...behind, now: 0 })
  assert.equal(watch.look({ ...behind, now: 60_000 }), 'stalled')
  assert.equal(watch.look({ ...behind, read: 11, now: 70_000 }), 'no')
  assert.equal(watch.look({ ...behind, read: 11, now: 129_999 }), 'no')
  assert.equal(watch.look({ ...behind, read: 11, now: 130_000 }), 'stalled')
  for (const change of [{ isHeld: true }, { isBehind: false }]) {
    const other = new StallWatch(60_000)
    for (let now = 0; now < 3_600_000; now += 2_000) assert.equal(other.look({ ...behind, ...change, now }), 'no')
  }
})

test('the time in which a client connects is not held against it', () => {
  const watch = new StallWatch(60_000)
  watch.look({ ...behind, now: 0 })
  watch.interrupted()
  assert.equal(watch.look({ ...behind, now: 100_000 }), 'no')
  assert.equal(watch.look({ ...behind, now: 160_000 }), 'stalled')
})
