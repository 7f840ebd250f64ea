// What people are to be told of an incident because time has passed, and not because something has happened to it: reminders,
// escalation, and what was kept back by a silence that is over. Decided anew at each tick from what was told so far, so that a tick
// that comes late, twice, or after a kill tells each thing once.

import type { Incident } from '../incidents/incident.ts'
import type { Instant, Millis } from '../time.ts'
import { formatInstant } from '../time.ts'
import type { HandlingState } from './state.ts'

/** What one channel was told of an incident. */
export interface ChannelHistory {
  readonly channel: string
  /** When the first message that was not kept back was queued, and when the newest was delivered, or queued; null: there was none. */
  readonly firstToldAt: Instant | null
  readonly toldAt: Instant | null
  /** The newest transition that it was told of, or was to be told of when it was kept back or refused; 0: none. */
  readonly sequence: number
  /** How often news were kept back (what happened to it, not reminders), and whether the newest news were. */
  readonly keptBack: number
  readonly isKeptBack: boolean
  /** The number of the newest reminder, and when that ended, however it did, or was queued; null: there was none since it fired. */
  readonly reminders: number
  readonly remindedAt: Instant | null
  /** Whether a message waits to be sent: no reminder is queued behind it. */
  readonly isWaiting: boolean
}

/** What a route asks for, of an incident that it matches. */
export interface Repetition {
  readonly to: readonly string[]
  readonly repeatMs: Millis | null
  readonly escalate: { readonly afterMs: Millis; readonly to: readonly string[] } | null
}

/** A message that is due. */
export interface Telling {
  readonly channel: string
  readonly change: 'firing' | 'update' | 'reminder' | 'escalation'
  /** Names it in its key: with the incident and the channel it is never the same twice. */
  readonly name: string
  readonly because: string
}

export interface Situation {
  readonly incident: Pick<Incident, 'id' | 'state' | 'sequence'>
  readonly state: HandlingState
  readonly histories: readonly ChannelHistory[]
  readonly routes: readonly Repetition[]
  /** Whether a channel takes incidents as severe as this one is now; what it does not take would be asked for at every tick. */
  readonly takes: (channel: string) => boolean
  /** Why nobody is to be told now; null when people are. */
  readonly quiet: string | null
}

const unheard = (channel: string): ChannelHistory => ({
  channel,
  firstToldAt: null,
  toldAt: null,
  sequence: 0,
  keptBack: 0,
  isKeptBack: false,
  reminders: 0,
  remindedAt: null,
  isWaiting: false,
})

/** At most one message per channel. The incident fires. */
export function dueTellings(situation: Situation, now: Instant): Telling[] {
  const { state, routes, quiet, histories, takes } = situation
  if (quiet !== null) return []
  const history = new Map(histories.map((one) => [one.channel, one]))
  const of = (channel: string) => history.get(channel) ?? unheard(channel)
  const found = new Map<string, Telling>()
  const add = (telling: Telling | undefined) => {
    if (telling !== undefined && takes(telling.channel) && !found.has(telling.channel))
      found.set(telling.channel, telling)
  }
  for (const one of histories) add(released(one))
  if (state.acknowledgedBy !== null) return [...found.values()]
  for (const route of routes) for (const telling of escalations(route, state, of, now)) add(telling)
  for (const route of routes) {
    const calledIn = route.escalate?.to.filter((channel) => (state.escalated[channel] ?? 0) > 0) ?? []
    for (const channel of [...route.to, ...calledIn]) add(reminder(of(channel), route, now))
  }
  return [...found.values()]
}

/** What was kept back is told when nothing keeps it back any more: once, whatever was kept back. */
function released({ channel, isKeptBack, keptBack, toldAt }: ChannelHistory): Telling | undefined {
  if (!isKeptBack) return undefined
  return {
    channel,
    change: toldAt === null ? 'firing' : 'update',
    name: `after-${keptBack}`,
    because: 'what kept it back is over, and it still fires',
  }
}

