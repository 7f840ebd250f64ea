// Messages about an incident that no transition causes: reminders, escalation, what people did, what was kept back.

import type { Incident, Transition } from '../incidents/incident.ts'
import type { Instant } from '../time.ts'
import { compose, nameOf } from './message.ts'
import type { HandlingView, Message, Notification, Occasion } from './notification.ts'

/** What is told, why, and who looks after it by now. */
export interface FollowUp {
  readonly change: Extract<Occasion, 'firing' | 'update' | 'resolved' | 'reminder' | 'escalation' | 'handled'>
  /** In words; of what people did, a sentence without its full stop. */
  readonly because: string
  /** The text of a comment; '' where there is none. */
  readonly comment?: string
  readonly handling: HandlingView
  readonly now: Instant
}

export function composeFollowUp(
  incident: Incident,
  followUp: FollowUp,
  { publicUrl }: { publicUrl: string | null },
): Message {
  const { change, because, handling, now } = followUp
  // Event time, as far as it is known: the newest window that was looked at.
  const at = Math.max(incident.at, ...incident.evidence.map(({ end }) => end))
  const told = (as: Transition['change']) => compose({ incident, change: as, because, at }, { publicUrl })
  switch (change) {
    case 'firing':
    case 'update':
    case 'resolved':
      return { ...told(change), handling }
    case 'reminder':
    case 'escalation': {
      const message = told('firing')
      const prefix = change === 'reminder' ? 'Reminder' : 'Nobody has acknowledged this'
      return { ...message, change, title: `${prefix}: ${message.title}`, handling, at: now }
    }
    case 'handled':
      return {
        ...told('update'),
        change,
        title: `${nameOf(incident)}: ${because}`,
        paragraphs: followUp.comment ? [followUp.comment] : [],
        features: [],
        handling,
        at: now,
      }
    default:
      return change satisfies never
  }
}

/** Between one transition of an incident and the next one there is room for so many messages of other causes. */
const BETWEEN = 1_000_000

/**
 * The row of such a message.
 *
 * @param told how many of the incident there were before it: orders it in its lane, after the transition that it follows
 * @param name with the incident and the channel it is its key: `reminder-2`
 */
export function rowOf(
  message: Message,
  {
    channel,
    name,
    sequence,
    told,
    now,
  }: { channel: string; name: string; sequence: number; told: number; now: Instant },
): Notification {
  const { incidentId } = message
  return {
    key: `${incidentId}:${name}:${channel}`,
    lane: `${incidentId}:${channel}`,
    order: sequence + told / BETWEEN,
    envelope: { kind: 'message', channel, message },
    attempts: 0,
    dueAt: now,
    queuedAt: now,
  }
}
