// Something is done, and the audit knows: that it was asked for before it is begun, and what came of it.

import type { AuditEntry } from '../store/audit.ts'

export interface Effect {
  readonly outcome: 'done' | 'refused'
  /** For the audit: what came of it, or why not. */
  readonly detail: string
  /** Its row was written in the transaction that did it. */
  readonly isAudited?: true
}

/** Who does what to what. */
export type Deed = Omit<AuditEntry, 'at' | 'outcome' | 'detail'>

/** @throws what `write` throws, before anything was done; and what `act` throws */
export async function audited<E extends Effect>(
  write: (entry: AuditEntry) => void,
  deed: Deed,
  act: () => E | Promise<E>,
): Promise<E> {
  const note = (outcome: AuditEntry['outcome'], detail: string) => write({ ...deed, at: Date.now(), outcome, detail })
  note('asked', '')
  let effect: E
  try {
    effect = await act()
  } catch (error) {
    note('failed', error instanceof Error ? error.message : String(error))
    throw error
  }
  if (effect.isAudited !== true) note(effect.outcome, effect.detail)
  return effect
}
