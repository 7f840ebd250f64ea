// How long after their predictions labels come: counted when they do, and stored with the other counters.

import { LABEL_DELAY, labelDelayBounds } from '../join/label-delay.ts'
import type { CounterRow } from '../store/changes.ts'
import { formatDuration } from '../time.ts'

export interface LabelDelays {
  /** Each holds what came later than the one before it. `within`: `1h`; of the last, null. */
  readonly bins: ReadonlyArray<{ readonly within: string | null; readonly count: number }>
}

/** null while no label has come. */
export function labelDelays(counters: readonly CounterRow[], model: string, version: string): LabelDelays | null {
  const counts = new Float64Array(labelDelayBounds.length + 1)
  for (const row of counters) {
    if (row.model !== model || row.version !== version || !row.name.startsWith(LABEL_DELAY)) continue
    const bin = Number(row.name.slice(LABEL_DELAY.length))
    counts[bin] = (counts[bin] ?? 0) + row.value
  }
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total === 0) return null
  return {
    bins: Array.from(counts, (count, i) => {
      const bound = labelDelayBounds[i]
      return { within: bound === undefined ? null : formatDuration(bound), count }
    }),
  }
}
