// The clock of a running daemon: of what is judged, of what is sent, and of what is shown.

import { lastClock } from '../store/memory.ts'
import type { Store } from '../store/store.ts'
import { StoreError } from '../store/store-error.ts'
import type { Log } from '../telemetry/log.ts'
import { TrustedClock } from './trusted-clock.ts'

/** A jump of the wall clock is told, and moves nothing; when its new time is taken over, deliveries that wait move along. */
export function processClock(
  store: Store,
  { log, onJump, onStep }: { readonly log: Log; readonly onJump: () => void; readonly onStep: () => void },
): TrustedClock {
  return new TrustedClock({
    wall: Date.now,
    steady: () => performance.now(),
    last: lastClock(store),
    onJump(byMs) {
      onJump()
      log.warn({ byMs }, 'the wall clock jumped: until it has run steadily for a minute, time is told without it')
    },
    onStep(byMs) {
      try {
        store.clockMoved(byMs)
      } catch (error) {
        if (error instanceof StoreError && error.kind === 'full') return false
        throw error
      }
      log.warn({ byMs }, 'the wall clock is believed again, with its new time')
      queueMicrotask(onStep)
      return true
    },
  })
}
