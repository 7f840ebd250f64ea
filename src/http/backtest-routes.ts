// Which alarms the rules of a model would have raised on its past, as they are and with another threshold.

import type { BacktestQuestion, BacktestView } from '../overview/backtest.ts'
import { BacktestRefusal } from '../overview/backtest.ts'
import { textOf, timesOf } from './query.ts'
import type { ReadRoute, Request } from './route.ts'
import { HttpError } from './route.ts'

/** @param ask throws BacktestRefusal */
export function backtestRoute(ask: (question: BacktestQuestion) => Promise<BacktestView>): ReadRoute {
  return {
    method: 'GET',
    path: '/api/v1/models/{model}/backtest',
    query: { version: 'text', monitor: 'text', threshold: 'text', window: 'text', from: 'time', to: 'time' },
    needs: 'read',
    handle: async ({ parameters, query }) => {
      const question = {
        model: parameters['model'] as string,
        ...textOf(query, 'version', 'monitor', 'window'),
        ...timesOf(query),
        ...thresholdOf(query),
      }
      return { status: 200, json: await ask(question).catch(refused) }
    },
  }
}

const statusOf = { unknown: 404, question: 400, busy: 503 } as const

function refused(error: unknown): never {
  if (error instanceof BacktestRefusal) throw new HttpError(statusOf[error.why], error.message)
  throw error
}

function thresholdOf({ threshold, monitor }: Request['query']): Pick<BacktestQuestion, 'threshold'> {
  if (threshold === undefined) return {}
  const number = Number(threshold)
  if (threshold.trim() === '' || !Number.isFinite(number) || number <= 0)
    throw new HttpError(400, `threshold: ${JSON.stringify(threshold)} is not a number above 0`)
  if (monitor === undefined)
    throw new HttpError(400, 'threshold: it is of a rule; name it in monitor, such as performance/roc_auc')
  return { threshold: number }
}
