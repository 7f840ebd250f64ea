// What can be said of every channel, whatever its type.

import { z } from 'zod'
import type { Severity } from '../incidents/incident.ts'
import type { Millis } from '../time.ts'
import { duration, positiveDuration } from './forms.ts'

const burstForm = 'a whole number of messages, at least 1'

export const channelOptions = {
  minSeverity: z
    .enum(['warning', 'alarm', 'critical'])
    .default('warning')
    .describe('Incidents that are milder are not told here'),
  rate: z
    .strictObject({
      every: positiveDuration.describe('A message in so long'),
      burst: z.int(burstForm).min(1, burstForm).default(1).describe('So many at once, when it was quiet before'),
    })
    .optional()
    .describe('How fast messages are sent; what waits meanwhile is told together'),
  fallback: z
    .string('the name of a channel')
    .optional()
    .describe('The channel that is told instead of what this one refuses, or does not take'),
  fallbackAfter: duration
    .prefault('10m')
    .describe('The fallback is told what waits when nothing could be delivered for so long'),
  dryRun: z
    .boolean('true or false')
    .default(false)
    .describe('true: what would be sent is logged, and marked as delivered'),
}

export interface ChannelOptions {
  readonly minSeverity: Severity
  /** null: as fast as it takes them. */
  readonly rate: { readonly everyMs: Millis; readonly burst: number } | null
  readonly fallback: { readonly channel: string; readonly afterMs: Millis } | null
  readonly dryRun: boolean
}

/** What receivers are known to take: Slack about a message a second in each channel, with small bursts. */
const slackRate = { everyMs: 1_000, burst: 5 }
const usualRates: Readonly<Record<string, ChannelOptions['rate']>> = { slack: slackRate, slackWebhook: slackRate }

export function resolveOptions(
  type: string,
  { minSeverity, rate, fallback, fallbackAfter, dryRun }: z.output<z.ZodObject<typeof channelOptions>>,
): ChannelOptions {
  return {
    minSeverity,
    rate: rate === undefined ? (usualRates[type] ?? null) : { everyMs: rate.every, burst: rate.burst },
    fallback: fallback === undefined ? null : { channel: fallback, afterMs: fallbackAfter },
    dryRun,
  }
}
