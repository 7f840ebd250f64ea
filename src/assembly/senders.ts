// The channels and orchestrators that the document names, ready to send.

import type { ChannelSettings } from '../config/channel-settings.ts'
import type { Document } from '../config/document.ts'
import { rotatingSecret } from '../config/secret.ts'
import { createConsoleSender } from '../delivery/channels/console.ts'
import { createEmailSender } from '../delivery/channels/email.ts'
import { createSlackSender } from '../delivery/channels/slack.ts'
import { createWebhookSender } from '../delivery/channels/webhook.ts'
import { createRetrainingWebhook } from '../delivery/orchestrators/webhook.ts'
import { retrainingChannel } from '../delivery/plan.ts'
import type { Sender } from '../delivery/sender.ts'
import type { Outbound } from '../outbound/outbound.ts'
import { createOutbound } from '../outbound/outbound.ts'
import type { Clock } from '../time.ts'

export interface SenderOptions {
  readonly clock: Clock
  /** Where the console channel writes. */
  readonly write: (text: string) => void
  /** Send to the channels and orchestrators of the document, or print only: for runs that replay the past. */
  readonly deliver: boolean
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
  for (const channel of document.channels.values()) senders.set(channel.name, channelSender(channel, outbound, options))
  for (const { model, url, secretFile } of document.retraining.values()) {
    const name = retrainingChannel(model)
    const secret = secretFile === null ? null : rotatingSecret(secretFile, `retraining.${model}.secretFile`)
    senders.set(name, createRetrainingWebhook(name, { url, secret, outbound, clock: options.clock }))
  }
  return senders
}

function channelSender(channel: ChannelSettings, outbound: Outbound, { clock, write }: SenderOptions): Sender {
  const { name } = channel
  switch (channel.type) {
    case 'console':
      return createConsoleSender(name, write)
    case 'slack':
      return createSlackSender(name, {
        token: rotatingSecret(channel.tokenFile, `channels.${name}.tokenFile`),
        channel: channel.channel,
        outbound,
      })
    case 'webhook':
      return createWebhookSender(name, {
        url: channel.url,
        secret: rotatingSecret(channel.secretFile, `channels.${name}.secretFile`),
        outbound,
        clock,
      })
    case 'email': {
      const { host, port, secure, plainText, from, to } = channel
      const login =
        channel.login === null
          ? null
          : {
              user: channel.login.user,
              password: rotatingSecret(channel.login.passwordFile, `channels.${name}.passwordFile`),
            }
      return createEmailSender(name, { host, port, secure, plainText, login, from, to, outbound })
    }
  }
}
