// Empties the outbox: several lanes at once, each in order, until everything is delivered or given up.

import type { Probe } from '../probe.ts'
import { cleaned } from '../secret.ts'
import type { Clock, Instant, Millis } from '../time.ts'
import type { Notification } from './notification.ts'
import type { Outbox } from './outbox.ts'
import { backoffMs, DELIVERY_BUDGET } from './retry.ts'
import type { Outcome, Sender } from './sender.ts'

export interface DrainOptions {
  readonly outbox: Outbox
  /** By channel name; asked anew for each message, for a reload may change them. */
  readonly senders: Pick<ReadonlyMap<string, Sender>, 'get'>
  readonly clock: Clock
  readonly random: () => number
  /** Calls `wake` after a while; returns how to call it off. Injected, so that tests need not wait. */
  readonly schedule: (wake: () => void, after: Millis) => () => void
  /** Told of each attempt, for logs and metrics. */
  readonly onOutcome: (
    notification: Notification,
    outcome: Outcome | { readonly result: 'dead'; readonly because: string },
  ) => void
  /** The outbox itself failed: the process must not go on. */
  readonly onFailure: (error: unknown) => void
  /** Whether what failed can be tried again as it is: the disk is full. */
  readonly mayPass: (error: unknown) => boolean
  /** Told when a mark is tried again, and null when one worked again. */
  readonly onTrouble: (message: string | null) => void
  readonly probe?: Probe | undefined
}

/** Of what a receiver says, with a place in the state and in every line about it. */
const SAID_MAX = 500
/** Lanes that are sent at the same time. */
const PARALLEL_MAX = 4
/** A send that takes longer is called off. */
const SEND_TIMEOUT_MS = 30_000
/** How long `stop` waits for sends under way. */
const STOP_WAIT_MS = 10_000
/** Between two tries of a mark while the disk is full, at first and at most. */
const MARK_AGAIN_MS = { first: 250, most: 2_000 }
/** Long timers overflow; nothing is looked at less often than this. */
const LOOK_AT_LEAST_EVERY_MS = 3_600_000

export interface Drain {
  /** New rows were committed, or time has passed. */
  wake(): void
  /** Resolves when nothing is due and nothing is under way: for runs that end. */
  idle(): Promise<void>
  /** Starts nothing more, waits for what is under way, then calls it off. Stopping twice is harmless. */
  stop(): Promise<void>
}

export function createDrain(options: DrainOptions): Drain {
  const { outbox, senders, clock, random, schedule, onOutcome, onFailure, mayPass, onTrouble, probe } = options
  const underWay = new Map<string, Promise<void>>()
  const aborting = new AbortController()
  let callOff = () => {}
  let isStopped = false
  let waiters: Array<() => void> = []

  function wake(): void {
    if (isStopped) return
    callOff()
    callOff = () => {}
    try {
      for (const row of outbox.due(clock(), PARALLEL_MAX + underWay.size)) {
        if (underWay.size >= PARALLEL_MAX) break
        if (underWay.has(row.lane)) continue
        underWay.set(
          row.lane,
          attempt(row)
            .catch(onFailure)
            .finally(() => {
              underWay.delete(row.lane)
              wake()
            }),
        )
      }
      if (underWay.size > 0) return
      const next = outbox.nextDueAt()
      if (next !== undefined) callOff = schedule(wake, Math.min(LOOK_AT_LEAST_EVERY_MS, Math.max(0, next - clock())))
    } catch (error) {
      return onFailure(error)
    }
    for (const done of waiters) done()
    waiters = []
  }

  async function attempt(row: Notification): Promise<void> {
    const sender = senders.get(row.envelope.channel)
    if (sender === undefined) return giveUp(row, `no channel is called ${row.envelope.channel} any more`)
    const limit = AbortSignal.any([aborting.signal, AbortSignal.timeout(SEND_TIMEOUT_MS)])
    // What it says is kept, logged and served.
    probe?.('outbox: before sending')
    const outcome = bounded(cleaned(await sender.send(row, limit)))
    // Called off by stop: nothing is known, and the row stays as it is for the next start.
    if (aborting.signal.aborted && outcome.result !== 'delivered') return
    probe?.('outbox: sent')
    onOutcome(row, outcome)
    await settle(row, outcome, clock())
    probe?.('outbox: marked')
  }

  /**
   * Marks what became of a message. While the disk is full it is tried again, and the message is not sent again meanwhile: its lane
   * waits. Stopped before there was room, the message stays queued, and the next start sends it under the same key.
   */
  async function mark(write: () => void): Promise<void> {
    for (let waitMs = 0; ; waitMs = Math.min(MARK_AGAIN_MS.most, waitMs * 2 || MARK_AGAIN_MS.first)) {
      if (waitMs > 0) await new Promise<void>((resolve) => schedule(resolve, waitMs))
      try {
        write()
        if (waitMs > 0) onTrouble(null)
        return
      } catch (error) {
        if (isStopped || !mayPass(error)) throw error
        onTrouble(error instanceof Error ? error.message : String(error))
      }
    }
  }

  async function settle(row: Notification, outcome: Outcome, now: Instant): Promise<void> {
    switch (outcome.result) {
      case 'delivered':
        return mark(() => outbox.delivered(row.key, now, outcome.detail ?? ''))
      case 'refused':
        return giveUp(row, outcome.because)
      case 'unknown':
        return giveUp(row, `unknown whether it arrived: ${outcome.because}; ask the receiver before sending it again`)
      case 'retry': {
        const dueAt = now + backoffMs(row.attempts + 1, random(), outcome.retryAfterMs)
        if (dueAt - row.queuedAt > DELIVERY_BUDGET)
          return giveUp(row, `not delivered within 72 hours; last: ${outcome.because}`)
        return mark(() => outbox.postponed(row.key, dueAt, outcome.because))
      }
    }
  }

  async function giveUp(row: Notification, because: string): Promise<void> {
    await mark(() => outbox.dead(row.key, clock(), because))
    onOutcome(row, { result: 'dead', because })
  }

  return {
    wake,
    idle: () =>
      new Promise((resolve) => {
        waiters.push(resolve)
        wake()
      }),
    async stop() {
      isStopped = true
      callOff()
      const all = Promise.allSettled(underWay.values())
      const timer = setTimeout(() => aborting.abort(), STOP_WAIT_MS)
      await all
      clearTimeout(timer)
    },
  }
}

function bounded(outcome: Outcome): Outcome {
  if (outcome.result !== 'delivered') return { ...outcome, because: upTo(outcome.because) }
  return outcome.detail === undefined ? outcome : { ...outcome, detail: upTo(outcome.detail) }
}

function upTo(text: string): string {
  return text.length <= SAID_MAX ? text : `${text.slice(0, SAID_MAX - 1).replace(/[\ud800-\udbff]$/, '')}…`
}
