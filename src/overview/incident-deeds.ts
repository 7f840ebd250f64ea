// What can be done about an incident now, by whom, and what it will do: in words, so that whoever presses a button knows before.

import type { Person } from '../handling/deeds.ts'
import type { HandlingState } from '../handling/state.ts'
import type { Incident } from '../incidents/incident.ts'
import { isActive } from '../incidents/incident.ts'
import type { RetrainingRequest } from '../retraining/request.ts'
import { incidentOf } from '../retraining/request.ts'
import type { RetrainingRule } from '../retraining/rule.ts'
import { formatDuration, formatInstant } from '../time.ts'

type Role = Person['role']

export type DeedName =
  | 'acknowledge'
  | 'unacknowledge'
  | 'assign'
  | 'snooze'
  | 'comment'
  | 'silence'
  | 'accept'
  | 'approve'
  | 'refuse'
  | 'veto'
  | 'resolve run'
  | 'request run'

/** One thing that can be done. */
export interface DeedOffer {
  readonly deed: DeedName
  readonly label: string
  /** What will happen, in a sentence or two. */
  readonly does: string
  readonly needs: Role
  /** Why the caller cannot do it, and what it takes; null when they can. */
  readonly refusal: string | null
  /** Where it is posted to, under the address of the daemon. */
  readonly path: string
  /** It costs something, or ends something: asked once more before it is done. */
  readonly isCostly: boolean
  /** The retraining request that it is about. */
  readonly request: string | null
}

export interface DeedFacts {
  readonly incident: Incident
  readonly state: HandlingState
  /** Channels that were told that it fires. */
  readonly known: readonly string[]
  /** About it, newest first. */
  readonly requests: readonly RetrainingRequest[]
  /** null where no retraining is configured for the model. */
  readonly rule: Pick<RetrainingRule, 'target' | 'approval' | 'dryRun'> | null
}

/** @param refusalOf why the caller may not do what needs a role; null when they may */
export function deedsOf(facts: DeedFacts, refusalOf: (role: Role) => string | null): DeedOffer[] {
  const offer = (
    deed: DeedName,
    label: string,
    some: Pick<DeedOffer, 'does' | 'path'> & Partial<DeedOffer>,
  ): DeedOffer => {
    const needs = some.needs ?? 'operator'
    return { deed, label, needs, refusal: refusalOf(needs), isCostly: false, request: null, ...some }
  }
  return [...ofRuns(facts, offer), ...ofCare(facts, offer), ...ofTelling(facts, offer), ...ofNormal(facts, offer)]
}

/** The one that whoever opens the page most likely came for; null when nothing is left to be done. */
export function primaryOf(offers: readonly DeedOffer[], { state }: Pick<DeedFacts, 'state'>): DeedName | null {
  const has = (deed: DeedName) => offers.some((one) => one.deed === deed)
  if (has('resolve run')) return 'resolve run'
  if (has('approve') && (state.acknowledgedBy !== null || !has('acknowledge'))) return 'approve'
  if (has('acknowledge')) return 'acknowledge'
  return has('comment') ? 'comment' : null
}

type Offer = (deed: DeedName, label: string, some: Pick<DeedOffer, 'does' | 'path'> & Partial<DeedOffer>) => DeedOffer

function ofCare({ incident, state, known }: DeedFacts, offer: Offer): DeedOffer[] {
  const path = (deed: string) => `api/v1/incidents/${incident.id}/${deed}`
  const told = known.length === 0 ? 'Nobody is told, for nobody was told of it' : `Told on ${listed(known)}`
  const comment = offer('comment', 'Comment', {
    does: `The comment stays with the incident. ${told}.`,
    path: path('comments'),
  })
  if (incident.state === 'resolved') return [comment]
  const acknowledge =
    state.acknowledgedBy === null
      ? offer('acknowledge', 'Acknowledge', {
          does: `You look after it: no more reminders, and nobody else is called in. ${told}.`,
          path: path('acknowledge'),
        })
      : offer('unacknowledge', 'Unacknowledge…', {
          does: `Nobody looks after it any more: people are reminded again, and others may be called in. ${told}.`,
          ...{ path: path('unacknowledge'), isCostly: true },
        })
  const assign = offer('assign', 'Assign…', {
    does: `Says whose it is; nobody is told more or less because of it. ${told}.`,
    path: path('assign'),
  })
  return [...(isActive(incident) ? [acknowledge] : []), assign, comment]
}

