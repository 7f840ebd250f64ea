// One incident with all that a page of it shows.

import type { Person } from '../handling/deeds.ts'
import type { IncidentOverview } from '../overview/incident.ts'
import { whyNot } from './access.ts'
import type { ReadRoute } from './route.ts'
import { HttpError } from './route.ts'

export interface IncidentSource {
  /** undefined when there is none of this id. */
  overview(id: string, refusalOf: (role: Person['role']) => string | null): Promise<IncidentOverview | undefined>
}

export function incidentOverviewRoute({ overview }: IncidentSource, hasTokens: () => boolean): ReadRoute {
  return {
    method: 'GET',
    path: '/api/v1/incidents/{id}/overview',
    query: {},
    needs: 'read',
    async handle({ parameters, by }) {
      const id = parameters['id'] as string
      const found = await overview(id, (role) => whyNot(role, by, hasTokens()))
      if (found === undefined) throw new HttpError(404, `there is no incident ${id}`)
      return { status: 200, json: found }
    },
  }
}
