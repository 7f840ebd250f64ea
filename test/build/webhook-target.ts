// The retraining webhook as the document describes it, for tests that ask it directly.

import { resolveTarget } from '../../src/config/targets/targets.ts'
import { createHttpOrchestrator } from '../../src/delivery/orchestrators/http.ts'
import type { Outbound } from '../../src/outbound/outbound.ts'
import type { Orchestrator } from '../../src/retraining/orchestrator.ts'
import type { Secret } from '../../src/secret.ts'
import type { Clock } from '../../src/time.ts'

export function retrainingWebhook(settings: {
  url: string
  /** null: not signed. */
  secret: (() => Secret) | null
  outbound: Outbound
  clock: Clock
  timeoutMs?: number
}): Orchestrator {
  const { url, secret, timeoutMs = 15_000, ...options } = settings
  const target = resolveTarget({ target: 'webhook', url, timeout: timeoutMs }, { absolute: String, allow: [] })
  if (!('http' in target)) throw new Error('a webhook is asked over HTTP')
  const auth = secret === null ? ({ type: 'none' } as const) : ({ type: 'signature', secret } as const)
  return createHttpOrchestrator('retraining', { ...target.http, auth, secrets: {} }, options)
}
