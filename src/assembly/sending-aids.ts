// What senders ask for at the moment of sending: charts, how an incident stands, and which incidents go on.

import { createIllustrate } from '../delivery/charts/illustrate.ts'
import type { HandlingView } from '../delivery/notification.ts'
import type { Pipeline } from '../pipeline.ts'
import type { Views } from '../store/views.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { chartSource } from './chart-source.ts'
import type { SenderOptions } from './senders.ts'
import { standing } from './standing.ts'

export function sendingAids({
  views,
  pipeline,
  publicUrl,
  handlingOf,
  metrics,
  log,
}: {
  readonly views: Views
  readonly pipeline: () => Pick<Pipeline, 'models'>
  readonly publicUrl: string | null
  readonly handlingOf: (incident: string) => HandlingView | undefined
  readonly metrics: () => Pick<Metrics, 'chartFailed'>
  readonly log: Log
}): Required<Pick<SenderOptions, 'illustrate' | 'standing' | 'alertMemory'>> {
  return {
    illustrate: createIllustrate(chartSource(views, pipeline), (error) => {
      metrics().chartFailed()
      log.warn({ error: error instanceof Error ? error.message : String(error) }, 'a chart could not be drawn')
    }),
    standing: standing(views, { publicUrl, handlingOf }),
    alertMemory: (channel) => ({
      told: () => views.toldOfOpen(channel),
      openIncidents: () => new Set(views.openIncidents()),
    }),
  }
}
