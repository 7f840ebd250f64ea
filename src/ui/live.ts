// Keeps the page up to date: hears from the daemon what has changed, and comes again when the connection is lost.
//
//   live           hears of every change within a second or so
//   reconnecting   the connection was lost; it is tried again, at first soon, then every half a minute
//   paused         by the reader's wish: nothing on the page moves

import type { Api } from './api.ts'
import { ApiError } from './api.ts'
import type { Change, Changes } from './changes.ts'

export type LiveState = 'live' | 'reconnecting' | 'paused'

export interface LiveLinkOptions {
  readonly api: Pick<Api, 'stream'>
  readonly changes: Pick<Changes, 'tell'>
  /** Waits, at most until it is called off. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>
  readonly random: () => number
}

const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 30_000
/** The daemon says something every 15 s. */
const SILENCE_MAX_MS = 45_000
/** No message is as long. */
const MESSAGE_LENGTH_MAX = 1_000_000

export class LiveLink {
  readonly #options: LiveLinkOptions
  readonly #listeners = new Set<(state: LiveState) => void>()
  #state: LiveState = 'reconnecting'
  #abort: AbortController | undefined
  #isRefused = false

  constructor(options: LiveLinkOptions) {
    this.#options = options
  }

  get state(): LiveState {
    return this.#state
  }

  /** The token is not taken: nothing is tried until it is started again, for unknown tokens count against everybody at this address. */
  get isRefused(): boolean {
    return this.#isRefused
  }

  /** @returns ends it */
  listen(listener: (state: LiveState) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Connects; what has changed meanwhile is read again. Calling it twice begins anew. */
  start(): void {
    this.stop()
    this.#isRefused = false
    this.#abort = new AbortController()
    this.#set('reconnecting')
    void this.#run(this.#abort.signal)
  }

  pause(): void {
    this.stop()
    this.#set('paused')
  }

  /** The page is left, or nobody looks at it. */
  stop(): void {
    this.#abort?.abort()
    this.#abort = undefined
  }

  #set(state: LiveState): void {
    if (state === this.#state) return
    this.#state = state
    for (const listener of [...this.#listeners]) listener(state)
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { api, wait, random } = this.#options
    let failures = 0
    while (!signal.aborted) {
      const silence = new AbortController()
      const ended = AbortSignal.any([signal, silence.signal])
      try {
        const stream = await api.stream('live', ended)
        for await (const { event, data } of messages(stream, () => this.#watch(silence, signal))) {
          failures = 0
          if (!signal.aborted) this.#heard(event, data)
        }
      } catch (error) {
        failures++
        if (!signal.aborted) this.#isRefused = error instanceof ApiError && error.status === 401
      }
      silence.abort()
      if (signal.aborted) return
      this.#set('reconnecting')
      if (this.#isRefused) return
      const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.max(0, failures - 1))
      // Many pages must not come back all at once.
      await wait(longest * (0.5 + random() / 2), signal).catch(() => {})
    }
  }

  /** A connection on which nothing is heard for long is dead, though nobody says so. @returns to be called when something is heard */
  #watch(silence: AbortController, signal: AbortSignal): () => void {
    const heard = new AbortController()
    const either = AbortSignal.any([heard.signal, signal, silence.signal])
    void this.#options.wait(SILENCE_MAX_MS, either).then(
      () => !either.aborted && silence.abort(),
      () => {},
    )
    return () => heard.abort()
  }

  #heard(event: string, data: Record<string, unknown>): void {
    this.#set('live')
    if (event === 'change') this.#options.changes.tell(changeOf(data))
    // What was missed is not told again, not even before the first connection: everything that is shown is read anew.
    else if (event === 'hello') this.#options.changes.tell({})
  }
}

/** Where it may be any of them the daemon says null; where it says nothing, of a newer kind, too. */
function changeOf(data: Record<string, unknown>): Change {
  if (data['isReloaded'] === true) return {}
  const names = (kind: string) => {
    const found = data[kind]
    return Array.isArray(found) ? { [kind]: found.map(String) } : {}
  }
  return { ...names('models'), ...names('incidents'), ...names('retraining') }
}

async function* messages(
  stream: ReadableStream<Uint8Array>,
  waiting: () => () => void,
): AsyncIterable<{ readonly event: string; readonly data: Record<string, unknown> }> {
  const reader = stream.getReader()
  const decoder = new TextDecoder()
  let text = ''
  try {
    for (;;) {
      const heard = waiting()
      const { done, value } = await reader.read().finally(heard)
      if (done) return
      text += decoder.decode(value, { stream: true })
      const parts = text.split('\n\n')
      text = parts.pop() ?? ''
      if (text.length > MESSAGE_LENGTH_MAX) throw new Error('this is no stream of messages')
      for (const part of parts) {
        const message = parsed(part)
        if (message !== undefined) yield message
      }
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}

/** undefined: a comment, which only says that somebody is there. */
function parsed(part: string) {
  const event = /^event: (.*)$/m.exec(part)?.[1]
  const data = /^data: (.*)$/m.exec(part)?.[1]
  return event === undefined || data === undefined
    ? undefined
    : { event, data: JSON.parse(data) as Record<string, unknown> }
}
