// Trouble that lasts is told once, and then ever more rarely: a broker that is away for hours must not fill a disk with one sentence.

import type { Millis } from '../time.ts'

export interface TroubleOptions {
  /** A clock that never goes back, in milliseconds. */
  readonly now: () => number
  /** For readiness: what is wrong at the moment, null when nothing is. Told at every change. */
  readonly state: (message: string | null) => void
  /** For the log. */
  readonly tell: (message: string) => void
}

const MINUTE: Millis = 60_000
/** Waits between two tellings of the same trouble; the last one stands for all that follow. */
const waits: readonly Millis[] = [MINUTE, 5 * MINUTE, 15 * MINUTE, 60 * MINUTE]

/** Of one source. */
export class Trouble {
  readonly #options: TroubleOptions
  #current:
    | { readonly message: string; readonly since: number; told: number; nextAt: number; times: number }
    | undefined

  constructor(options: TroubleOptions) {
    this.#options = options
  }

  get isPresent(): boolean {
    return this.#current !== undefined
  }

  /** Something is wrong, or still is. Another sentence is another trouble. */
  met(message: string): void {
    const { now, state, tell } = this.#options
    const at = now()
    const current = this.#current
    if (current?.message !== message) {
      this.#current = {
        message,
        // Trouble that changes its words goes on: the broker refuses, then answers no more.
        since: current?.since ?? at,
        told: 1,
        nextAt: at + (waits[0] as Millis),
        times: 1,
      }
      state(message)
      return tell(message)
    }
    current.times++
    if (at < current.nextAt) return
    tell(`${message} (for ${lasting(at - current.since)}, ${current.times} times)`)
    current.nextAt = at + (waits[Math.min(current.told, waits.length - 1)] as Millis)
    current.told++
  }

  /** All is well again. @returns in words for how long it was not; null when it was */
  passed(): string | null {
    const current = this.#current
    this.#current = undefined
    this.#options.state(null)
    return current === undefined ? null : lasting(this.#options.now() - current.since)
  }
}

function lasting(ms: Millis): string {
  if (ms < MINUTE) return `${Math.round(ms / 1_000)} s`
  if (ms < 120 * MINUTE) return `${Math.round(ms / MINUTE)} min`
  return `${Math.round(ms / (60 * MINUTE))} h`
}
