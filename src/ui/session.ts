// The token of whoever looks at the page: typed once, kept until the browser's tab is closed, sent to the daemon only.

const KEY = 'leeway-token'

export class Session {
  readonly #storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>
  readonly #listeners = new Set<() => void>()
  #isAsked = false

  constructor(storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>) {
    this.#storage = storage
  }

  get token(): string | null {
    return this.#storage.getItem(KEY)
  }

  /** The daemon has refused to show something without a token, or with this one. */
  get isAsked(): boolean {
    return this.#isAsked
  }

  ask(): void {
    if (this.#isAsked) return
    this.#isAsked = true
    this.#tell()
  }

  /** null signs out. */
  use(token: string | null): void {
    if (token === null) this.#storage.removeItem(KEY)
    else this.#storage.setItem(KEY, token)
    this.#isAsked = false
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
