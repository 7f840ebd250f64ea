// A model version, and each of its features, over time.

import type { FeatureQuery, FeatureView } from '../overview/feature.ts'
import type { ModelOverview, ModelQuery } from '../overview/model.ts'
import { NoSuchPart } from '../overview/model.ts'
import type { Millis } from '../time.ts'
import { parseDuration, parseInstant } from '../time.ts'
import { timesOf } from './query.ts'
import type { QueryForm, ReadRoute, Request } from './route.ts'
import { HttpError } from './route.ts'

export interface ModelPages {
  /** @param gone nobody waits for it any more @returns undefined when there is no such model @throws NoSuchPart, TooManyPages */
  overview(model: string, query: ModelQuery, gone?: AbortSignal): Promise<ModelOverview | undefined>
  /** @param gone nobody waits for it any more @returns undefined when there is no such model @throws NoSuchPart, TooManyPages */
  feature(model: string, feature: string, query: FeatureQuery, gone?: AbortSignal): Promise<FeatureView | undefined>
}

/** So many pages wait to be made that another one would only wait longer. */
export class TooManyPages extends Error {}

const range = { version: 'text', window: 'text', since: 'text', from: 'time', to: 'time' } as const

export function modelRoutes(pages: ModelPages): readonly ReadRoute[] {
  const route = (
    path: string,
    query: Record<string, QueryForm>,
    read: (request: Request & { readonly model: string }) => Promise<unknown>,
  ): ReadRoute => ({
    ...{ method: 'GET', path: `/api/v1/models/{model}/${path}`, query, needs: 'read' },
    handle: async (request) => {
      const model = request.parameters['model'] as string
      const found = await read({ ...request, model }).catch((error: unknown) => {
        if (error instanceof TooManyPages) throw new HttpError(503, error.message, { 'retry-after': '5' })
        throw error instanceof NoSuchPart ? new HttpError(404, error.message) : error
      })
      if (found === undefined)
        throw new HttpError(404, `there is no model ${model}; GET /api/v1/models names those that there are`)
      return { status: 200, json: found }
    },
  })
  return [
    route('overview', range, ({ model, query, gone }) => pages.overview(model, rangeOf(query), gone)),
    route('features/{feature}', { ...range, end: 'time' }, ({ model, parameters, query, gone }) =>
      pages.feature(model, parameters['feature'] as string, { ...rangeOf(query), end: endOf(query) }, gone),
    ),
  ]
}

function rangeOf(query: Request['query']): ModelQuery {
  const { from = null, to = null } = timesOf(query)
  return { version: query['version'] ?? null, window: query['window'] ?? null, since: sinceOf(query), from, to }
}

function sinceOf({ since }: Request['query']): Millis | null {
  if (since === undefined) return null
  const duration = parseDuration(since)
  if (duration === undefined || duration === 0)
    throw new HttpError(400, `since: ${JSON.stringify(since)} is not a span such as 24h or 7d`)
  return duration
}

function endOf({ end }: Request['query']): number | null {
  if (end === undefined) return null
  const time = parseInstant(end)
  if (time === undefined)
    throw new HttpError(400, `end: ${JSON.stringify(end)} is not a time such as 2026-11-23T08:00:00Z`)
  return time
}
