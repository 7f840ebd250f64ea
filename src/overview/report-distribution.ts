// How inputs and outputs lay in the last window of a report, beside the reference.

import { subjectAt } from '../monitors/subject.ts'
import type { WatchedStream } from '../monitors/watched-stream.ts'
import type { Instant } from '../time.ts'
import type { WindowSpec } from '../windows/window.ts'
import type { DriftParts, ScoreBins } from './drift-parts.ts'
import { driftParts, scoreBins } from './drift-parts.ts'

export interface ReportDistribution extends DriftParts {
  readonly name: string
}

export interface ReportScore extends ScoreBins {
  readonly name: string
}

export interface LastWindow {
  readonly distributions: readonly ReportDistribution[]
  /** The first output that is a number. */
  readonly score: ReportScore | null
}

/** Nothing where the window's rows are not kept any more. @param features in the order in which they are shown */
export function lastWindow(
  { subject, inputs }: WatchedStream,
  features: readonly string[],
  { window, end }: { window: WindowSpec; end: Instant },
): LastWindow {
  const start = end - window.sizeMs
  const isKept = inputs.firstIn(start, end) !== undefined && start >= inputs.droppedBefore
  if (!isKept) return { distributions: [], score: null }
  const { columns } = subjectAt(subject, start, end)
  const current = inputs.sum(start, end)
  const byName = new Map(columns.map((column) => [column.cells.column.name, column]))
  const outputs = columns.flatMap((column) => {
    const { name, role } = column.cells.column
    const bins = role === 'feature' ? undefined : scoreBins(column, current)
    return bins === undefined ? [] : [{ name, ...bins }]
  })
  return {
    distributions: features.flatMap((name) => {
      const column = byName.get(name)
      const parts = column === undefined ? undefined : driftParts(column, current)
      return parts === undefined ? [] : [{ name, ...parts }]
    }),
    score: outputs[0] ?? null,
  }
}
