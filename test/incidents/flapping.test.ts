// What is at its threshold comes and goes: people are told when it begins, and when it is over. `npm run faults` tries more of it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { calmOf, windowsToResolve } from '../../src/incidents/episode.ts'
import { DAY } from '../../src/time.ts'
import type { WindowSpec } from '../../src/windows/window.ts'
import { episodeFaults, flappingFaults, specs, told } from '../build/flapping.ts'
import { testSeed } from '../build/random.ts'

test('a metric that flaps at its threshold for 1,000 windows is told at most twice', () => {
  const { wrong, messages } = flappingFaults(testSeed(), 2)
  assert.deepEqual(wrong, [])
  assert.ok(messages > 20)
})

test('a real episode amid the flapping is told, and its end', () => {
  assert.deepEqual(episodeFaults(testSeed(), 2), [])
})

test('a mild episode soon after one that has ended is told when it has lasted as long as what counts as soon', () => {
  const [spec] = specs as [WindowSpec]
  const over = (count: number) => Array<number>(count).fill(1.1)
  const clear = (count: number) => Array<number>(count).fill(0)
  const { told: all, state } = told(spec, [...over(10), ...clear(14), ...over(300)])
  assert.deepEqual(all, [
    [5, 'firing'],
    [21, 'resolved'],
    [24 + calmOf(spec) / spec.slideMs - 1, 'firing'],
  ])
  assert.equal(state.incidents.performance?.incident.reopened, 1)
})

test('the more often it has come back, the longer it must be clear, at most eight times as long', () => {
  const [spec] = specs as [WindowSpec]
  const hold = (of: WindowSpec) => [0, 1, 2, 3, 4, 99].map((reopened) => windowsToResolve(of, reopened))
  assert.deepEqual(hold(spec), [12, 24, 48, 96, 96, 96])
  assert.deepEqual(hold({ name: '1d', sizeMs: DAY, slideMs: DAY }), [1, 2, 4, 8, 8, 8])
})

test('large windows are damped for a month at most', () => {
  assert.equal(calmOf({ name: '28d', sizeMs: 28 * DAY, slideMs: 7 * DAY }), 30 * DAY)
})

test('what fires long after its end is another incident', () => {
  const [spec] = specs as [WindowSpec]
  const over = Array<number>(10).fill(1.1)
  const { told: all } = told(spec, [...over, ...Array<number>(12 + calmOf(spec) / spec.slideMs + 1).fill(0), ...over])
  assert.deepEqual(
    all.map(([, change]) => change),
    ['firing', 'resolved', 'firing'],
  )
})
