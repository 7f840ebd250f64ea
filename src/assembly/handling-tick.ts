// What is told because time has passed: reminders, escalation, the end of snoozes and silences. Once a second, by the trusted clock.
//
// Each look decides anew from what the store holds, and writes what follows for one incident in one transaction: killed at any
// moment, or looking twice, it tells each thing once. After a long rest one reminder comes, not all that were missed.
//
// A look goes through thousands of incidents a few at a time, and others have their turn in between: what is decided of some is
// decided from what the store holds at that moment.

import { setImmediate as nextTurn } from 'node:timers/promises'
import { composeFollowUp, rowOf } from '../delivery/follow-up.ts'
import type { Notification } from '../delivery/notification.ts'
import { routesFor } from '../delivery/plan.ts'
import { isMilder } from '../delivery/severity.ts'
import type { ChannelHistory, Situation } from '../handling/due.ts'
import { dueTellings, historiesOf, unheardBy } from '../handling/due.ts'
import type { HandlingState } from '../handling/state.ts'
import { over, reduce, since, unhandled } from '../handling/state.ts'
import type { Incident } from '../incidents/incident.ts'
import type { HandlingChange } from '../store/handling.ts'
import type { Store } from '../store/store.ts'
import type { Instant, Millis } from '../time.ts'
import type { HandlingDesk, HandlingOptions, Look } from './handling-desk.ts'
import { viewOf } from './handling-desk.ts'

export interface TickOptions extends HandlingOptions {
  readonly store: Pick<Store, 'handling' | 'views' | 'rebuild'>
  readonly desk: HandlingDesk
  /** Those under watch. */
  readonly models: () => readonly string[]
  /** Milliseconds from any beginning: a look takes at most a twentieth of the time. */
  readonly steady: () => Millis
}

const SHARE_OF_TIME = 20
/** Incidents that are looked at in one turn: some five milliseconds. */
const AT_ONCE = 100

export class HandlingTick {
  readonly #options: TickOptions
  #notBefore: Millis = Number.NEGATIVE_INFINITY
  #looking: Promise<void> | undefined
  #isStopped = false

  constructor(options: TickOptions) {
    this.#options = options
  }

  /** One look at a time: whoever comes while one goes on waits for it. @throws StoreError */
  tick(): Promise<void> {
    this.#looking ??= this.#tick().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  /** Nothing is looked at any more. Waits for what is under way. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#looking?.catch(() => {})
  }

