// What changes in a running daemon, told to the pages that are open.

import type { LiveChange } from '../http/live.ts'
import { Live } from '../http/live.ts'
import type { News } from '../store/news.ts'
import type { TrustedClock } from './trusted-clock.ts'

export function openLive({ now, steady }: Pick<TrustedClock, 'now' | 'steady'>): Live {
  return new Live({
    now,
    steady,
    schedule(act, afterMs) {
      const timer = setTimeout(act, afterMs)
      return () => clearTimeout(timer)
    },
  })
}

export function changeOf({ results, happenedTo, retraining }: News): LiveChange {
  return { models: results.map(({ model }) => model), incidents: happenedTo, retraining }
}
