// Messages about made-up incidents, each of which can be found again in what a receiver was told.

import type { Message, Notification } from '../../src/delivery/notification.ts'

export const CHANNEL = 'receiver'
export const story = ['firing', 'update', 'resolved'] as const

/** A text that nothing else holds. */
export function markOf(incident: number, step: number): string {
  return `incident ${incident} step ${step} ${story[step]};`
}

export function messageOf(incident: number, step: number): Message {
  return {
    change: story[step] as (typeof story)[number],
    incidentId: `i${incident}`,
    model: `m${incident}`,
    version: '1',
    kind: 'drift',
    severity: 'alarm',
    title: markOf(incident, step),
    paragraphs: [],
    features: [],
    link: null,
    at: Date.UTC(2026, 0, 5) + 3_600_000 * step + incident,
  }
}

/** The row of one step of an incident's life. */
export function rowOf(incident: number, step: number, queuedAt: number): Notification {
  return {
    key: `i${incident}:${step + 1}:${CHANNEL}`,
    lane: `i${incident}:${CHANNEL}`,
    order: step + 1,
    envelope: { kind: 'message', channel: CHANNEL, message: messageOf(incident, step) },
    attempts: 0,
    dueAt: queuedAt,
    queuedAt,
  }
}

export function rowsOfIncident(incident: number, queuedAt: number): Notification[] {
  return story.map((_, step) => rowOf(incident, step, queuedAt))
}
