import type { Instant, Millis } from '../time.ts'
import type { Grouping } from './notification.ts'

const GROUPS_REMEMBERED = 10_000

/** The pauses between two messages about one group. Kept in memory, on the steady clock: a restart begins without any. */
export class GroupPauses {
  readonly #steady: () => Millis
  /** When a message about a group was last sent, by its key. */
  readonly #sentAt = new Map<string, Millis>()

  constructor(steady: () => Millis) {
    this.#steady = steady
  }

  /** Until when a group has to wait because it was told of a moment ago. */
  until(group: Grouping | undefined, now: Instant): Instant | undefined {
    if (group === undefined || group.intervalMs === 0) return undefined
    const sentAt = this.#sentAt.get(group.key)
    const wait = sentAt === undefined ? 0 : sentAt + group.intervalMs - this.#steady()
    return wait > 0 ? now + wait : undefined
  }

  /** A message about it is being sent. Groups are remembered as long as they make others wait. */
  sent(group: Grouping | undefined): void {
    const steady = this.#steady()
    if (group === undefined || group.intervalMs === 0) return
    this.#sentAt.delete(group.key)
    this.#sentAt.set(group.key, steady)
    for (const [key, at] of this.#sentAt) {
      if (this.#sentAt.size <= GROUPS_REMEMBERED || at === steady) break
      this.#sentAt.delete(key)
    }
  }
}
