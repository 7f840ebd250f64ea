// What tells how long something has lasted is read anew now and then.

import { useEffect, useRef } from 'preact/hooks'

const MINUTE_MS = 60_000

/** Reads it again every minute, while somebody looks: it tells how long something has lasted. */
export function useEveryMinute(again: () => void, isWanted: boolean): void {
  const newest = useRef(again)
  newest.current = again
  useEffect(() => {
    if (!isWanted) return undefined
    const timer = setInterval(() => document.hidden || newest.current(), MINUTE_MS)
    return () => clearInterval(timer)
  }, [isWanted])
}
