// What every part of a page can reach: where it is, whom to ask, and what tells it that something has changed. A page that is drawn
// without a browser (the report) has none of it, and what needs it is left out there.

import { createContext } from 'preact'
import { useContext, useEffect, useRef, useState } from 'preact/hooks'
import type { Address } from './address.ts'
import type { Api, ApiError } from './api.ts'
import type { Change, Changes } from './changes.ts'
import type { Question } from './question.ts'
import type { Read } from './reading.ts'
import { Reading } from './reading.ts'
import type { Session } from './session.ts'

export interface Surroundings {
  readonly address: Address
  /** What `href` takes, of an address such as `models/credit-risk?window=1h`. */
  href(address: string): string
  /** Goes there. @param replace the address before is not gone back to */
  go(address: string, options?: { readonly replace?: boolean }): void
  readonly api: Api
  readonly changes: Changes
  readonly session: Session
  /** Asks before something is done; one question at a time. */
  pose(question: Question): void
  /** What was written and not sent, by where: it outlives the page, until the browser loads it anew. */
  readonly drafts: Map<string, string>
}

export const InSurroundings = createContext<Surroundings | null>(null)

/** null where there is no browser. */
export function useSurroundingsIfAny(): Surroundings | null {
  return useContext(InSurroundings)
}

export function useSurroundings(): Surroundings {
  const found = useContext(InSurroundings)
  if (found === null) throw new Error('this part of the page needs a browser')
  return found
}

export interface Data<T> {
  /** What was read last; it stays while it is read again. */
  readonly data: T | undefined
  readonly error: ApiError | undefined
  /** Reads it again now. */
  again(): void
}

/**
 * Reads from the API, and again when something has changed that it is about.
 *
 * @param path under `/api/v1/`, with its query; null: nothing is read yet
 * @param concerns whether a change matters to it; left out: every change does
 */
export function useData<T>(path: string | null, concerns: (change: Change) => boolean = () => true): Data<T> {
  const { api, changes, session } = useSurroundings()
  const [read, setRead] = useState<Read<T> & { readonly path: string | null }>({ path: null })
  const reading = useRef<Reading<T> | undefined>(undefined)
  const newest = useRef(concerns)
  newest.current = concerns
  useEffect(() => {
    if (path === null) return undefined
    const one = new Reading<T>({
      get: (signal) => api.get<T>(path, signal),
      told: (found) => setRead({ path, ...found }),
      later(act, ms) {
        const timer = setTimeout(act, ms)
        return () => clearTimeout(timer)
      },
    })
    reading.current = one
    one.again()
    return () => one.stop()
  }, [api, path])
  useEffect(() => changes.listen((change) => newest.current(change) && reading.current?.again()), [changes])
  useEffect(() => {
    let { token } = session
    return session.listen(() => {
      // Being asked for a token is no other token: the refused one is not tried again.
      if (session.token !== token) reading.current?.anew()
      token = session.token
    })
  }, [session])
  const isOfThis = path !== null && read.path === path
  return {
    data: isOfThis ? read.data : undefined,
    error: isOfThis ? read.error : undefined,
    again: () => reading.current?.again(),
  }
}
