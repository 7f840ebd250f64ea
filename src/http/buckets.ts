// How often somebody may ask: a token bucket for each address.

/** Addresses that are remembered; the one that asked least recently is forgotten first, and begins with a full bucket. */
const ADDRESSES_MAX = 10_000

interface Bucket {
  left: number
  at: number
}

export class Buckets {
  readonly #perSecond: number
  readonly #burst: number
  /** Monotonic milliseconds. */
  readonly #now: () => number
  /** In order of use. */
  readonly #buckets = new Map<string, Bucket>()

  constructor(options: { perSecond: number; burst: number; now?: () => number }) {
    this.#perSecond = options.perSecond
    this.#burst = options.burst
    this.#now = options.now ?? (() => performance.now())
  }

  /** Takes one. @returns 0 when there was one, else the seconds until there will be */
  take(address: string): number {
    const bucket = this.#fill(address)
    if (bucket.left < 1) return Math.ceil((1 - bucket.left) / this.#perSecond)
    bucket.left--
    return 0
  }

  /** Seconds until there is one to take; 0 when there is. */
  wait(address: string): number {
    const { left } = this.#fill(address)
    return left >= 1 ? 0 : Math.ceil((1 - left) / this.#perSecond)
  }

  /** Takes more afterwards, for something that turned out to be costly: the bucket may go into debt. */
  charge(address: string, cost: number): void {
    this.#fill(address).left -= cost
  }

  #fill(address: string): Bucket {
    const now = this.#now()
    const known = this.#buckets.get(address)
    const bucket = known ?? { left: this.#burst, at: now }
    bucket.left = Math.min(this.#burst, bucket.left + ((now - bucket.at) / 1000) * this.#perSecond)
    bucket.at = now
    this.#buckets.delete(address)
    this.#buckets.set(address, bucket)
    if (this.#buckets.size > ADDRESSES_MAX) {
      const [oldest] = this.#buckets.keys()
      this.#buckets.delete(oldest as string)
    }
    return bucket
  }
}
