// Messages to a Slack channel by a bot: one parent message for each incident, kept up to date, with what happens in its thread.

import type { WebClient } from '@slack/web-api'
import { cleaned } from '../../../secret.ts'
import type { Illustrate, Illustration } from '../../charts/illustrate.ts'
import type { Envelope, Message, Notification } from '../../notification.ts'
import type { Outcome, Sender } from '../../sender.ts'
import type { SlackContent } from './blocks.ts'
import { digestOf, groupOf, parentOf, replyOf, tablesOf } from './blocks.ts'
import type { SlackAccess } from './client.ts'
import { notSlack, outcomeOfFailure, slackErrorOf, webClient } from './client.ts'

export interface SlackSettings extends SlackAccess {
  /** `#ml-alerts` or a channel id. */
  readonly channel: string
  /** Whether presses are listened to, so that buttons are shown. */
  readonly hasButtons?: boolean
  /** How the incident of a message stands now, which may be later than the message; undefined: as the message says. */
  readonly standing?: ((message: Message) => Message | undefined) | undefined
  readonly illustrate?: Illustrate | undefined
}

/** A message of ours in Slack; the receipt by which the thread of an incident is found again. */
interface Place {
  readonly channel: string
  readonly ts: string
}

export function createSlackSender(name: string, settings: SlackSettings): Sender {
  return {
    name,
    async send(notification, signal) {
      try {
        return cleaned(await deliver(name, settings, notification, signal))
      } catch (error) {
        return cleaned(outcomeOfFailure(error))
      }
    },
    async close() {},
  }
}

async function deliver(
  name: string,
  settings: SlackSettings,
  notification: Notification,
  signal: AbortSignal,
): Promise<Outcome> {
  const { envelope, thread, key } = notification
  const client = webClient(settings, signal)
  if (envelope.kind !== 'message') {
    return outcomeOf(await post(client, { channel: settings.channel, content: contentOf(envelope), key }))
  }
  const { message } = envelope
  const standing = settings.standing?.(message) ?? message
  const parent = parentOf(standing, settings.hasButtons === true ? name : null)
  const known = placeOf(thread)
  return known === undefined
    ? begin(client, settings, { message, parent, key })
    : goOn(client, settings, { message, parent, key, known })
}

function contentOf(envelope: Exclude<Envelope, { kind: 'message' }>): SlackContent {
  switch (envelope.kind) {
    case 'group':
      return groupOf(envelope.title, envelope.messages)
    case 'digest':
      return digestOf(envelope.digest)
  }
}

interface Telling {
  readonly message: Message
  readonly parent: SlackContent
  readonly key: string
}

/** The first message of an incident: everything stands in it, and pictures go into its thread. */
async function begin(client: WebClient, settings: SlackSettings, { message, parent, key }: Telling): Promise<Outcome> {
  const posted = await post(client, { channel: settings.channel, content: parent, key })
  if (posted === undefined) return notSlack
  return illustrated(client, settings, { message, to: posted, outcome: outcomeOf(posted), key })
}

/**
 * A later one. The parent comes first, for changing it twice does no harm: what fails then is done again, and no reply is written
 * twice for it.
 */
async function goOn(
  client: WebClient,
  settings: SlackSettings,
  { message, parent, key, known }: Telling & { readonly known: Place },
): Promise<Outcome> {
  try {
    await client.chat.update({ ...known, ...shown(parent), parse: 'none', link_names: false })
  } catch (error) {
    const said = slackErrorOf(error)
    if (said !== undefined && gone.has(said)) return begin(client, settings, { message, parent, key })
    if (said === undefined || !unchangeable.has(said)) throw error
  }
  const isLoud = message.change === 'escalation' || message.change === 'resolved'
  const thread = { ts: known.ts, isLoud }
  const posted = await post(client, { channel: known.channel, content: replyOf(message), key, thread })
  if (posted === undefined) return notSlack
  const outcome = {
    result: 'delivered',
    detail: `reply ${posted.ts} to ${known.ts}`,
    receipt: receiptOf(known),
  } as const
  return illustrated(client, settings, { message, to: known, outcome, key })
}

/**
 * Somebody has removed the parent, or it lies where nothing can be written any more: a channel that was archived or left, another
 * workspace. The incident gets another one, in the channel that is configured now.
 */
const gone: ReadonlySet<string> = new Set([
  'message_not_found',
  'channel_not_found',
  'not_in_channel',
  'is_inactive',
  'is_archived',
])

/** The parent cannot be changed any more; the thread goes on. */
const unchangeable: ReadonlySet<string> = new Set(['cant_update_message', 'edit_window_closed'])

async function post(
  client: WebClient,
  {
    channel,
    content,
    key,
    thread,
  }: {
    channel: string
    content: SlackContent
    key: string
    thread?: { readonly ts: string; readonly isLoud: boolean }
  },
): Promise<Place | undefined> {
  const options = {
    channel,
    mrkdwn: false,
    parse: 'none' as const,
    link_names: false,
    unfurl_links: false,
    unfurl_media: false,
    // Tells a repetition: every attempt carries the same key.
    metadata: { event_type: 'leeway_message', event_payload: { key } },
  }
  const answer =
    thread === undefined
      ? await client.chat.postMessage({ ...options, ...shown(content) })
      : await client.chat.postMessage({
          ...options,
          ...shown(content),
          thread_ts: thread.ts,
          reply_broadcast: thread.isLoud,
        })
  return answer.ok && answer.ts !== undefined ? { channel: answer.channel ?? channel, ts: answer.ts } : undefined
}

/** The client's types tell messages with blocks, with attachments and with text alone apart. */
function shown({ text, blocks, attachments }: SlackContent) {
  return attachments === undefined ? { text, blocks: blocks ?? [] } : { text, attachments }
}

function outcomeOf(posted: Place | undefined): Outcome {
  return posted === undefined
    ? notSlack
    : { result: 'delivered', detail: `ts ${posted.ts}`, receipt: receiptOf(posted) }
}

function receiptOf({ channel, ts }: Place): string {
  return `${channel}/${ts}`
}

function placeOf(receipt: string | undefined): Place | undefined {
  const [, channel, ts] = /^([^/]+)\/([\d.]+)$/.exec(receipt ?? '') ?? []
  return channel === undefined || ts === undefined ? undefined : { channel, ts }
}

/**
 * Adds the numbers of the charts, and their pictures, to the thread. What goes wrong is told in the outcome, which stays what it
 * is: nobody is told twice for a picture.
 */
async function illustrated(
  client: WebClient,
  { illustrate }: SlackSettings,
  { message, to, outcome, key }: { message: Message; to: Place; outcome: Outcome; key: string },
): Promise<Outcome> {
  const charts = (await illustrate?.(message)) ?? []
  if (charts.length === 0 || outcome.result !== 'delivered') return outcome
  const thread = { ts: to.ts, isLoud: false }
  try {
    await post(client, { channel: to.channel, content: tablesOf(charts), key: `${key}:charts`, thread })
    await upload(client, charts, to)
    return outcome
  } catch (error) {
    const { because } = cleaned(outcomeOfFailure(error))
    return { ...outcome, detail: `${outcome.detail}; its charts could not be added: ${because}` }
  }
}

async function upload(client: WebClient, charts: readonly Illustration[], to: Place): Promise<void> {
  await client.files.uploadV2({
    channel_id: to.channel,
    thread_ts: to.ts,
    file_uploads: charts.map(({ name, png, alternative, title }) => ({
      file: Buffer.from(png),
      filename: `${name}.png`,
      title,
      alt_text: alternative.slice(0, 1_000),
    })),
  })
}
