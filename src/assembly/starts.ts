// What models start with, kept from one reload to the next, and from one start of the process to the next: a reference is learnt anew
// only when its model or its file has changed.

import { statSync } from 'node:fs'
import type { ModelSettings } from '../config/model-settings.ts'
import type { Reference } from '../reference/reference.ts'
import type { LearntReferences } from './learnt-references.ts'
import type { Start } from './references.ts'
import { refuseSlipsInSegments, startOf } from './references.ts'

export class Starts {
  readonly #known = new Map<string, { readonly from: string; readonly reference: Start['reference'] }>()

  readonly #learnt: Pick<LearntReferences, 'find' | 'keep'> | undefined

  /** @param learnt by earlier processes; left out: nothing is kept beyond this one */
  constructor(learnt?: Pick<LearntReferences, 'find' | 'keep'>) {
    this.#learnt = learnt
  }

  /** The rehearsal is null for what was known already: it has been told. @throws as `startOf` */
  async of(model: ModelSettings): Promise<Start> {
    const from = JSON.stringify([model, versionOf(model.reference)])
    const known = this.#known.get(model.name)
    if (known?.from === from) return { reference: known.reference, rehearsal: null }
    const start = await this.#start(model)
    this.#known.set(model.name, { from, reference: start.reference })
    return start
  }

  async #start(model: ModelSettings): Promise<Start> {
    const learnt = this.#learnt
    if (learnt === undefined || model.reference.from !== 'file') return startOf(model)
    const found = await learnt.find(model)
    if (found !== undefined) {
      // An earlier version may have taken what is refused now.
      refuseSlipsInSegments(model, found)
      return { reference: found, rehearsal: null }
    }
    const start = await startOf(model)
    await learnt.keep(model, start.reference as Reference)
    return start
  }
}

/** Which content of the file; a file that is not there is a matter of whoever reads it. */
function versionOf(reference: ModelSettings['reference']): readonly number[] {
  if (reference.from === 'stream') return []
  const stat = statSync(reference.from === 'file' ? reference.file : reference.profile, { throwIfNoEntry: false })
  return stat === undefined ? [] : [stat.mtimeMs, stat.size, stat.ino]
}
