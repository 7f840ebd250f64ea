// What an orchestrator is told of a request: which model, why, and the evidence.

import type { Incident } from '../incidents/incident.ts'
import type { RunRequest } from './orchestrator.ts'
import type { RetrainingRequest } from './request.ts'
import { causeText, incidentOf } from './request.ts'

export interface Surroundings {
  /** Id of what the version is compared with; null when nothing is. */
  readonly reference: string | null
  /** Address under which people reach the daemon, without a slash at its end. */
  readonly publicUrl: string | null
}

export function runRequestOf(request: RetrainingRequest, { reference, publicUrl }: Surroundings): RunRequest {
  const { id, model, version, cause, dispatch, askedAt } = request
  const incident = incidentOf(request)
  return {
    key: dispatch?.key ?? id,
    ...{ model, version },
    cause: cause.is === 'hand' ? 'person' : cause.is,
    reason: causeText(cause),
    at: cause.is === 'incident' ? cause.incident.at : askedAt,
    incident: incident === null ? null : { id: incident.id, kind: incident.kind, since: incident.since },
    features: incident?.features ?? [],
    evidence: incident?.evidence ?? [],
    reference,
    links: publicUrl === null ? {} : linksOf(publicUrl, { id, model, incident }),
    parameters: {},
  }
}

function linksOf(
  publicUrl: string,
  { id, model, incident }: { id: string; model: string; incident: Incident | null },
): Record<string, string> {
  return {
    request: `${publicUrl}/api/v1/retraining/${id}`,
    model: `${publicUrl}/api/v1/models/${encodeURIComponent(model)}`,
    ...(incident !== null && { incident: `${publicUrl}/api/v1/incidents/${incident.id}` }),
  }
}