function ofTelling({ incident, known }: DeedFacts, offer: Offer): DeedOffer[] {
  if (!isActive(incident)) return []
  const later = known.length === 0 ? '' : ` Told on ${listed(known)}.`
  return [
    offer('snooze', 'Snooze…', {
      does: `Nobody is told of this incident until then; then once more, if it still fires.${later}`,
      path: `api/v1/incidents/${incident.id}/snooze`,
    }),
    offer('silence', 'Silence this…', {
      does: 'Nobody is told of incidents like this one until it ends; what still fires then is told once. Whoever knows of an incident still hears how it ends.',
      path: 'api/v1/silences',
    }),
  ]
}

/** What is held against no reference cannot be the new normal. */
const againstReference: ReadonlySet<string> = new Set(['drift', 'performance', 'quality', 'volume'])

function ofNormal({ incident }: DeedFacts, offer: Offer): DeedOffer[] {
  const { id, model, kind, state, since } = incident
  if (state === 'resolved' || !againstReference.has(kind)) return []
  const what =
    kind === 'performance' ? 'inputs and performance' : 'inputs; performance goes on being held against what it was'
  return [
    offer('accept', 'Accept as normal…', {
      does: `From now on ${model} is compared with its own rows since ${formatInstant(since)} (${what}). Incidents that were held against what it is compared with now end, and their channels are told. At least 500 rows are needed${kind === 'performance' ? ', with labels' : ''}. It can be taken back, on the page of its references or with leeway reference revert.`,
      ...{ path: `api/v1/incidents/${id}/accept`, needs: 'approver', isCostly: true },
    }),
  ]
}

const undecided: ReadonlySet<string> = new Set(['held', 'asked', 'gated', 'awaiting approval'])

function ofRuns({ incident, requests, rule }: DeedFacts, offer: Offer): DeedOffer[] {
  const offers = requests.flatMap((request) => ofRun(request, rule, offer))
  const isOpen = requests.some(
    ({ state, outcome }) =>
      undecided.has(state) ||
      ['dispatching', 'unknown', 'running'].includes(state) ||
      outcome?.verification.is === 'awaited',
  )
  if (rule === null || isOpen) return offers
  return [
    ...offers,
    offer('request run', 'Ask for a run…', {
      does: `The orchestrator (${rule.target}) is asked to retrain ${incident.model} once the gates let it pass${rule.approval.is === 'required' ? ' and an approver says yes (asked for by one, it is approved)' : ''}${rule.dryRun ? '; dryRun is set: it is not really asked' : ''}. News of it go where this incident is told.`,
      ...{ path: `api/v1/models/${encodeURIComponent(incident.model)}/retraining`, isCostly: true },
    }),
  ]
}

function ofRun(request: RetrainingRequest, rule: DeedFacts['rule'], offer: Offer): DeedOffer[] {
  const { id, state, target, model, approval, gates } = request
  const path = (deed: string) => `api/v1/retraining/${id}/${deed}`
  if (state === 'unknown' || state === 'running')
    return [
      offer('resolve run', state === 'unknown' ? 'Say what became of it…' : 'Say what became of the run…', {
        does:
          state === 'unknown'
            ? `It is not known whether ${target} began a run. Look there for the key ${request.dispatch?.key ?? id} first: sent again, a second run begins if the first one did begin.`
            : `${target} runs it as far as is known. Name the run that it really is, or give it up.`,
        ...{ path: path('resolve'), needs: 'approver', isCostly: true, request: id },
      }),
    ]
  if (!undecided.has(state)) return []
  const held = gates.find(({ passes, gate }) => !passes && gate !== 'approval')
  const when = held === undefined ? 'at once' : `as soon as the gates let it pass (now: ${held.gate}: ${held.because})`
  const approve = offer('approve', 'Approve retraining…', {
    does: `The orchestrator (${target}) is asked to retrain ${model}, ${when}. The yes stays with the request, with your name.`,
    ...{ path: path('approve'), needs: 'approver', isCostly: true, request: id },
  })
  const refuse = offer('refuse', 'Refuse…', {
    does: 'This request is over for good. Another run has to be asked for by a person.',
    ...{ path: path('refuse'), needs: 'approver', isCostly: true, request: id },
  })
  const isAutomatic = rule?.approval.is === 'automatic' && (approval === null || approval.via === 'delay')
  const veto = offer('veto', 'Veto…', {
    does: `It would begin by itself${rule?.approval.is === 'automatic' ? ` ${formatDuration(rule.approval.afterMs)} after it was asked for` : ''}: it does not, and this request is over for good.`,
    ...{ path: path('veto'), isCostly: true, request: id },
  })
  return [...(approval === null ? [approve] : []), refuse, ...(isAutomatic ? [veto] : [])]
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

/** The requests that are about an incident: its own, and those that people had in mind for it. */
export function requestsAbout(id: string, requests: readonly RetrainingRequest[]): RetrainingRequest[] {
  return requests.filter((request) => request.id === id || incidentOf(request)?.id === id)
}
