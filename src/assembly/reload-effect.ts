// What came of a reload, for the audit and for whoever asked.

import { randomBytes } from 'node:crypto'
import type { ReloadEffect } from '../http/actions.ts'
import { audited } from '../http/audited.ts'
import type { Store } from '../store/store.ts'
import type { Log } from '../telemetry/log.ts'
import type { Changed, ReloadOutcome } from './reload.ts'

export function effectOf(outcome: ReloadOutcome): ReloadEffect {
  if (outcome.result === 'refused') {
    const { because, problems } = outcome
    return { outcome: 'refused', detail: because, told: { problems } }
  }
  const { result: _, hash, ...changes } = outcome
  const detail = [
    `configuration ${hash.slice(0, 12)}`,
    ...inWords('models', changes.models),
    ...inWords('sources', changes.sources),
  ]
  return { outcome: 'done', detail: detail.join('; '), told: { hash, ...changes } }
}

function inWords(what: string, changed: Changed): string[] {
  return Object.entries(changed).flatMap(([how, names]: [string, readonly string[]]) =>
    names.length === 0 ? [] : [`${what} ${how}: ${names.join(', ')}`],
  )
}

/** A signal has no role: whoever may send it owns the process. */
export async function reloadForSignal(reload: () => Promise<ReloadOutcome>, store: Store, log: Log): Promise<void> {
  const request = randomBytes(8).toString('hex')
  const deed = { request, actor: 'SIGHUP', role: '', remote: '', action: 'reload', target: '' }
  try {
    await audited(
      (entry) => store.audit(entry),
      deed,
      async () => effectOf(await reload()),
    )
  } catch (error) {
    log.error({ err: error }, 'nothing was reloaded, for it could not be written to the audit')
  }
}
