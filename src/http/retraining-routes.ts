// Retraining over HTTP: requests with their gates, approvals and runs to be read, and what people may do about them.

import { z } from 'zod'
import type { Effect, Person } from '../handling/deeds.ts'
import type { RetrainingDesk } from '../retraining/desk.ts'
import type { RequestState, RetrainingRequest } from '../retraining/request.ts'
import { causeText, incidentOf, isRequestState, requestStates } from '../retraining/request.ts'
import type { StoredChange } from '../store/retraining-rows.ts'
import type { Instant } from '../time.ts'
import { formatInstant } from '../time.ts'
import type { Role } from './role.ts'
import type { ActionRequest, ActionRoute, Answer, ReadRoute } from './route.ts'
import { HttpError } from './route.ts'

export interface AutomationView {
  readonly model: string
  readonly target: string
  /** `none`, `required`, or `automatic after 30m`. */
  readonly approval: string
  /** null = it goes on. */
  readonly stopped: { readonly by: string; readonly because: string; readonly at: Instant } | null
}

export interface RetrainingSource {
  list(query: { model?: string; state?: RequestState; limit: number }): readonly RetrainingRequest[]
  request(id: string): RetrainingRequest | undefined
  history(id: string): readonly StoredChange[]
  automation(): readonly AutomationView[]
}

const LIMIT = { usual: 100, most: 1_000 }

export function retrainingReadRoutes(source: RetrainingSource): readonly ReadRoute[] {
  return [
    {
      method: 'GET',
      path: '/api/v1/retraining',
      query: { model: 'text', state: 'text', limit: 'count' },
      needs: 'read',
      handle({ query: { model, state, limit } }) {
        if (state !== undefined && !isRequestState(state))
          throw new HttpError(400, `state: ${JSON.stringify(state)} is not one of ${requestStates.join(', ')}`)
        const wanted = {
          limit: countOf(limit),
          ...(model !== undefined && { model }),
          ...(state !== undefined && { state }),
        }
        const automation = source.automation().map((one) => ({
          ...one,
          stopped: one.stopped === null ? null : { ...one.stopped, at: formatInstant(one.stopped.at) },
        }))
        return { status: 200, json: { requests: source.list(wanted).map(requestView), automation } }
      },
    },
    {
      method: 'GET',
      path: '/api/v1/retraining/{id}',
      query: {},
      needs: 'read',
      handle({ parameters }) {
        const id = parameters['id'] as string
        const request = source.request(id)
        if (request === undefined) throw new HttpError(404, `there is no retraining request ${id}`)
        const history = source.history(id).map(({ request: _, at, actor, ...change }) => ({
          ...change,
          by: actor === '' ? 'leeway' : actor,
          at: formatInstant(at),
        }))
        return { status: 200, json: { request: requestView(request), history } }
      },
    },
  ]
}

function countOf(limit: string | undefined): number {
  const count = limit === undefined ? LIMIT.usual : Number(limit)
  if (!Number.isInteger(count) || count < 1 || count > LIMIT.most)
    throw new HttpError(400, `limit: ${JSON.stringify(limit)} is not a whole number from 1 to ${LIMIT.most}`)
  return count
}

const shown = (at: Instant | null) => (at === null || at >= Number.MAX_SAFE_INTEGER ? null : formatInstant(at))

function requestView(request: RetrainingRequest) {
  const { id, model, version, target, cause, askedAt, state, since, because, gates, approval, dispatch, run, outcome } =
    request
  const incident = incidentOf(request)
  return {
    ...{ id, model, version, target, state, since: formatInstant(since), because },
    cause: { is: cause.is, text: causeText(cause) },
    incident: incident?.id ?? null,
    askedAt: formatInstant(askedAt),
    gates: gates.map((gate) => ({ ...gate, until: shown(gate.until) })),
    approvalAskedAt: shown(request.approvalAskedAt),
    approval: approval === null ? null : { ...approval, at: formatInstant(approval.at) },
    dispatch:
      dispatch === null ? null : { key: dispatch.key, attempts: dispatch.attempts, nextAt: shown(dispatch.dueAt) },
    run:
      run === null
        ? null
        : {
            ...{ id: run.run?.id ?? null, link: run.run?.link ?? null, status: run.status },
            ...{ startedAt: formatInstant(run.startedAt), endedAt: shown(run.endedAt) },
            tookSeconds: run.endedAt === null ? null : (run.endedAt - run.startedAt) / 1_000,
          },
    outcome:
      outcome === null
        ? null
        : {
            version: outcome.version,
            promotion:
              outcome.promotion === null ? null : { ...outcome.promotion, at: formatInstant(outcome.promotion.at) },
            verification: { ...outcome.verification, at: formatInstant(outcome.verification.at) },
          },
  }
}

