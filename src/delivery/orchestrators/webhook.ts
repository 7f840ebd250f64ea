// Asks for a retraining run by a signed webhook. The request's key goes with each attempt: a receiver that keeps keys starts one
// run, however often it is asked.

import type { Outbound } from '../../outbound/outbound.ts'
import type { Launch, Orchestrator, RunRequest } from '../../retraining/orchestrator.ts'
import type { Secret } from '../../secret.ts'
import type { Clock } from '../../time.ts'
import { formatInstant } from '../../time.ts'
import { keysOf, post } from '../http-post.ts'
import { jsonLine } from '../text-safety.ts'

export interface RetrainingWebhookSettings {
  readonly url: string
  /** The secret of the moment; null = requests are not signed. */
  readonly secret: (() => Secret) | null
  readonly outbound: Outbound
  readonly clock: Clock
  readonly timeoutMs?: number
}

/** A webhook tells nothing of a run: there is nothing to ask. */
const NEVER_MS = Number.POSITIVE_INFINITY

/** @throws Error when the secret is not one */
export function createRetrainingWebhook(
  name: string,
  { url, secret, outbound, clock, timeoutMs }: RetrainingWebhookSettings,
): Orchestrator {
  if (secret !== null) keysOf(secret())
  return {
    name,
    isIdempotent: true,
    pollEveryMs: NEVER_MS,
    async launch(request, signal): Promise<Launch> {
      const { key } = request
      const outcome = await post(
        {
          url,
          id: key,
          body: retrainingBody(request),
          secret: secret?.() ?? null,
          now: clock(),
          headers: { 'idempotency-key': key },
        },
        { outbound, signal, ...(timeoutMs !== undefined && { timeoutMs }) },
      )
      switch (outcome.result) {
        case 'delivered':
          return { result: 'started', run: null, detail: outcome.detail ?? '' }
        case 'refused':
          // 409: the receiver has this key already, so an earlier attempt had arrived.
          return outcome.because.startsWith('409')
            ? { result: 'already', run: null, detail: 'accepted before (409)' }
            : outcome
        default:
          return { ...outcome, result: 'unknown' }
      }
    },
    async close() {},
  }
}

/** The request: which model, why, and the evidence. */
function retrainingBody({ key, model, version, at, incident, features, evidence }: RunRequest): string {
  return jsonLine({
    type: 'leeway.retraining.requested',
    timestamp: formatInstant(at),
    data: {
      id: key,
      model,
      version,
      incident: incident === null ? null : { ...incident, since: formatInstant(incident.since) },
      features,
      evidence: evidence.map((one) => ({ ...one, end: formatInstant(one.end) })),
    },
  })
}
