// A request as whoever runs it reads it.

import type { JsonValue, RunRequest } from '../../retraining/orchestrator.ts'
import { formatInstant } from '../../time.ts'

/** Of what is told of an incident: the worst tests come first. */
const EVIDENCE_MAX = 20

export function requestJson({ key, incident, evidence, ...request }: RunRequest): Readonly<Record<string, JsonValue>> {
  const { model, version, cause, reason, features, reference, links, parameters } = request
  return {
    id: key,
    ...{ model, version, cause, reason, at: formatInstant(request.at) },
    incident: incident === null ? null : { ...incident, since: formatInstant(incident.since) },
    features,
    evidence: evidence
      .slice(0, EVIDENCE_MAX)
      .map((one) => ({ ...one, end: formatInstant(one.end) }) as unknown as JsonValue),
    ...{ reference, links, parameters },
  }
}
