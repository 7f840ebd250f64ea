// Whether a channel may be sent to at this moment: its rate, its circuit breaker, and what its receiver has asked for.
//
// The breaker's states:
//   closed      what is due is sent. FAILURES_MAX failures in a row open it, or one with a wish for a silence longer than PROBE_MS; anything that the receiver answers for good ends the row
//   open        nothing is sent; entered by the failures, or by a probe that failed. Left for half-open after about PROBE_MS
//   half-open   one message is sent, to see: it closes the breaker, or opens it again
//   gone        the endpoint is no more (410). Left only by a reload of the configuration
//
// Times are those of a steady clock: how long something waits does not depend on what the wall clock says.

import type { Millis } from '../time.ts'
import { SECOND } from '../time.ts'
import { DELIVERY_BUDGET } from './retry.ts'
import type { Outcome } from './sender.ts'

const FAILURES_MAX = 5
const PROBE_MS = 30 * SECOND
/** A probe comes so much earlier or later, as a share: many daemons must not come back all at once. */
const PROBE_JITTER = 0.2

/** At most `burst` at once, and one more each `everyMs`. */
export interface Rate {
  readonly everyMs: Millis
  readonly burst: number
}

export type Gate =
  | { readonly may: 'send' }
  /** One message, whether it is due or not. */
  | { readonly may: 'probe' }
  /** Nothing before so long; undefined: before something else happens. `isPaced`: it is only to be sent more slowly. */
  | { readonly may: 'nothing'; readonly forMs: Millis | undefined; readonly isPaced: boolean }

export type BreakerState = 'closed' | 'half-open' | 'open' | 'gone'

export class Governor {
  readonly #random: () => number
  #state: BreakerState = 'closed'
  #failures = 0
  #openSince: Millis = 0
  #probeAt: Millis = 0
  /** The receiver asked for silence until then. */
  #silentUntil: Millis = Number.NEGATIVE_INFINITY
  /** When the bucket would be full again, if nothing more were sent. */
  #fullAt: Millis = Number.NEGATIVE_INFINITY
  #because = ''

  constructor(random: () => number) {
    this.#random = random
  }

  get state(): BreakerState {
    return this.#state
  }

  /** What the receiver, or the network, said last. */
  get because(): string {
    return this.#because
  }

  /** How long it has not taken anything; 0 while it is closed. */
  shutFor(steady: Millis): Millis {
    return this.#state === 'closed' ? 0 : Math.max(0, steady - this.#openSince)
  }

  look(steady: Millis, rate: Rate | null): Gate {
    if (this.#state === 'gone' || this.#state === 'half-open') return nothingFor(undefined)
    if (this.#silentUntil > steady) return nothingFor(this.#silentUntil - steady)
    if (this.#state === 'open') {
      if (this.#probeAt > steady) return nothingFor(this.#probeAt - steady)
      return { may: 'probe' }
    }
    const wait = rate === null ? 0 : this.#fullAt - (rate.burst - 1) * rate.everyMs - steady
    return wait > 0 ? { may: 'nothing', forMs: wait, isPaced: true } : { may: 'send' }
  }

  /** A message is about to be sent. */
  started(steady: Millis, rate: Rate | null): void {
    if (this.#state === 'open') this.#state = 'half-open'
    if (rate !== null) this.#fullAt = Math.max(steady, this.#fullAt) + rate.everyMs
  }

  /** The attempt was called off, and nothing is known. */
  calledOff(): void {
    if (this.#state === 'half-open') this.#state = 'open'
  }

  ended(outcome: Outcome, steady: Millis): void {
    if (outcome.result === 'refused' && outcome.isGone === true) {
      if (this.#state !== 'gone') this.#openSince = steady
      this.#state = 'gone'
      this.#because = outcome.because
      return
    }
    if (this.#state === 'gone') return
    if (outcome.result !== 'retry') {
      this.#failures = 0
      this.#state = 'closed'
      return
    }
    this.#because = outcome.because
    this.#failures++
    const asked = Math.min(outcome.retryAfterMs ?? 0, DELIVERY_BUDGET)
    if (asked > 0) this.#silentUntil = steady + asked
    // Who asks for a long silence takes nothing as long: what waits is to be looked after meanwhile.
    if (this.#state === 'closed' && this.#failures < FAILURES_MAX && asked <= PROBE_MS) return
    if (this.#state === 'closed') this.#openSince = steady
    this.#state = 'open'
    this.#probeAt = steady + PROBE_MS * (1 + PROBE_JITTER * (2 * this.#random() - 1))
  }

  /** The configuration was reloaded: what was gone may be back. */
  reloaded(): void {
    if (this.#state !== 'gone') return
    this.#state = 'closed'
    this.#failures = 0
  }
}

function nothingFor(forMs: Millis | undefined): Gate {
  return { may: 'nothing', forMs, isPaced: false }
}
