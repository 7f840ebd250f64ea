// A drain on a real outbox, with a clock that moves when the drain would wait.

import type { TestContext } from 'node:test'
import type { ChannelPolicy } from '../../src/delivery/channel-policy.ts'
import { createDrain } from '../../src/delivery/drain.ts'
import type { Notification } from '../../src/delivery/notification.ts'
import type { Fate, Outbox } from '../../src/delivery/outbox.ts'
import type { Outcome, Sender } from '../../src/delivery/sender.ts'
import type { MayTell } from '../../src/handling/permission.ts'
import { openStore } from '../../src/store/store.ts'
import { changes } from '../store/changes.ts'
import { stateDirectory } from '../store/state-directory.ts'
import { notification } from './messages.ts'

class DiskFull extends Error {}

interface DeskOptions {
  /** So many marks find the disk full. */
  readonly fullTimes?: number
  /** Of the channel `team`; left out: every message by itself. */
  readonly policy?: Partial<ChannelPolicy>
  readonly mayTell?: MayTell
  /** Time passes while the drain looks: a millisecond each time that it asks. */
  readonly isTicking?: boolean
}

/** A real outbox, a clock that moves when the drain would wait, and a channel that answers as told. */
export function desk(
  t: TestContext,
  rows: Notification[],
  answer: (row: Notification, nth: number) => Outcome | Promise<Outcome>,
  { fullTimes = 0, policy, mayTell, isTicking = false }: DeskOptions = {},
) {
  let now = rows[0]?.queuedAt ?? 0
  let full = fullTimes
  const store = openStore(stateDirectory(t))
  t.after(() => store.close())
  store.commit(changes({ notifications: rows }))
  const fates: Array<{ key: string } & (Outcome | Fate)> = []
  const gathered: Array<readonly [string, number]> = []
  const troubles: Array<string | null> = []
  const channelTroubles: Array<string | null> = []
  const sent: Array<{ key: string; at: number; row: Notification }> = []
  const outbox: Outbox = {
    ...store.outbox,
    delivered(...mark) {
      if (full-- > 0) throw new DiskFull('no room')
      store.outbox.delivered(...mark)
    },
  }
  const finished = Promise.withResolvers<void>()
  const settled = () => store.outbox.channels().length === 0 && finished.resolve()
  const send = async (row: Notification) => {
    sent.push({ key: row.key, at: now, row })
    return answer(row, sent.length)
  }
  const sender = (name: string): Sender => ({ name, close: async () => {}, send })
  const drain = createDrain({
    outbox,
    senders: new Map([
      ['team', sender('team')],
      ['mail', sender('mail')],
    ]),
    policyOf: (channel) => (channel === 'team' && policy !== undefined ? { ...open, ...policy } : undefined),
    ...(mayTell !== undefined && { mayTell }),
    clock: () => (isTicking ? now++ : now),
    random: () => 1,
    schedule: (wake, after) => {
      let isOff = false
      const timer = setImmediate(() => {
        if (isOff) return
        now += after
        wake()
      })
      return () => {
        isOff = true
        clearImmediate(timer)
      }
    },
    onOutcome: ({ key }, outcome) => {
      fates.push({ key, ...outcome })
      queueMicrotask(settled)
    },
    onGathered: (_, kind, count) => gathered.push([kind, count]),
    onChannel: (_, trouble) => channelTroubles.push(trouble),
    onFailure: finished.reject,
    mayPass: (error) => error instanceof DiskFull,
    onTrouble: (message) => {
      troubles.push(message)
      if (message === null) settled()
    },
  })
  const deliveries = () => new Map(store.views.deliveries(999).map((one) => [one.key, one]))
  const states = () => new Map([...deliveries()].map(([key, { state, detail }]) => [key, `${state} ${detail}`.trim()]))
  return {
    drain,
    sent,
    states,
    fates,
    gathered,
    troubles,
    channelTroubles,
    store,
    finished: finished.promise,
    clock: () => now,
    passTime: (ms: number) => {
      now += ms
    },
  }
}

const open: ChannelPolicy = { minSeverity: 'warning', rate: null, fallback: null, gathers: true }

export const row = (order: number, lane = 'a', channel = 'team'): Notification => ({
  ...notification(channel),
  key: `${lane}${order}`,
  lane,
  order,
})
