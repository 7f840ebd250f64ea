// What a message looks like in Slack.
//
// An incident is one parent message, which always shows how it stands: a coloured bar, its sign, who looks after it, the buttons.
// What happens to it is told in the parent's thread. What came with events stands in plain text, where nothing is a format, an
// emoji or a link; the one link is ours.

import type { KnownBlock, MessageAttachment } from '@slack/web-api'
import { formatInstant } from '../../../time.ts'
import { appearanceOf } from '../../appearance.ts'
import type { Chart } from '../../charts/chart.ts'
import { aligned } from '../../charts/table.ts'
import type { Digest, Message } from '../../notification.ts'
import { slackText } from '../../text-safety.ts'
import { buttonsFor } from './buttons.ts'

/** Text for notifications and old clients, and what is shown in its place. */
export interface SlackContent {
  readonly text: string
  readonly blocks?: KnownBlock[]
  readonly attachments?: MessageAttachment[]
}

/** Slack refuses more than 50 blocks, 3,000 characters in one and some 13,200 in all (undocumented): with room to spare. */
const BLOCKS_MAX = 45
const CHARACTERS_MAX = 12_000
const SECTION_MAX = 2_900
const FIELDS_MAX = 10
/** Incidents of a group that are named. */
const GROUP_MAX = 25

const plain = (text: string) => ({ type: 'plain_text' as const, text, emoji: false })

function section(text: string): KnownBlock {
  return { type: 'section', text: plain(text.slice(0, SECTION_MAX)) }
}

function context(text: string): KnownBlock {
  return { type: 'context', elements: [plain(text.slice(0, 300))] }
}

function openLink(link: string | null, what: string): KnownBlock[] {
  if (link === null) return []
  const text = { type: 'mrkdwn' as const, text: `<${slackText(link, 2_000)}|${what}>`, verbatim: true }
  return [{ type: 'section', text }]
}

/**
 * The parent message.
 *
 * @param buttonsOf name of the channel in the configuration, where presses are listened to; null: no buttons
 */
export function parentOf(message: Message, buttonsOf: string | null): SlackContent {
  const { sign, colour } = appearanceOf(message)
  const text = slackText(`${sign} ${message.title}`, 300)
  const blocks = [
    ...paragraphs(message.paragraphs.slice(0, 2)),
    ...features(message),
    ...fields(message),
    ...buttonsFor(message, buttonsOf),
    ...openLink(message.link, message.change === 'retraining' ? 'Open the run' : 'Open the incident'),
  ]
  return { text, attachments: [{ color: colour, fallback: text, blocks: within(blocks) }] }
}

/** A reply in the thread: what has happened, with everything that is known of it. */
export function replyOf(message: Message): SlackContent {
  const { sign } = appearanceOf(message)
  const text = slackText(`${signOf(message, sign)} ${message.title}`, 300)
  const about = `${formatInstant(message.at)} · incident ${message.incidentId}`
  return {
    text,
    blocks: within([section(text), ...paragraphs(message.paragraphs), ...features(message), context(slackText(about))]),
  }
}

function signOf({ change }: Message, sign: string): string {
  return change === 'handled' ? '●' : change === 'reminder' || change === 'escalation' ? `${sign} ${change}:` : sign
}

/** The numbers of charts, for those who cannot see them. */
export function tablesOf(charts: ReadonlyArray<Pick<Chart, 'title' | 'alternative' | 'table'>>): SlackContent {
  const text = slackText(charts.map(({ alternative }) => alternative).join(' '), 500)
  const blocks = charts.flatMap(({ title, table }) => [
    section(slackText(title, 200)),
    preformatted(aligned([table.columns, ...table.rows])),
  ])
  return { text, blocks: within(blocks) }
}

/** Text of fixed width in which nothing is a format. */
function preformatted(lines: readonly string[]): KnownBlock {
  const text = lines.map((line) => slackText(line, 200)).join('\n')
  return {
    type: 'rich_text',
    elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text: text.slice(0, SECTION_MAX) }] }],
  }
}

/** Many incidents in one message. */
export function groupOf(title: string, messages: readonly Message[]): SlackContent {
  const text = slackText(title, 300)
  const lines = messages
    .slice(0, GROUP_MAX)
    .map((message) => `${appearanceOf(message).sign} ${slackText(message.title, 180)}`)
  const more = messages.length - lines.length
  const blocks = [
    { type: 'header' as const, text: plain(slackText(title, 150)) },
    ...chunks(lines, SECTION_MAX).map(section),
    ...(more > 0 ? [context(`and ${more} more`)] : []),
    ...openLink(messages[0]?.link ?? null, 'Open the first of them'),
  ]
  return { text, blocks: within(blocks) }
}

/** How a model has fared. */
export function digestOf({ title, paragraphs: words, figures, link }: Digest): SlackContent {
  const table = aligned(figures.map(({ name, value }) => [name, value]))
  const blocks = [
    { type: 'header' as const, text: plain(slackText(title, 150)) },
    ...paragraphs(words),
    ...(table.length > 0 ? [preformatted(table)] : []),
    ...openLink(link, 'Open the model'),
  ]
  return { text: slackText(title, 300), blocks: within(blocks) }
}

function paragraphs(words: readonly string[]): KnownBlock[] {
  const lines = words.map((paragraph) => slackText(paragraph, 1_200)).filter((line) => line !== '')
  return chunks(lines, SECTION_MAX).map(section)
}

function features({ features }: Message): KnownBlock[] {
  const lines = features.map(({ name, detail }) => `• ${slackText(name, 80)}: ${slackText(detail, 160)}`)
  return chunks(lines, SECTION_MAX).map(section)
}

function fields(message: Message): KnownBlock[] {
  const { severity, handling, retraining, at } = message
  const facts: Array<readonly [name: string, value: string]> = [
    ['State', appearanceOf(message).word],
    ...(message.kind === 'retraining' ? [] : [['Severity', severity] as const]),
    ...(handling?.acknowledgedBy != null ? [['Acknowledged by', handling.acknowledgedBy] as const] : []),
    ...(handling?.assignee != null ? [['Assigned to', handling.assignee] as const] : []),
    ...(handling?.snoozedUntil != null ? [['Snoozed until', formatInstant(handling.snoozedUntil)] as const] : []),
    ...(retraining !== undefined ? [['Retraining', retraining.state] as const] : []),
    ['Last change', formatInstant(at)],
  ]
  return [
    {
      type: 'section',
      fields: facts.slice(0, FIELDS_MAX).map(([name, value]) => plain(`${name}\n${slackText(value, 200)}`)),
    },
  ]
}

/** Lines put together into pieces of at most so many characters. */
function chunks(lines: readonly string[], most: number): string[] {
  const pieces: string[] = []
  for (const line of lines) {
    const last = pieces.at(-1)
    if (last !== undefined && last.length + line.length + 1 <= most) pieces[pieces.length - 1] = `${last}\n${line}`
    else pieces.push(line)
  }
  return pieces
}

/** As many blocks as Slack takes; what the message is about comes first, and what is cut off is in the incident. */
function within(blocks: readonly KnownBlock[]): KnownBlock[] {
  const kept: KnownBlock[] = []
  let characters = 0
  for (const block of blocks) {
    characters += JSON.stringify(block).length
    if (kept.length >= BLOCKS_MAX - 1 || characters > CHARACTERS_MAX)
      return [...kept, context('Shortened: the whole of it stands in the incident.')]
    kept.push(block)
  }
  return kept
}
