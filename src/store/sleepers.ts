// Models whose state is on disk and that the configuration does not have: they sleep. Nothing of theirs is read or judged; when
// they are configured again they go on, incidents included, so that removing and adding again tells nobody anything twice.
//
//   asleep/MODEL   how far each source had been read when it fell asleep; null once it is awake
//
// The document is written with the first commit that its model missed: until then nothing has passed it by.

import type { Changes } from './changes.ts'
import type { Store } from './store.ts'

type ReadBySource = Readonly<Record<string, number>>

export class Sleepers {
  readonly #store: Store
  readonly #read: ReadBySource
  /** Sleeping models, in the order of their streams. */
  readonly #asleep = new Set<string>()
  /** By document name, what the next commit writes. */
  readonly #unsaved = new Map<string, ReadBySource | null>()

  constructor(store: Store) {
    this.#store = store
    this.#read = readBySource(store)
  }

  get models(): readonly string[] {
    return [...this.#asleep]
  }

  /** The configuration does not have this model. */
  sleep(model: string): void {
    this.#asleep.add(model)
    if (this.#sleepingSince(model) === null) this.#unsaved.set(nameOf(model), this.#read)
  }

  /** The configuration has this model. @returns whether records of its source have been read while it slept */
  wake(model: string, source: string): boolean {
    const since = this.#sleepingSince(model)
    if (since === null) return false
    this.#unsaved.set(nameOf(model), null)
    return since[source] !== this.#read[source]
  }

  #sleepingSince(model: string): ReadBySource | null {
    return JSON.parse(this.#store.document(nameOf(model)) ?? 'null') as ReadBySource | null
  }

  documents(): Changes['documents'] {
    return [...this.#unsaved].map(([name, content]) => ({ name, json: JSON.stringify(content) }))
  }

  committed(): void {
    this.#unsaved.clear()
  }
}

function nameOf(model: string): string {
  return `asleep/${model}`
}

function readBySource(store: Store): ReadBySource {
  const read: Record<string, number> = Object.create(null)
  for (const { source, nextOffset } of store.positions()) read[source] = (read[source] ?? 0) + nextOffset
  return read
}
