// Asks for a run by an event on a topic of Kafka. Its `id` is the key of the request: whoever reads keeps the ids that were seen, for
// an event may come twice.

import type { Check, Launch, Lookable, RunRequest } from '../../retraining/orchestrator.ts'
import type { TopicSettings } from '../topic.ts'
import { createTopicWriter, recordOf } from '../topic.ts'
import { requestJson } from './request-json.ts'

export interface KafkaTargetSettings extends TopicSettings {
  /** Who says so: the `source` of every event, a URI reference. */
  readonly source: string
}

export function createKafkaOrchestrator(name: string, settings: KafkaTargetSettings): Lookable {
  const topic = createTopicWriter(settings)
  return {
    name,
    isIdempotent: true,
    // A topic tells nothing of a run.
    pollEveryMs: Number.POSITIVE_INFINITY,
    async launch(request: RunRequest, signal): Promise<Launch> {
      const { key, model, at } = request
      const event = { type: 'leeway.retraining.requested', subject: model, at, data: requestJson(request) }
      const outcome = await topic.write([recordOf(key, settings.source, event)], signal)
      switch (outcome.result) {
        case 'delivered':
          return { result: 'started', run: null, detail: outcome.detail ?? '' }
        case 'retry':
          // A broker may have written what it did not acknowledge.
          return { ...outcome, result: 'unknown' }
        default:
          return outcome
      }
    },
    async check(signal): Promise<Check> {
      const outcome = await topic.reach(signal)
      return outcome.result === 'delivered'
        ? {
            result: 'ready',
            detail: `the brokers answer; a topic can be asked for nothing more without an event on it`,
          }
        : { result: 'unreachable', because: outcome.because }
    },
    close: () => topic.close(),
  }
}
