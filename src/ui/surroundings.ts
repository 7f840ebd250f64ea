// What every part of a page can reach: where it is, whom to ask, and what tells it that something has changed. A page that is drawn
// without a browser (the report) has none of it, and what needs it is left out there.

import { createContext } from 'preact'
import { useContext, useEffect, useState } from 'preact/hooks'
import type { Address } from './address.ts'
import type { Api } from './api.ts'
import { ApiError } from './api.ts'
import type { Change, Changes } from './changes.ts'
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
  const [turn, setTurn] = useState(0)
  const [read, setRead] = useState<{ path: string | null; data?: T; error?: ApiError }>({ path: null })
  const again = () => setTurn((before) => before + 1)
  useEffect(() => changes.listen((change) => concerns(change) && again()), [changes, path])
  useEffect(() => session.listen(again), [session])
  useEffect(() => {
    if (path === null) return undefined
    const abort = new AbortController()
    api.get<T>(path, abort.signal).then(
      (data) => setRead({ path, data }),
      (error: unknown) => {
        if (abort.signal.aborted) return
        const told = error instanceof ApiError ? error : new ApiError(0, String(error))
        // What was read before is still worth something when the daemon is away.
        setRead((before) => ({
          path,
          error: told,
          ...(before.path === path && before.data !== undefined && told.status === 0 && { data: before.data }),
        }))
      },
    )
    return () => abort.abort()
  }, [api, path, turn])
  const isOfThis = read.path === path
  return { data: isOfThis ? read.data : undefined, error: isOfThis ? read.error : undefined, again }
}
