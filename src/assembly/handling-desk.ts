// Where deeds are done: decided by `handling/`, written by the store in one transaction with their messages, then sent.

import type { ChannelSettings } from '../config/channel-settings.ts'
import type { HandlingSettings } from '../config/handling-settings.ts'
import type { RouteSettings } from '../config/route-settings.ts'
import { composeFollowUp, rowOf } from '../delivery/follow-up.ts'
import type { HandlingView, Notification } from '../delivery/notification.ts'
import { hashHex } from '../events/id-hash.ts'
import type { Effect, Handling, Person } from '../handling/deeds.ts'
import { historiesOf } from '../handling/due.ts'
import { causesOf, inhibitedBy } from '../handling/inhibition.ts'
import { maintenanceAt } from '../handling/maintenance.ts'
import type { Circumstances, MayTell, Tellable } from '../handling/permission.ts'
import { permissionOf, whyQuiet } from '../handling/permission.ts'
import type { NewSilence, Silence } from '../handling/silence.ts'
import { matchersInWords, phaseOf } from '../handling/silence.ts'
import type { Change, HandlingState } from '../handling/state.ts'
import { reduce, since, unhandled } from '../handling/state.ts'
import type { Incident } from '../incidents/incident.ts'
import type { AuditEntry } from '../store/audit.ts'
import type { Store } from '../store/store.ts'
import type { Clock, Instant } from '../time.ts'
import { DAY, formatInstant } from '../time.ts'

export interface HandlingOptions {
  readonly store: Pick<Store, 'handling'>
  /** Of the document in force. */
  readonly settings: () => {
    readonly handling: HandlingSettings
    readonly routes: readonly RouteSettings[]
    readonly channels: ReadonlyMap<string, Pick<ChannelSettings, 'options'>>
  }
  readonly publicUrl: string | null
  readonly clock: Clock
  /** Messages were queued. */
  readonly queued: () => void
}

/** What is asked once, and not for each incident. */
export interface Look {
  readonly silences: readonly Silence[]
  /** Incidents of a model that go on, of kinds that may explain others. */
  readonly causes: (model: string, kinds: readonly string[]) => readonly Incident[]
}

const SILENCE_MAX = 400 * DAY

export class HandlingDesk implements Omit<Handling, 'acceptAsNormal'> {
  readonly #options: HandlingOptions

  constructor(options: HandlingOptions) {
    this.#options = options
  }

  acknowledge(incidentId: string, by: Person): Effect {
    return this.#deed(incidentId, { kind: 'acknowledge' }, by)
  }

  unacknowledge(incidentId: string, by: Person): Effect {
    return this.#deed(incidentId, { kind: 'unacknowledge' }, by)
  }

  assign(incidentId: string, to: string | null, by: Person): Effect {
    return this.#deed(incidentId, { kind: 'assign', to }, by)
  }

  snooze(incidentId: string, until: Instant, by: Person): Effect {
    return this.#deed(incidentId, { kind: 'snooze', until }, by)
  }

  comment(incidentId: string, text: string, by: Person): Effect {
    return this.#deed(incidentId, { kind: 'comment', text }, by)
  }

  addSilence(silence: NewSilence, by: Person): Effect & { readonly id: string | null } {
    const { store, clock } = this.#options
    const now = clock()
    const id = `s${hashHex(by.request).slice(0, 8)}`
    const known = store.handling.silence(id)
    if (known !== undefined) return { outcome: 'done', detail: `silence ${id} is there already`, id }
    const fault = faultOf(silence, now)
    if (fault !== null) return { outcome: 'refused', detail: fault, id: null }
    const made: Silence = { ...silence, id, author: by.name, createdAt: now, endedBy: null }
    const detail = `silence ${id} until ${formatInstant(silence.end)} for ${matchersInWords(silence.matchers)}: ${silence.reason}`
    store.handling.write({ silences: [made], audit: [auditOf('silence', id, by, { detail, now })] })
    return { outcome: 'done', detail, isAudited: true, id }
  }

  endSilence(id: string, by: Person): Effect {
    const { store, clock } = this.#options
    const now = clock()
    const silence = store.handling.silence(id)
    if (silence === undefined) return { outcome: 'refused', detail: `there is no silence ${id}` }
    if (phaseOf(silence, now) === 'ended') {
      const who = silence.endedBy === null ? '' : ` by ${silence.endedBy}`
      return { outcome: 'done', detail: `silence ${id} was ended${who} at ${formatInstant(silence.end)} already` }
    }
    const ended = { ...silence, start: Math.min(silence.start, now), end: now, endedBy: by.name }
    const detail = `silence ${id} ended by ${by.name}`
    store.handling.write({ silences: [ended], audit: [auditOf('end silence', id, by, { detail, now })] })
    return { outcome: 'done', detail, isAudited: true }
  }

