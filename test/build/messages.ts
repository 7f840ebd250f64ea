// Incidents, transitions and notifications for tests.

import { compose } from '../../src/delivery/message.ts'
import type { Message, Notification } from '../../src/delivery/notification.ts'
import { planDelivery } from '../../src/delivery/plan.ts'
import type { Evidence, Incident, Transition } from '../../src/incidents/incident.ts'

const DAY = 86_400_000
export const AT = Date.UTC(2026, 10, 20, 14, 5)

export const aucEvidence: Evidence = {
  monitor: 'performance/roc_auc',
  kind: 'performance',
  feature: null,
  metric: 'roc_auc',
  window: '1d',
  end: AT,
  value: 0.8417,
  threshold: 0.878,
  reference: 0.9079,
  low: 0.8123,
  high: 0.8671,
  pValue: 3e-7,
  samples: 5_210,
  labelled: 4_210,
  calibrated: true,
}

export function incident(change: Partial<Incident> = {}): Incident {
  return {
    id: 'a41c9d3300000001',
    model: 'credit-risk',
    version: '7',
    kind: 'performance',
    severity: 'alarm',
    state: 'firing',
    since: AT - 2 * DAY,
    at: AT,
    features: ['income', 'job'],
    evidence: [aucEvidence],
    sequence: 2,
    ...change,
  }
}

export function transition(change: Partial<Transition> = {}): Transition {
  return {
    incident: incident(),
    change: 'firing',
    because: 'over the threshold for 6 windows in a row',
    at: AT,
    ...change,
  }
}

export function message(change: Partial<Transition> = {}): Message {
  return compose(transition(change), { publicUrl: null })
}

/** A row of the outbox for one channel. */
export function notification(channel: string, change: Partial<Transition> = {}): Notification {
  const plan = planDelivery(
    transition(change),
    { routes: [{ model: null, kind: null, severity: null, to: [channel] }], retraining: new Map(), publicUrl: null },
    AT,
  )
  return plan.notifications[0] as Notification
}

/** A message of the same incident with a change that people or the clock bring about. */
export function told(channel: string, change: Partial<Message>, thread?: string): Notification {
  const row = notification(channel)
  if (row.envelope.kind !== 'message') throw new Error('not a message')
  const envelope = { ...row.envelope, message: { ...row.envelope.message, ...change } }
  return { ...row, envelope, ...(thread !== undefined && { thread }) }
}

/** A row that tells of many incidents at once. */
export function group(channel: string, count: number): Notification {
  const messages = Array.from({ length: count }, (_, i) => ({
    ...message(),
    incidentId: `a41c9d33${String(i).padStart(8, '0')}`,
    title: `credit-risk 7: incident ${i}`,
    at: AT + i,
  }))
  const envelope = { kind: 'group' as const, channel, title: `${count} incidents of credit-risk`, messages }
  return { ...notification(channel), key: `group-1:${channel}`, lane: `group-1:${channel}`, envelope }
}

/** A row that tells how a model fares. */
export function digest(channel: string, figures = 2): Notification {
  const envelope = {
    kind: 'digest' as const,
    channel,
    digest: {
      title: 'credit-risk: all is well, week of 2026-11-16',
      model: 'credit-risk',
      from: AT - 7 * DAY,
      to: AT,
      paragraphs: ['12,345 predictions, 9,876 labels.'],
      figures: Array.from({ length: figures }, (_, i) => ({ name: `figure ${i}`, value: `0.9${i}` })),
      link: null,
    },
  }
  return { ...notification(channel), key: `digest-1:${channel}`, lane: `digest-1:${channel}`, envelope }
}
