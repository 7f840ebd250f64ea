// The outbox being emptied, with its log lines and its metrics.

import type { Drain, DrainOptions } from '../delivery/drain.ts'
import { createDrain } from '../delivery/drain.ts'
import type { Outbox } from '../delivery/outbox.ts'
import { StoreError } from '../store/store-error.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'

export function startDrain(
  outbox: Outbox,
  senders: DrainOptions['senders'],
  options: Pick<DrainOptions, 'clock' | 'onFailure' | 'onTrouble' | 'probe'> & {
    readonly metrics: Metrics
    readonly log: Log
  },
): Drain {
  const { clock, metrics, log, onFailure, onTrouble, probe } = options
  return createDrain({
    outbox,
    senders,
    clock,
    random: Math.random,
    schedule: (wake, after) => {
      const timer = setTimeout(wake, after)
      return () => clearTimeout(timer)
    },
    onOutcome: ({ key, envelope }, outcome) => {
      metrics.delivery(envelope.channel, outcome.result)
      if (envelope.kind === 'retrain') {
        const { model, version, target } = envelope.trigger
        metrics.retraining(model, version, target, outcome.result, clock())
      }
      const line = { key, channel: envelope.channel, ...outcome }
      if (outcome.result === 'delivered') log.info(line, 'delivered')
      else log.warn(line, 'not delivered')
    },
    onFailure,
    probe,
    mayPass: (error) => error instanceof StoreError && error.kind === 'full',
    onTrouble,
  })
}
