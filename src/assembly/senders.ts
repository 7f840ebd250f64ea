// The channels that the document names, ready to send.

import type { ChannelSettings } from '../config/channel-settings.ts'
import type { AlertmanagerChannel } from '../config/channels/alertmanager.ts'
import type { EmailChannel } from '../config/channels/email.ts'
import type { SlackChannel } from '../config/channels/slack.ts'
import type { SlackWebhookChannel } from '../config/channels/slack-webhook.ts'
import type { WebhookChannel } from '../config/channels/webhook.ts'
import type { Document } from '../config/document.ts'
import type { ChartsWanted } from '../config/forms.ts'
import { rotatingSecret, rotatingUrl } from '../config/secret.ts'
import type { AlertMemory } from '../delivery/channels/alertmanager.ts'
import { createAlertmanagerSender } from '../delivery/channels/alertmanager.ts'
import { createConsoleSender } from '../delivery/channels/console.ts'
import { createEmailSender } from '../delivery/channels/email/sender.ts'
import { createGrafanaSender } from '../delivery/channels/grafana.ts'
import { createKafkaSender } from '../delivery/channels/kafka.ts'
import { createPagerDutySender } from '../delivery/channels/pagerduty.ts'
import { createSlackSender } from '../delivery/channels/slack/bot.ts'
import { createSlackWebhookSender } from '../delivery/channels/slack/webhook.ts'
import { createTeamsSender } from '../delivery/channels/teams.ts'
import { createWebhookSender } from '../delivery/channels/webhook.ts'
import type { Illustrate } from '../delivery/charts/illustrate.ts'
import { createDryRun } from '../delivery/dry-run.ts'
import type { Message, Notification } from '../delivery/notification.ts'
import type { Sender } from '../delivery/sender.ts'
import type { Outbound } from '../outbound/outbound.ts'
import { createOutbound } from '../outbound/outbound.ts'

import { Secret } from '../secret.ts'

import type { Log } from '../telemetry/log.ts'

import type { Clock } from '../time.ts'
import { connectionAt } from './kafka-connection.ts'

export interface SenderOptions {
  readonly clock: Clock
  /** Where the console channel writes. */
  readonly write: (text: string) => void
  /** Send to the channels of the document, or print only: for runs that replay the past. */
  readonly deliver: boolean
  /** What is known of the alerts of a channel beyond this process. */
  readonly alertMemory?: (channel: string) => AlertMemory
  readonly log: Log
  /** Draws the charts of a message. */
  readonly illustrate?: Illustrate
  /** How the incident of a message stands now. */
  readonly standing?: (message: Message) => Message | undefined
  /** Beside those of the document. */
  readonly extraSenders?: ReadonlyMap<string, Sender>
}

/** Senders by the name under which envelopes name them. @throws ConfigError when a secret cannot be read or is not one */
export function makeSenders(document: Document, options: SenderOptions): Map<string, Sender> {
  const { deliver, write, extraSenders } = options
  const senders = deliver ? sendersOf(document, options) : new Map([['console', createConsoleSender('console', write)]])
  for (const [name, sender] of extraSenders ?? []) senders.set(name, sender)
  return senders
}

function sendersOf(document: Document, options: SenderOptions): Map<string, Sender> {
  const senders = new Map<string, Sender>()
  const outbound = createOutbound(document.network)
  try {
    for (const channel of document.channels.values()) {
      const sender = channelSender(channel, outbound, options)
      senders.set(channel.name, channel.options.dryRun ? createDryRun(sender, toLog(options.log)) : sender)
    }
  } catch (error) {
    closeSenders(senders)
    throw error
  }
  return senders
}

/** Closes senders that never sent anything: some repeat themselves until they are closed. */
export function closeSenders(senders: ReadonlyMap<string, Sender>): void {
  for (const sender of senders.values()) sender.close().catch(() => {})
}

function toLog(log: Log) {
  return ({ key, envelope }: Notification) =>
    log.info({ key, channel: envelope.channel, envelope }, 'dry run: this would be sent')
}

