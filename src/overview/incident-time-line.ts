// What happened to an incident, merged from what several clocks and several hands have written: verdicts, messages, people, runs,
// silences.

import { headlineOf } from '../delivery/retraining-message.ts'
import type { Deed } from '../handling/deeds.ts'
import type { Silence } from '../handling/silence.ts'
import { matchersInWords } from '../handling/silence.ts'
import type { RetrainingRequest } from '../retraining/request.ts'
import type { StoredTransition } from '../store/changes.ts'
import type { MadeReference } from '../store/model-references.ts'
import type { StoredChange } from '../store/retraining-rows.ts'
import type { DeliveryView } from '../store/views.ts'
import type { Instant } from '../time.ts'
import { formatInstant } from '../time.ts'

/** What came of a message on one channel. */
export interface Told {
  readonly channel: string
  readonly outcome: DeliveryView['state']
  /** What the receiver said, or why it was kept back; '' where there is nothing to say. */
  readonly because: string
  readonly attempts: number
  /** When it ended; null while it waits. */
  readonly at: string | null
  /** Whether it was told in one message with others. */
  readonly isGathered: boolean
}

export interface TimeLineEntry {
  /** By the clock; of a verdict that nobody was told of, the end of its window. */
  readonly at: string
  /** Event time of the window that decided; null where none did. */
  readonly window: string | null
  readonly kind: 'verdict' | 'message' | 'person' | 'retraining' | 'silence' | 'reference'
  /** In its kind: `firing`, `reminder`, `acknowledge`, `running`, `begun`, … */
  readonly what: string
  /** One line. */
  readonly title: string
  /** Why, or what was said; '' where there is nothing more to say. */
  readonly text: string
  /** Who did it; null: leeway itself. */
  readonly by: string | null
  readonly via: string | null
  readonly told: readonly Told[]
}

export interface TimeLineFacts {
  readonly id: string
  readonly transitions: readonly StoredTransition[]
  readonly deliveries: readonly DeliveryView[]
  readonly deeds: readonly Deed[]
  readonly requests: ReadonlyArray<{ readonly request: RetrainingRequest; readonly history: readonly StoredChange[] }>
  /** Those that held messages about it back, or would. */
  readonly silences: readonly Silence[]
  readonly accepted: readonly MadeReference[]
}

type Placed = TimeLineEntry & { readonly order: Instant }

/** Oldest first. */
export function timeLine(facts: TimeLineFacts, now: Instant): TimeLineEntry[] {
  const messages = messagesByName(facts)
  const take = (name: string) => {
    const rows = messages.get(name) ?? []
    messages.delete(name)
    return rows
  }
  const entries: Placed[] = [
    ...facts.transitions.map((one) => transitionEntry(one, take(String(one.sequence)), facts)),
    ...facts.deeds.map((deed) => deedEntry(deed, take(`deed-${deed.number}`))),
    ...facts.requests.flatMap(({ request, history }) =>
      history.map((change) =>
        retrainingEntry(change, take(`${request.id === facts.id ? '' : `${request.id}/`}r${change.sequence}`)),
      ),
    ),
    ...facts.silences.flatMap((silence) => silenceEntries(silence, now)),
    ...facts.accepted.flatMap(referenceEntries),
  ]
  // The second reminder of one channel need not be of the time of another's.
  for (const [name, rows] of messages)
    for (const together of Map.groupBy(rows, ({ queuedAt }) => queuedAt).values())
      entries.push(messageEntry(name, together))
  return entries.sort((a, b) => a.order - b.order).map(({ order: _, ...entry }) => entry)
}

/** A message has a row for each channel. Its name is what is left of the keys without what they are about and the channel. */
function messagesByName({ id, deliveries }: TimeLineFacts): Map<string, DeliveryView[]> {
  const found = new Map<string, DeliveryView[]>()
  for (const row of deliveries) {
    const [about, ...rest] = row.key.slice(0, -row.channel.length - 1).split(':')
    const name = about === id ? rest.join(':') : `${about}/${rest.join(':')}`
    found.set(name, [...(found.get(name) ?? []), row])
  }
  return found
}

function toldOf(rows: readonly DeliveryView[]): Told[] {
  return rows.map(({ channel, state, detail, attempts, endedAt, toldIn }) => ({
    channel,
    outcome: state,
    because: detail,
    attempts,
    at: endedAt === null ? null : formatInstant(endedAt),
    isGathered: toldIn !== null,
  }))
}

function earliest(rows: readonly DeliveryView[]): Instant | undefined {
  return rows.length === 0 ? undefined : Math.min(...rows.map(({ queuedAt }) => queuedAt))
}

