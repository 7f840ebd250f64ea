// What models start with, kept from one reload to the next: a reference is learnt anew only when its model or its file has changed.

import { statSync } from 'node:fs'
import type { ModelSettings } from '../config/model-settings.ts'
import type { Start } from './references.ts'
import { startOf } from './references.ts'

export class Starts {
  readonly #known = new Map<string, { readonly from: string; readonly reference: Start['reference'] }>()

  /** The rehearsal is null for what was known already: it has been told. @throws as `startOf` */
  async of(model: ModelSettings): Promise<Start> {
    const from = JSON.stringify([model, versionOf(model.reference)])
    const known = this.#known.get(model.name)
    if (known?.from === from) return { reference: known.reference, rehearsal: null }
    const start = await startOf(model)
    this.#known.set(model.name, { from, reference: start.reference })
    return start
  }
}

/** Which content of the file; a file that is not there is a matter of whoever reads it. */
function versionOf(reference: ModelSettings['reference']): readonly number[] {
  if (reference.from === 'stream') return []
  const stat = statSync(reference.from === 'file' ? reference.file : reference.profile, { throwIfNoEntry: false })
  return stat === undefined ? [] : [stat.mtimeMs, stat.size, stat.ino]
}
