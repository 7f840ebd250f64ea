// What was shown last, while something else of the same is read.

import { useRef } from 'preact/hooks'

/** What was read last stays until the next answer is there. @param about what is about something else does not stay */
export function useLast<T>(data: T | undefined, about: string): T | undefined {
  const last = useRef<{ about: string; data: T } | null>(null)
  if (data !== undefined) last.current = { about, data }
  return last.current?.about === about ? last.current.data : undefined
}
