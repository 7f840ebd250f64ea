// When the changed windows of a source that is idle are evaluated again: its watermark stands still, yet labels go on coming.

import type { Millis } from '../time.ts'

/**
 * Told what a source brings, on a clock that never jumps; says when to look at its changed windows.
 *
 *   busy     the watermark moves, and windows that changed are evaluated again with each slide
 *   resting  all partitions are idle. The first look comes when nothing at all was brought for the idle time-out, or after a
 *            slide; the next ones a slide apart, as long as something comes: a trickle of labels costs no more than while busy
 */
export class QuietLooks {
  readonly #idleTimeoutMs: Millis
  #spokeAt: Millis = Number.NEGATIVE_INFINITY
  #broughtAt: Millis = Number.NEGATIVE_INFINITY
  /** The last look of this rest. */
  #lookedAt: Millis | undefined
  /** What an earlier process left changed is looked at too. */
  #hasNews = true

  constructor({ idleTimeoutMs }: { readonly idleTimeoutMs: Millis }) {
    this.#idleTimeoutMs = idleTimeoutMs
  }

  /** A batch brought records, and perhaps predictions among them: then the rest is over. */
  brought(at: Millis, { predictions }: { readonly predictions: boolean }): void {
    this.#broughtAt = at
    this.#hasNews = true
    if (!predictions) return
    this.#spokeAt = at
    this.#lookedAt = undefined
  }

  /**
   * Asked while all partitions are idle; a look that is due is taken as done.
   *
   * @param slideMs the shortest slide of the source's windows
   */
  isDue(at: Millis, slideMs: Millis): boolean {
    const isSilent = this.#lookedAt === undefined && at - this.#broughtAt >= this.#idleTimeoutMs
    if (!this.#hasNews || !(isSilent || at - (this.#lookedAt ?? this.#spokeAt) >= slideMs)) return false
    this.#lookedAt = at
    this.#hasNews = false
    return true
  }
}
