// Empties the outbox: several messages at once, each lane in order, within what each channel takes, until everything is delivered or
// given up. See ADR 23.
//
// Looking is bounded: a look reads at most GROUP_MAX heads of each channel that may be sent to, and starts what there is room for.

import type { Probe } from '../probe.ts'
import { cleaned } from '../secret.ts'
import type { Instant, Millis } from '../time.ts'
import { choose, GROUP_MAX } from './batch.ts'
import type { CareOptions } from './care.ts'
import { CARE_EVERY_MS, Care } from './care.ts'
import type { ChannelPolicy } from './channel-policy.ts'
import { plainPolicy } from './channel-policy.ts'
import type { ClaimOptions } from './claims.ts'
import { Claims } from './claims.ts'
import { Governor } from './governor.ts'
import { GroupPauses } from './group-pauses.ts'
import type { Notification } from './notification.ts'
import type { Claimed, Fate, Head } from './outbox.ts'
import type { Outcome, Sender } from './sender.ts'
import type { SettlingOptions } from './settling.ts'
import { bounded, MARK_AGAIN_MS, repeatable, Settling } from './settling.ts'

export interface DrainOptions extends Omit<ClaimOptions, 'pauses'>, Omit<CareOptions, 'steady'>, SettlingOptions {
  /** By channel name; asked anew for each message, for a reload may change them. */
  readonly senders: Pick<ReadonlyMap<string, Sender>, 'get'>
  /** By channel name; left out: every message by itself, at once. */
  readonly policyOf?: (channel: string) => ChannelPolicy | undefined
  /** Runs on whatever is done to the clock; left out: the clock. */
  readonly steady?: () => Millis
  /** Told of each attempt, and of what became of rows without one. */
  readonly onOutcome: (about: Pick<Notification, 'key' | 'envelope'>, outcome: Outcome | Fate) => void
  /** Told when a channel stops taking messages, with the reason, and null when it takes them again. */
  readonly onChannel?: (channel: string, trouble: string | null) => void
  /** The outbox itself failed: the process must not go on. */
  readonly onFailure: (error: unknown) => void
  readonly probe?: Probe | undefined
}

/** Messages that are sent at the same time, and to one channel: one that hangs leaves room for others. */
const PARALLEL_MAX = 4
const PARALLEL_PER_CHANNEL_MAX = 3
/** A send that takes longer is called off. */
const SEND_TIMEOUT_MS = 30_000
/** How long `stop` waits for sends under way. */
const STOP_WAIT_MS = 10_000
/** Long timers overflow; nothing is looked at less often than this. */
const LOOK_AT_LEAST_EVERY_MS = 3_600_000
/** Decisions of one look; then others have their turn. */
const DECISIONS_MAX = 20
/** A due time that all that waits has reached. */
const WHENEVER = Number.MAX_SAFE_INTEGER

export interface Drain {
  /** New rows were committed, or time has passed. */
  wake(): void
  /** The configuration was reloaded: an endpoint that was gone may be back. */
  reloaded(): void
  /** 0: takes messages; 1: is tried; 2: takes none. */
  channelStates(): ReadonlyMap<string, 0 | 1 | 2>
  /** Resolves when nothing is due and nothing is under way: for runs that end. */
  idle(): Promise<void>
  /** Starts nothing more, waits for what is under way, then calls it off. Stopping twice is harmless. */
  stop(): Promise<void>
}

export function createDrain(options: DrainOptions): Drain {
  const drain = new Drainage(options)
  return {
    wake: () => drain.wake(),
    reloaded: () => drain.reloaded(),
    channelStates: () => drain.channelStates(),
    idle: () => drain.idle(),
    stop: () => drain.stop(),
  }
}

interface UnderWay {
  readonly channel: string
  readonly lanes: readonly string[]
  readonly ended: Promise<void>
}

class Drainage {
  readonly #options: DrainOptions
  readonly #steady: () => Millis
  readonly #underWay = new Map<string, UnderWay>()
  readonly #governors = new Map<string, Governor>()
  readonly #pauses: GroupPauses
  readonly #claims: Claims
  readonly #settling: Settling
  readonly #care: Care
  readonly #aborting = new AbortController()
  #callOff = () => {}
  #isStopped = false
  /** Nothing can be claimed: the disk is full. */
  #isStuck = false
  #waiters: Array<() => void> = []
  /** Each look begins with another channel, so that none is always last. */
  #turn = 0

