// How long panes are needed: by windows that may still be judged, and by a reference that may be made of them.

import { WINDOWS_NEEDED } from '../reference/noise.ts'
import type { Instant, Millis } from '../time.ts'
import type { WindowSpec } from '../windows/window.ts'

/** Event times before which panes are no longer needed. */
export interface PaneRetention {
  readonly inputsBefore: Instant
  readonly outcomesBefore: Instant
}

export interface RetentionRules {
  readonly horizonMs: Millis
  readonly allowedLatenessMs: Millis
  /** So far a reference may reach back that is made of production. */
  readonly normalMs: Millis
}

/** So long a reference reaches back that is made of production, and learns its own noise in the smallest windows. */
export function normalMs(windows: readonly WindowSpec[]): Millis {
  return (WINDOWS_NEEDED + 1) * Math.min(...windows.map(({ sizeMs }) => sizeMs))
}

/** @param heldMs until its next slide a window holds, and will then subtract, what lies a slide before what it needs */
export function retentionOf(
  watermark: Instant,
  { paneMs, heldMs }: { readonly paneMs: Millis; readonly heldMs: Millis },
  { horizonMs, allowedLatenessMs, normalMs }: RetentionRules,
): PaneRetention {
  const startOf = (time: Instant) => Math.floor(time / paneMs) * paneMs
  return {
    inputsBefore: startOf(watermark - Math.max(heldMs, normalMs) - allowedLatenessMs) - paneMs,
    outcomesBefore: startOf(watermark - heldMs - horizonMs) - paneMs,
  }
}
