// Empties the outbox: several messages at once, each lane in order, within what each channel takes, until everything is delivered or
// given up. See ADR 23.
//
// Looking is bounded: a look reads at most GROUP_MAX heads of each channel that may be sent to, and starts what there is room for.

import type { MayTell } from '../handling/permission.ts'
import type { Probe } from '../probe.ts'
import { cleaned } from '../secret.ts'
import type { Clock, Instant, Millis } from '../time.ts'
import { MINUTE, SECOND } from '../time.ts'
import type { Choice } from './batch.ts'
import { choose, GROUP_MAX, groupOf, taken } from './batch.ts'
import { insteadOf } from './fallback.ts'
import type { Rate } from './governor.ts'
import { Governor } from './governor.ts'
import type { Envelope, Message, Notification } from './notification.ts'
import type { Claim, Claimed, Head, Outbox, Row } from './outbox.ts'
import { backoffMs, DELIVERY_BUDGET } from './retry.ts'
import type { Outcome, Sender } from './sender.ts'
import { isMilder } from './severity.ts'

/** What the configuration says of a channel. */
export interface ChannelPolicy {
  readonly minSeverity: Message['severity']
  /** null: as fast as it takes them. */
  readonly rate: Rate | null
  /** Who is told instead: of what it refuses at once, of what waits when it has taken nothing for `afterMs`. */
  readonly fallback: { readonly channel: string; readonly afterMs: Millis } | null
  /** Whether messages that wait are told together; where they are only printed, each stands by itself. */
  readonly gathers: boolean
}

/** What became of a row, for logs and metrics, beside the outcomes of attempts. */
export type Fate = { readonly result: 'dead' | 'suppressed' | 'deferred' | 'passed on'; readonly because: string }

