// Messages as calm plain text, on a terminal or in a log.

import { formatInstant } from '../../time.ts'
import type { Digest, Envelope, Message } from '../notification.ts'
import type { Sender } from '../sender.ts'
import { safeLine } from '../text-safety.ts'

const marks: Readonly<Record<string, string>> = { firing: '▲', update: '▲', resolved: '✓' }

export function createConsoleSender(name: string, write: (text: string) => void): Sender {
  return {
    name,
    async send({ envelope }) {
      switch (envelope.kind) {
        case 'message':
          write(consoleText(envelope.message))
          break
        case 'group':
          write(groupText(envelope))
          break
        case 'digest':
          write(digestText(envelope.digest))
          break
      }
      return { result: 'delivered' }
    },
    async close() {},
  }
}

/** A message as a block of lines. */
export function consoleText(message: Message): string {
  const lines = [`${marks[message.change] ?? '·'} ${formatInstant(message.at)}  ${safeLine(message.title)}`]
  for (const paragraph of message.paragraphs) lines.push(`  ${safeLine(paragraph, 1_000)}`)
  if (message.link !== null) lines.push(`  ${message.link}`)
  return `${lines.join('\n')}\n`
}

/** A line for each incident. */
function groupText({ title, messages }: Extract<Envelope, { kind: 'group' }>): string {
  const lines = messages.map((one) => `  ${marks[one.change] ?? '·'} ${formatInstant(one.at)}  ${safeLine(one.title)}`)
  return `${[`▲ ${safeLine(title)}`, ...lines].join('\n')}\n`
}

function digestText({ title, paragraphs, figures, link }: Digest): string {
  const lines = [`· ${safeLine(title)}`, ...paragraphs.map((paragraph) => `  ${safeLine(paragraph, 1_000)}`)]
  for (const { name, value } of figures) lines.push(`  ${safeLine(name)}: ${safeLine(value)}`)
  if (link !== null) lines.push(`  ${link}`)
  return `${lines.join('\n')}\n`
}