  async #tick(): Promise<void> {
    const { store, steady } = this.#options
    // Alerts of the past are gone through once more; they are nobody's business.
    if (store.rebuild.isOn) return
    if (steady() < this.#notBefore) return
    let spentMs = 0
    const ids = store.handling.underWay()
    for (let from = 0; from < ids.length; from += AT_ONCE) {
      const begun = steady()
      this.#look(ids.slice(from, from + AT_ONCE), this.#options.clock())
      spentMs += steady() - begun
      if (from + AT_ONCE < ids.length) await nextTurn()
      if (this.#isStopped) return
    }
    this.#notBefore = steady() + SHARE_OF_TIME * spentMs
  }

  #look(ids: readonly string[], now: Instant): void {
    const { store, queued, desk } = this.#options
    const active = store.handling.active(ids)
    const open = new Map(store.handling.open(ids).map((state) => [state.incident, state]))
    const told = Map.groupBy(store.handling.told(ids), ({ incident }) => incident)
    const look = desk.look(now)
    const watched = new Set(this.#options.models())
    let isQueued = false
    const write = (change: HandlingChange | undefined) => {
      if (change === undefined) return
      store.handling.write(change)
      isQueued ||= (change.notifications?.length ?? 0) > 0
    }
    for (const { incident, fired } of active) {
      const known = open.get(incident.id) ?? unhandled(incident.id)
      open.delete(incident.id)
      // One that clears may be over soon, and of a model that is no longer watched nothing new is seen: nobody is bothered.
      if (incident.state !== 'firing' || !modelsOf(incident).some((model) => watched.has(model))) continue
      const state = since(known, fired)
      const histories = historiesOf(incident.id, told.get(incident.id) ?? [], fired)
      const change = this.#ofFiring(incident, { state, histories, look }, now)
      write(change ?? (state.takenBack > known.takenBack ? { states: [state] } : undefined))
    }
    for (const state of open.values()) write(this.#ofEnded(state, now))
    if (isQueued) queued()
  }

  #ofFiring(
    incident: Incident,
    { state: before, histories, look }: { state: HandlingState; histories: readonly ChannelHistory[]; look: Look },
    now: Instant,
  ): HandlingChange | undefined {
    const { desk } = this.#options
    const ended = reduce(before, { kind: 'snooze ended' }, { incident: incident.state, by: clockwork, now })
    const state = ended.is === 'done' ? ended.state : before
    const situation: Situation = {
      incident,
      state,
      histories,
      routes: routesFor(incident, this.#options.settings().routes),
      takes: this.#takes(incident),
      quiet: desk.quiet(incident, state, look, now),
    }
    const notifications: Notification[] = []
    const next = { ...state, told: state.told + 1 }
    const rows = this.#writer(incident, next, notifications, now)
    for (const channel of unheardBy(situation)) rows.newest(channel)
    if (ended.is === 'done') {
      for (const { channel, toldAt } of histories)
        if (toldAt !== null)
          rows.add(channel, `snooze-${ended.deed.number}`, 'update', 'its snooze has ended, and it still fires')
      return { states: [next], deeds: [ended.deed], notifications }
    }
    const escalated: Record<string, number> = { ...state.escalated }
    for (const { channel, name, change, because } of dueTellings(situation, now)) {
      rows.add(channel, name, change, because)
      if (change === 'escalation') escalated[channel] = state.takenBack + 1
    }
    if (notifications.length === 0) return undefined
    return { states: [{ ...next, escalated }], notifications }
  }

  /** Channels that were called in hear how it ended; then nothing more is to be done about it. */
  #ofEnded(state: HandlingState, now: Instant): HandlingChange | undefined {
    const { store, settings } = this.#options
    const incident = store.handling.incident(state.incident)
    if (incident !== undefined && incident.state !== 'resolved') return undefined
    const notifications: Notification[] = []
    if (incident !== undefined) {
      const { handling } = store
      const histories = historiesOf(incident.id, handling.told([incident.id]), handling.fired(incident.id))
      const routes = routesFor(incident, settings().routes)
      const rows = this.#writer(incident, state, notifications, now)
      for (const channel of unheardBy({ incident, state, histories, routes })) rows.newest(channel)
    }
    return { states: [over(state)], closed: [state.incident], notifications }
  }

  #takes({ severity }: Incident): (channel: string) => boolean {
    const { channels } = this.#options.settings()
    return (channel) => !isMilder(severity, channels.get(channel)?.options.minSeverity ?? 'warning')
  }

  #writer(incident: Incident, state: HandlingState, into: Notification[], now: Instant) {
    const { publicUrl, store } = this.#options
    const handling = viewOf(state)
    type Change = 'firing' | 'update' | 'resolved' | 'reminder' | 'escalation'
    const push = (channel: string, name: string, what: { change: Change; because: string }, told: number) => {
      const message = composeFollowUp(incident, { ...what, handling, now }, { publicUrl })
      into.push(rowOf(message, { channel, name, sequence: incident.sequence, told, now }))
    }
    return {
      add: (channel: string, name: string, change: Change, because: string) =>
        push(channel, name, { change, because }, state.told),
      /** The newest transition, under the key that it has on channels of the routes. */
      newest(channel: string) {
        const last = store.views.incident(incident.id)?.transitions.at(-1)
        const change = incident.state === 'resolved' ? 'resolved' : 'update'
        push(channel, String(incident.sequence), { change, because: last?.because ?? '' }, 0)
      },
    }
  }
}

function modelsOf({ model, silence }: Incident): readonly string[] {
  return silence?.models ?? [model]
}

const clockwork = { name: 'the clock', via: 'clock', request: '' } as const
