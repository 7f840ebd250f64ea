// Deliveries that wait while the wall clock jumps: they neither stall for as long as it jumped, nor come all at once.

import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { TrustedClock } from '../../src/assembly/trusted-clock.ts'
import { createDrain } from '../../src/delivery/drain.ts'
import type { Sender } from '../../src/delivery/sender.ts'
import { openStore } from '../../src/store/store.ts'
import { changes, notification } from '../store/changes.ts'
import { stateDirectory } from '../store/state-directory.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const T0 = Date.UTC(2026, 0, 5)

/** An endpoint that is down for half an hour. @returns when each attempt was made, by the steady clock, and what became of the messages */
async function attempts(t: TestContext, jumps: ReadonlyMap<number, number>) {
  const store = openStore(stateDirectory(t))
  t.after(() => store.close())
  let steady = 0
  let wall = T0
  const clock = new TrustedClock({
    wall: () => wall,
    steady: () => steady,
    last: undefined,
    onStep(by) {
      store.clockMoved(by)
      return true
    },
  })
  let alarm: { wake: () => void; at: number } | undefined
  const made: Array<readonly [string, number]> = []
  const sender: Sender = {
    name: 'team',
    async send({ key }) {
      made.push([key, steady])
      return steady < 30 * MINUTE ? { result: 'retry', because: '503' } : { result: 'delivered' }
    },
    close: async () => {},
  }
  const drain = createDrain({
    outbox: store.outbox,
    senders: new Map([['team', sender]]),
    clock: clock.now,
    steady: () => steady,
    random: () => 1,
    schedule(wake, after) {
      const mine = { wake, at: steady + after }
      alarm = mine
      return () => {
        if (alarm === mine) alarm = undefined
      }
    },
    onOutcome: () => {},
    onFailure: (error) => {
      throw error
    },
    onTrouble: () => {},
    mayPass: () => true,
  })
  const rows = ['a', 'b', 'c'].map((key) => notification({ key, lane: key, dueAt: T0, queuedAt: T0 }))
  store.commit(changes({ notifications: rows }))
  drain.wake()
  for (; steady < HOUR; steady += 4_000, wall += 4_000) {
    wall += jumps.get(steady) ?? 0
    clock.now()
    if (alarm !== undefined && alarm.at <= steady) {
      const { wake } = alarm
      alarm = undefined
      wake()
    }
    // What was sent is marked before time goes on.
    await new Promise(setImmediate)
  }
  await drain.stop()
  return { made, states: store.views.deliveries(10).map(({ key, state }) => `${key} ${state}`) }
}

test('a clock that jumps by two hours, for seconds or for good, changes nothing of when a message is tried', async (t) => {
  const undisturbed = await attempts(t, new Map())
  assert.deepEqual(undisturbed.states.sort(), ['a delivered', 'b delivered', 'c delivered'])
  assert.ok(undisturbed.made.length > 3 * 8 && undisturbed.made.length < 3 * 20, `${undisturbed.made.length} attempts`)
  for (const by of [2 * HOUR, -2 * HOUR]) {
    const forGood = await attempts(t, new Map([[10 * MINUTE, by]]))
    const forHalfAMinute = await attempts(
      t,
      new Map([
        [10 * MINUTE, by],
        [10 * MINUTE + 32_000, -by],
      ]),
    )
    assert.deepEqual([forGood.made, forHalfAMinute.made], [undisturbed.made, undisturbed.made])
  }
})
