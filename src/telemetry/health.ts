// Whether the process lives, and whether it is ready: named checks, each with its reason.

export interface Check {
  readonly name: string
  readonly ok: boolean
  readonly because: string
  /** false: it is told, and the process is ready nevertheless. Left out: it is not ready without it. */
  readonly isVital?: false
}

export class Health {
  readonly #checks = new Map<string, Check>()

  /** Registers a part that is not ready yet. */
  expect(name: string, because: string): void {
    this.set(name, false, because)
  }

  set(name: string, ok: boolean, because: string): void {
    this.#checks.set(name, { name, ok, because })
  }

  /** Something that people should know of, and that makes nothing unready. */
  tell(name: string, ok: boolean, because: string): void {
    this.#checks.set(name, { name, ok, because, isVital: false })
  }

  /** The part is no more. */
  forget(name: string): void {
    this.#checks.delete(name)
  }

  get ready(): boolean {
    return this.checks.every(({ ok, isVital }) => ok || isVital === false)
  }

  get checks(): readonly Check[] {
    return [...this.#checks.values()]
  }
}
