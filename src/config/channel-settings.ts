// By which ways people are told: the `channels` of the document. Each type has a file of its own under channels/.

import { z } from 'zod'
import type { ConsoleChannel } from './channels/console.ts'
import { consoleInput, resolveConsole } from './channels/console.ts'
import type { EmailChannel } from './channels/email.ts'
import { emailInput, resolveEmail } from './channels/email.ts'
import type { SlackChannel } from './channels/slack.ts'
import { resolveSlack, slackInput } from './channels/slack.ts'
import type { WebhookChannel } from './channels/webhook.ts'
import { resolveWebhook, webhookInput } from './channels/webhook.ts'
import { allowedHost, name } from './forms.ts'

export const network = z.strictObject({
  allow: z
    .array(allowedHost, 'a list such as [airflow, 10.0.0.0/8]')
    .default([])
    .describe('What messages, retraining requests and requests for tokens may go to beside public addresses'),
})

/**
 * What is written for each type. Settings whose name ends in `File` are secrets and checked as such (secret-places.ts); `url` and
 * `host` are where it connects to (network-checks.ts).
 */
export const channelSettings = z.discriminatedUnion('type', [consoleInput, slackInput, emailInput, webhookInput])
export const channels = z.record(name, channelSettings, 'channels by name')
export type ChannelInput = z.output<typeof channelSettings>

export type ChannelSettings = ConsoleChannel | SlackChannel | EmailChannel | WebhookChannel

/** @param absolute makes a path absolute against the folder of the document */
export function resolveChannel(name: string, input: ChannelInput, absolute: (path: string) => string): ChannelSettings {
  switch (input.type) {
    case 'console':
      return resolveConsole(name)
    case 'slack':
      return resolveSlack(name, input, absolute)
    case 'email':
      return resolveEmail(name, input, absolute)
    case 'webhook':
      return resolveWebhook(name, input, absolute)
  }
}
