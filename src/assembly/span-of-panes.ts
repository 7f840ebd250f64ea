// The panes of a model version that lie in a span of time, for a reference to be made of them.

import type { WatchedStream } from '../monitors/watched-stream.ts'
import type { OutcomePane, SpanPane } from '../reference/rebase.ts'
import type { ReferenceSegments } from '../reference/segments.ts'
import type { Instant } from '../time.ts'

export interface Span {
  /** null: since the first pane that is kept. */
  readonly from: Instant | null
  /** null: up to the watermark. */
  readonly to: Instant | null
}

/** Whole panes that lie in the span and that the watermark has passed, in order of time. */
export function panesIn(
  { inputs, outcomes }: WatchedStream,
  { from, to }: Span,
  watermark: Instant,
): { panes: SpanPane[]; earlier: OutcomePane[] } {
  const { paneMs } = inputs
  const first = from === null ? Number.NEGATIVE_INFINITY : inputs.startOf(from)
  const end = Math.min(to ?? watermark, watermark)
  const lies = (start: Instant) => start >= first && start + paneMs <= end
  const panes: SpanPane[] = []
  for (const start of [...inputs.starts()].filter(lies).sort((a, b) => a - b)) {
    const cells = inputs.read(start)
    if (cells !== undefined)
      panes.push({ start, inputs: cells, outcomes: outcomes.read(start) ?? new Float64Array(outcomes.size) })
  }
  const begin = panes[0]?.start ?? Number.NEGATIVE_INFINITY
  const earlier: OutcomePane[] = []
  for (const start of [...outcomes.starts()].filter((one) => lies(one) && one < begin).sort((a, b) => a - b)) {
    const cells = outcomes.read(start)
    if (cells !== undefined) earlier.push({ start, outcomes: cells })
  }
  return { panes, earlier }
}

/**
 * What these panes hold by segment, as far as whole panes of segments lie in them; undefined where segments are not told apart.
 *
 * @param held as `panesIn` finds them: labels come late, and outcomes are those of the earlier panes too
 */
export function segmentsIn(
  { segments, inputs }: WatchedStream,
  { panes, earlier }: { readonly panes: readonly SpanPane[]; readonly earlier: readonly OutcomePane[] },
  minCoverage: number,
): ReferenceSegments | undefined {
  const [first, last] = [panes[0], panes[panes.length - 1]]
  if (segments === undefined || first === undefined || last === undefined) return undefined
  const to = last.start + inputs.paneMs
  return segments.partsIn({ from: first.start, outcomesFrom: earlier[0]?.start ?? first.start, to }, minCoverage)
}
