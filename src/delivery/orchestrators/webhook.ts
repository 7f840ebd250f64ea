// Asks for a retraining run by a signed webhook. The incident's id is the idempotency key: a receiver that keeps ids starts one
// run, however often it is asked.

import type { Outbound } from '../../outbound/outbound.ts'
import type { Trigger } from '../../retraining/trigger.ts'
import type { Secret } from '../../secret.ts'
import type { Clock } from '../../time.ts'
import { formatInstant } from '../../time.ts'
import { keyOf, post } from '../http-post.ts'
import type { Outcome, Sender } from '../sender.ts'
import { jsonLine } from '../text-safety.ts'

export interface RetrainingWebhookSettings {
  readonly url: string
  /** The secret of the moment; null = requests are not signed. */
  readonly secret: (() => Secret) | null
  readonly outbound: Outbound
  readonly clock: Clock
  readonly timeoutMs?: number
}

/** @throws Error when the secret is not one */
export function createRetrainingWebhook(
  name: string,
  { url, secret, outbound, clock, timeoutMs }: RetrainingWebhookSettings,
): Sender {
  if (secret !== null) keyOf(secret())
  return {
    name,
    async send({ key, envelope }, signal): Promise<Outcome> {
      if (envelope.kind !== 'retrain')
        return { result: 'refused', because: 'an orchestrator takes retraining requests only' }
      const outcome = await post(
        {
          url,
          id: key,
          body: retrainingBody(envelope.trigger),
          secret: secret?.() ?? null,
          now: clock(),
          headers: { 'idempotency-key': key },
        },
        { outbound, signal, ...(timeoutMs !== undefined && { timeoutMs }) },
      )
      // 409: the receiver has this id already, so an earlier attempt had arrived.
      if (outcome.result === 'refused' && outcome.because.startsWith('409'))
        return { result: 'delivered', detail: 'accepted before (409)' }
      return outcome
    },
    async close() {},
  }
}

/** The request: which model, why, and the evidence. */
function retrainingBody({ id, model, version, at, incident }: Trigger): string {
  const { kind, since, features, evidence } = incident
  return jsonLine({
    type: 'leeway.retraining.requested',
    timestamp: formatInstant(at),
    data: {
      id,
      model,
      version,
      incident: { id: incident.id, kind, since: formatInstant(since) },
      features,
      evidence: evidence.map((one) => ({ ...one, end: formatInstant(one.end) })),
    },
  })
}
