// What a transaction has changed, told after it: to those who keep in memory a little of what is stored, and to those who watch.

import type { HandlingState } from '../handling/state.ts'
import type { Incident } from '../incidents/incident.ts'
import type { WindowResult } from '../monitors/window-result.ts'
import type { Instant } from '../time.ts'
import type { Store } from './store.ts'

export interface News {
  readonly results: readonly WindowResult[]
  /** As they are now; evidence that is newer is no event. */
  readonly incidents: readonly Incident[]
  /** Ids of those that something happened to. */
  readonly happenedTo: readonly string[]
  /** What people have done about incidents, as it is now; those are among `incidents`. */
  readonly handling: readonly HandlingState[]
  /** A silence was added or ended: of which incidents people are told is another matter now. */
  readonly isSilenced: boolean
  /** Models with requests for retraining that have changed, or whose automation has. */
  readonly retraining: readonly string[]
  /** Evaluated windows that end before are being forgotten; null: none are. */
  readonly forgottenBefore: Instant | null
}

const nothing: News = {
  results: [],
  incidents: [],
  happenedTo: [],
  handling: [],
  isSilenced: false,
  retraining: [],
  forgottenBefore: null,
}

/** The same store, which tells after each transaction what it has changed. Who is told must not throw, and not take long. */
export function telling(store: Store, tell: (news: News) => void): Store {
  const { handling, retraining, references } = store
  const about = (model: string) => tell({ ...nothing, retraining: [model] })
  return {
    ...store,
    commit(changes) {
      store.commit(changes)
      const { results, incidents, transitions, triggers, dropResultsBefore } = changes
      tell({
        ...nothing,
        ...{ results, incidents, happenedTo: transitions.map(({ incidentId }) => incidentId) },
        retraining: triggers.map(({ model }) => model),
        forgottenBefore: dropResultsBefore,
      })
    },
    writeLiveness(changes) {
      store.writeLiveness(changes)
      const { incidents } = changes
      if (incidents.length > 0) tell({ ...nothing, incidents, happenedTo: incidents.map(({ id }) => id) })
    },
    handling: {
      ...handling,
      write(change) {
        handling.write(change)
        const { states = [], silences = [] } = change
        if (states.length === 0 && silences.length === 0) return
        // Pages of their models hear of it by the model's name.
        const incidents = states.flatMap(({ incident }) => handling.incident(incident) ?? [])
        const happenedTo = states.map(({ incident }) => incident)
        tell({ ...nothing, incidents, handling: states, happenedTo, isSilenced: silences.length > 0 })
      },
    },
    retraining: {
      ...retraining,
      decide(decision) {
        const isWritten = retraining.decide(decision)
        if (isWritten && decision.change !== null) about(decision.request.model)
        return isWritten
      },
      ask(asks, marks) {
        const fresh = retraining.ask(asks, marks)
        for (const { request } of asks) if (fresh.includes(request.id)) about(request.model)
        return fresh
      },
      setAutomation(model, stopped, audit) {
        retraining.setAutomation(model, stopped, audit)
        about(model)
      },
    },
    references: {
      ...references,
      put(change) {
        references.put(change)
        const incidents = change.transitions.map(({ incident }) => incident)
        tell({ ...nothing, incidents, happenedTo: incidents.map(({ id }) => id) })
      },
    },
  }
}
