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

/** Whatever a page of a model shows is told by the model's name: its windows, its incidents, its retraining. */
export function changeOf({ results, incidents, happenedTo, isSilenced, retraining }: News): LiveChange {
  const ofIncidents = incidents.flatMap(({ model, silence }) => [model, ...(silence?.models ?? [])])
  const models = [...results.map(({ model }) => model), ...ofIncidents, ...retraining]
  return { models: [...new Set(models)], incidents: isSilenced ? null : happenedTo, retraining }
}
