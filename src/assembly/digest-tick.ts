// Daily and weekly digests, at their time by the trusted clock. Which one was told last is written with it: killed at any moment,
// each is told once; after a long rest the newest is told, not all that were missed.

import { composeDigest, isWell } from '../delivery/digest.ts'
import type { Digest, Notification } from '../delivery/notification.ts'
import type { DigestPeriod } from '../handling/schedule.ts'
import { lastDue } from '../handling/schedule.ts'
import type { HandlingChange } from '../store/handling.ts'
import type { Store } from '../store/store.ts'
import type { Instant } from '../time.ts'
import type { HandlingOptions } from './handling-desk.ts'

export interface DigestOptions extends HandlingOptions {
  readonly store: Pick<Store, 'handling' | 'rebuild'>
  /** Those under watch. */
  readonly models: () => readonly string[]
}

export class DigestTick {
  readonly #options: DigestOptions

  constructor(options: DigestOptions) {
    this.#options = options
  }

  /** @throws StoreError */
  tick(): void {
    const { store, settings, clock, models, queued } = this.#options
    const { digests } = settings().handling
    if (digests.length === 0 || store.rebuild.isOn) return
    const now = clock()
    const watched = models()
    for (const digest of digests) {
      const period = lastDue(digest, now)
      for (const model of digest.models ?? watched) {
        const change = this.#of({ ...digest, model }, period, now)
        if (change === undefined) continue
        store.handling.write(change)
        if ((change.notifications?.length ?? 0) > 0) queued()
        // One at a time: digests of many models must not hold up what is read.
        return
      }
    }
  }

  #of(
    wanted: { name: string; model: string; every: 'day' | 'week'; to: readonly string[]; evenIfWell: boolean },
    period: DigestPeriod,
    now: Instant,
  ): HandlingChange | undefined {
    const { store, publicUrl } = this.#options
    const { model, every, to, evenIfWell } = wanted
    const name = `${wanted.name}|${model}`
    const before = store.handling.digestAt(name)
    if (before !== undefined && before >= period.to) return undefined
    const digests = [{ name, at: period.to }]
    // New: the first one is about what comes from here on.
    if (before === undefined) return { digests }
    const facts = store.handling.digestFacts(model, period.from, period.to)
    if (!evenIfWell && isWell(facts)) return { digests }
    const { from, to: dueAt, date } = period
    const digest = composeDigest(facts, { model, every, from, to: dueAt, date: date.replace('week-', ''), publicUrl })
    return { digests, notifications: to.map((channel) => rowOf(digest, channel, { name: wanted.name, date, now })) }
  }
}

function rowOf(
  digest: Digest,
  channel: string,
  { name, date, now }: { name: string; date: string; now: Instant },
): Notification {
  return {
    key: `digest:${name}:${digest.model}:${date}:${channel}`,
    lane: `digest:${digest.model}:${channel}`,
    order: digest.to,
    envelope: { kind: 'digest', channel, digest },
    attempts: 0,
    dueAt: now,
    queuedAt: now,
  }
}
