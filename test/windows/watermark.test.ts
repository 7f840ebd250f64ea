import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Watermark } from '../../src/windows/watermark.ts'

function watermark() {
  return new Watermark({ outOfOrdernessMs: 10, idleTimeoutMs: 100, restored: undefined })
}

test('without partitions, or before each has spoken, there is no watermark', () => {
  const mark = watermark()
  assert.equal(mark.current, undefined)
  mark.assign('a', null, 0)
  mark.assign('b', null, 0)
  mark.observe('a', 1000)
  assert.equal(mark.current, undefined)
  mark.observe('b', 500)
  assert.equal(mark.current, 490)
})

test('the slowest partition holds the watermark, and it never goes back', () => {
  const mark = watermark()
  mark.assign('a', null, 0)
  mark.assign('b', null, 0)
  mark.observe('a', 1000)
  mark.observe('b', 900)
  assert.equal(mark.observe('b', 800), false)
  assert.equal(mark.current, 890)
  mark.observe('b', 2000)
  assert.equal(mark.current, 990)
})

test('a partition that is caught up and brings no prediction stops holding it back after the idle time-out', () => {
  const mark = watermark()
  mark.assign('predictions', null, 0)
  mark.assign('labels', null, 0)
  mark.observe('predictions', 1000)
  mark.heard('predictions', { predictions: true, caughtUp: false, now: 10 })
  mark.heard('labels', { predictions: false, caughtUp: true, now: 90 })
  assert.equal(mark.tick(99), false)
  assert.equal(mark.tick(100), true)
  assert.equal(mark.current, 990)
})

test('a partition with a backlog is never idle', () => {
  const mark = watermark()
  mark.assign('a', null, 0)
  mark.assign('b', null, 0)
  mark.observe('a', 1000)
  mark.heard('b', { predictions: false, caughtUp: false, now: 0 })
  assert.equal(mark.tick(10_000), false)
  assert.equal(mark.current, undefined)
})

test('an idle partition that speaks again counts again, without moving the watermark back', () => {
  const mark = watermark()
  mark.assign('a', null, 0)
  mark.assign('b', null, 0)
  mark.observe('a', 1000)
  mark.heard('b', { predictions: false, caughtUp: true, now: 0 })
  mark.tick(200)
  mark.observe('b', 300)
  assert.equal(mark.current, 990)
  mark.observe('a', 5000)
  assert.equal(mark.current, 990)
})

test('partitions that all fall idle at once leave the watermark where the furthest of them is', () => {
  const mark = watermark()
  mark.assign('a', null, 0)
  mark.assign('b', null, 0)
  mark.assign('labels', null, 0)
  mark.observe('a', 1000)
  mark.observe('b', 900)
  for (const partition of ['a', 'b', 'labels']) mark.heard(partition, { predictions: false, caughtUp: true, now: 0 })
  assert.equal(mark.current, undefined)
  assert.equal(mark.tick(100), true)
  assert.equal(mark.current, 990)
})

test('without any prediction there is no watermark, however idle all are', () => {
  const mark = watermark()
  mark.assign('a', null, 0)
  mark.heard('a', { predictions: false, caughtUp: true, now: 0 })
  assert.equal(mark.tick(100), false)
  assert.equal(mark.current, undefined)
})
