// Keeps the process within its memory.
//
//   calm   below 70 % of the limit
//   short  above it: no model gets another version, caches are dropped, rubbish is collected, and reading pauses until memory is
//          calm again. After PAUSE_MS_MAX reading goes on all the same, when what is left is simply in use: a configuration that
//          needs 75 % must not stand still for ever
//   spent  above 85 % after rubbish was collected: the process ends with code 75, in order; what started it starts it again, and
//          it goes on where it was
//
// Two limits count, whichever is nearer: of the process as a whole (a setting, or what the container has), and of the heap of
// JavaScript objects (--max-old-space-size).

import { totalmem } from 'node:os'
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Health } from '../telemetry/health.ts'
import type { Millis } from '../time.ts'
import type { Gate } from './gate.ts'

const SOFT_SHARE = 0.7
const HARD_SHARE = 0.85
const PAUSE_MS_MAX: Millis = 10_000
/** Collecting rubbish takes a tenth of a second and more. */
const COLLECT_EVERY_MS: Millis = 2_000
const LOOK_EVERY_MS: Millis = 100
const CHECK = 'memory'
const HOLDER = 'memory'

/** Memory is spent: the process ends in order, to be started again. */
export class MemorySpent extends Error {
  override readonly name = 'MemorySpent'
}

/** Of memory, and what may be used; null where nothing limits it. */
export interface MemoryUse {
  readonly processBytes: number
  readonly heapBytes: number
  readonly limits: { readonly processBytes: number | null; readonly heapBytes: number }
}

export interface MemoryGuardOptions {
  readonly measure: () => MemoryUse
  /** Collects rubbish, now. */
  readonly collect: () => void
  readonly dropCaches: () => void
  readonly gate: Gate
  readonly health: Health
  readonly warn: (message: string) => void
  readonly onSpent: (error: MemorySpent) => void
  /** Never goes back. */
  readonly steady: () => Millis
}

export class MemoryGuard {
  readonly #options: MemoryGuardOptions
  #isShort = false
  #isSpent = false
  #share = 0
  #shortSince = 0
  #collectedAt = Number.NEGATIVE_INFINITY
  #lookedAt = Number.NEGATIVE_INFINITY

  constructor(options: MemoryGuardOptions) {
    this.#options = options
    this.#tell('calm')
  }

  /** No model may get another version now. */
  get isShort(): boolean {
    return this.#isShort
  }

  /** Of the nearer limit, when it was last looked at. */
  get share(): number {
    return this.#share
  }

  /** After each batch and each second; looking more often costs nothing. */
  look(): void {
    const { measure, steady, onSpent, gate } = this.#options
    const now = steady()
    if (this.#isSpent || now - this.#lookedAt < LOOK_EVERY_MS) return
    this.#lookedAt = now
    this.#share = shareOf(measure())
    if (this.#share < SOFT_SHARE) return this.#calm()
    this.#relieve(now)
    if (this.#share >= HARD_SHARE) {
      this.#isSpent = true
      gate.close(HOLDER)
      return onSpent(new MemorySpent(`memory is spent: ${wordsOf(measure())}; the process ends, to be started again`))
    }
    if (this.#share < SOFT_SHARE) return this.#calm()
    if (!this.#isShort) {
      this.#isShort = true
      this.#shortSince = now
      gate.close(HOLDER)
      this.#tell(`reading pauses: ${wordsOf(measure())}`)
    } else if (now - this.#shortSince >= PAUSE_MS_MAX && gate.holders.includes(HOLDER)) {
      gate.open(HOLDER)
      this.#tell(
        `short, and all of it is in use: ${wordsOf(measure())}; models get no further versions; raise the limit, or watch fewer versions or shorter windows`,
      )
    }
  }

  #calm(): void {
    if (!this.#isShort) return
    this.#isShort = false
    this.#options.gate.open(HOLDER)
    this.#tell('calm')
  }

  #relieve(now: Millis): void {
    const { measure, collect, dropCaches } = this.#options
    const isDesperate = this.#share >= HARD_SHARE
    if (now - this.#collectedAt < COLLECT_EVERY_MS && !isDesperate) return
    dropCaches()
    collect()
    this.#collectedAt = this.#options.steady()
    this.#share = shareOf(measure())
  }

  /** Traffic is not turned away for it: the check is passed, and says so. */
  #tell(because: string): void {
    const { health, warn } = this.#options
    health.set(CHECK, true, because)
    if (because !== 'calm') warn(because)
  }
}

function shareOf({ processBytes, heapBytes, limits }: MemoryUse): number {
  const ofProcess = limits.processBytes === null ? 0 : processBytes / limits.processBytes
  return Math.max(ofProcess, heapBytes / limits.heapBytes)
}

function wordsOf({ processBytes, heapBytes, limits }: MemoryUse): string {
  const mib = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`
  const ofProcess = limits.processBytes === null ? '' : `${mib(processBytes)} of ${mib(limits.processBytes)}, `
  return `${ofProcess}heap ${mib(heapBytes)} of ${mib(limits.heapBytes)}`
}

/** @param limitMib as set; 0 = what the container has */
export function measureMemory(limitMib: number): () => MemoryUse {
  const constrained = process.constrainedMemory()
  const ofContainer = constrained > 0 && constrained < totalmem() ? constrained : null
  const limits = {
    processBytes: limitMib > 0 ? limitMib * 2 ** 20 : ofContainer,
    heapBytes: getHeapStatistics().heap_size_limit,
  }
  return () => ({
    processBytes: process.memoryUsage.rss(),
    heapBytes: getHeapStatistics().used_heap_size,
    limits,
  })
}

/** Rubbish is collected by a function that Node hides behind a flag. */
export function collector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}
