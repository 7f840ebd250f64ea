// Long work in steps, so that requests, timers and sockets have their turn between two of them.

import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Millis } from '../time.ts'

/** One piece of work at a time; whoever cannot wait until it is through has it finished at once. */
export class Turns {
  readonly #turnMs: Millis
  #underway: { readonly finish: () => void; readonly over: Promise<void> } | undefined

  /** @param turnMs after so long others have their turn */
  constructor(turnMs: Millis) {
    this.#turnMs = turnMs
  }

  /** Fulfilled when the work under way is through, or has failed; undefined when there is none. */
  get underway(): Promise<void> | undefined {
    return this.#underway?.over
  }

  /**
   * Nothing else may be under way.
   *
   * @returns fulfilled when the work is through; undefined when it was through at once, so that what follows can follow at once
   * @throws what the work throws
   */
  take(work: Iterator<void, unknown, void>): Promise<void> | undefined {
    return isThrough(work, this.#turnMs) ? undefined : this.#goOn(work)
  }

  async #goOn(work: Iterator<void, unknown, void>): Promise<void> {
    const { promise: over, resolve } = Promise.withResolvers<void>()
    this.#underway = { finish: () => void isThrough(work, Number.POSITIVE_INFINITY), over }
    try {
      do await nextTurn()
      while (!isThrough(work, this.#turnMs))
    } finally {
      this.#underway = undefined
      resolve()
    }
  }

  /** Does what is left of the work under way, without a pause. @throws what the work throws; it is through then */
  finish(): void {
    this.#underway?.finish()
  }
}

/** Goes on with it for as long. @returns whether it is through */
function isThrough(work: Iterator<void, unknown, void>, turnMs: Millis): boolean {
  const endsAt = performance.now() + turnMs
  while (work.next().done !== true) if (performance.now() >= endsAt) return false
  return true
}

/** Begins the work, unless it is still under way: what a timer begins must not pile up behind long steps. It may not fail. */
export function oneAtATime(work: () => Promise<unknown>): () => void {
  let isUnderway = false
  return () => {
    if (isUnderway) return
    isUnderway = true
    void work().finally(() => {
      isUnderway = false
    })
  }
}
