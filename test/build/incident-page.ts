// What the page of an incident is told, asked as the page asks.

import assert from 'node:assert/strict'
import { incidentOverviewRoutes } from '../../src/assembly/incident-overview.ts'
import type { ReadRoute } from '../../src/http/route.ts'
import type { Incident } from '../../src/incidents/incident.ts'
import type { IncidentOverview } from '../../src/overview/incident.ts'
import type { Desk } from './segment-desk.ts'
import { HOUR, T0 } from './segment-desk.ts'

/** Of the newest incident of the kind that the desk's events have raised. */
export async function incidentPage({ store, pipeline }: Desk, kind: Incident['kind']): Promise<IncidentOverview> {
  const incident = store.views.incidents({ limit: 9 }).find((one) => one.kind === kind)
  const [route] = incidentOverviewRoutes({
    store,
    pipeline: () => pipeline,
    handling: { quiet: () => null, clock: () => T0 + 48 * HOUR },
    retraining: { rules: () => new Map() },
    tokens: { current: undefined },
    fleet: { present: async () => () => undefined },
  })
  const parameters = { id: incident?.id ?? assert.fail(`no ${kind} incident was raised`) }
  const answer = await (route as ReadRoute).handle({ path: '', parameters, query: {}, mayRead: true, by: null })
  return (answer as { json: IncidentOverview }).json
}
