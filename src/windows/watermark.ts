// The event time before which the stream is taken as complete.
//
// Each partition has a watermark of its own: its highest prediction time minus the out-of-orderness. The shard's watermark is
// the smallest of those, over partitions that are not idle; it never goes back. A partition that has brought no prediction
// yet holds it back until it falls idle, and so does a partition of labels: it never brings a prediction, so it falls idle.

import type { Instant, Millis } from '../time.ts'

interface PartitionClock {
  /** Highest accepted prediction time; −1 while there was none. */
  highest: number
  /** Wall-clock time of the last prediction (or of the assignment). */
  heardAt: Instant
  caughtUp: boolean
  idle: boolean
}

export class Watermark {
  readonly #outOfOrdernessMs: Millis
  readonly #idleTimeoutMs: Millis
  readonly #partitions = new Map<string, PartitionClock>()
  #current: Instant | undefined

  constructor(options: { outOfOrdernessMs: Millis; idleTimeoutMs: Millis; restored: Instant | undefined }) {
    this.#outOfOrdernessMs = options.outOfOrdernessMs
    this.#idleTimeoutMs = options.idleTimeoutMs
    this.#current = options.restored
  }

  /** undefined before the first prediction, or while some partition has not spoken. */
  get current(): Instant | undefined {
    return this.#current
  }

  /** A partition was assigned; `highest` is its highest prediction time so far, if it had one. */
  assign(partition: string, highest: Instant | null, now: Instant): void {
    this.#partitions.set(partition, { highest: highest ?? -1, heardAt: now, caughtUp: false, idle: false })
  }

  /** Highest prediction time of the partition; null while it has brought none. */
  highestOf(partition: string): Instant | null {
    const highest = this.#partitions.get(partition)?.highest ?? -1
    return highest < 0 ? null : highest
  }

  /** A prediction was accepted. @returns true when the shard's watermark moved */
  observe(partition: string, time: Instant): boolean {
    const clock = this.#partitions.get(partition)
    if (clock === undefined) throw new Error(`partition ${partition} was never assigned`)
    const wasIdle = clock.idle
    clock.idle = false
    if (time <= clock.highest) return wasIdle && this.#advance()
    clock.highest = time
    return this.#advance()
  }

  /** Told once per batch, for idleness only: how far the partition has been read, and whether it brought a prediction. */
  heard(partition: string, batch: { predictions: boolean; caughtUp: boolean; now: Instant }): void {
    const clock = this.#partitions.get(partition)
    if (clock === undefined) return
    clock.caughtUp = batch.caughtUp
    if (batch.predictions) clock.heardAt = batch.now
  }

  /** The wall clock ticked. @returns true when a partition fell idle and the watermark moved for it */
  tick(now: Instant): boolean {
    let fellIdle = false
    for (const clock of this.#partitions.values()) {
      if (clock.idle || !clock.caughtUp || now - clock.heardAt < this.#idleTimeoutMs) continue
      clock.idle = true
      fellIdle = true
    }
    return fellIdle && this.#advance()
  }

  /** Whether every partition is idle: nothing is to be expected for now. */
  get allIdle(): boolean {
    for (const clock of this.#partitions.values()) if (!clock.idle) return false
    return this.#partitions.size > 0
  }

  /** The input has ended: the last event's time is complete too. */
  finish(): void {
    const highest = this.#highest()
    if (highest >= 0) this.#current = Math.max(this.#current ?? 0, highest)
  }

  #highest(): number {
    let highest = -1
    for (const clock of this.#partitions.values()) highest = Math.max(highest, clock.highest)
    return highest
  }

  #advance(): boolean {
    let lowest = Number.POSITIVE_INFINITY
    for (const clock of this.#partitions.values()) {
      if (clock.idle) continue
      if (clock.highest < 0) return false
      if (clock.highest < lowest) lowest = clock.highest
    }
    // Nobody holds it back when all are idle: it stands where the last one to fall idle would have left it.
    if (lowest === Number.POSITIVE_INFINITY) lowest = this.#highest()
    const watermark = lowest - this.#outOfOrdernessMs
    if (lowest < 0 || watermark <= (this.#current ?? Number.NEGATIVE_INFINITY)) return false
    this.#current = watermark
    return true
  }
}
