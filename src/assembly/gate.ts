// Stands before everything that is read: while anybody holds it closed, batches wait, and with them the source.

export class Gate {
  readonly #holders = new Set<string>()
  #opening: PromiseWithResolvers<void> | undefined

  /** @param why a word, for metrics: `memory`, `outbox` */
  close(why: string): void {
    this.#holders.add(why)
    this.#opening ??= Promise.withResolvers()
  }

  open(why: string): void {
    this.#holders.delete(why)
    if (this.#holders.size > 0) return
    this.#opening?.resolve()
    this.#opening = undefined
  }

  /** The daemon stops: nobody holds it any more. */
  openForAll(): void {
    for (const why of [...this.#holders]) this.open(why)
  }

  /** Who holds it closed. */
  get holders(): readonly string[] {
    return [...this.#holders]
  }

  /** Fulfilled when it opens; undefined while it is open. */
  get opening(): Promise<void> | undefined {
    return this.#opening?.promise
  }
}
