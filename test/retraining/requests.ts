// Requests, rules and facts, of which a test names only what it is about.

import type { Person } from '../../src/handling/deeds.ts'
import type { Facts } from '../../src/retraining/gates.ts'
import type { RetrainingRequest } from '../../src/retraining/request.ts'
import { newRequest } from '../../src/retraining/request.ts'
import type { RetrainingRule } from '../../src/retraining/rule.ts'
import { DAY } from '../../src/time.ts'
import { incident } from '../store/changes.ts'

/** A Thursday. */
export const NOON = Date.UTC(2026, 10, 26, 12)

export function rule(some: Partial<RetrainingRule> = {}): RetrainingRule {
  return {
    model: 'm',
    target: 'webhook',
    on: ['performance', 'drift'],
    approval: { is: 'none' },
    cooldownMs: 0,
    perDayMax: null,
    newLabelsMin: 0,
    quietHours: null,
    dryRun: false,
    expiresMs: 7 * DAY,
    schedule: null,
    askAtLabels: null,
    askAtNewVersion: false,
    promote: true,
    verifyWindows: 3,
    timeZone: 'UTC',
    ...some,
  }
}

export function facts(some: Partial<Facts> = {}): Facts {
  return {
    stopped: null,
    badData: null,
    labels: 0,
    labelsAtLastRun: 0,
    lastRunAt: null,
    recentRuns: [],
    inFlight: null,
    versionsSeen: 1,
    ...some,
  }
}

export function asked(some: Partial<RetrainingRequest> = {}): RetrainingRequest {
  const ask = {
    id: 'a1',
    model: 'm',
    version: '1',
    target: 'webhook',
    cause: { is: 'incident', incident: incident() },
  } as const
  return { ...newRequest(ask, NOON), ...some }
}

export function person(some: Partial<Person> = {}): Person {
  return { name: 'ana', role: 'approver', via: 'api', remote: '192.0.2.1', request: 'r1', ...some }
}
