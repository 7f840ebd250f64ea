// How often a promotion that waits for labels is asked for: panes of weeks are read each time.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withWaits } from '../../src/assembly/promotion-waits.ts'
import type { Promoted } from '../../src/retraining/outcome.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../src/time.ts'
import { NOON, asked as request } from '../retraining/requests.ts'

function waiting() {
  const clock = { now: NOON }
  const asked: number[] = []
  const answer: { next: Promoted } = { next: { outcome: 'waiting', detail: 'wait for labels' } }
  const promote = withWaits(
    () => {
      asked.push(clock.now - NOON)
      return answer.next
    },
    () => clock.now,
  )
  const of = request({
    outcome: {
      version: '2',
      promotion: { is: 'awaited', detail: '', at: NOON },
      from: NOON,
      verification: { is: 'awaited', windows: 0, because: '', at: NOON },
    },
  })
  return { clock, asked, answer, ask: (id = 'i1') => promote({ ...of, id }, '2') }
}

test('a promotion is asked for at once while it is new, and each ten minutes when it has waited for hours', () => {
  const { clock, asked, answer, ask } = waiting()
  const pulse = (untilMs: number) => {
    for (; clock.now < NOON + untilMs; clock.now += 5 * SECOND) assert.equal(ask().detail, 'wait for labels')
  }
  pulse(50 * SECOND)
  assert.equal(asked.length, 10)
  pulse(DAY)
  const late = asked.filter((at) => at > 2 * HOUR)
  assert.ok(asked.length < 250, `${asked.length}`)
  assert.ok(late.every((at, i) => i === 0 || at - (late[i - 1] as number) >= 10 * MINUTE))
  answer.next = { outcome: 'done', detail: 'promoted' }
  clock.now += 10 * MINUTE
  assert.equal(ask().outcome, 'done')
})

test('each promotion waits by itself, and none for a clock that was set back', () => {
  const { clock, asked, ask } = waiting()
  clock.now += 5 * HOUR
  ask()
  ask()
  ask('i2')
  assert.equal(asked.length, 2)
  clock.now -= HOUR
  ask()
  assert.equal(asked.length, 3)
})
