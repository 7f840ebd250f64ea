// Messages as calm plain text, on a terminal or in a log.

import { formatInstant } from '../../time.ts'
import type { Message } from '../notification.ts'
import type { Sender } from '../sender.ts'
import { safeLine } from '../text-safety.ts'

const marks: Readonly<Record<string, string>> = { firing: '▲', update: '▲', resolved: '✓' }

export function createConsoleSender(name: string, write: (text: string) => void): Sender {
  return {
    name,
    async send({ envelope }) {
      if (envelope.kind !== 'message') return { result: 'refused', because: 'the console takes messages only' }
      write(consoleText(envelope.message))
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
