import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Watermark } from '../../src/windows/watermark.ts'

function watermark(restored?: number) {
  return new Watermark({ outOfOrdernessMs: 10, idleTimeoutMs: 100, restored })
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

test('a partition that is looked at and brings no prediction stops holding it back after the idle time-out', () => {
  const mark = watermark()
  mark.assign('predictions', null, 0)
  mark.assign('labels', null, 0)
  mark.observe('predictions', 1000)
  mark.spoke('predictions', 10)
  assert.equal(mark.caughtUp('labels', 99), false)
  assert.equal(mark.caughtUp('labels', 100), true)
  assert.equal(mark.current, 990)
})

test('a partition with a backlog is never idle: nobody finds it caught up, and time alone says nothing', () => {
  const mark = watermark()
  mark.assign('a', null, 0)
  mark.assign('b', null, 0)
  mark.observe('a', 1000)
  mark.spoke('a', 100_000)
  assert.equal(mark.caughtUp('a', 100_050), false)
  assert.equal(mark.current, undefined)
  assert.equal(mark.allIdle, false)
})

test('a look counts for the moment it was made: what was read late counts from when it was read', () => {
  const mark = watermark()
  mark.assign('a', null, 0)
  mark.assign('b', null, 0)
  mark.observe('a', 1000)
  mark.observe('b', 400)
  // The feed was held up for a long time; then the prediction is read, and the look that follows is no proof of silence.
  mark.spoke('b', 9_950)
  assert.equal(mark.caughtUp('b', 10_000), false)
  assert.equal(mark.current, 390)
  assert.equal(mark.caughtUp('b', 10_050), true)
  assert.equal(mark.current, 990)
})

test('an idle partition that speaks again counts again, without moving the watermark back', () => {
  const mark = watermark()
  mark.assign('a', null, 0)
  mark.assign('b', null, 0)
  mark.observe('a', 1000)
  mark.caughtUp('b', 200)
  mark.observe('b', 300)
  assert.equal(mark.current, 990)
  mark.observe('a', 5000)
  assert.equal(mark.current, 990)
})

test('partitions that all fall idle leave the watermark where the furthest of them is', () => {
  const mark = watermark()
  for (const partition of ['a', 'b', 'labels']) mark.assign(partition, null, 0)
  mark.observe('a', 1000)
  mark.observe('b', 900)
  assert.equal(mark.current, undefined)
  assert.deepEqual(
    ['a', 'b', 'labels'].map((partition) => mark.caughtUp(partition, 100)),
    [false, false, true],
  )
  assert.deepEqual([mark.allIdle, mark.current], [true, 990])
})

test('without any prediction there is no watermark, however idle all are', () => {
  const mark = watermark()
  mark.assign('a', null, 0)
  assert.equal(mark.caughtUp('a', 100), false)
  assert.equal(mark.current, undefined)
})

test('whatever comes, and through restarts, the watermark never goes back and no prediction beyond the disorder is ahead of it', () => {
  const partition = fc.nat(2)
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('observe' as const), partition, time: fc.nat(500) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('caughtUp' as const), partition, time: fc.nat(300) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), partition, time: fc.nat(300) }) },
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let mark = watermark()
      const assign = (at: number, highest: readonly (number | null)[]) => {
        for (const [i, time] of highest.entries()) mark.assign(`${i}`, time, at)
      }
      assign(0, [null, null, null])
      let now = 0
      let before = Number.NEGATIVE_INFINITY
      for (const { do: what, partition, time } of steps) {
        if (what !== 'observe') now += time
        if (what === 'observe') {
          mark.observe(`${partition}`, time)
          mark.spoke(`${partition}`, now)
        } else if (what === 'caughtUp') mark.caughtUp(`${partition}`, now)
        else {
          const highest = [0, 1, 2].map((i) => mark.highestOf(`${i}`))
          const { current } = mark
          mark = watermark(current)
          assign(now, highest)
        }
        const current = mark.current ?? Number.NEGATIVE_INFINITY
        assert.ok(current >= before, `from ${before} back to ${current}`)
        assert.ok(current <= (mark.highest ?? Number.NEGATIVE_INFINITY) - 10 || current === before)
        before = current
      }
    }),
  )
})
