// What pages that are open show: kept ready in memory, brought up by the news of each transaction, and told to whoever looks.

import type { Live } from '../http/live.ts'
import { telling } from '../store/news.ts'
import type { Store } from '../store/store.ts'
import { Fleet } from './fleet.ts'
import { changeOf, openLive } from './live.ts'
import { ModelPages } from './model-pages.ts'
import type { InForce } from './reload.ts'
import type { TrustedClock } from './trusted-clock.ts'

export interface Pages {
  /** The same store, which tells the pages of what it changes. */
  readonly store: Store
  readonly fleet: Fleet
  readonly modelPages: ModelPages
  readonly live: Live
  /** Another document is in force. */
  reloaded(): void
  /** Another reference of the model is in force. */
  rebased(model: string): void
}

export function openPages(
  stored: Store,
  {
    inForce,
    clock,
    onFailure,
  }: {
    readonly inForce: () => InForce
    readonly clock: () => Pick<TrustedClock, 'now' | 'steady'>
    /** The state cannot be read. */
    readonly onFailure: (error: unknown) => void
  },
): Pages {
  const now = () => clock().now()
  const live = openLive({ now, steady: () => clock().steady() })
  const fleet = new Fleet({ store: stored, inForce, now, filled: () => live.tell({ models: null }), onFailure })
  const modelPages = new ModelPages({ store: stored, inForce, now })
  const store = telling(stored, (news) => {
    fleet.take(news)
    modelPages.take(news)
    live.tell(changeOf(news))
  })
  return {
    ...{ store, fleet, modelPages, live },
    reloaded() {
      fleet.follow()
      modelPages.forget()
      live.tell({ isReloaded: true })
    },
    rebased(model) {
      modelPages.forget()
      live.tell({ models: [model] })
    },
  }
}
