// A metric that flaps at its threshold for a thousand windows, many times over; and the same policy without damping, which must fail.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { episodeFaults, flappingFaults, undampedMost, WINDOWS } from '../build/flapping.ts'
import { testSeed } from '../build/random.ts'
import { isFull, proved } from './proof.ts'

const SEEDS = isFull ? 400 : 30
/** Three sizes of windows, four kinds of noise. */
const CASES = 12

test('a metric that flaps at its threshold is told at most twice per episode, and a real one amid it is told', () => {
  const seed = testSeed()
  const { wrong, messages } = flappingFaults(seed, SEEDS)
  assert.deepEqual(wrong, [], `seed ${seed}`)
  assert.ok(messages > SEEDS * CASES)
  assert.deepEqual(episodeFaults(seed, SEEDS), [], `seed ${seed}`)
  const undamped = undampedMost(seed, 2)
  assert.ok(undamped > 100, `without damping ${undamped} messages at most: the test would not notice`)
  proved({
    promise: 'G3',
    fault: 'a metric that flaps at its threshold',
    size: `${SEEDS * CASES} metrics over ${WINDOWS.toLocaleString('en-US')} windows, each also with a real episode amid them`,
    outcome: 'at most 2 messages per episode; the real one told within 10 windows; without damping more than 100',
    test: 'test/faults/flapping.test.ts',
  })
})
