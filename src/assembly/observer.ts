// What the log and the metrics say of the way of an event.

import type { Observer } from '../pipeline.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { formatInstant } from '../time.ts'

export function observer(log: Log, metrics: Metrics): Observer {
  return {
    evaluated: (_, durationMs) => metrics.evaluated(durationMs),
    labelDelay: (model, version, delayMs) => metrics.labelDelay(model, version, delayMs),
    transition: ({ incident, change, because, at }) => {
      const { id, model, version, kind } = incident
      if (change === 'firing' && incident.reopened === undefined) metrics.incidentOpened(model, version, kind)
      log.info({ incident: id, model, version, kind, change, because, at: formatInstant(at) }, 'incident')
    },
    lost: (source, { topic, partition }, { reason, from, records, detail }) =>
      log.error({ source, topic, partition, reason, from, records }, `records are lost: ${detail}`),
  }
}
