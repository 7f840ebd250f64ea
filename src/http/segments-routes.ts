// The segments of one model.

import type { SegmentsView } from '../overview/segments.ts'
import type { Instant } from '../time.ts'
import { parseInstant } from '../time.ts'
import { textOf } from './query.ts'
import type { ReadRoute } from './route.ts'
import { HttpError } from './route.ts'

export interface SegmentsQuery {
  readonly model: string
  readonly version?: string
  readonly window?: string
  readonly metric?: string
  readonly column?: string
  /** A segment whose course is asked for. */
  readonly segment?: string
  /** Left out: the newest window. */
  readonly end?: Instant
}

/** What is asked for does not exist; what does is named. */
export class NoSuch extends Error {}

export function segmentsRoute(view: (query: SegmentsQuery) => Promise<SegmentsView>): ReadRoute {
  return {
    method: 'GET',
    path: '/api/v1/models/{model}/segments',
    query: { version: 'text', window: 'text', metric: 'text', column: 'text', segment: 'text', end: 'time' },
    needs: 'read',
    handle: async ({ parameters, query }) => {
      const end = query['end'] === undefined ? undefined : parseInstant(query['end'])
      if (query['end'] !== undefined && end === undefined)
        throw new HttpError(400, `end: ${JSON.stringify(query['end'])} is not a time such as 2026-11-23T08:00:00Z`)
      const wanted = {
        model: parameters['model'] as string,
        ...textOf(query, 'version', 'window', 'metric', 'column', 'segment'),
        ...(end !== undefined && { end }),
      }
      try {
        return { status: 200, json: await view(wanted) }
      } catch (error) {
        if (error instanceof NoSuch) throw new HttpError(404, error.message)
        throw error
      }
    },
  }
}
