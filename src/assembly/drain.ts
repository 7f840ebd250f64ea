// The outbox being emptied, with its log lines, its metrics and the health of its channels.

import type { Document } from '../config/document.ts'
import type { ChannelPolicy } from '../delivery/channel-policy.ts'
import type { Drain, DrainOptions } from '../delivery/drain.ts'
import { createDrain } from '../delivery/drain.ts'
import type { Notification } from '../delivery/notification.ts'
import type { Fate, Outbox } from '../delivery/outbox.ts'
import type { Outcome } from '../delivery/sender.ts'
import { StoreError } from '../store/store-error.ts'
import type { Health } from '../telemetry/health.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'

export type DrainParts = Pick<
  DrainOptions,
  'clock' | 'steady' | 'mayTell' | 'onFailure' | 'onTrouble' | 'policyOf' | 'probe'
> & {
  readonly metrics: Metrics
  readonly health: Health
  readonly log: Log
  /** Something became of messages about these incidents. */
  readonly told: (incidents: readonly string[]) => void
}

export function startDrain(outbox: Outbox, senders: DrainOptions['senders'], parts: DrainParts): Drain {
  const { metrics, health, log, ...options } = parts
  const told = new Set<string>()
  const drain = createDrain({
    ...options,
    outbox,
    senders,
    random: Math.random,
    schedule: (wake, after) => {
      const timer = setTimeout(wake, after)
      return () => clearTimeout(timer)
    },
    onOutcome: tellOutcome(parts),
    onGathered: (channel, kind, rows) => metrics.gathered(channel, kind, rows),
    onChannel: (channel, trouble) => {
      told.add(channel)
      health.tell(`channel ${channel}`, trouble === null, trouble ?? 'it takes messages')
      if (trouble === null) log.info({ channel }, 'the channel takes messages again')
      else log.error({ channel }, trouble)
    },
    mayPass: (error) => error instanceof StoreError && error.kind === 'full',
  })
  return {
    ...drain,
    reloaded() {
      for (const channel of told) if (parts.policyOf?.(channel) === undefined) health.forget(`channel ${channel}`)
      drain.reloaded()
    },
  }
}

function tellOutcome({ metrics, log, told }: DrainParts) {
  return ({ key, envelope }: Pick<Notification, 'key' | 'envelope'>, outcome: Outcome | Fate) => {
    metrics.delivery(envelope.channel, outcome.result.replace(' ', '_'))
    told(incidentsOf(envelope))
    const line = { key, channel: envelope.channel, ...outcome }
    if (outcome.result === 'delivered') log.info(line, 'delivered')
    else if (outcome.result === 'suppressed' || outcome.result === 'deferred') log.info(line, 'not told')
    else log.warn(line, 'not delivered')
  }
}

function incidentsOf(envelope: Notification['envelope']): readonly string[] {
  if (envelope.kind === 'digest') return []
  const messages = envelope.kind === 'group' ? envelope.messages : [envelope.message]
  return messages.map(({ incidentId }) => incidentId)
}

/**
 * What the document says of a channel.
 *
 * @param isToldAsItWas every message by itself, as it was: for runs that replay the past on a terminal
 */
export function policyOf({ channels }: Document, name: string, isToldAsItWas: boolean): ChannelPolicy | undefined {
  const channel = channels.get(name)
  if (channel === undefined || (isToldAsItWas && channel.type === 'console')) return undefined
  const { minSeverity, rate, fallback } = channel.options
  return { minSeverity, rate, fallback, gathers: true }
}
