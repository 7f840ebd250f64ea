// The connections over which presses of buttons in Slack come, as the document asks for them: one for each app, for Slack hands
// each press to one connection of the app, whichever channel it was made in. An app is known by its token, wherever that lies.

import type { SlackChannel } from '../config/channels/slack.ts'
import type { Document } from '../config/document.ts'
import type { SecretSource } from '../config/secret.ts'
import { rotatingSecret } from '../config/secret.ts'
import type { ButtonDeeds } from '../delivery/channels/slack/buttons.ts'
import { press } from '../delivery/channels/slack/buttons.ts'
import type { SlackSocket, SocketOptions } from '../delivery/channels/slack/socket.ts'
import { listenToSlack } from '../delivery/channels/slack/socket.ts'
import type { Effect } from '../handling/deeds.ts'
import { createOutbound } from '../outbound/outbound.ts'
import { withoutSecrets } from '../secret.ts'
import { StoreError } from '../store/store-error.ts'
import type { Log } from '../telemetry/log.ts'

export interface SlackSocketsOptions {
  /** Whether anything leaves this process at all. */
  readonly isWanted: boolean
  readonly deeds: ButtonDeeds
  /** The store itself failed: the process must not go on. */
  readonly onFailure: (error: unknown) => void
  readonly log: Log
  /** For tests: another Slack. */
  readonly slack?: Pick<SocketOptions, 'apiUrl' | 'waitsMs'>
}

export class SlackSockets {
  readonly #options: SlackSocketsOptions
  #open: readonly SlackSocket[] = []
  readonly #closing = new Set<Promise<void>>()

  constructor(options: SlackSocketsOptions) {
    this.#options = options
  }

  /**
   * Reads the tokens of a document.
   *
   * @returns opens its connections, in place of those that are open
   * @throws ConfigError when a token cannot be read
   */
  prepare(document: Document): () => void {
    if (!this.#options.isWanted) return () => {}
    const byApp = new Map<string, { appToken: SecretSource; channels: SlackChannel[] }>()
    for (const channel of document.channels.values()) {
      if (channel.type !== 'slack' || channel.appTokenFile === null) continue
      const appToken = rotatingSecret(channel.appTokenFile, `channels.${channel.name}.appTokenFile`)
      const text = appToken().reveal()
      byApp.set(text, { appToken, channels: [...(byApp.get(text)?.channels ?? []), channel] })
    }
    const prepared = [...byApp.values()].map(({ appToken, channels }) => this.#optionsOf(appToken, channels, document))
    return () => {
      this.#close()
      this.#open = prepared.map(listenToSlack)
    }
  }

  #optionsOf(appToken: SecretSource, channels: readonly SlackChannel[], document: Document): SocketOptions {
    const { log, slack, deeds, onFailure } = this.#options
    const tokens = new Map(
      channels.map(({ name, tokenFile }) => [name, rotatingSecret(tokenFile, `channels.${name}.tokenFile`)]),
    )
    const people = new Map(channels.map((channel) => [channel.name, channel.people]))
    const names = [...tokens.keys()].join(', ')
    let told: string | null | undefined
    return {
      ...slack,
      appToken,
      botToken: (channel) => tokens.get(channel),
      outbound: createOutbound(document.network),
      onPress: (one): Effect => {
        let effect: Effect
        try {
          effect = press(one, people.get(one.channel), deeds)
        } catch (error) {
          // There may be room on the disk again when it is pressed again.
          if (!(error instanceof StoreError && error.kind === 'full')) onFailure(error)
          throw error
        }
        log.info({ channel: one.channel, user: one.user, deed: one.deed, subject: one.subject, ...effect }, 'pressed')
        return effect
      },
      onTrouble: (because) => {
        if (because === told) return
        told = because
        if (because === null) log.info({ channels: names }, 'listening to buttons in Slack')
        else log.warn({ channels: names, because }, 'buttons in Slack do not work')
      },
      onFailure: (error) => log.warn({ error: withoutSecrets(String(error)) }, 'a press in Slack was not answered'),
    }
  }

  #close(): void {
    for (const socket of this.#open) {
      const closing = socket.stop().finally(() => this.#closing.delete(closing))
      this.#closing.add(closing)
    }
    this.#open = []
  }

  /** Closes all. Stopping twice is harmless. */
  async stop(): Promise<void> {
    this.#close()
    await Promise.all(this.#closing)
  }
}