export interface DrainOptions {
  readonly outbox: Outbox
  /** By channel name; asked anew for each message, for a reload may change them. */
  readonly senders: Pick<ReadonlyMap<string, Sender>, 'get'>
  /** By channel name; left out: every message by itself, at once. */
  readonly policyOf?: (channel: string) => ChannelPolicy | undefined
  /** Asked for each message just before it is sent; left out: all may. */
  readonly mayTell?: MayTell
  readonly clock: Clock
  /** Runs on whatever is done to the clock; left out: the clock. */
  readonly steady?: () => Millis
  readonly random: () => number
  /** Calls `wake` after a while; returns how to call it off. Injected, so that tests need not wait. */
  readonly schedule: (wake: () => void, after: Millis) => () => void
  /** Told of each attempt, and of what became of rows without one. */
  readonly onOutcome: (about: Pick<Notification, 'key' | 'envelope'>, outcome: Outcome | Fate) => void
  /** Told of each message that tells of several rows. */
  readonly onGathered?: (channel: string, kind: 'collapsed' | 'grouped', rows: number) => void
  /** Told when a channel stops taking messages, with the reason, and null when it takes them again. */
  readonly onChannel?: (channel: string, trouble: string | null) => void
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
/** Messages that are sent at the same time, and to one channel: one that hangs leaves room for others. */
const PARALLEL_MAX = 4
const PARALLEL_PER_CHANNEL_MAX = 3
/** A send that takes longer is called off. */
const SEND_TIMEOUT_MS = 30_000
/** How long `stop` waits for sends under way. */
const STOP_WAIT_MS = 10_000
/** Between two tries of a mark while the disk is full, at first and at most. */
const MARK_AGAIN_MS = { first: 250, most: 2_000 }
/** Long timers overflow; nothing is looked at less often than this. */
const LOOK_AT_LEAST_EVERY_MS = 3_600_000
/** Decisions of one look; then others have their turn. */
const DECISIONS_MAX = 20
/** What waits for a channel that takes nothing is looked after so often. */
const CARE_EVERY_MS = 10 * SECOND
/** A due time that all that waits has reached. */
const WHENEVER = Number.MAX_SAFE_INTEGER

const plain: ChannelPolicy = { minSeverity: 'warning', rate: null, fallback: null, gathers: false }

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
  /** When a message about a group was last sent, by its key, on the steady clock. */
  readonly #groupSentAt = new Map<string, Millis>()
  readonly #caredAt = new Map<string, Millis>()
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
    return this.#options.policyOf?.(channel) ?? plain
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
      this.#care(channel)
      return false
    }
    const now = clock()
    const busy = new Set([...this.#underWay.values()].flatMap(({ lanes }) => lanes))
    const until = gate.may === 'probe' ? WHENEVER : now
    const heads = outbox.heads(channel, until, GROUP_MAX + busy.size).filter(({ lane }) => !busy.has(lane))
    if (heads.length === 0) return false
    // A probe is a small one, and rather one that may have arrived already than another.
    const chosen = gate.may === 'probe' ? [heads.find(({ batch }) => batch !== null) ?? (heads[0] as Head)] : heads
    const choice = this.#policyOf(channel).gathers
      ? choose(chosen)
      : choose(chosen.filter(({ lane }) => lane === chosen[0]?.lane))
    const key = choice.send === 'again' ? choice.batch : this.#claim(channel, choice, now)
    if (key !== undefined) this.#start(outbox.claimed(key), sender, choice.send === 'again')
    return true
  }

  /** @returns the key of what is to be sent now; undefined when everything was decided without sending */
  #claim(channel: string, choice: Exclude<Choice, { send: 'again' }>, now: Instant): string | undefined {
    const { outbox, onOutcome, onGathered } = this.#options
    const policy = this.#policyOf(channel)
    const names = choice.send === 'group' ? choice.lanes : [choice.lane]
    const decided = { suppressed: [], deferred: [] } as {
      -readonly [K in 'suppressed' | 'deferred']: Array<Claim[K][number]>
    }
    const about = new Map<string, Row>()
    const lanes: Row[][] = []
    for (const name of names) {
      const rows = outbox.rowsOf(name)
      this.#endInstead(rows, policy, now)
      for (const row of rows) about.set(row.key, row)
      const told = this.#permitted(rows, policy, now, decided)
      if (told.length === 0) continue
      lanes.push(
        told.slice(0, policy.gathers ? (choice.send === 'group' ? messagesAtHead(told) : taken(told, now)) : 1),
      )
    }
    const tooSoon = this.#tooSoon(lanes, now)
    if (tooSoon !== undefined) {
      for (const { key } of lanes.flat())
        decided.deferred.push({ key, until: tooSoon, because: 'its group was told of a moment ago' })
      lanes.length = 0
    }
    const batch = lanes.length === 0 ? null : groupOf(lanes)
    outbox.claim({ batch, ...decided }, now)
    const tell = (key: string, fate: Fate) => {
      const row = about.get(key)
      if (row !== undefined) onOutcome(row, fate)
    }
    for (const { key, because } of decided.suppressed) tell(key, { result: 'suppressed', because })
    for (const { key, because } of decided.deferred) tell(key, { result: 'deferred', because })
    if (batch !== null && batch.rows.length > 1)
      onGathered?.(channel, lanes.length > 1 ? 'grouped' : 'collapsed', batch.rows.length)
    return batch?.key
  }

  /**
   * The rows of a lane that may be told now; the others are written into `decided`. What was to wait is told with a later row that
   * need not, and how an incident ends is told to whoever hears with the same message that it began.
   */
  #permitted(
    rows: readonly Row[],
    policy: ChannelPolicy,
    now: Instant,
    decided: { suppressed: Array<Claim['suppressed'][number]>; deferred: Array<Claim['deferred'][number]> },
  ): Row[] {
    const open: Array<{ row: Row; later: Claim['deferred'][number] | null }> = []
    for (const row of rows) {
      const { envelope, key } = row
      const isFollowing =
        envelope.kind === 'message' && isEnding(envelope.message) && open.some(({ later }) => later === null)
      const permission = isFollowing ? ({ is: 'told' } as const) : this.#permissionOf(row, policy, now)
      if (permission.is === 'suppressed') decided.suppressed.push({ key, because: permission.because })
      else
        open.push({
          row,
          later: permission.is === 'told' ? null : { key, until: permission.until, because: permission.because },
        })
    }
    const toldUpTo = open.findLastIndex(({ later }) => later === null) + 1
    for (const { later } of open.slice(toldUpTo)) if (later !== null) decided.deferred.push(later)
    return open.slice(0, toldUpTo).map(({ row }) => row)
  }

  /** A fallback that was told that an incident fires is told that it ends; the keys follow from the rows, and a repetition adds nothing. */
  #endInstead(rows: readonly Row[], { fallback }: ChannelPolicy, now: Instant): void {
    if (fallback === null) return
    const { outbox } = this.#options
    const ends = rows
      .filter(({ envelope }) => envelope.kind === 'message' && envelope.message.change === 'resolved')
      .map((row) => ({ key: row.key, instead: insteadOf(row, { to: fallback.channel, because: null, now }) }))
      .filter(({ instead }) => outbox.wasTold(instead.lane) || outbox.waits(instead.lane))
    if (ends.length > 0) outbox.passOn(ends, now)
  }

  #permissionOf({ envelope, lane, order }: Row, { minSeverity }: ChannelPolicy, now: Instant): ReturnType<MayTell> {
    if (envelope.kind !== 'message') return { is: 'told' }
    const { message, channel } = envelope
    const isMinor = isMilder(message.severity, minSeverity) && message.change !== 'retraining'
    if (isMinor && !(isEnding(message) && this.#options.outbox.wasTold(lane)))
      return {
        is: 'suppressed',
        because: `the channel takes what is at least ${minSeverity}, and this is ${message.severity}`,
      }
    return this.#options.mayTell?.(message, now, channel, order) ?? { is: 'told' }
  }

  /** Until when a group has to wait because it was told of a moment ago. */
  #tooSoon(lanes: ReadonlyArray<readonly Row[]>, now: Instant): Instant | undefined {
    const group = lanes[0]?.[0]?.group
    if (group === undefined || group.intervalMs === 0) return undefined
    const sentAt = this.#groupSentAt.get(group.key)
    const wait = sentAt === undefined ? 0 : sentAt + group.intervalMs - this.#steady()
    return wait > 0 ? now + wait : undefined
  }

  /** @param mayHaveArrived it was claimed before, and sent: what it says must stay, whatever comes of this attempt */
  #start(claimed: Claimed, sender: Sender | undefined, mayHaveArrived: boolean): void {
    const { notification, lanes } = claimed
    const { channel } = notification.envelope
    if (sender !== undefined) this.#governorOf(channel).started(this.#steady(), this.#policyOf(channel).rate)
    this.#remember(notification)
    const ended = this.#attempt(notification, sender, mayHaveArrived)
      .catch(this.#options.onFailure)
      .finally(() => {
        this.#underWay.delete(notification.key)
        this.wake()
      })
    this.#underWay.set(notification.key, { channel, lanes, ended })
  }

  /** Groups that were told of are remembered as long as they make others wait. */
  #remember({ group }: Notification): void {
    const steady = this.#steady()
    if (group === undefined || group.intervalMs === 0) return
    this.#groupSentAt.delete(group.key)
    this.#groupSentAt.set(group.key, steady)
    for (const [key, at] of this.#groupSentAt) {
      if (this.#groupSentAt.size <= GROUPS_REMEMBERED || at === steady) break
      this.#groupSentAt.delete(key)
    }
  }

  async #attempt(row: Notification, sender: Sender | undefined, mayHaveArrived: boolean): Promise<void> {
    const { clock, probe, onOutcome, onChannel } = this.#options
    const { channel } = row.envelope
    if (sender === undefined) return this.#giveUp(row, `no channel is called ${channel} any more`)
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
    await this.#settle(row, mayHaveArrived ? repeatable(outcome) : outcome, clock())
    probe?.('outbox: marked')
  }

  /**
   * Marks what became of a message. While the disk is full it is tried again, and the message is not sent again meanwhile: its lane
   * waits. Stopped before there was room, the message stays queued, and the next start sends it under the same key.
   */
  async #mark(write: () => void): Promise<void> {
    const { schedule, mayPass, onTrouble } = this.#options
    for (let waitMs = 0; ; waitMs = Math.min(MARK_AGAIN_MS.most, waitMs * 2 || MARK_AGAIN_MS.first)) {
      if (waitMs > 0) await new Promise<void>((resolve) => schedule(resolve, waitMs))
      try {
        write()
        if (waitMs > 0) onTrouble(null)
        return
      } catch (error) {
        if (this.#isStopped || !mayPass(error)) throw error
        onTrouble(error instanceof Error ? error.message : String(error))
      }
    }
  }

  async #settle(row: Notification, outcome: Outcome, now: Instant): Promise<void> {
    const { outbox, random } = this.#options
    switch (outcome.result) {
      case 'delivered':
        return this.#mark(() => outbox.delivered(row.key, now, outcome.detail ?? '', receiptOf(row.envelope, outcome)))
      case 'refused':
        return this.#giveUp(row, outcome.because)
      case 'unknown':
        return this.#giveUp(
          row,
          `unknown whether it arrived: ${outcome.because}; ask the receiver before sending it again`,
        )
      case 'retry': {
        const dueAt = now + backoffMs(row.attempts + 1, random(), outcome.retryAfterMs)
        if (dueAt - row.queuedAt > DELIVERY_BUDGET) return this.#giveUp(row, `${outOfTime}; last: ${outcome.because}`)
        return this.#mark(() => outbox.postponed(row.key, dueAt, outcome.because, outcome.isNotTaken === true))
      }
    }
  }

  async #giveUp(row: Notification, because: string): Promise<void> {
    const { outbox, clock, onOutcome } = this.#options
    const now = clock()
    const fallback = this.#policyOf(row.envelope.channel).fallback
    const instead = fallback === null ? undefined : insteadOf(row, { to: fallback.channel, because, now })
    await this.#mark(() => outbox.dead(row.key, now, because, instead))
    onOutcome(row, { result: 'dead', because })
    if (instead !== undefined) onOutcome(row, { result: 'passed on', because: `to ${fallback?.channel}` })
  }

  /** What waits for a channel that takes nothing is told by its fallback after a while, and given up when its time is over. */
  #care(channel: string): void {
    const { outbox, clock, onOutcome } = this.#options
    const governor = this.#governorOf(channel)
    const steady = this.#steady()
    if (
      governor.state === 'closed' ||
      steady - (this.#caredAt.get(channel) ?? Number.NEGATIVE_INFINITY) < CARE_EVERY_MS
    )
      return
    this.#caredAt.set(channel, steady)
    const now = clock()
    const { fallback } = this.#policyOf(channel)
    if (fallback !== null && (governor.state === 'gone' || governor.shutFor(steady) >= fallback.afterMs)) {
      const because = governor.because
      const rows = outbox.notPassedOn(channel, GROUP_MAX)
      const passed = rows.map((row) => ({
        key: row.key,
        instead: insteadOf(row, { to: fallback.channel, because, now }),
      }))
      if (passed.length > 0) outbox.passOn(passed, now)
      for (const row of rows) onOutcome(row, { result: 'passed on', because: `to ${fallback.channel}: ${because}` })
    }
    const busy = new Set(this.#underWay.keys())
    for (const key of outbox.overdue(channel, now - DELIVERY_BUDGET, GROUP_MAX)) {
      if (busy.has(key)) continue
      const { notification } = outbox.claimed(key)
      const dead = `${outOfTime}; last: ${governor.because}`
      outbox.dead(key, now, dead)
      onOutcome(notification, { result: 'dead', because: dead })
    }
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
    this.#callOff()
    const all = Promise.allSettled([...this.#underWay.values()].map(({ ended }) => ended))
    const timer = setTimeout(() => this.#aborting.abort(), STOP_WAIT_MS)
    await all
    clearTimeout(timer)
  }
}

const GROUPS_REMEMBERED = 10_000
const outOfTime = `not delivered within ${DELIVERY_BUDGET / (60 * MINUTE)} hours`

/** Told to whoever knows of the incident: it closes or changes what was said before. */
function isEnding({ change }: Message): boolean {
  return change === 'resolved' || change === 'handled'
}

function messagesAtHead(rows: readonly Row[]): number {
  const other = rows.findIndex(({ envelope }) => envelope.kind !== 'message')
  return other < 0 ? rows.length : Math.max(1, other)
}

function receiptOf(envelope: Envelope, { receipt }: { readonly receipt?: string }) {
  if (envelope.kind !== 'message' || receipt === undefined) return undefined
  return { incident: envelope.message.incidentId, text: receipt }
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

/** An attempt that surely did not arrive says nothing of those before it. */
function repeatable(outcome: Outcome): Outcome {
  return outcome.result === 'retry' ? { ...outcome, isNotTaken: false } : outcome
}

function bounded(outcome: Outcome): Outcome {
  if (outcome.result !== 'delivered') return { ...outcome, because: upTo(outcome.because) }
  return outcome.detail === undefined ? outcome : { ...outcome, detail: upTo(outcome.detail) }
}

function upTo(text: string): string {
  return text.length <= SAID_MAX ? text : `${text.slice(0, SAID_MAX - 1).replace(/[\ud800-\udbff]$/, '')}…`
}
