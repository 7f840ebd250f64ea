// Messages as cards in Microsoft Teams, by the address of a workflow ("When a Teams webhook request is received").
//
// Everything stands in text runs, in which nothing is a format, a link or a mention; the one link is ours.

import type { Outbound } from '../../outbound/outbound.ts'
import type { Secret } from '../../secret.ts'
import { formatInstant } from '../../time.ts'
import { fitted } from '../fit.ts'
import { call } from '../http-post.ts'
import type { Digest, Envelope, Message } from '../notification.ts'
import type { Sender } from '../sender.ts'
import { jsonLine, safeLine } from '../text-safety.ts'

export interface TeamsSettings {
  /** The address of the moment: who knows it may post, so that it is a secret. */
  readonly url: () => Secret
  readonly outbound: Outbound
  readonly timeoutMs?: number
}

/** Teams takes 28 KB for a card with all that is around it. */
const BYTES_MAX = 27_000

export function createTeamsSender(name: string, { url, outbound, timeoutMs }: TeamsSettings): Sender {
  return {
    name,
    async send({ key, envelope }, signal) {
      return call({ url: url().reveal(), body: bodyOf(key, envelope) }, { outbound, signal, timeoutMs })
    },
    async close() {},
  }
}

/** What a card shows, before it is one. */
interface Shown {
  readonly title: string
  readonly isBad: boolean
  readonly paragraphs: readonly string[]
  /** As many as there is room for, first things first. */
  readonly items: readonly string[]
  readonly link: string | null
}

function bodyOf(key: string, envelope: Envelope): string {
  const shown = shownOf(envelope)
  return fitted(shown.items.length, BYTES_MAX, (kept) => jsonLine(card(shown, kept, key)))
}

function shownOf(envelope: Envelope): Shown {
  switch (envelope.kind) {
    case 'message':
      return shownOfMessage(envelope.message)
    case 'group': {
      const { title, messages } = envelope
      const items = messages.map((message) => `${formatInstant(message.at)}  ${message.title}`)
      return { title, isBad: messages.some(isBad), paragraphs: [], items, link: null }
    }
    case 'digest':
      return shownOfDigest(envelope.digest)
  }
}

function shownOfMessage(message: Message): Shown {
  const { title, paragraphs, features, link } = message
  return {
    title,
    isBad: isBad(message),
    paragraphs,
    items: features.map(({ name, detail }) => `${name}: ${detail}`),
    link,
  }
}

function shownOfDigest({ title, paragraphs, figures, link }: Digest): Shown {
  return { title, isBad: false, paragraphs, items: figures.map(({ name, value }) => `${name}: ${value}`), link }
}

function isBad({ change }: Message): boolean {
  return change !== 'resolved' && change !== 'retraining'
}

function card({ title, isBad, paragraphs, items, link }: Shown, kept: number, key: string): object {
  const lines = items.slice(0, kept).map((item) => `• ${safeLine(item, 300)}`)
  if (kept < items.length) lines.push(`and ${items.length - kept} more`)
  const body = [
    text(title, 300, { weight: 'Bolder', size: 'Medium', color: isBad ? 'Attention' : 'Default' }),
    ...paragraphs.slice(0, 10).map((paragraph) => text(paragraph, 600)),
    ...lines.map((line) => text(line, 320)),
    // Teams cannot tell a repetition; whoever reads can.
    text(key, 300, { size: 'Small', isSubtle: true }),
  ]
  const actions = link === null ? [] : [{ type: 'Action.OpenUrl', title: 'Open in Leeway', url: link }]
  return {
    type: 'message',
    summary: safeLine(title),
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          fallbackText: safeLine(title),
          msteams: { width: 'Full' },
          body,
          actions,
        },
      },
    ],
  }
}

function text(line: string, length: number, style: object = {}): object {
  return { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: safeLine(line, length), ...style }] }
}
