// The fleet: every model version, worst first.

import type { FleetQuery, FleetView } from '../overview/fleet.ts'
import { groups } from '../overview/fleet-filter.ts'
import { limitOf, oneOf } from './query.ts'
import type { ReadRoute } from './route.ts'

/** Of 0.8 KB each. */
const ROWS_DEFAULT = 1_000

export function fleetRoute(view: (query: FleetQuery) => Promise<FleetView>): ReadRoute {
  return {
    method: 'GET',
    path: '/api/v1/fleet',
    query: { window: 'text', earlier: 'flag', show: 'text', search: 'text', limit: 'count' },
    needs: 'read',
    handle: async ({ query }) => {
      const limit = query['limit'] === undefined ? ROWS_DEFAULT : limitOf(query)
      const { window = null, search = '' } = query
      const { show = null } = oneOf(query, 'show', groups)
      return { status: 200, json: await view({ window, earlier: query['earlier'] !== undefined, show, search, limit }) }
    },
  }
}
