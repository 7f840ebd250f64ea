// By which ways people are told: the `channels` of the document. Each type has a file of its own under channels/.

import { z } from 'zod'
import type { ChannelOptions } from './channel-options.ts'
import { channelOptions, resolveOptions } from './channel-options.ts'
import type { AlertmanagerChannel } from './channels/alertmanager.ts'
import { alertmanagerInput, resolveAlertmanager } from './channels/alertmanager.ts'
import type { ConsoleChannel } from './channels/console.ts'
import { consoleInput, resolveConsole } from './channels/console.ts'
import type { EmailChannel } from './channels/email.ts'
import { emailInput, resolveEmail } from './channels/email.ts'
import type { GrafanaChannel } from './channels/grafana.ts'
import { grafanaInput, resolveGrafana } from './channels/grafana.ts'
import type { KafkaChannel } from './channels/kafka.ts'
import { kafkaInput, resolveKafka } from './channels/kafka.ts'
import type { PagerDutyChannel } from './channels/pagerduty.ts'
import { pagerDutyInput, resolvePagerDuty } from './channels/pagerduty.ts'
import type { SlackChannel } from './channels/slack.ts'
import { resolveSlack, slackInput } from './channels/slack.ts'
import type { SlackWebhookChannel } from './channels/slack-webhook.ts'
import { resolveSlackWebhook, slackWebhookInput } from './channels/slack-webhook.ts'
import type { TeamsChannel } from './channels/teams.ts'
import { resolveTeams, teamsInput } from './channels/teams.ts'
import type { WebhookChannel } from './channels/webhook.ts'
import { resolveWebhook, webhookInput } from './channels/webhook.ts'
import { allowedHost, name } from './forms.ts'
import type { Surroundings } from './kafka-settings.ts'

export const network = z.strictObject({
  allow: z
    .array(allowedHost, 'a list such as [airflow, 10.0.0.0/8]')
    .default([])
    .describe('What messages, retraining requests and requests for tokens may go to beside public addresses'),
})

/**
 * What is written for each type. Settings whose name ends in `File` are secrets and checked as such (secret-places.ts); `url`, `urls`
 * and `host` are where it connects to (network-checks.ts).
 */
export const channelSettings = z.discriminatedUnion('type', [
  consoleInput.extend(channelOptions),
  slackInput.extend(channelOptions),
  slackWebhookInput.extend(channelOptions),
  emailInput.extend(channelOptions),
  pagerDutyInput.extend(channelOptions),
  teamsInput.extend(channelOptions),
  alertmanagerInput.extend(channelOptions),
  grafanaInput.extend(channelOptions),
  webhookInput.extend(channelOptions),
  kafkaInput.extend(channelOptions),
])
export const channels = z.record(name, channelSettings, 'channels by name')
export type ChannelInput = z.output<typeof channelSettings>

/** Channels that hold alerts have no place for what is no alert. */
const withoutDigests: readonly ChannelInput['type'][] = ['pagerduty', 'alertmanager']

/** Whether how a model fares can be told there, though nothing is wrong. */
export function takesDigests({ type }: ChannelInput): boolean {
  return !withoutDigests.includes(type)
}

type OwnSettings =
  | ConsoleChannel
  | SlackChannel
  | SlackWebhookChannel
  | EmailChannel
  | PagerDutyChannel
  | TeamsChannel
  | AlertmanagerChannel
  | GrafanaChannel
  | WebhookChannel
  | KafkaChannel

export type ChannelSettings = OwnSettings & { readonly options: ChannelOptions }

export function resolveChannel(name: string, input: ChannelInput, surroundings: Surroundings): ChannelSettings {
  return { ...resolveOwn(name, input, surroundings), options: resolveOptions(input.type, input) }
}

function resolveOwn(name: string, input: ChannelInput, surroundings: Surroundings): OwnSettings {
  const { absolute } = surroundings
  switch (input.type) {
    case 'console':
      return resolveConsole(name)
    case 'slack':
      return resolveSlack(name, input, absolute)
    case 'slackWebhook':
      return resolveSlackWebhook(name, input, absolute)
    case 'email':
      return resolveEmail(name, input, absolute)
    case 'webhook':
      return resolveWebhook(name, input, absolute)
    case 'pagerduty':
      return resolvePagerDuty(name, input, absolute)
    case 'teams':
      return resolveTeams(name, input, absolute)
    case 'alertmanager':
      return resolveAlertmanager(name, input, absolute)
    case 'grafana':
      return resolveGrafana(name, input, absolute)
    case 'kafka':
      return resolveKafka(name, input, surroundings)
  }
}