  constructor(options: DrainOptions) {
    this.#options = options
    this.#steady = options.steady ?? options.clock
    this.#pauses = new GroupPauses(this.#steady)
    this.#claims = new Claims({ ...options, pauses: this.#pauses })
    this.#settling = new Settling(options)
    this.#care = new Care({ ...options, steady: this.#steady })
  }

  wake(): void {
    if (this.#isStopped) return
    this.#callOff()
    this.#callOff = () => {}
    const { schedule, mayPass, onFailure, onTrouble } = this.#options
    try {
      const isAtRest = this.#look()
      if (this.#isStuck) onTrouble(null)
      this.#isStuck = false
      if (!isAtRest) return
    } catch (error) {
      if (!mayPass(error)) return onFailure(error)
      this.#isStuck = true
      onTrouble(error instanceof Error ? error.message : String(error))
      this.#callOff = schedule(() => this.wake(), MARK_AGAIN_MS.most)
      return
    }
    for (const done of this.#waiters) done()
    this.#waiters = []
  }

  /** Starts what can be started, and sets the alarm for what comes next. @returns whether nothing is due and nothing under way */
  #look(): boolean {
    const { outbox, schedule, clock } = this.#options
    // What is due by now is begun below, or its lane is under way; what becomes due while we look is still to be waited for.
    const now = clock()
    const names = outbox.channels()
    const turn = this.#turn++ % Math.max(1, names.length)
    const inTurn = [...names.slice(turn), ...names.slice(0, turn)]
    let left = DECISIONS_MAX
    for (let decided = true; decided && left > 0; ) {
      decided = false
      for (const channel of inTurn) {
        if (this.#underWay.size >= PARALLEL_MAX || left <= 0) break
        if (!this.#begin(channel)) continue
        decided = true
        left--
      }
    }
    let next = left <= 0 && this.#underWay.size < PARALLEL_MAX ? 0 : Number.POSITIVE_INFINITY
    let isPaced = false
    for (const channel of names) {
      const wait = this.#waitOf(channel, now)
      isPaced ||= wait.isPaced
      next = Math.min(next, wait.ms)
    }
    if (Number.isFinite(next)) this.#callOff = schedule(() => this.wake(), Math.min(LOOK_AT_LEAST_EVERY_MS, next))
    return this.#underWay.size === 0 && !isPaced && left > 0
  }

  /** When a channel is to be looked at again; what is under way looks again by itself when it ends. */
  #waitOf(channel: string, now: Instant): { ms: Millis; isPaced: boolean } {
    const { outbox } = this.#options
    const gate = this.#gateOf(channel)
    const idle = { ms: Number.POSITIVE_INFINITY, isPaced: false }
    // What is under way looks again when it ends.
    if (gate.may === 'probe') return idle
    if (gate.may === 'nothing' && !gate.isPaced) {
      const isCaredFor = this.#governorOf(channel).state !== 'closed'
      return { ms: Math.min(gate.forMs ?? idle.ms, isCaredFor ? CARE_EVERY_MS : idle.ms), isPaced: false }
    }
    if (this.#isFull(channel)) return idle
    const dueAt = outbox.nextDueAt(channel)
    if (dueAt === undefined) return idle
    const wait = dueAt - now
    // Its lane is under way.
    if (wait <= 0 && gate.may === 'send') return idle
    const paced = gate.may === 'nothing' ? (gate.forMs ?? 0) : 0
    return { ms: Math.max(wait, paced), isPaced: gate.may === 'nothing' && wait <= 0 }
  }

  #isFull(channel: string): boolean {
    let count = 0
    for (const one of this.#underWay.values()) if (one.channel === channel) count++
    return count >= PARALLEL_PER_CHANNEL_MAX
  }

  #policyOf(channel: string): ChannelPolicy {
    return this.#options.policyOf?.(channel) ?? plainPolicy
  }

  #governorOf(channel: string): Governor {
    const known = this.#governors.get(channel)
    if (known !== undefined) return known
    const governor = new Governor(this.#options.random)
    this.#governors.set(channel, governor)
    return governor
  }

  #gateOf(channel: string) {
    return this.#governorOf(channel).look(this.#steady(), this.#policyOf(channel).rate)
  }

  /** Decides about the next of what is due at a channel. @returns whether there was something to decide */
  #begin(channel: string): boolean {
    const { outbox, clock, senders } = this.#options
    if (this.#isFull(channel)) return false
    const gate = this.#gateOf(channel)
    const sender = senders.get(channel)
    if (sender !== undefined && gate.may === 'nothing') {
      const { fallback } = this.#policyOf(channel)
      this.#care.look(channel, { governor: this.#governorOf(channel), fallback, underWay: this.#underWay })
      return false
    }
    const now = clock()
    const busy = new Set([...this.#underWay.values()].flatMap(({ lanes }) => lanes))
    const until = gate.may === 'probe' ? WHENEVER : now
    const heads = outbox.heads(channel, until, GROUP_MAX + busy.size).filter(({ lane }) => !busy.has(lane))
    if (heads.length === 0) return false
    // A probe is a small one, and rather one that may have arrived already than another.
    const chosen = gate.may === 'probe' ? [heads.find(({ batch }) => batch !== null) ?? (heads[0] as Head)] : heads
    const policy = this.#policyOf(channel)
    const choice = choose(policy.gathers ? chosen : chosen.filter(({ lane }) => lane === chosen[0]?.lane))
    const key = choice.send === 'again' ? choice.batch : this.#claims.claim(channel, choice, policy, now)
    if (key !== undefined) this.#start(outbox.claimed(key), sender, choice.send === 'again')
    return true
  }

  /** @param mayHaveArrived it was claimed before, and sent: what it says must stay, whatever comes of this attempt */
  #start(claimed: Claimed, sender: Sender | undefined, mayHaveArrived: boolean): void {
    const { notification, lanes } = claimed
    const { channel } = notification.envelope
    if (sender !== undefined) this.#governorOf(channel).started(this.#steady(), this.#policyOf(channel).rate)
    this.#pauses.sent(notification.group)
    const ended = this.#attempt(notification, sender, mayHaveArrived)
      .catch(this.#options.onFailure)
      .finally(() => {
        this.#underWay.delete(notification.key)
        this.wake()
      })
    this.#underWay.set(notification.key, { channel, lanes, ended })
  }

  async #attempt(row: Notification, sender: Sender | undefined, mayHaveArrived: boolean): Promise<void> {
    const { clock, probe, onOutcome, onChannel } = this.#options
    const { channel } = row.envelope
    if (sender === undefined)
      return this.#settling.giveUp(row, `no channel is called ${channel} any more`, this.#policyOf(channel))
    const governor = this.#governorOf(channel)
    const limit = AbortSignal.any([this.#aborting.signal, AbortSignal.timeout(SEND_TIMEOUT_MS)])
    probe?.('outbox: before sending')
    // What it says is kept, logged and served.
    const outcome = bounded(cleaned(await sender.send(row, limit)))
    // Called off by stop: nothing is known, and the row stays as it is for the next start.
    if (this.#aborting.signal.aborted && outcome.result !== 'delivered') return governor.calledOff()
    probe?.('outbox: sent')
    const before = governor.state
    governor.ended(outcome, this.#steady())
    onOutcome(row, outcome)
    if (governor.state !== before) onChannel?.(channel, troubleOf(governor))
    const answer = mayHaveArrived ? repeatable(outcome) : outcome
    await this.#settling.settle(row, answer, this.#policyOf(channel), clock())
    probe?.('outbox: marked')
  }

  reloaded(): void {
    for (const [channel, governor] of this.#governors) {
      const before = governor.state
      governor.reloaded()
      if (governor.state !== before) this.#options.onChannel?.(channel, null)
    }
    this.wake()
  }

  channelStates(): ReadonlyMap<string, 0 | 1 | 2> {
    const numbers = { closed: 0, 'half-open': 1, open: 2, gone: 2 } as const
    return new Map([...this.#governors].map(([channel, { state }]) => [channel, numbers[state]]))
  }

  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.push(resolve)
      this.wake()
    })
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#settling.stop()
    this.#callOff()
    const all = Promise.allSettled([...this.#underWay.values()].map(({ ended }) => ended))
    const timer = setTimeout(() => this.#aborting.abort(), STOP_WAIT_MS)
    await all
    clearTimeout(timer)
  }
}

function troubleOf({ state, because }: Governor): string | null {
  switch (state) {
    case 'closed':
      return null
    case 'gone':
      return `its endpoint is gone, and nothing is sent to it until the configuration is reloaded: ${because}`
    default:
      return `it takes nothing, and is tried again about every 30 s: ${because}`
  }
}
