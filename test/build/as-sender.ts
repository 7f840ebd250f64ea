// An orchestrator in the place of a sender, for the tests that whatever connects to somebody goes through.

import type { Outcome, Sender } from '../../src/delivery/sender.ts'
import type { Orchestrator, RunRequest } from '../../src/retraining/orchestrator.ts'
import type { Trigger } from '../../src/retraining/trigger.ts'

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
