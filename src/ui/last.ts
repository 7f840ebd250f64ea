// What was shown last, while something else of the same is read.

import { useEffect, useRef } from 'preact/hooks'

/** What was read last stays until the next answer is there. @param about what is about something else does not stay */
export function useLast<T>(data: T | undefined, about: string): T | undefined {
  const last = useRef<{ about: string; data: T } | null>(null)
  if (data !== undefined) last.current = { about, data }
  return last.current?.about === about ? last.current.data : undefined
}

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
