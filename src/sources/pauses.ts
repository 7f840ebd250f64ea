// Pauses that can all be ended at once, by whoever stops. A race against a promise that is kept for long would leave something
// behind in it for each pause.

import type { Millis } from '../time.ts'

export class Pauses {
  readonly #underWay = new Set<() => void>()
  #isOver = false

  /** Waits so long, or until `end` is called; not at all after that. */
  of(ms: Millis): Promise<void> {
    if (this.#isOver) return Promise.resolve()
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        this.#underWay.delete(done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      this.#underWay.add(done)
    })
  }

  end(): void {
    this.#isOver = true
    for (const done of this.#underWay) done()
  }
}
