// The segments of a model in the last window of a period whose labels are complete, one view for each column.

import type { WatchedModel } from '../monitors/watched-model.ts'
import { stepOf } from '../monitors/watched-segments.ts'
import type { Views } from '../store/views.ts'
import type { Instant } from '../time.ts'
import type { WindowSpec } from '../windows/window.ts'
import type { SegmentsView } from './segments.ts'
import type { SegmentedWindow } from './segments-by-column.ts'
import { segmentsByColumn } from './segments-by-column.ts'

/** So many windows back the labels of one may be complete; further back nobody asks. */
const WINDOWS_LOOKED_AT = 200

/** @returns a view for each column of the first metric; none where segments are not told apart, or no window was judged by them */
export function reportSegments(
  views: Pick<Views, 'results' | 'segmentResults'>,
  watched: Pick<WatchedModel, 'options' | 'name'>,
  { version, window, first, last }: { version: string; window: WindowSpec; first: Instant; last: Instant },
): SegmentsView[] {
  const { settings, segments } = watched.options
  const [metric] = settings.metrics
  if (segments === undefined || metric === undefined) return []
  const sequence = { model: watched.name, version, window: window.name }
  const found = newestWhole(views, sequence, { first, last, stepMs: stepOf(window) })
  return found === undefined ? [] : segmentsByColumn(watched, found, { spec: window, metric })
}

/** The newest window that was judged by segment and is not provisional, or else the newest of all. */
function newestWhole(
  views: Pick<Views, 'results' | 'segmentResults'>,
  sequence: { readonly model: string; readonly version: string; readonly window: string },
  { first, last, stepMs }: { readonly first: Instant; readonly last: Instant; readonly stepMs: number },
): SegmentedWindow | undefined {
  let newest: SegmentedWindow | undefined
  let end = last - (last % stepMs)
  for (let looked = 0; looked < WINDOWS_LOOKED_AT && end >= first; looked++, end -= stepMs) {
    const [whole] = views.results({ ...sequence, from: end, to: end + 1, limit: 1 })
    if (whole === undefined || (whole.provisional && newest !== undefined)) continue
    const segments = views.segmentResults({ ...sequence, from: end, to: end + 1 })
    if (segments.length === 0) continue
    if (!whole.provisional) return { whole, segments }
    newest = { whole, segments }
  }
  return newest
}
