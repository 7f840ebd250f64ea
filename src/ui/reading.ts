// One thing of the API that is read again and again: one read at a time, whatever happens meanwhile.

import { ApiError } from './api.ts'

export interface Read<T> {
  readonly data?: T
  readonly error?: ApiError
}

export interface ReadingOptions<T> {
  /** @throws ApiError */
  readonly get: (signal: AbortSignal) => Promise<T>
  readonly told: (read: Read<T>) => void
  /** Calls back once. @returns calls it off */
  readonly later: (act: () => void, ms: number) => () => void
}

const FIRST_WAIT_MS = 5_000
const LONGEST_WAIT_MS = 60_000
/** The daemon is away, starts, or has too much to do: it is asked again without anybody's doing. */
const PASSING: readonly number[] = [0, 429, 502, 503, 504]
/** What was read before may not be seen any more, or is gone. */
const GONE: readonly number[] = [401, 403, 404]

export class Reading<T> {
  readonly #options: ReadingOptions<T>
  #abort: AbortController | undefined
  #isDue = false
  #isStopped = false
  #failures = 0
  #data: { readonly data?: T } = {}
  #callOff: (() => void) | undefined

  constructor(options: ReadingOptions<T>) {
    this.#options = options
  }

  /**
   * Reads it now, or once more when the read under way has ended: changes come faster than a slow line answers, and a read that each of
   * them called off would never end.
   */
  again(): void {
    if (this.#isStopped) return
    if (this.#abort !== undefined) this.#isDue = true
    else void this.#read()
  }

  /** For somebody else: what is under way is not waited for. */
  anew(): void {
    this.#abort?.abort()
    this.#abort = undefined
    this.again()
  }

  stop(): void {
    this.#isStopped = true
    this.#abort?.abort()
    this.#callOff?.()
  }

  async #read(): Promise<void> {
    const { get, told } = this.#options
    const abort = new AbortController()
    this.#abort = abort
    this.#isDue = false
    this.#callOff?.()
    const read = await get(abort.signal).then(
      (data): Read<T> => ({ data }),
      (error: unknown): Read<T> => ({ error: error instanceof ApiError ? error : new ApiError(0, String(error)) }),
    )
    if (abort.signal.aborted) return
    this.#abort = undefined
    const { error } = read
    if (error === undefined) this.#data = read
    else if (GONE.includes(error.status)) this.#data = {}
    told({ ...this.#data, ...(error !== undefined && { error }) })
    if (error !== undefined && PASSING.includes(error.status)) this.#comeAgain()
    else {
      this.#failures = 0
      if (this.#isDue) this.again()
    }
  }

  #comeAgain(): void {
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#failures++)
    this.#callOff = this.#options.later(() => this.again(), wait)
  }
}