function entry(at: Instant, some: Partial<TimeLineEntry> & Pick<TimeLineEntry, 'kind' | 'what' | 'title'>): Placed {
  return { order: at, at: formatInstant(at), window: null, text: '', by: null, via: null, told: [], ...some }
}

const transitionTitles: Readonly<Record<StoredTransition['change'], string>> = {
  pending: 'Over the threshold for the first time',
  firing: 'It fires',
  update: 'It still fires, with news',
  resolved: 'It is over',
  withdrawn: 'It passed before it fired',
}

/** Windows are judged in event time; when that was by the clock is known from what was queued, or asked for, in the same commit. */
function transitionEntry(
  { sequence, change, because, at }: StoredTransition,
  rows: readonly DeliveryView[],
  { id, transitions, requests }: TimeLineFacts,
): Placed {
  const firings = transitions.filter((one) => one.change === 'firing')
  const isFirst = firings[0]?.sequence === sequence
  const asked = isFirst ? requests.find(({ request }) => request.id === id)?.request.askedAt : undefined
  const title = change === 'firing' && !isFirst ? 'It fires again' : transitionTitles[change]
  return entry(earliest(rows) ?? asked ?? at, {
    ...{ kind: 'verdict', what: change, title, text: because },
    window: formatInstant(at),
    told: toldOf(rows),
  })
}

const messageTitles: Readonly<Record<string, string>> = {
  reminder: 'Reminder: nobody has acknowledged it',
  escalation: 'Others are called in',
  after: 'Told after it had been held back',
  snooze: 'Told after the snooze',
}

function messageEntry(name: string, rows: readonly DeliveryView[]): Placed {
  const what = /^[a-z]+/.exec(name.split('/').at(-1) ?? '')?.[0] ?? ''
  return entry(earliest(rows) as Instant, {
    ...{ kind: 'message', what: what === '' ? 'message' : what, title: messageTitles[what] ?? 'A message' },
    told: toldOf(rows),
  })
}

function deedEntry({ at, kind, by, via, detail }: Deed, rows: readonly DeliveryView[]): Placed {
  const isOfClock = via === 'clock'
  return entry(at, {
    ...{ kind: isOfClock ? 'message' : 'person', what: kind, title: deedTitle(kind, by, detail) },
    text: kind === 'comment' ? detail : '',
    ...(!isOfClock && { by, via }),
    told: toldOf(rows),
  })
}

function deedTitle(kind: Deed['kind'], by: string, detail: string): string {
  switch (kind) {
    case 'acknowledge':
      return `${by} looks after it`
    case 'unacknowledge':
      return `${by} took back that somebody looks after it`
    case 'assign':
      return detail === '' ? `${by} assigned it to nobody` : `${by} assigned it to ${detail}`
    case 'snooze':
      return `${by} snoozed it until ${detail}`
    case 'snooze ended':
      return 'The snooze has ended'
    case 'comment':
      return `${by} commented`
  }
}

function retrainingEntry({ change, because, actor, at }: StoredChange, rows: readonly DeliveryView[]): Placed {
  return entry(at, {
    ...{ kind: 'retraining', what: change, title: upperFirst(headlineOf(change)), text: because },
    by: actor === '' ? null : actor,
    told: toldOf(rows),
  })
}

function silenceEntries(silence: Silence, now: Instant): Placed[] {
  const { id, author, start, end, reason, matchers, endedBy } = silence
  const about = `silence ${id} (${matchersInWords(matchers)})`
  const begun = entry(start, {
    ...{ kind: 'silence', what: 'begun', by: author, text: reason },
    title: `${author} silenced it until ${formatInstant(end)}: ${about}`,
  })
  if (end > now) return [begun]
  return [
    begun,
    entry(end, {
      ...{ kind: 'silence', what: 'ended', by: endedBy },
      title: endedBy === null ? `The ${about} has ended` : `${endedBy} ended the ${about}`,
    }),
  ]
}

function referenceEntries({ id, kind, at, by, note, ended }: MadeReference): Placed[] {
  const made = entry(at, {
    ...{ kind: 'reference', what: kind, by, text: note },
    title: `${by} accepted it as normal: reference ${id} is in force`,
  })
  if (ended === null) return [made]
  return [
    made,
    entry(ended.at, {
      ...{ kind: 'reference', what: 'reverted', by: ended.by, text: ended.because },
      title: `${ended.by} took reference ${id} back`,
    }),
  ]
}

function upperFirst(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}
