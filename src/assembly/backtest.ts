// The backtest of a running daemon.

import type { Document } from '../config/document.ts'
import { backtestRoute } from '../http/backtest-routes.ts'
import type { Route } from '../http/route.ts'
import type { Store } from '../store/store.ts'
import { BacktestDesk } from './backtest-desk.ts'

/** Evaluations that a page may ask for at once: reading them takes a few seconds, a few milliseconds at a time. */
const WINDOWS_MAX = 20_000

export function backtestRoutes({ views }: Pick<Store, 'views'>, document: () => Document): readonly Route[] {
  const settingsOf = (model: string) => document().models.get(model)?.watch
  const desk = new BacktestDesk({ views, settingsOf, windowsMax: WINDOWS_MAX })
  return [backtestRoute((question) => desk.view(question))]
}