function reminder(
  { channel, toldAt, reminders, remindedAt, isWaiting }: ChannelHistory,
  { repeatMs }: Repetition,
  now: Instant,
): Telling | undefined {
  if (repeatMs === null || toldAt === null || isWaiting) return undefined
  // One that was refused is not repeated at once.
  if (now - Math.max(toldAt, remindedAt ?? toldAt) < repeatMs) return undefined
  return {
    channel,
    change: 'reminder',
    name: `reminder-${reminders + 1}`,
    because: 'it still fires, and nobody has acknowledged it',
  }
}

function* escalations(
  { to, escalate }: Repetition,
  state: HandlingState,
  of: (channel: string) => ChannelHistory,
  now: Instant,
): Iterable<Telling> {
  if (escalate === null) return
  const told = to.flatMap((channel) => of(channel).firstToldAt ?? [])
  if (told.length === 0) return
  const since = Math.max(Math.min(...told), state.anewAt ?? Number.NEGATIVE_INFINITY)
  if (now - since < escalate.afterMs) return
  for (const channel of escalate.to) {
    if ((state.escalated[channel] ?? 0) > state.takenBack) continue
    yield {
      channel,
      change: 'escalation',
      name: `escalation-${state.takenBack + 1}`,
      because: `nobody has acknowledged it since ${formatInstant(since)}`,
    }
  }
}

/** Channels that were called in, and have not heard the newest that happened to it: routes do not know of them. */
export function unheardBy({
  incident,
  state,
  histories,
  routes,
}: Pick<Situation, 'incident' | 'state' | 'histories' | 'routes'>): string[] {
  const routed = new Set(routes.flatMap(({ to }) => to))
  return Object.keys(state.escalated).filter((channel) => {
    const own = histories.find((one) => one.channel === channel)
    return own !== undefined && !routed.has(channel) && own.toldAt !== null && own.sequence < incident.sequence
  })
}

/** A message as it is remembered: its key, its place in its lane, and whether it was kept back. */
interface Remembered {
  readonly channel: string
  readonly key: string
  readonly order: number
  readonly state: string
  readonly queuedAt: Instant
  readonly endedAt: Instant | null
}

/**
 * @param rows messages about one incident, in the order of their lanes
 * @param fired the transition with which it fired last: what was told before was told of an earlier episode
 */
export function historiesOf(incident: string, rows: readonly Remembered[], fired: number): ChannelHistory[] {
  const histories = new Map<string, ChannelHistory>()
  for (const { channel, key, order, state, queuedAt, endedAt } of rows) {
    const name = key.slice(incident.length + 1, key.length - channel.length - 1)
    const before = histories.get(channel) ?? unheard(channel)
    const isOfBefore = order < fired
    const isKeptBack = state === 'suppressed' && !isOfBefore
    const isTold = !['suppressed', 'dead', 'superseded'].includes(state) && !isOfBefore
    const reminder = /^reminder-(\d+)$/.exec(name)
    const isNews = /^(?:\d+|after-\d+|snooze-\d+)$/.test(name)
    histories.set(channel, {
      channel,
      firstToldAt: isTold ? Math.min(before.firstToldAt ?? queuedAt, queuedAt) : before.firstToldAt,
      toldAt: isTold ? Math.max(before.toldAt ?? queuedAt, endedAt ?? queuedAt) : before.toldAt,
      sequence: isOfBefore ? before.sequence : Math.max(before.sequence, Math.floor(order)),
      keptBack: before.keptBack + (state === 'suppressed' && isNews ? 1 : 0),
      isKeptBack: isNews ? isKeptBack : before.isKeptBack,
      isWaiting: before.isWaiting || state === 'queued',
      reminders: Math.max(before.reminders, Number(reminder?.[1] ?? 0)),
      remindedAt:
        reminder !== null && !isOfBefore
          ? Math.max(before.remindedAt ?? queuedAt, endedAt ?? queuedAt)
          : before.remindedAt,
    })
  }
  return [...histories.values()]
}
