// Looks after the free space of the state directory, and warns before the disk is full.

import type { Space } from '../store/space.ts'
import { spaceOf } from '../store/space.ts'
import type { Health } from '../telemetry/health.ts'
import { SECOND } from '../time.ts'

const LOOK_EVERY_MS = 5 * SECOND
const CHECK = 'free space'
const MIB = 2 ** 20

export interface SpaceWatch {
  /** As it was when last looked at. */
  current(): Space
  stop(): void
}

/**
 * Little space is a warning, not a failure: the check is passed, and says so. Traffic is turned away only when a write fails.
 *
 * @param options.warn told once each time space falls under `freeMinBytes`
 */
export function watchSpace(
  directory: string,
  options: { freeMinBytes: number; health: Health; warn: (message: string) => void; look?: () => Space },
): SpaceWatch {
  const { freeMinBytes, health, warn, look = () => spaceOf(directory) } = options
  let space = look()
  let isLow = false
  const judge = () => {
    const wasLow = isLow
    isLow = space.freeBytes < freeMinBytes
    const free = `${Math.floor(space.freeBytes / MIB)} MiB are free`
    const because = isLow
      ? `${directory}: only ${free}, less than the ${Math.floor(freeMinBytes / MIB)} MiB of LEEWAY_STATE_FREE_MIN_MIB; when the disk is full nothing more is read until there is room`
      : free
    health.set(CHECK, true, because)
    if (isLow && !wasLow) warn(because)
  }
  judge()
  const timer = setInterval(() => {
    try {
      space = look()
      judge()
    } catch (error) {
      health.set(CHECK, true, `not known: ${error instanceof Error ? error.message : error}`)
    }
  }, LOOK_EVERY_MS)
  return { current: () => space, stop: () => clearInterval(timer) }
}
