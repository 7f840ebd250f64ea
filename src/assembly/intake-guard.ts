// What makes reading pause although sources have more: memory that runs short, and messages that nobody takes.
//
// Nothing is lost by it. Records wait where they are, and a message about an incident is never dropped to make room for another.

import type { Limits } from '../config/document.ts'
import type { Views } from '../store/views.ts'
import type { Health } from '../telemetry/health.ts'
import type { Log } from '../telemetry/log.ts'
import { Gate } from './gate.ts'
import type { MemorySpent, MemoryUse } from './memory-guard.ts'
import { collector, MemoryGuard, measureMemory } from './memory-guard.ts'

const OUTBOX = 'outbox'
const CHECK = 'messages that wait'
/** Reading goes on when so much of the limit is used again. */
const REOPEN_SHARE = 0.9

export interface IntakeGuardOptions {
  readonly memoryLimitMib: number
  readonly limits: () => Limits
  readonly views: Pick<Views, 'queued'>
  readonly dropCaches: () => void
  readonly health: Health
  readonly log: Log
  readonly onSpent: (error: MemorySpent) => void
  /** For tests. */
  readonly measure?: () => MemoryUse
}

export class IntakeGuard {
  readonly gate = new Gate()
  readonly memory: MemoryGuard
  readonly #options: IntakeGuardOptions

  constructor(options: IntakeGuardOptions) {
    this.#options = options
    const { memoryLimitMib, measure = measureMemory(memoryLimitMib), dropCaches, health, log, onSpent } = options
    this.memory = new MemoryGuard({
      measure,
      collect: collector(),
      dropCaches,
      gate: this.gate,
      health,
      warn: (message) => log.warn(message),
      onSpent,
      steady: () => performance.now(),
    })
  }

  /** Once a second. */
  tick(): void {
    this.memory.look()
    const { limits, views, health, log } = this.#options
    const { outboxRows } = limits()
    const waiting = views.queued()
    const isClosed = this.gate.holders.includes(OUTBOX)
    if (!isClosed && waiting > outboxRows) {
      const because = `${waiting} messages wait for delivery, more than limits.outboxRows (${outboxRows}): nothing is read until some are delivered or given up; mend the channel, or remove it (its messages are then given up, as dead letters), or raise the limit, and reload the configuration`
      this.gate.close(OUTBOX)
      health.set(CHECK, false, because)
      log.error(because)
    } else if (isClosed && waiting <= REOPEN_SHARE * outboxRows) {
      this.gate.open(OUTBOX)
      health.set(CHECK, true, 'reading goes on')
    }
  }
}