const TEXT_MAX = 1_000
const because = z.string().max(TEXT_MAX).default('')
const nothing = z.strictObject({})
const reasoned = z.strictObject({ because })
const wish = z.strictObject({
  because: z.string().min(1).max(TEXT_MAX),
  incident: z.string().max(64).nullable().default(null),
})
const finding = z.strictObject({
  found: z.enum(['started', 'not-started', 'resend']),
  run: z.string().min(1).max(256).nullable().default(null),
})

export function retrainingActionRoutes(desk: RetrainingDesk): readonly ActionRoute[] {
  const one = 'id'
  return [
    action({
      ...{
        name: 'request retraining',
        path: '/api/v1/models/{model}/retraining',
        of: 'model',
        needs: 'operator',
        body: wish,
      },
      act: (model, by, body) => desk.request({ model, ...body }, by),
    }),
    action({
      ...{
        name: 'stop automation',
        path: '/api/v1/models/{model}/automation/stop',
        of: 'model',
        needs: 'operator',
        body: reasoned,
      },
      act: (model, by, body) => desk.stopAutomation(model, body.because, by),
    }),
    action({
      ...{
        name: 'resume automation',
        path: '/api/v1/models/{model}/automation/resume',
        of: 'model',
        needs: 'operator',
        body: nothing,
      },
      act: (model, by) => desk.resumeAutomation(model, by),
    }),
    action({
      ...{
        name: 'approve retraining',
        path: '/api/v1/retraining/{id}/approve',
        of: one,
        needs: 'approver',
        body: nothing,
      },
      act: (id, by) => desk.approve(id, by),
    }),
    action({
      ...{
        name: 'refuse retraining',
        path: '/api/v1/retraining/{id}/refuse',
        of: one,
        needs: 'approver',
        body: reasoned,
      },
      act: (id, by, body) => desk.refuse(id, body.because, by),
    }),
    action({
      ...{ name: 'veto retraining', path: '/api/v1/retraining/{id}/veto', of: one, needs: 'operator', body: reasoned },
      act: (id, by, body) => desk.veto(id, body.because, by),
    }),
    action({
      ...{
        name: 'resolve retraining',
        path: '/api/v1/retraining/{id}/resolve',
        of: one,
        needs: 'approver',
        body: finding,
      },
      act: (id, by, body) => desk.resolveUnknown(id, body.found, body.run, by),
    }),
  ]
}

function action<Body>({
  name,
  path,
  of,
  needs,
  body,
  act,
}: {
  readonly name: string
  readonly path: string
  /** The part of the path that says what it is about. */
  readonly of: string
  readonly needs: Role
  readonly body: z.ZodType<Body>
  readonly act: (what: string, by: Person, body: Body) => Effect & { readonly request?: string | null }
}): ActionRoute {
  return {
    ...{ method: 'POST', path, needs, action: name, body, target: ({ parameters }) => parameters[of] as string },
    act({ parameters, body: given, by, via, remote, request }: ActionRequest) {
      const effect = act(parameters[of] as string, { ...by, via, remote, request }, given as Body)
      return { ...effect, answer: answerOf(effect) }
    },
  }
}

/** What somebody else has done first is a conflict, and says who it was. */
function answerOf({ outcome, detail, request }: Effect & { readonly request?: string | null }): Answer {
  return outcome === 'done'
    ? { status: 200, json: { outcome, detail, ...(request !== undefined && { request }) } }
    : { status: 409, json: { error: { message: detail } } }
}
