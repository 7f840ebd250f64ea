// References that were learnt from files before, kept beside the state: a start after a kill does not learn them again.
//
// Known by content: what the document says of the model, and the bytes of the file. A state that goes on keeps the reference its
// panes were counted with, also when a newer version of leeway would learn another one from the same rows.

import { createHash } from 'node:crypto'
import { createReadStream, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ModelSettings } from '../config/model-settings.ts'
import type { Reference } from '../reference/reference.ts'
import { deserialise, serialise } from '../reference/reference.ts'

const digest = (text: string) => createHash('sha256').update(text).digest('hex')

export class LearntReferences {
  readonly #folder: string

  constructor(stateDir: string) {
    this.#folder = join(stateDir, 'references')
  }

  /** The reference learnt before; undefined when there is none, or it is damaged: then it is learnt again. */
  async find(model: ModelSettings): Promise<Reference | undefined> {
    try {
      return deserialise(readFileSync(join(this.#folder, await nameOf(model)), 'utf8'))
    } catch {
      return undefined
    }
  }

  /** Keeps one, in place of the model's earlier ones. Where it cannot be kept, the next start takes longer. */
  async keep(model: ModelSettings, reference: Reference): Promise<void> {
    try {
      const name = await nameOf(model)
      mkdirSync(this.#folder, { recursive: true })
      const part = join(this.#folder, `${name}.part`)
      writeFileSync(part, serialise(reference))
      renameSync(part, join(this.#folder, name))
      for (const other of readdirSync(this.#folder))
        if (other !== name && other.startsWith(prefixOf(model))) rmSync(join(this.#folder, other), { force: true })
    } catch {}
  }
}

function prefixOf({ name }: ModelSettings): string {
  return digest(name).slice(0, 16)
}

async function nameOf(model: ModelSettings): Promise<string> {
  if (model.reference.from !== 'file') throw new TypeError('only what is learnt from a file is kept')
  const hash = createHash('sha256').update(JSON.stringify(model))
  for await (const piece of createReadStream(model.reference.file)) hash.update(piece)
  return `${prefixOf(model)}-${hash.digest('hex').slice(0, 32)}.json`
}
