// Started parts and how to stop them.

/** Closes parts in reverse order of starting; each step has a name, so that a failing stop says which one failed. */
export class CleanUps implements AsyncDisposable {
  readonly #steps: Array<{ name: string; stop: () => Promise<void> | void }> = []

  add(name: string, stop: () => Promise<void> | void): void {
    this.#steps.push({ name, stop })
  }

  /** Stopping twice is harmless. All steps are tried; what failed is thrown together at the end. */
  async stop(): Promise<void> {
    const failures: Error[] = []
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step.stop()
      } catch (error) {
        failures.push(
          new Error(`stopping ${step.name} failed: ${error instanceof Error ? error.message : error}`, {
            cause: error,
          }),
        )
      }
    }
    if (failures.length > 0)
      throw failures.length === 1 ? failures[0] : new AggregateError(failures, failures.map(String).join('; '))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}
