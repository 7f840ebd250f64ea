// How a feature lay in the last window of a report, beside its reference.

import { distributionBars } from '../delivery/charts/distribution-bars.ts'
import { subjectAt } from '../monitors/subject.ts'
import type { WatchedStream } from '../monitors/watched-stream.ts'
import type { Instant } from '../time.ts'
import type { WindowSpec } from '../windows/window.ts'

export interface ReportDistribution {
  readonly name: string
  readonly kind: 'numeric' | 'categorical'
  readonly rows: { readonly reference: number; readonly current: number }
  /** Shares, 0 to 1, and what each part adds to the PSI. */
  readonly parts: ReadonlyArray<{
    readonly label: string
    readonly reference: number
    readonly current: number
    readonly psi: number
  }>
  readonly psi: number
}

/** @returns undefined when the window's rows are not kept any more, or there is nothing that could be shown */
export function distributionAt(
  { subject, inputs }: WatchedStream,
  feature: string,
  { window, end }: { window: WindowSpec; end: Instant },
): ReportDistribution | undefined {
  const start = end - window.sizeMs
  const kept = inputs.firstIn(start, end)
  if (kept === undefined || start < inputs.droppedBefore) return undefined
  const column = subjectAt(subject, start, end).columns.find(({ cells }) => cells.column.name === feature)
  if (column === undefined) return undefined
  const shown = distributionBars(column, inputs.sum(start, end))
  if (shown === undefined) return undefined
  const parts = shown.bars.map((bar) => ({ ...bar, psi: psiOf(bar, shown.rows) }))
  const { kind } = column.cells
  return {
    ...{ name: feature, kind: kind === 'numeric' ? 'numeric' : 'categorical', rows: shown.rows, parts },
    psi: parts.reduce((sum, { psi }) => sum + psi, 0),
  }
}

/** With half a row added on both sides, so that an empty part has a finite weight. */
function psiOf(
  { reference, current }: { reference: number; current: number },
  rows: ReportDistribution['rows'],
): number {
  const [p, q] = [current + 0.5 / rows.current, reference + 0.5 / rows.reference]
  return (p - q) * Math.log(p / q)
}
