// What a message says as an email: always as plain text, and beside it as HTML with the charts in it.

import { formatInstant } from '../../../time.ts'
import { appearanceOf } from '../../appearance.ts'
import type { Illustration } from '../../charts/illustrate.ts'
import { aligned } from '../../charts/table.ts'
import type { Digest, Envelope, Message } from '../../notification.ts'
import { safeLine } from '../../text-safety.ts'
import type { Page } from './html.ts'
import { htmlPage } from './html.ts'

export interface Letter {
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** Incidents of a group that are told of one by one. */
const GROUP_MAX = 50
const PARAGRAPH_MAX = 2_000

export function letterOf(envelope: Envelope, charts: readonly Illustration[]): Letter {
  switch (envelope.kind) {
    case 'message':
      return incidentLetter(envelope.message, charts)
    case 'group':
      return groupLetter(envelope.title, envelope.messages)
    case 'digest':
      return digestLetter(envelope.digest)
  }
}

function letter(title: string, page: Page, text: ReadonlyArray<string | readonly string[]>): Letter {
  return {
    subject: safeLine(`[leeway] ${title}`, 180),
    text: `${text
      .map((part) => (typeof part === 'string' ? part : part.join('\n')))
      .filter((part) => part !== '')
      .join('\n\n')}\n`,
    html: htmlPage(page),
  }
}

function incidentLetter(message: Message, charts: readonly Illustration[]): Letter {
  const { title, paragraphs, features, link } = message
  const appearance = appearanceOf(message)
  const facts = factsOf(message)
  const footer = footerOf(message)
  return letter(
    title,
    {
      title,
      badge: `${appearance.sign} ${occasionOf(message)}`,
      appearance,
      paragraphs,
      list: features.map(({ name, detail }) => ({ name, detail })),
      facts,
      charts,
      link:
        link === null
          ? null
          : { address: link, says: message.change === 'retraining' ? 'Open the run' : 'Open the incident' },
      footer,
    },
    [
      `${appearance.sign} ${occasionOf(message)}\n${safeLine(title)}`,
      ...paragraphs.map((paragraph) => safeLine(paragraph, PARAGRAPH_MAX)),
      features.map(({ name, detail }) => `- ${safeLine(name)}: ${safeLine(detail)}`),
      facts.map(({ name, value }) => `${name}: ${safeLine(value)}`),
      ...charts.map(({ title, table }) => [
        safeLine(title),
        ...aligned([table.columns, ...table.rows].map((row) => row.map((cell) => safeLine(cell)))),
      ]),
      link ?? '',
      `-- \n${footer}`,
    ],
  )
}

/** What is new: its occasion where that says more than how it stands. */
function occasionOf(message: Message): string {
  const { change, severity, kind } = message
  const { word } = appearanceOf(message)
  const isNamed = change === 'reminder' || change === 'escalation' || change === 'retraining'
  const state = isNamed && change !== word ? `${change}, ${word}` : word
  return word === 'firing' && kind !== 'retraining' ? `${state}, ${severity}` : state
}

function factsOf({ handling, retraining }: Message): ReadonlyArray<{ name: string; value: string }> {
  return [
    ...(handling?.acknowledgedBy == null ? [] : [{ name: 'Acknowledged by', value: handling.acknowledgedBy }]),
    ...(handling?.assignee == null ? [] : [{ name: 'Assigned to', value: handling.assignee }]),
    ...(handling?.snoozedUntil == null ? [] : [{ name: 'Snoozed until', value: formatInstant(handling.snoozedUntil) }]),
    ...(retraining === undefined ? [] : [{ name: 'Retraining', value: `${retraining.state} (${retraining.request})` }]),
  ]
}

function footerOf({ incidentId, at }: Message): string {
  return safeLine(
    `Incident ${incidentId}, ${formatInstant(at)} event time. Sent by leeway, because a route names this address.`,
  )
}

function groupLetter(title: string, messages: readonly Message[]): Letter {
  const shown = messages.slice(0, GROUP_MAX)
  const list = shown.map((message) => ({
    name: `${appearanceOf(message).sign} ${message.title}`,
    detail: message.paragraphs[0] ?? '',
  }))
  const more = messages.length > shown.length ? `And ${messages.length - shown.length} more.` : ''
  const [first] = messages
  const appearance = appearanceOf(first ?? { change: 'update', severity: 'warning', kind: '' })
  const footer = 'Sent by leeway, because a route names this address.'
  return letter(
    title,
    {
      title,
      badge: `${appearance.sign} ${messages.length} incidents`,
      appearance,
      paragraphs: more === '' ? [] : [more],
      list,
      facts: [],
      charts: [],
      link: first?.link == null ? null : { address: first.link, says: 'Open the first of them' },
      footer,
    },
    [
      safeLine(title),
      list.map(({ name, detail }) => `${safeLine(name)}\n  ${safeLine(detail, PARAGRAPH_MAX)}`),
      more,
      first?.link ?? '',
      `-- \n${footer}`,
    ],
  )
}

function digestLetter({ title, paragraphs, figures, from, to, link }: Digest): Letter {
  const footer = `From ${formatInstant(from)} to ${formatInstant(to)}. Sent by leeway, because its configuration asks for this summary.`
  return letter(
    title,
    {
      title,
      badge: 'Summary',
      appearance: summary,
      paragraphs,
      list: [],
      facts: figures,
      charts: [],
      link: link === null ? null : { address: link, says: 'Open the model' },
      footer,
    },
    [
      safeLine(title),
      ...paragraphs.map((paragraph) => safeLine(paragraph, PARAGRAPH_MAX)),
      aligned(figures.map(({ name, value }) => [safeLine(name), safeLine(value)])),
      link ?? '',
      `-- \n${footer}`,
    ],
  )
}

const summary = { sign: '●', word: 'summary', colour: '#0072B2', textColour: '#005F96' } as const
