// Changes of a commit, of which a test names only what it is about.

import type { Notification } from '../../src/delivery/notification.ts'
import type { Incident } from '../../src/incidents/incident.ts'
import type { WindowResult } from '../../src/monitors/window-result.ts'
import type { Trigger } from '../../src/retraining/trigger.ts'
import type { Changes } from '../../src/store/changes.ts'

export function changes(some: Partial<Changes> = {}): Changes {
  return {
    positions: [],
    streams: [],
    panes: [],
    results: [],
    incidents: [],
    transitions: [],
    notifications: [],
    triggers: [],
    quarantine: [],
    counters: [],
    documents: [],
    dropPanes: [],
    dropInputsBefore: null,
    dropOutcomesBefore: null,
    dropResultsBefore: null,
    dropEndedBefore: null,
    ...some,
  }
}

export function result(some: Partial<WindowResult> = {}): WindowResult {
  return {
    model: 'm',
    version: '1',
    segment: '',
    window: '1h',
    start: 0,
    end: 3_600_000,
    revision: 0,
    samples: 100,
    labelled: 40,
    provisional: false,
    verdicts: [],
    ...some,
  }
}

export function incident(some: Partial<Incident> = {}): Incident {
  return {
    id: 'i1',
    model: 'm',
    version: '1',
    kind: 'drift',
    severity: 'alarm',
    state: 'firing',
    since: 1,
    at: 2,
    features: ['age'],
    evidence: [],
    sequence: 1,
    ...some,
  }
}

export function notification(some: Partial<Notification> & { incidentId?: string } = {}): Notification {
  const { incidentId = 'i1', ...rest } = some
  return {
    key: 'k1',
    lane: 'l1',
    order: 1,
    attempts: 0,
    dueAt: 100,
    queuedAt: 100,
    envelope: {
      kind: 'message',
      channel: 'team',
      message: {
        change: 'firing',
        incidentId,
        model: 'm',
        version: '1',
        kind: 'drift',
        severity: 'alarm',
        title: 'm 1 drifts',
        paragraphs: [],
        features: [],
        link: null,
        at: 2,
      },
    },
    ...rest,
  }
}

export function trigger(some: Partial<Trigger> = {}): Trigger {
  return { id: 'i1', model: 'm', version: '1', target: 'airflow', at: 5, askedAt: 9, incident: incident(), ...some }
}
