// What people are told of a retraining request: why it waits, that it awaits their yes, that its run began, how it ended, and what
// came of it.

import type { Change, RetrainingRequest, Step } from '../retraining/request.ts'
import { causeText, incidentOf } from '../retraining/request.ts'
import { formatInstant } from '../time.ts'
import { nameOf } from './message.ts'
import type { Message, Notification, RetrainingView } from './notification.ts'
import type { Route } from './plan.ts'
import { channelsFor } from './plan.ts'
import { evidenceText } from './wording.ts'

const headlines: Readonly<Partial<Record<Change, string>>> = {
  gated: 'retraining waits',
  'awaiting approval': 'retraining awaits approval',
  approved: 'retraining is approved',
  refused: 'retraining is refused',
  running: 'retraining has begun',
  'handed over': 'retraining is asked for',
  unknown: 'it is not known whether retraining began: somebody must say',
  'sent again': 'retraining is asked for again',
  succeeded: 'retraining has succeeded',
  failed: 'retraining has failed',
  cancelled: 'retraining was cancelled',
  expired: 'retraining is given up',
  'dry run': 'retraining would begin now (dry run)',
  withdrawn: 'retraining is not needed any more',
  'new version': 'the retrained model is seen',
  promoted: 'the new version is what production is compared with',
  'not promoted': 'the new version is not what production is compared with',
  recovered: 'performance has recovered after retraining',
  'not recovered': 'performance has NOT recovered after retraining',
  'not verified': 'whether retraining helped could not be told',
}

/** A change in a few words; of one that nobody is told of, its name. */
export function headlineOf(change: string): string {
  return headlines[change as Change] ?? `retraining: ${change}`
}

/** Whether people are told of it. The first gate that holds a request is told, further ones are shown. */
function isTold({ change }: Step, before: RetrainingRequest): boolean {
  if (change === 'gated') return !before.gates.some(({ passes }) => !passes)
  return headlines[change] !== undefined
}

export interface RetrainingNews {
  readonly step: Step
  readonly before: RetrainingRequest
  readonly routes: readonly Route[]
  readonly publicUrl: string | null
  /** How many transitions the incident has had: news of its request come after them. */
  readonly incidentSequence: number
  readonly now: number
  /** When it happened: now, or of a replay in the past. */
  readonly at: number
}

/** A message for each channel that hears of the incident; of what no incident asked for, for each that hears of the model. */
export function tellRetraining(news: RetrainingNews): Notification[] {
  const { step, before, routes, incidentSequence, now } = news
  if (!isTold(step, before)) return []
  const { request } = step
  const incident = incidentOf(request)
  const message = compose(news)
  const about = incident ?? { model: request.model, kind: 'performance' as const, severity: 'alarm' as const }
  // Between the transition before it and the one after it, in the order in which it happened.
  const order = incident === null ? request.sequence : incidentSequence + 1 - 1 / (request.sequence + 2)
  return [...channelsFor(about, routes).keys()].map((channel) => ({
    key: `${request.id}:r${request.sequence}:${channel}`,
    lane: `${message.incidentId}:${channel}`,
    order,
    envelope: { kind: 'message', channel, message },
    attempts: 0,
    dueAt: now,
    queuedAt: now,
  }))
}

function compose({ step, publicUrl, at }: RetrainingNews): Message {
  const { request, change, because } = step
  const { id, model, version } = request
  const incident = incidentOf(request)
  return {
    change: 'retraining',
    incidentId: incident?.id ?? id,
    model,
    version,
    kind: incident?.kind ?? 'retraining',
    severity: incident?.severity ?? 'alarm',
    title: `${nameOf(request)}: ${headlines[change] ?? change}`,
    paragraphs: [`${because}.`, ...detailsOf(request, change)],
    features: (incident?.features ?? []).slice(0, 5).map((name) => ({
      name,
      detail: evidenceOf(incident, name),
    })),
    link: request.run?.run?.link ?? (publicUrl === null ? null : `${publicUrl}/${pageOf(request)}`),
    at,
    retraining: retrainingViewOf(request),
  }
}

/** Where it is looked at, and said yes to: the page of what it is about; without an incident the API alone tells of it. */
function pageOf(request: RetrainingRequest): string {
  const incident = incidentOf(request)
  return incident === null ? `api/v1/retraining/${request.id}` : `ui/incidents/${incident.id}?show=retraining`
}

/** A request as a message shows it. */
export function retrainingViewOf({ id, state, approval }: RetrainingRequest): RetrainingView {
  return { request: id, state, awaitsApproval: state === 'awaiting approval' && approval === null }
}

function detailsOf(request: RetrainingRequest, change: Change): string[] {
  const { id, cause, askedAt } = request
  const asked = `Asked for at ${formatInstant(askedAt)}: ${causeText(cause)}.`
  switch (change) {
    case 'awaiting approval':
      return [
        asked,
        `Say yes or no here where there are buttons, with leeway retraining approve ${id} (or refuse), or by the API.`,
      ]
    case 'unknown':
      return [
        asked,
        `Look at the orchestrator for the key ${request.dispatch?.key ?? id}, then say what you found: leeway retraining resolve ${id} started, not-started, or resend (which may begin a second run).`,
      ]
    case 'not recovered':
      return [asked, 'The incident goes on; another run has to be asked for by a person: leeway retraining request.']
    case 'gated':
      return [asked, 'It is looked at again until it can begin, or expires.']
    case 'running':
    case 'handed over':
    case 'dry run':
      return [asked]
    default:
      return []
  }
}

function evidenceOf(incident: ReturnType<typeof incidentOf>, name: string): string {
  const own = incident?.evidence.find(({ feature }) => feature === name)
  return own === undefined ? 'moved in the same window' : evidenceText(own).replace(`${name}: `, '')
}
