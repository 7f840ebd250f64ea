// An orchestrator that is asked for runs, for the tests that whatever connects to somebody goes through.

import type { Outcome, Sender } from '../../src/delivery/sender.ts'
import type { Incident } from '../../src/incidents/incident.ts'
import type { Orchestrator, RunRequest } from '../../src/retraining/orchestrator.ts'
import { AT, incident } from './messages.ts'

/** An orchestrator in the place of a sender: each row asks it for a run, by the row's key. */
export function asSender(orchestrator: Orchestrator, of = incident()): Sender {
  return {
    name: orchestrator.name,
    send: ({ key }, signal) => launched(orchestrator, { ...runFor(of), key }, signal),
    close: () => orchestrator.close(),
  }
}

/** What became of it, in the words of a channel. */
export async function launched(orchestrator: Orchestrator, run: RunRequest, signal: AbortSignal): Promise<Outcome> {
  const launch = await orchestrator.launch(run, signal)
  switch (launch.result) {
    case 'started':
    case 'already':
      return { result: 'delivered', detail: launch.detail }
    case 'unknown':
      return orchestrator.isIdempotent ? { ...launch, result: 'retry' } : launch
    default:
      return launch
  }
}

export function runFor({ id, model, version, kind, since, features, evidence }: Incident): RunRequest {
  return {
    ...{ key: id, model, version, cause: 'incident', reason: `${kind} incident ${id}`, at: AT },
    ...{ incident: { id, kind, since }, features, evidence, reference: null, links: {}, parameters: {} },
  }
}
