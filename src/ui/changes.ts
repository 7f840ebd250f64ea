// What has changed at the daemon, told to whatever shows it.

export interface Change {
  /** Models with new verdicts; undefined: it may be any of them. */
  readonly models?: readonly string[]
  /** Ids of incidents that something happened to; undefined: it may be any of them. */
  readonly incidents?: readonly string[]
  /** Models with requests for retraining that something happened to; undefined: it may be any of them. */
  readonly retraining?: readonly string[]
}

type Listener = (change: Change) => void

export class Changes {
  readonly #listeners = new Set<Listener>()

  tell(change: Change): void {
    for (const listener of [...this.#listeners]) listener(change)
  }

  /** @returns ends it */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
}
