/** Something failed on which everything rests; the first one counts. */
export class Failure {
  readonly #failed = Promise.withResolvers<never>()

  constructor() {
    this.#failed.promise.catch(() => {})
  }

  set(error: unknown): void {
    this.#failed.reject(error instanceof Error ? error : new Error(String(error)))
  }

  /** Never fulfilled; rejects with the failure. */
  get happened(): Promise<never> {
    return this.#failed.promise
  }
}
