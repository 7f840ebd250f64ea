// What senders ask for at the moment of sending: charts, how an incident stands, and which incidents go on.

import { createIllustrate } from '../delivery/charts/illustrate.ts'
import { retrainingViewOf } from '../delivery/retraining-message.ts'
import type { Pipeline } from '../pipeline.ts'
import { incidentOf } from '../retraining/request.ts'
import type { HandlingStore } from '../store/handling.ts'
import type { RetrainingStore } from '../store/retraining.ts'
import type { Views } from '../store/views.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { alertMemoryOf } from './alert-memory.ts'
import { chartSource } from './chart-source.ts'
import { viewOf } from './handling-desk.ts'
import type { SenderOptions } from './senders.ts'
import { standing } from './standing.ts'

/** Newest requests of a model among which one of an incident is looked for. */
const REQUESTS_LOOKED_AT = 20

export function sendingAids({
  views,
  pipeline,
  publicUrl,
  handling,
  retraining,
  metrics,
  log,
}: {
  readonly views: Views
  readonly pipeline: () => Pick<Pipeline, 'models'>
  readonly publicUrl: string | null
  readonly handling: Pick<HandlingStore, 'state'>
  readonly retraining: Pick<RetrainingStore, 'list'>
  readonly metrics: Pick<Metrics, 'chartFailed'>
  readonly log: Log
}): Required<Pick<SenderOptions, 'illustrate' | 'standing' | 'alertMemory'>> {
  return {
    illustrate: createIllustrate(chartSource(views, pipeline), (error) => {
      metrics.chartFailed()
      log.warn({ error: error instanceof Error ? error.message : String(error) }, 'a chart could not be drawn')
    }),
    standing: standing(views, {
      publicUrl,
      handlingOf(incident) {
        const state = handling.state(incident)
        return state === undefined ? undefined : viewOf(state)
      },
      retrainingOf({ id, model }) {
        const requests = retraining.list({ model, limit: REQUESTS_LOOKED_AT })
        const request = requests.find((one) => incidentOf(one)?.id === id)
        return request === undefined ? undefined : retrainingViewOf(request)
      },
    }),
    alertMemory: alertMemoryOf(views),
  }
}
