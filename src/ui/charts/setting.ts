// Where charts are shown: on a page that answers to pointer and keys, or in a file that does not.

import { useSurroundingsIfAny } from '../surroundings.ts'
import type { Zone } from './zone.ts'

export interface ChartSetting {
  /** A file is read by many; a page by one. */
  readonly zone: Zone
  /** Drawn once: nothing to point at. */
  readonly isStatic: boolean
}

export function useSetting(): ChartSetting {
  const isStatic = useSurroundingsIfAny() === null
  return { zone: isStatic ? 'UTC' : 'viewer', isStatic }
}
