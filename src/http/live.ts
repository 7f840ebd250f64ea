// Server-sent events: what has changed, told to every page that is open, at most once a second. A page that hears of a change reads
// again what it shows of it; after a pause it reads everything, so that nothing has to be told twice.

import { jsonLine } from '../delivery/text-safety.ts'
import type { Instant, Millis } from '../time.ts'
import { formatInstant, SECOND } from '../time.ts'
import type { Reader, ReadRoute } from './route.ts'

/** What has changed. null: it may be any of them. */
export interface LiveChange {
  /** With newly evaluated windows, or incidents, requests for retraining or a reference that something happened to. */
  readonly models?: readonly string[] | null
  /** Ids of those that something happened to. */
  readonly incidents?: readonly string[] | null
  /** Models with requests for retraining that something happened to. */
  readonly retraining?: readonly string[] | null
  /** Another configuration is in force. */
  readonly isReloaded?: true
}

export interface LiveOptions {
  readonly now: () => Instant
  /** Milliseconds from any beginning. */
  readonly steady: () => Millis
  /** Calls back once. @returns calls it off */
  readonly schedule: (act: () => void, afterMs: Millis) => () => void
}

const EVERY_MS = SECOND
/** Proxies end connections on which nothing is said for a minute, or for half of one. */
const HEARTBEAT_MS = 15 * SECOND
/** More are told as `any`. */
const NAMES_MAX = 500

type Kind = 'models' | 'incidents' | 'retraining'
const kinds: readonly Kind[] = ['models', 'incidents', 'retraining']

export class Live {
  readonly #options: LiveOptions
  readonly #readers = new Set<Reader>()
  /** What was not told yet. */
  #pending: { readonly names: Record<Kind, Set<string> | null>; isReloaded: boolean } | undefined
  #toldAt: Millis = Number.NEGATIVE_INFINITY
  #callOffSending: (() => void) | undefined
  #callOffHeartbeat: (() => void) | undefined

  constructor(options: LiveOptions) {
    this.#options = options
  }

  /** Costs nothing while nobody listens. */
  tell(change: LiveChange): void {
    if (this.#readers.size === 0) return
    this.#pending ??= { names: { models: new Set(), incidents: new Set(), retraining: new Set() }, isReloaded: false }
    const { names } = this.#pending
    let isNews = change.isReloaded === true
    for (const kind of kinds) {
      const more = change[kind]
      if (more === undefined || more?.length === 0) continue
      isNews = true
      for (const name of more ?? []) names[kind]?.add(name)
      if (more === null || (names[kind]?.size ?? 0) > NAMES_MAX) names[kind] = null
    }
    this.#pending.isReloaded ||= change.isReloaded === true
    if (isNews) this.#schedule()
  }

  #schedule(): void {
    const { schedule, steady } = this.#options
    // Not in the midst of what is being done: a commit has other things to do first.
    this.#callOffSending ??= schedule(() => this.#send(), Math.max(0, this.#toldAt + EVERY_MS - steady()))
  }

  #send(): void {
    this.#callOffSending = undefined
    this.#toldAt = this.#options.steady()
    const pending = this.#pending
    this.#pending = undefined
    if (pending === undefined) return
    const { names, isReloaded } = pending
    const list = (kind: Kind) => (names[kind] === null ? null : [...names[kind]])
    const change = { models: list('models'), incidents: list('incidents'), retraining: list('retraining'), isReloaded }
    this.#write(message('change', { at: formatInstant(this.#options.now()), ...change }))
    // Tokens may have changed with it: whoever may still read comes again.
    if (isReloaded) for (const reader of this.#readers) reader.end()
  }

  #write(text: string): void {
    for (const reader of this.#readers) reader.write(text)
  }

  follow(reader: Reader): () => void {
    this.#readers.add(reader)
    reader.write(message('hello', { at: formatInstant(this.#options.now()) }))
    this.#callOffHeartbeat ??= this.#beat()
    return () => {
      this.#readers.delete(reader)
      if (this.#readers.size > 0) return
      this.#callOffHeartbeat?.()
      this.#callOffSending?.()
      this.#callOffHeartbeat = undefined
      this.#callOffSending = undefined
      this.#pending = undefined
    }
  }

  #beat(): () => void {
    return this.#options.schedule(() => {
      this.#write(': still here\n\n')
      this.#callOffHeartbeat = this.#beat()
    }, HEARTBEAT_MS)
  }
}

function message(event: string, data: object): string {
  return `event: ${event}\ndata: ${jsonLine(data)}\n\n`
}

export function liveRoute(live: Pick<Live, 'follow'>): ReadRoute {
  return {
    method: 'GET',
    path: '/api/v1/live',
    query: {},
    needs: 'read',
    handle: () => ({ status: 200, type: 'text/event-stream', follow: (reader) => live.follow(reader) }),
  }
}
