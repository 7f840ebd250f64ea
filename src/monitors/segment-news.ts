// What was last said of a segment, as little of it as is exported: kept in memory, for results of segments are many to read.

import { SEGMENT_DRIFT } from './judge-segment.ts'
import type { Verdict } from './verdict.ts'
import type { WindowResult } from './window-result.ts'

export interface SegmentNews
  extends Pick<WindowResult, 'model' | 'version' | 'window' | 'segment' | 'end' | 'samples'> {
  readonly performance: ReadonlyArray<{
    readonly metric: string
    readonly value: number | null
    readonly status: Verdict['status']
  }>
  /** Columns that have moved; null where too few rows tell. */
  readonly drifted: number | null
}

export function newsOf({ model, version, window, segment, end, samples, verdicts }: WindowResult): SegmentNews {
  const drift = verdicts.find(({ monitor }) => monitor === SEGMENT_DRIFT)
  return {
    ...{ model, version, window, segment, end, samples },
    performance: verdicts
      .filter(({ kind }) => kind === 'performance')
      .map(({ metric, value, status }) => ({ metric, value, status })),
    drifted: drift === undefined || drift.status === 'insufficient' ? null : drift.value,
  }
}
