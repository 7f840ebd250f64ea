// The wall clock, as far as it can be believed.
//
// The wall clock can be set; the steady (monotonic) clock only runs. As long as both run alike, the wall clock is believed, and
// a slow drift is followed. Its states:
//   trusted   wall and steady clock have run alike, to JUMP_MS, since the last reading
//   in doubt  entered by a jump, which is counted. The time told is the last trusted one plus what the steady clock ran since.
//             Left when the wall clock comes back to that, or when it has run alike with the steady clock for STABLE_MS
//             (each further jump begins that anew): then its new time is taken over, and the step is told

import type { Clock, Instant, Millis } from '../time.ts'
import { MINUTE, SECOND } from '../time.ts'

const JUMP_MS: Millis = 5 * SECOND
const STABLE_MS: Millis = MINUTE

export interface TrustedClockOptions {
  readonly wall: Clock
  /** Milliseconds from any beginning, never set. */
  readonly steady: () => Millis
  /** What the clock said when the last process with this state wrote it; a clock that is behind that was set back. */
  readonly last: Instant | undefined
  /** Told of each jump, with how far the wall clock is from what was to be expected. */
  readonly onJump?: (byMs: Millis) => void
  /**
   * Told before the time told steps by so much, because the wall clock's new time is taken over.
   *
   * @returns false when it cannot step now: it is asked again
   */
  readonly onStep?: (byMs: Millis) => boolean
}

export class TrustedClock {
  readonly #options: TrustedClockOptions
  /** The time told is this plus the steady clock. */
  #offset: Millis
  /** The wall clock's own offset while it is in doubt, and since when it has kept it. */
  #doubt: { offset: Millis; since: Millis } | undefined

  constructor(options: TrustedClockOptions) {
    this.#options = options
    const { wall, steady, last = Number.NEGATIVE_INFINITY } = options
    this.#offset = Math.max(wall(), last) - steady()
  }

  /** Runs on whatever is done to the wall clock. */
  readonly steady = (): Millis => this.#options.steady()

  /** The time that is believed. To be asked often: a jump is seen when it is asked. */
  readonly now: Clock = () => {
    const { wall, steady } = this.#options
    const at = steady()
    const offset = wall() - at
    if (Math.abs(offset - this.#offset) < JUMP_MS) {
      this.#offset = offset
      this.#doubt = undefined
    } else this.#inDoubt(offset, at)
    return Math.round(this.#offset + at)
  }

  #inDoubt(offset: Millis, at: Millis): void {
    const { onJump, onStep } = this.#options
    if (this.#doubt === undefined || Math.abs(offset - this.#doubt.offset) >= JUMP_MS) {
      onJump?.(Math.round(offset - (this.#doubt?.offset ?? this.#offset)))
      this.#doubt = { offset, since: at }
    } else this.#doubt.offset = offset
    if (at - this.#doubt.since < STABLE_MS) return
    if (onStep?.(Math.round(offset - this.#offset)) === false) return
    this.#offset = offset
    this.#doubt = undefined
  }
}
