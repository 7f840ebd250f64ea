// The token of whoever looks at the page: typed once, kept until the browser's tab is closed, sent to the daemon only.

const KEY = 'leeway-token'

/** Why a token is asked for: the daemon shows nothing without one or with this one, or somebody wishes to use another. */
export type Asking = 'refused' | 'wished'

export class Session {
  readonly #storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>
  readonly #listeners = new Set<() => void>()
  #asks: Asking | null = null

  constructor(storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>) {
    this.#storage = storage
  }

  get token(): string | null {
    return this.#storage.getItem(KEY)
  }

  /** null: none is asked for. */
  get asks(): Asking | null {
    return this.#asks
  }

  ask(why: Asking = 'wished'): void {
    if (this.#asks === why || this.#asks === 'refused') return
    this.#asks = why
    this.#tell()
  }

  /** Goes on with what there was before it was asked. */
  keep(): void {
    this.#asks = null
    this.#tell()
  }

  /** null signs out. */
  use(token: string | null): void {
    if (token === null) this.#storage.removeItem(KEY)
    else this.#storage.setItem(KEY, token)
    this.#asks = null
    this.#tell()
  }

  /** @returns ends it */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener()
  }
}
