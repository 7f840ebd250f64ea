// What models are compared with: to be read, accepted, promoted and taken back.

import { z } from 'zod'
import type { Effect, Person } from '../handling/deeds.ts'
import type { ReferenceComparison, ReferencesOverview } from '../overview/references.ts'
import type { Promoted, Promotion } from '../retraining/promotion.ts'
import type { Instant } from '../time.ts'
import { parseInstant } from '../time.ts'
import type { ActionRequest, ActionRoute, Answer, ReadRoute } from './route.ts'
import { HttpError } from './route.ts'

interface ReferenceView {
  readonly id: string
  readonly source: string
  readonly rows: number
  readonly labelled: number
  readonly from: string
  readonly to: string
  /** By window: whether its noise was learnt from its own rows. */
  readonly calibrated: Readonly<Record<string, boolean>>
}

export interface ReferencesView {
  readonly models: ReadonlyArray<{
    readonly name: string
    /** The configuration's, or learnt from the stream; null while it is learnt. */
    readonly configured: ReferenceView | null
    readonly versions: ReadonlyArray<{
      readonly version: string
      /** Whose the reference is: the version's own, the model's made of production, or the configuration's. */
      readonly of: 'version' | 'model' | 'configuration'
      readonly reference: ReferenceView
    }>
    /** Made of production, and not in force: the configuration's reference has other bins or classes now. */
    readonly setAside: readonly string[]
  }>
  /** Made of production, newest first. */
  readonly history: ReadonlyArray<{
    readonly id: string
    readonly model: string
    readonly version: string | null
    readonly kind: 'accepted' | 'promoted'
    readonly incident: string
    readonly before: string
    readonly source: string
    readonly rows: number
    readonly labelled: number
    readonly from: string
    readonly to: string
    readonly says: readonly string[]
    readonly at: string
    readonly by: string
    readonly note: string
    readonly ended: { readonly at: string; readonly by: string; readonly because: string } | null
  }>
}

export interface ReferenceSource {
  references(): ReferencesView
  /** undefined when no such model is watched. */
  overview(model: string): ReferencesOverview | undefined
  /** A text says why they cannot be compared. */
  compare(
    model: string,
    ids: { readonly first: string | undefined; readonly second: string | undefined },
  ): ReferenceComparison | string | undefined
  /** A profile that is kept, as JSON; undefined when there is none of this id. */
  profile(id: string): string | undefined
}

export interface ReferenceDeeds {
  acceptAsNormal(incidentId: string, by: Person, note: string, from?: Instant): Effect
  promote(promotion: Promotion): Promoted
  /** @param of the reference that is meant: refused when another is in force */
  revert(
    of: { readonly model: string; readonly version: string | null; readonly id: string },
    by: Person,
    note: string,
  ): Effect
}

export function referenceReadRoutes(source: ReferenceSource): readonly ReadRoute[] {
  const { references, profile } = source
  return [
    {
      method: 'GET',
      path: '/api/v1/models/{model}/references',
      query: {},
      needs: 'read',
      handle: ({ parameters }) => ({ status: 200, json: source.overview(modelOf(parameters)) ?? noModel(parameters) }),
    },
    {
      method: 'GET',
      path: '/api/v1/models/{model}/references/comparison',
      query: { first: 'text', second: 'text' },
      needs: 'read',
      handle({ parameters, query: { first, second } }): Answer {
        const found = source.compare(modelOf(parameters), { first, second }) ?? noModel(parameters)
        if (typeof found === 'string') throw new HttpError(404, found)
        return { status: 200, json: found }
      },
    },
    {
      method: 'GET',
      path: '/api/v1/references',
      query: {},
      needs: 'read',
      handle: () => ({ status: 200, json: references() }),
    },
    {
      method: 'GET',
      path: '/api/v1/references/{id}',
      query: {},
      needs: 'read',
      handle({ parameters }): Answer {
        const found = profile(parameters['id'] as string)
        if (found === undefined)
          throw new HttpError(404, `no reference ${parameters['id']} was made of production, or it is kept no longer`)
        return { status: 200, type: 'application/json', body: found }
      },
    },
  ]
}

function modelOf({ model }: Readonly<Record<string, string>>): string {
  return model as string
}

function noModel(parameters: Readonly<Record<string, string>>): never {
  throw new HttpError(404, `there is no model ${modelOf(parameters)}`)
}

const TEXT_MAX = 4_000
const timeForm = 'a time such as 2026-11-23T08:00:00Z'
const time = z.string(timeForm).transform((text, context) => {
  const instant = parseInstant(text)
  if (instant !== undefined) return instant
  context.addIssue({ code: 'custom', message: timeForm })
  return z.NEVER
})
const note = z.string().max(TEXT_MAX).default('')
const accept = z.strictObject({ note, from: time.optional() })
const promote = z.strictObject({
  model: z.string(),
  version: z.string().default(''),
  from: time.nullable().default(null),
  to: time.nullable().default(null),
  note,
})
const revert = z.strictObject({
  model: z.string(),
  version: z.string().nullable().default(null),
  id: z.string('the id of the reference that is to be taken back'),
  note,
})

export function referenceActionRoutes(deeds: ReferenceDeeds): readonly ActionRoute[] {
  return [
    {
      ...route('incident accept', '/api/v1/incidents/{id}/accept', accept),
      target: ({ parameters }) => parameters['id'] as string,
      act(request) {
        const body = request.body as z.output<typeof accept>
        const id = request.parameters['id'] as string
        return answered(deeds.acceptAsNormal(id, personOf(request), body.note, body.from))
      },
    },
    {
      ...route('reference promote', '/api/v1/references/promote', promote),
      act(request) {
        const body = request.body as z.output<typeof promote>
        const { name, role, remote, request: key } = personOf(request)
        const promoted = deeds.promote({ ...body, key, needsLabels: false, by: { name, role, remote } })
        // A person does not wait: it may be asked for again.
        const { detail } = promoted
        if (promoted.outcome !== 'done') return answered({ outcome: 'refused', detail })
        return answered({ outcome: 'done', detail, isAudited: true })
      },
    },
    {
      ...route('reference revert', '/api/v1/references/revert', revert),
      act(request) {
        const { model, version, id, note: why } = request.body as z.output<typeof revert>
        return answered(deeds.revert({ model, version, id }, personOf(request), why))
      },
    },
  ]
}

function route(action: string, path: string, body: z.ZodType): Omit<ActionRoute, 'act'> {
  return { method: 'POST', path, needs: 'approver', action, body, target: () => '' }
}

function personOf({ by, via, remote, request }: ActionRequest): Person {
  return { ...by, via, remote, request }
}

function answered(effect: Effect): Effect & { readonly answer: Answer } {
  const { outcome, detail } = effect
  return {
    ...effect,
    answer:
      outcome === 'done'
        ? { status: 200, json: { outcome, detail } }
        : { status: 409, json: { error: { message: detail } } },
  }
}