function channelSender(channel: ChannelSettings, outbound: Outbound, options: SenderOptions): Sender {
  switch (channel.type) {
    case 'console':
      return createConsoleSender(channel.name, options.write)
    case 'slack':
      return slackSender(channel, outbound, options)
    case 'slackWebhook':
      return slackWebhookSender(channel, outbound)
    case 'webhook':
      return webhookSender(channel, outbound, options)
    case 'email':
      return emailSender(channel, outbound, options)
    case 'pagerduty': {
      const { name, routingKeyFile, url, severities } = channel
      const routingKey = rotatingSecret(routingKeyFile, `channels.${name}.routingKeyFile`)
      return createPagerDutySender(name, { url, routingKey, severities, outbound })
    }
    case 'teams': {
      const { name, urlFile } = channel
      return createTeamsSender(name, { url: rotatingUrl(urlFile, `channels.${name}.urlFile`), outbound })
    }
    case 'alertmanager':
      return alertmanagerSender(channel, outbound, options)
    case 'grafana': {
      const { name, tokenFile, url, tags, dashboard } = channel
      const token = rotatingSecret(tokenFile, `channels.${name}.tokenFile`)
      return createGrafanaSender(name, { url, token, tags, dashboard, outbound })
    }
    case 'kafka': {
      const { name, topic, source } = channel
      return createKafkaSender(name, { connection: connectionAt(`channels.${name}`, channel, () => {}), topic, source })
    }
  }
}

function slackSender(
  { name, tokenFile, channel, charts, appTokenFile }: SlackChannel,
  outbound: Outbound,
  { illustrate, standing }: Pick<SenderOptions, 'illustrate' | 'standing'>,
): Sender {
  const token = rotatingSecret(tokenFile, `channels.${name}.tokenFile`)
  const hasButtons = appTokenFile !== null
  const drawn = wantedCharts(illustrate, charts)
  return createSlackSender(name, { token, channel, outbound, hasButtons, illustrate: drawn, standing })
}

/** Charts without those that a channel does not want. */
function wantedCharts(illustrate: Illustrate | undefined, wanted: ChartsWanted): Illustrate | undefined {
  if (illustrate === undefined || wanted === 'all') return illustrate
  if (wanted === 'none') return undefined
  return async (message) => (await illustrate(message)).filter(({ name }) => name === 'course')
}

function slackWebhookSender({ name, urlFile }: SlackWebhookChannel, outbound: Outbound): Sender {
  return createSlackWebhookSender(name, { url: rotatingUrl(urlFile, `channels.${name}.urlFile`), outbound })
}

function webhookSender(
  { name, url, secretFile }: WebhookChannel,
  outbound: Outbound,
  { clock }: Pick<SenderOptions, 'clock'>,
): Sender {
  const secret = rotatingSecret(secretFile, `channels.${name}.secretFile`)
  return createWebhookSender(name, { url, secret, outbound, clock })
}

function emailSender(
  { name, login, ...settings }: EmailChannel,
  outbound: Outbound,
  { illustrate }: Pick<SenderOptions, 'illustrate'>,
): Sender {
  const { host, port, secure, plainText, from, to, charts } = settings
  const credentials = login && {
    user: login.user,
    password: rotatingSecret(login.passwordFile, `channels.${name}.passwordFile`),
  }
  return createEmailSender(name, {
    ...{ host, port, secure, plainText, login: credentials, from, to, outbound },
    illustrate: wantedCharts(illustrate, charts),
  })
}

function alertmanagerSender(
  { name, urls, login, severities, labels }: AlertmanagerChannel,
  outbound: Outbound,
  { clock, alertMemory }: Pick<SenderOptions, 'clock' | 'alertMemory'>,
): Sender {
  return createAlertmanagerSender(name, {
    ...{ urls, severities, labels, outbound, clock },
    authorization: authorizationOf(login, `channels.${name}`),
    schedule: (wake, after) => {
      const timer = setTimeout(wake, after)
      return () => clearTimeout(timer)
    },
    ...(alertMemory !== undefined && { memory: alertMemory(name) }),
  })
}

function authorizationOf(login: AlertmanagerChannel['login'], path: string): (() => Secret) | null {
  if (login === null) return null
  if ('tokenFile' in login) {
    const token = rotatingSecret(login.tokenFile, `${path}.tokenFile`)
    return () => new Secret(`Bearer ${token().reveal()}`)
  }
  const password = rotatingSecret(login.passwordFile, `${path}.passwordFile`)
  return () => new Secret(`Basic ${Buffer.from(`${login.user}:${password().reveal()}`).toString('base64')}`)
}
