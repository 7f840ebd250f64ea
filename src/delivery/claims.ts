// What of the rows that wait goes into the message that is sent next: asked and written down just before it is sent, for much may have
// happened since they were queued. The others are put off, or told to nobody.

import type { MayTell } from '../handling/permission.ts'
import type { Instant } from '../time.ts'
import type { Choice } from './batch.ts'
import { groupOf, taken } from './batch.ts'
import type { ChannelPolicy } from './channel-policy.ts'
import { insteadOf } from './fallback.ts'
import type { GroupPauses } from './group-pauses.ts'
import type { Message, Notification } from './notification.ts'
import type { Claim, Fate, Outbox, Row } from './outbox.ts'
import { isMilder } from './severity.ts'

export interface ClaimOptions {
  readonly outbox: Outbox
  /** Asked for each message just before it is sent; left out: all may. */
  readonly mayTell?: MayTell
  /** Told of what is not told now. */
  readonly onOutcome: (about: Pick<Notification, 'key' | 'envelope'>, outcome: Fate) => void
  /** Told of each message that tells of several rows. */
  readonly onGathered?: (channel: string, kind: 'collapsed' | 'grouped', rows: number) => void
  readonly pauses: Pick<GroupPauses, 'until'>
}

/** What is decided of rows that are not sent now. */
type Decided = { -readonly [K in 'suppressed' | 'deferred']: Array<Claim[K][number]> }

export class Claims {
  readonly #options: ClaimOptions

  constructor(options: ClaimOptions) {
    this.#options = options
  }

  /** @returns the key of what is to be sent now; undefined when everything was decided without sending */
  claim(
    channel: string,
    choice: Exclude<Choice, { send: 'again' }>,
    policy: ChannelPolicy,
    now: Instant,
  ): string | undefined {
    const { outbox, onOutcome, onGathered, pauses } = this.#options
    const names = choice.send === 'group' ? choice.lanes : [choice.lane]
    const decided: Decided = { suppressed: [], deferred: [] }
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
    const tooSoon = pauses.until(lanes[0]?.[0]?.group, now)
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
  #permitted(rows: readonly Row[], policy: ChannelPolicy, now: Instant, decided: Decided): Row[] {
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
}

/** Told to whoever knows of the incident: it closes or changes what was said before. */
function isEnding({ change }: Message): boolean {
  return change === 'resolved' || change === 'handled'
}

function messagesAtHead(rows: readonly Row[]): number {
  const other = rows.findIndex(({ envelope }) => envelope.kind !== 'message')
  return other < 0 ? rows.length : Math.max(1, other)
}
