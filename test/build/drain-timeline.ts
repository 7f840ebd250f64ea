// A drain on a real outbox and a clock of its own: time goes from one thing that happens to the next.

import type { TestContext } from 'node:test'
import type { ChannelPolicy } from '../../src/delivery/channel-policy.ts'
import { createDrain } from '../../src/delivery/drain.ts'
import type { Notification } from '../../src/delivery/notification.ts'
import type { Sender } from '../../src/delivery/sender.ts'
import { openStore } from '../../src/store/store.ts'
import { changes } from '../store/changes.ts'
import { stateDirectory } from '../store/state-directory.ts'

interface Timeline {
  readonly store: ReturnType<typeof openStore>
  now(): number
  /** Processor time of the longest look at what is due, in ms. */
  longestLookMs(): number
  /** Queues rows at a time. */
  at(time: number, rows: (now: number) => readonly Notification[]): void
  /** Goes on until nothing is left to happen before then. */
  runUntil(end: number): Promise<void>
}

export function timeline(
  t: TestContext,
  {
    start,
    random,
    senders,
    policies,
  }: {
    readonly start: number
    readonly random: () => number
    readonly senders: ReadonlyMap<string, (row: Notification, now: number) => ReturnType<Sender['send']>>
    readonly policies: ReadonlyMap<string, ChannelPolicy>
  },
): Timeline {
  const store = openStore(stateDirectory(t))
  t.after(() => store.close())
  let now = start
  let underWay = 0
  let longest = 0
  let alarm: { readonly at: number; readonly wake: () => void } | undefined
  const planned: Array<{ readonly at: number; readonly rows: (now: number) => readonly Notification[] }> = []
  const measured = (look: () => void) => {
    const before = process.cpuUsage()
    look()
    const { user, system } = process.cpuUsage(before)
    longest = Math.max(longest, (user + system) / 1_000)
  }
  const asSender = (name: string, send: (row: Notification, now: number) => ReturnType<Sender['send']>): Sender => ({
    name,
    async send(row) {
      underWay++
      try {
        return await send(row, now)
      } finally {
        underWay--
      }
    },
    close: async () => {},
  })
  const drain = createDrain({
    outbox: store.outbox,
    senders: new Map([...senders].map(([name, send]) => [name, asSender(name, send)])),
    policyOf: (channel) => policies.get(channel),
    clock: () => now,
    random,
    schedule(wake, after) {
      const mine = { at: now + after, wake }
      alarm = mine
      return () => {
        if (alarm === mine) alarm = undefined
      }
    },
    onOutcome: () => {},
    onFailure: (error) => {
      throw error
    },
    mayPass: () => false,
    onTrouble: () => {},
  })
  t.after(() => drain.stop())
  const settled = async () => {
    do await new Promise(setImmediate)
    while (underWay > 0)
    await new Promise(setImmediate)
  }
  return {
    store,
    now: () => now,
    longestLookMs: () => longest,
    at: (time, rows) => void planned.push({ at: time, rows }),
    async runUntil(end) {
      for (;;) {
        planned.sort((a, b) => a.at - b.at)
        const next = Math.min(planned[0]?.at ?? Number.POSITIVE_INFINITY, alarm?.at ?? Number.POSITIVE_INFINITY)
        if (next > end) break
        now = Math.max(now, next)
        if (planned[0] !== undefined && planned[0].at <= now) {
          const { rows } = planned.shift() as (typeof planned)[number]
          store.commit(changes({ notifications: rows(now) }))
          measured(() => drain.wake())
        } else if (alarm !== undefined) {
          const { wake } = alarm
          alarm = undefined
          measured(wake)
        }
        await settled()
      }
      now = end
    },
  }
}