  /** Asked by the drain, before each message. */
  readonly mayTell: MayTell = (message, now, channel, order) => {
    const { handling } = this.#options.store
    const incident = handling.incident(message.incidentId)
    const state = handling.state(message.incidentId)
    const known = { ...this.look(now), state: state && since(state, handling.fired(message.incidentId)) }
    const isKnown = handling.isKnown(message.incidentId, channel, order)
    return permissionOf(message, this.#circumstances(message, incident, { ...known, now, isKnown }), now)
  }

  /** What is the same for all that is asked at one time. */
  look(now: Instant): Look {
    const { handling } = this.#options.store
    const found = new Map<string, readonly Incident[]>()
    return {
      silences: handling.silences(now),
      causes: (model, kinds) => {
        if (kinds.length === 0) return []
        const key = JSON.stringify([model, kinds])
        const causes = found.get(key) ?? handling.activeOf(model, kinds)
        found.set(key, causes)
        return causes
      },
    }
  }

  /** Why nobody is to be told of an incident now; null when people are. */
  quiet(incident: Incident, state: HandlingState, look: Look, now: Instant): string | null {
    const about = { ...incident, incidentId: incident.id, features: incident.features.map((name) => ({ name })) }
    return whyQuiet(about, this.#circumstances(about, incident, { ...look, state, now, isKnown: true }), now)
  }

  #circumstances(
    about: Omit<Tellable, 'change'>,
    incident: Incident | undefined,
    {
      now,
      isKnown,
      state,
      silences,
      causes,
    }: Look & { now: Instant; isKnown: boolean; state: HandlingState | undefined },
  ): Circumstances {
    const { maintenance, inhibit } = this.#options.settings().handling
    const features = incident?.features ?? about.features.map(({ name }) => name)
    return {
      state,
      features,
      silences,
      maintenance: maintenanceAt(maintenance, { ...about, features }, now),
      inhibitedBy: inhibitedBy(about, causes(about.model, causesOf(about.kind, inhibit)), inhibit),
      isKnown,
    }
  }

  #deed(incidentId: string, change: Change, by: Person): Effect {
    const { store, clock } = this.#options
    const now = clock()
    const incident = store.handling.incident(incidentId)
    if (incident === undefined) return { outcome: 'refused', detail: `there is no incident ${incidentId}` }
    const before = since(store.handling.state(incidentId) ?? unhandled(incidentId), store.handling.fired(incidentId))
    if (store.handling.deeds(incidentId).some(({ request }) => request === by.request))
      return { outcome: 'done', detail: 'this request was done already' }
    const reduced = reduce(before, change, { incident: incident.state, by, now })
    if (reduced.is === 'refused') return { outcome: 'refused', detail: reduced.because }
    if (reduced.is === 'unchanged') return { outcome: 'done', detail: reduced.because }
    const { state, deed, because } = reduced
    const next = { ...state, told: state.told + 1 }
    store.handling.write({
      states: [next],
      deeds: [deed],
      closed: incident.state === 'resolved' ? [incidentId] : [],
      notifications: this.#handled(incident, next, {
        because,
        comment: change.kind === 'comment' ? deed.detail : '',
        number: deed.number,
        now,
      }),
      audit: [auditOf(`incident ${deed.kind}`, incidentId, by, { detail: because, now })],
    })
    this.#options.queued()
    return { outcome: 'done', detail: because, isAudited: true }
  }

  /** What people did is told on the channels that know of the incident. */
  #handled(
    incident: Incident,
    state: HandlingState,
    { number, now, ...what }: { because: string; comment: string; number: number; now: Instant },
  ): Notification[] {
    const { store, publicUrl } = this.#options
    const followUp = { change: 'handled', ...what, handling: viewOf(state), now } as const
    const message = composeFollowUp(incident, followUp, { publicUrl })
    return historiesOf(incident.id, store.handling.told([incident.id]), store.handling.fired(incident.id))
      .filter(({ toldAt }) => toldAt !== null)
      .map(({ channel }) =>
        rowOf(message, { channel, name: `deed-${number}`, sequence: incident.sequence, told: state.told, now }),
      )
  }
}

export function viewOf({ acknowledgedBy, assignee, snoozedUntil }: HandlingState): HandlingView {
  return { acknowledgedBy, assignee, snoozedUntil }
}

function faultOf({ matchers, start, end, reason }: NewSilence, now: Instant): string | null {
  if (Object.keys(matchers).length === 0)
    return 'a silence names what it is about: model, version, kind, severity or feature'
  if (reason.trim() === '') return 'a silence has a reason'
  if (!(end > start)) return 'a silence ends after it starts'
  if (end <= now) return `${formatInstant(end)} has passed`
  if (end - start > SILENCE_MAX) return 'a silence lasts at most 400 days'
  return null
}

function auditOf(
  action: string,
  target: string,
  { name, role, remote, request, via }: Person,
  { detail, now }: { detail: string; now: Instant },
): AuditEntry {
  const way = via === 'api' ? '' : ` (${via})`
  return { at: now, request, actor: name, role, remote, action, target, outcome: 'done', detail: `${detail}${way}` }
}
