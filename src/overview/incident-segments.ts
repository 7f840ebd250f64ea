// In which part of the rows an incident of performance is worst, where the model tells segments apart.

import type { SegmentsView } from './segments.ts'

export interface IncidentSegment {
  /** `region north is losing accuracy: …` */
  readonly text: string
  readonly column: string
  readonly metric: string
  readonly window: string
  /** Of the window that it is said of. */
  readonly end: string
}

/** What is to be said of each column: which segment carries the loss, or which of them are worse than they were. */
export function segmentsOfIncident(views: readonly SegmentsView[]): IncidentSegment[] {
  return views.flatMap(({ column, metric, window, end, carrier, segments, verdict }) => {
    const of = (one: SegmentsView['segments'][number]) => one.metrics.find((measured) => measured.metric === metric)
    const alarms = segments.some((one) => of(one)?.status === 'alarm')
    if (column === null || end === null || (carrier === null && !alarms)) return []
    return [{ text: verdict, column, metric, window, end }]
  })
}
