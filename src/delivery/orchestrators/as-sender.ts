// An orchestrator that is asked by the outbox, like a channel: once for an incident, and not followed.

import type { Orchestrator, RunRequest } from '../../retraining/orchestrator.ts'
import type { Trigger } from '../../retraining/trigger.ts'
import type { Outcome, Sender } from '../sender.ts'

export function asSender(orchestrator: Orchestrator): Sender {
  return {
    name: orchestrator.name,
    async send({ envelope }, signal): Promise<Outcome> {
      if (envelope.kind !== 'retrain')
        return { result: 'refused', because: 'an orchestrator takes retraining requests only' }
      const launch = await orchestrator.launch(requestOf(envelope.trigger), signal)
      switch (launch.result) {
        case 'started':
        case 'already':
          return { result: 'delivered', detail: launch.detail }
        case 'unknown':
          return orchestrator.isIdempotent ? { ...launch, result: 'retry' } : launch
        default:
          return launch
      }
    },
    close: () => orchestrator.close(),
  }
}

function requestOf({ id, model, version, at, incident }: Trigger): RunRequest {
  const { kind, since, features, evidence } = incident
  return {
    key: id,
    model,
    version,
    cause: 'incident',
    reason: `${kind} incident ${incident.id}`,
    at,
    incident: { id: incident.id, kind, since },
    features,
    evidence,
    reference: null,
    links: {},
    parameters: {},
  }
}
