// The event time before which the stream is taken as complete.
//
// Each partition has a watermark of its own: its highest prediction time minus the out-of-orderness. The shard's watermark is
// the smallest of those, over partitions that are not idle; it never goes back. A partition that has brought no prediction
// yet holds it back until it falls idle, and so does a partition of labels: it never brings a prediction, so it falls idle.
//
// A partition is in one of two states:
//   speaking  it holds the watermark back. Entered by its assignment and by each prediction
//   idle      it holds nothing back. Entered when the source looks, finds nothing left to read, and it has brought no
//             prediction for the idle time-out before that look
// Only a look can find a partition idle, never the mere passing of time: a partition that was not read (a commit that waits for
// a full disk, a pause, a slow process, a broker that is away) has said nothing, and that is no silence.

import type { Instant, Millis } from '../time.ts'

interface PartitionClock {
  /** Highest accepted prediction time; −1 while there was none. */
  highest: number
  /** When it last brought a prediction, or was assigned; on a clock that never jumps. */
  spokeAt: Millis
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

  /** What lateness is counted from: before there is a watermark, that of the partition alone. */
  lateFrom(partition: string): Instant | undefined {
    if (this.#current !== undefined) return this.#current
    const highest = this.highestOf(partition)
    return highest === null ? undefined : highest - this.#outOfOrdernessMs
  }

  /** A partition was assigned; `highest` is its highest prediction time so far, if it had one. */
  assign(partition: string, highest: Instant | null, at: Millis): void {
    this.#partitions.set(partition, { highest: highest ?? -1, spokeAt: at, idle: false })
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

  /** A batch of the partition brought predictions. */
  spoke(partition: string, at: Millis): void {
    const clock = this.#partitions.get(partition)
    if (clock !== undefined) clock.spokeAt = at
  }

  /** The source looked, and the partition has nothing left to read. @returns true when it fell idle and the watermark moved for it */
  caughtUp(partition: string, at: Millis): boolean {
    const clock = this.#partitions.get(partition)
    if (clock === undefined || clock.idle || at - clock.spokeAt < this.#idleTimeoutMs) return false
    clock.idle = true
    return this.#advance()
  }

  /** Whether every partition is idle: nothing is to be expected for now. */
  get allIdle(): boolean {
    for (const clock of this.#partitions.values()) if (!clock.idle) return false
    return this.#partitions.size > 0
  }

  /** The input has ended: the last event's time is complete too. */
  finish(): void {
    const highest = this.highest
    if (highest !== undefined) this.#current = Math.max(this.#current ?? 0, highest)
  }

  /** The latest prediction time of all partitions; undefined before the first prediction. */
  get highest(): Instant | undefined {
    let highest = -1
    for (const clock of this.#partitions.values()) highest = Math.max(highest, clock.highest)
    return highest < 0 ? undefined : highest
  }

  #advance(): boolean {
    let lowest = Number.POSITIVE_INFINITY
    for (const clock of this.#partitions.values()) {
      if (clock.idle) continue
      if (clock.highest < 0) return false
      if (clock.highest < lowest) lowest = clock.highest
    }
    // Nobody holds it back when all are idle: it stands where the last one to fall idle would have left it.
    if (lowest === Number.POSITIVE_INFINITY) lowest = this.highest ?? -1
    const watermark = lowest - this.#outOfOrdernessMs
    if (lowest < 0 || watermark <= (this.#current ?? Number.NEGATIVE_INFINITY)) return false
    this.#current = watermark
    return true
  }
}
