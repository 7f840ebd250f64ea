// Buttons under an incident in Slack: what they are, who may press them, and what they do.
//
// A press comes from Slack over a connection that only the app's token opens, and names who pressed. What it does is a deed like
// any other (HTTP, command line): it is audited, and told to everybody by the messages that it causes.

import type { KnownBlock } from '@slack/web-api'
import type { Effect, Handling, Person } from '../../../handling/deeds.ts'
import type { RetrainingDesk } from '../../../retraining/desk.ts'
import type { Instant } from '../../../time.ts'
import { parseDuration } from '../../../time.ts'
import type { Message } from '../../notification.ts'

/** Users of Slack by their ids: who they are to leeway. */
export type SlackPeople = ReadonlyMap<string, { readonly name: string; readonly role: Person['role'] }>

/** What buttons may do. */
export interface ButtonDeeds {
  readonly handling: Pick<Handling, 'acknowledge' | 'unacknowledge' | 'snooze'>
  readonly retraining: Pick<RetrainingDesk, 'approve' | 'refuse'>
}

/** One press as Slack tells it. */
export interface Press {
  readonly user: string
  readonly deed: DeedName
  /** Name of the channel in the configuration. */
  readonly channel: string
  /** An incident, or a retraining request. */
  readonly subject: string
  /** How long, for a snooze. */
  readonly chosen: string | null
  /** When it was pressed, as Slack counts; tells a press that is told twice from two presses. */
  readonly at: Instant
  readonly id: string
  /** Where to answer. */
  readonly conversation: { readonly channel: string; readonly thread: string | null }
}

const deeds = {
  acknowledge: 'operator',
  unacknowledge: 'operator',
  snooze: 'operator',
  approve: 'approver',
  refuse: 'approver',
} as const satisfies Record<string, Person['role']>
type DeedName = keyof typeof deeds

const PREFIX = 'leeway/'
const snoozes = { '1h': '1 hour', '4h': '4 hours', '24h': '24 hours', '7d': '7 days' } as const

const plain = (text: string) => ({ type: 'plain_text' as const, text, emoji: false })

/** @param channel name in the configuration of the channel that they are for; null: nobody listens, so that none are shown */
export function buttonsFor(message: Message, channel: string | null): KnownBlock[] {
  const { change, incidentId, handling, retraining, kind } = message
  if (channel === null) return []
  const isOver = change === 'resolved' || change === 'withdrawn' || kind === 'retraining'
  const of = (deed: DeedName, subject: string) => ({
    action_id: `${PREFIX}${deed}`,
    value: JSON.stringify({ channel, subject }),
  })
  const elements = [
    ...(isOver
      ? []
      : [
          handling?.acknowledgedBy == null
            ? {
                type: 'button' as const,
                text: plain('Acknowledge'),
                style: 'primary' as const,
                ...of('acknowledge', incidentId),
              }
            : { type: 'button' as const, text: plain('Take acknowledgement back'), ...of('unacknowledge', incidentId) },
          {
            type: 'static_select' as const,
            action_id: `${PREFIX}snooze`,
            placeholder: plain('Snooze…'),
            options: Object.entries(snoozes).map(([span, words]) => ({
              text: plain(words),
              value: JSON.stringify({ channel, subject: incidentId, chosen: span }),
            })),
          },
        ]),
    ...(retraining?.awaitsApproval === true
      ? [
          {
            type: 'button' as const,
            text: plain('Approve retraining'),
            ...of('approve', retraining.request),
            confirm: {
              title: plain('Approve retraining?'),
              text: plain(`A run of ${message.model.slice(0, 100)} is asked for, and your name is kept with it.`),
              confirm: plain('Approve'),
              deny: plain('Not now'),
            },
          },
          {
            type: 'button' as const,
            text: plain('Refuse'),
            style: 'danger' as const,
            ...of('refuse', retraining.request),
            confirm: {
              title: plain('Refuse retraining?'),
              text: plain('This request is closed for good, and your name is kept with it.'),
              confirm: plain('Refuse'),
              deny: plain('Not now'),
            },
          },
        ]
      : []),
  ]
  return elements.length === 0 ? [] : [{ type: 'actions', block_id: 'leeway', elements }]
}

/** What an interaction says, or undefined when it is none of ours. */
export function readPress(payload: unknown): Press | undefined {
  const { type, user, actions, channel, message, container } = record(payload)
  if (type !== 'block_actions' || !Array.isArray(actions)) return undefined
  const action = record(actions[0])
  const name = text(action['action_id']).slice(PREFIX.length)
  const written = text(action['value']) || text(record(action['selected_option'])['value'])
  const { channel: of, subject, chosen } = record(parsed(written))
  const userId = text(record(user)['id'])
  if (!text(action['action_id']).startsWith(PREFIX) || !isDeed(name) || userId === '') return undefined
  if (text(of) === '' || text(subject) === '') return undefined
  const ts = text(action['action_ts'])
  const place = record(channel)['id'] ?? record(container)['channel_id']
  const thread = record(message)['thread_ts'] ?? record(message)['ts'] ?? record(container)['message_ts']
  return {
    user: userId,
    deed: name,
    channel: text(of),
    subject: text(subject),
    chosen: typeof chosen === 'string' ? chosen : null,
    at: Math.round(Number(ts) * 1000) || 0,
    id: ts,
    conversation: { channel: text(place), thread: text(thread) || null },
  }
}

/**
 * Does what a press asks for, if whoever pressed may.
 *
 * The same press told twice is one deed: its end of a snooze and its id are those of the press, not of its arrival.
 *
 * @param people those of the channel that the button belongs to; undefined when that is not configured any more
 */
export function press(one: Press, people: SlackPeople | undefined, { handling, retraining }: ButtonDeeds): Effect {
  const found = people?.get(one.user)
  if (found === undefined)
    return refused(`leeway does not know you (${one.user}): whoever runs it adds you to people of this channel`)
  const needed = deeds[one.deed]
  if (!mayDo(found.role, needed)) return refused(`this needs the role ${needed}, and you are ${found.role}`)
  const by: Person = { ...found, via: 'slack', remote: one.user, request: `slack-${one.user}-${one.id}` }
  switch (one.deed) {
    case 'acknowledge':
      return handling.acknowledge(one.subject, by)
    case 'unacknowledge':
      return handling.unacknowledge(one.subject, by)
    case 'snooze': {
      const span = Object.hasOwn(snoozes, one.chosen ?? '') ? parseDuration(one.chosen ?? '') : undefined
      if (span === undefined) return refused('there is no such span to choose')
      return handling.snooze(one.subject, one.at + span, by)
    }
    case 'approve':
      return retraining.approve(one.subject, by)
    case 'refuse':
      return retraining.refuse(one.subject, 'refused in Slack', by)
    default:
      return one.deed satisfies never
  }
}

function mayDo(role: Person['role'], needed: Person['role']): boolean {
  const order = ['viewer', 'operator', 'approver']
  return order.indexOf(role) >= order.indexOf(needed)
}

function refused(detail: string): Effect {
  return { outcome: 'refused', detail }
}

function isDeed(name: string): name is DeedName {
  return Object.hasOwn(deeds, name)
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}
