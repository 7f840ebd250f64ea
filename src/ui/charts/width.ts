// Charts are drawn for the width that there is, so that letters keep their size on a telephone.

import type { RefObject } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'

/** @param usual width in CSS pixels until the page has told another one */
export function useWidth(usual: number): readonly [RefObject<HTMLDivElement | null>, number] {
  const place = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(usual)
  useLayoutEffect(() => {
    const element = place.current
    if (element === null) return
    const measure = () => {
      const room = Math.floor(element.clientWidth)
      if (room > 0) setWidth(room)
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return [place, width]
}
