/**
 * The most frequent texts of a stream, with a bounded number of counters (Misra-Gries).
 *
 * A count is never too high, and too low by at most rows / (capacity + 1): whatever is more frequent than that is there. Sketches
 * of parts merge into one of the whole within the same bound, whatever the order; nothing can be subtracted.
 *
 * @see Misra and Gries (1982), Finding repeated elements, Science of Computer Programming 2(2)
 * @see Agarwal et al. (2012), Mergeable summaries, PODS
 * @example new TopItems(2).add('a').add('a').add('b').top(1)[0].count // 2
 */
export class TopItems {
  readonly capacity: number
  readonly #counts = new Map<string, number>()
  #rows = 0
  #taken = 0

  /** @throws RangeError if the capacity is not a whole number of 1 or more */
  constructor(capacity = 256) {
    if (!(Number.isInteger(capacity) && capacity >= 1)) {
      throw new RangeError(`TopItems: capacity is ${capacity}, it must be a whole number of 1 or more`)
    }
    this.capacity = capacity
  }

  /** Texts counted. */
  get rows(): number {
    return this.#rows
  }

  /** How much too low a count may be. */
  get error(): number {
    return this.#taken
  }

  add(text: string): this {
    this.#rows++
    const seen = this.#counts.get(text)
    if (seen !== undefined) this.#counts.set(text, seen + 1)
    else if (this.#counts.size < this.capacity) this.#counts.set(text, 1)
    else this.#take(1)
    return this
  }

  /** Takes in what another sketch has counted. @throws RangeError if its capacity differs */
  merge(other: TopItems): this {
    if (other.capacity !== this.capacity) {
      throw new RangeError(`TopItems: other has capacity ${other.capacity}, this one ${this.capacity}`)
    }
    for (const [text, count] of [...other.#counts]) this.#counts.set(text, (this.#counts.get(text) ?? 0) + count)
    this.#rows += other.#rows
    this.#taken += other.#taken
    if (this.#counts.size > this.capacity) {
      const descending = [...this.#counts.values()].sort((a, b) => b - a)
      this.#take(descending[this.capacity] as number)
    }
    return this
  }

  /** Takes an amount off every counter, and drops those with nothing left. */
  #take(amount: number): void {
    this.#taken += amount
    for (const [text, count] of this.#counts) {
      if (count > amount) this.#counts.set(text, count - amount)
      else this.#counts.delete(text)
    }
  }

  /** The most frequent texts, most frequent first, equal counts in the order of their text. */
  top(many: number): Array<{ readonly text: string; readonly count: number }> {
    return [...this.#counts]
      .map(([text, count]) => ({ text, count }))
      .sort((a, b) => b.count - a.count || (a.text < b.text ? -1 : 1))
      .slice(0, many)
  }
}
