// Messages as events for programs: the same on a topic and by webhook.

import type { Instant } from '../time.ts'
import { formatInstant } from '../time.ts'
import type { Digest, Message } from './notification.ts'

export interface ProgramEvent {
  /** `leeway.incident.firing`, `leeway.incident.resolved`, … or `leeway.digest`. */
  readonly type: string
  /** The incident, or the model of a digest. */
  readonly subject: string
  readonly at: Instant
  readonly data: Readonly<Record<string, unknown>>
}

export function eventOfMessage({ change, at, handling, ...rest }: Message): ProgramEvent {
  const data = { ...rest, at: formatInstant(at), ...(handling !== undefined && { handling: handlingOf(handling) }) }
  return { type: `leeway.incident.${change}`, subject: rest.incidentId, at, data }
}

function handlingOf({ snoozedUntil, ...rest }: NonNullable<Message['handling']>): object {
  return { ...rest, snoozedUntil: snoozedUntil === null ? null : formatInstant(snoozedUntil) }
}

export function eventOfDigest({ from, to, ...rest }: Digest): ProgramEvent {
  const data = { ...rest, from: formatInstant(from), to: formatInstant(to) }
  return { type: 'leeway.digest', subject: rest.model, at: to, data }
}
