// What is told in one message: which rows go together, and what is said of them.

import { createHash } from 'node:crypto'
import type { Instant, Millis } from '../time.ts'
import { formatInstant, SECOND } from '../time.ts'
import { nameOf } from './message.ts'
import type { Envelope, Message, Occasion } from './notification.ts'
import type { Batch, Head, Row } from './outbox.ts'
import { isMilder } from './severity.ts'

/** More incidents due at one channel than that are a storm: they are told together, whatever their groups. */
const STORM = 20
/** Incidents that one message tells of at most. */
export const GROUP_MAX = 250
/** Rows of a lane that have waited so long, or were tried in vain, are told in one message. */
const COLLAPSE_AFTER: Millis = 30 * SECOND
/** Models that the title of a group names, and steps between the first and the last that a combined message lists. */
const NAMED_MAX = 3
const STEPS_MAX = 5

export type Choice =
  /** It was claimed before, and may have arrived: it is sent again as it was. */
  | { readonly send: 'again'; readonly batch: string }
  | { readonly send: 'lane'; readonly lane: string }
  | { readonly send: 'group'; readonly lanes: readonly string[] }

/** What is sent next of what is due at a channel. @param heads at least one, first those that became due first */
export function choose(heads: readonly Head[]): Choice {
  const [first] = heads as readonly [Head, ...Head[]]
  const claimed = heads.find(({ lane, batch }) => lane === first.lane && batch !== null)
  if (claimed?.batch) return { send: 'again', batch: claimed.batch }
  const busy = new Set(heads.filter(({ batch }) => batch !== null).map(({ lane }) => lane))
  const free = heads.filter(({ lane, kind }) => kind === 'message' && !busy.has(lane))
  const lanes = (of: readonly Head[]) => [...new Set(of.map(({ lane }) => lane))]
  const all = lanes(free)
  if (first.kind !== 'message') return { send: 'lane', lane: first.lane }
  if (all.length > STORM) return { send: 'group', lanes: all.slice(0, GROUP_MAX) }
  const { group } = first
  if (group === null) return { send: 'lane', lane: first.lane }
  const own = lanes(free.filter((head) => head.group?.key === group.key))
  return own.length > group.above
    ? { send: 'group', lanes: own.slice(0, GROUP_MAX) }
    : { send: 'lane', lane: first.lane }
}

/** How many of a lane's rows are told in one message. @param rows oldest first, at least one */
export function taken(rows: readonly Row[], now: Instant): number {
  const [first] = rows as readonly [Row, ...Row[]]
  const hasWaited = first.attempts > 0 || first.isDeferred || now - first.queuedAt >= COLLAPSE_AFTER
  if (!hasWaited) return 1
  const other = rows.findIndex(({ envelope }) => envelope.kind !== 'message')
  return other < 0 ? rows.length : Math.max(1, other)
}

/** The rows of one lane as one message, under a key that the same rows always get. @param rows oldest first, at least one */
function batchOf(rows: readonly Row[]): Batch {
  const [first] = rows as readonly [Row, ...Row[]]
  const last = rows.at(-1) as Row
  const keys = rows.map(({ key }) => key)
  if (rows.length === 1) return { key: first.key, envelope: null, rows: keys }
  const { channel } = first.envelope
  return {
    key: `${first.key}>${last.key}`,
    envelope: { kind: 'message', channel, message: combined(rows.map(messageOf)) },
    rows: keys,
  }
}

/** Rows of many lanes as one message. @param lanes the rows of each, oldest first, at least one */
export function groupOf(lanes: ReadonlyArray<readonly Row[]>): Batch {
  if (lanes.length === 1) return batchOf(lanes[0] as readonly Row[])
  const rows = lanes.flat()
  const keys = rows.map(({ key }) => key)
  const { channel } = (rows[0] as Row).envelope
  const messages = lanes.map((lane) => combined(lane.map(messageOf))).sort((a, b) => a.at - b.at)
  return {
    key: `group:${createHash('sha256').update(keys.join('\n')).digest('hex').slice(0, 16)}:${channel}`,
    envelope: { kind: 'group', channel, title: groupTitle(messages), messages },
    rows: keys,
  }
}

function messageOf({ envelope }: { readonly envelope: Envelope }): Message {
  if (envelope.kind !== 'message') throw new TypeError(`a ${envelope.kind} is told by itself`)
  return envelope.message
}

/** `12 incidents: credit-risk 7 (4), fraud 2 (3), churn and 5 more models; 2 of them are over` */
function groupTitle(messages: readonly Message[]): string {
  const counts = new Map<string, number>()
  for (const message of messages) counts.set(nameOf(message), (counts.get(nameOf(message)) ?? 0) + 1)
  const largest = [...counts].sort(([, a], [, b]) => b - a)
  const named = largest.slice(0, NAMED_MAX).map(([name, count]) => (count === 1 ? name : `${name} (${count})`))
  const more = counts.size - named.length
  const over = messages.filter(({ change }) => change === 'resolved').length
  const rest = more > 0 ? ` and ${more} more ${more === 1 ? 'model' : 'models'}` : ''
  const ended = over === 0 ? '' : over === messages.length ? '; all are over' : `; ${over} of them are over`
  return `${messages.length} incidents: ${named.join(', ')}${rest}${ended}`
}

const lifeCycle: ReadonlySet<Occasion> = new Set(['firing', 'update', 'resolved'])

/**
 * Messages about one incident that waited, as one: the whole story, from the first to where it stands now.
 *
 * @param messages oldest first, at least one; one stays as it is
 */
function combined(messages: readonly Message[]): Message {
  const [first] = messages as readonly [Message, ...Message[]]
  const last = messages.at(-1) as Message
  if (messages.length === 1) return first
  const told = messages.flatMap(({ change, combines }) => combines ?? [change])
  const stages = messages.filter(({ change }) => lifeCycle.has(change))
  const state = stages.at(-1) ?? last
  const isOver = state.change === 'resolved'
  const wasFired = told.includes('firing')
  const beginning = stages[0] ?? first
  const handling = handlingOf(messages)
  const between = messages.slice(1, -1)
  const steps = between.slice(-STEPS_MAX).map(({ at, title }) => `${formatInstant(at)}: ${title}.`)
  const left = between.length - steps.length
  return {
    ...state,
    change: isOver ? 'resolved' : wasFired ? 'firing' : state.change,
    combines: told,
    severity: messages.map(({ severity }) => severity).reduce((a, b) => (isMilder(a, b) ? b : a)),
    title: isOver && wasFired ? `${beginning.title}; over by now` : state.title,
    paragraphs: [
      `${messages.length} messages about this could not be told at their time; this is what they said.`,
      `First, ${formatInstant(first.at)}: ${[first.title, ...first.paragraphs].join('. ')}`,
      ...(left > 0 ? [`${left} more in between.`] : []),
      ...steps,
      `Last, ${formatInstant(last.at)}: ${[last.title, ...last.paragraphs].join('. ')}`,
    ],
    features: state.features.length > 0 ? state.features : beginning.features,
    at: last.at,
    ...(handling !== undefined && { handling }),
    ...(last.retraining !== undefined && { retraining: last.retraining }),
  }
}

/** What people have done about it, as the last message that tells of it says. What ended before the last began anew counts no more. */
function handlingOf(messages: readonly Message[]): Message['handling'] {
  const ended = messages.slice(0, -1).findLastIndex(({ change }) => change === 'resolved')
  return messages.slice(ended + 1).findLast(({ handling }) => handling !== undefined)?.handling
}
