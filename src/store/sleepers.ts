// Models whose state is on disk and that the configuration does not have: they sleep. Nothing of theirs is read or judged; when
// they are configured again they go on, incidents included, so that removing and adding again tells nobody anything twice.
//
//   asleep/MODEL   how far each source had been read when it fell asleep; null once it is awake
//   source/MODEL   the source that it was last watched on: one that moves to another source has slept there until then
//
// The first document is written with the first commit that its model missed: until then nothing has passed it by.

import type { Changes } from './changes.ts'
import type { Store } from './store.ts'

type ReadBySource = Readonly<Record<string, number>>

export class Sleepers {
  readonly #store: Store
  readonly #read: ReadBySource
  /** Sleeping models, in the order of their streams. */
  readonly #asleep = new Set<string>()
  /** By document name, what the next commit writes. */
  readonly #unsaved = new Map<string, ReadBySource | string | null>()

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

  /** The configuration has this model. @returns whether records of its source have been read without it */
  wake(model: string, source: string): boolean {
    const before = this.#lastSource(model)
    if (before !== source) this.#unsaved.set(sourceNameOf(model), source)
    const since = this.#sleepingSince(model)
    if (since === null) return before !== null && before !== source && this.#read[source] !== undefined
    this.#unsaved.set(nameOf(model), null)
    return since[source] !== this.#read[source]
  }

  #sleepingSince(model: string): ReadBySource | null {
    return JSON.parse(this.#store.document(nameOf(model)) ?? 'null') as ReadBySource | null
  }

  #lastSource(model: string): string | null {
    return JSON.parse(this.#store.document(sourceNameOf(model)) ?? 'null') as string | null
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

function sourceNameOf(model: string): string {
  return `source/${model}`
}

function readBySource(store: Store): ReadBySource {
  const read: Record<string, number> = Object.create(null)
  for (const { source, nextOffset } of store.positions()) read[source] = (read[source] ?? 0) + nextOffset
  return read
}
