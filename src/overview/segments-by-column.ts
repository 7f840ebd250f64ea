// What is said of all segments of one window, a view for each column that tells them apart.

import type { WatchedModel } from '../monitors/watched-model.ts'
import { stepOf } from '../monitors/watched-segments.ts'
import type { WindowResult } from '../monitors/window-result.ts'
import type { WindowSpec } from '../windows/window.ts'
import type { SegmentsView } from './segments.ts'
import { segmentsView } from './segments.ts'

/** The window as a whole, and each of its segments in any order. */
export interface SegmentedWindow {
  readonly whole: WindowResult
  readonly segments: readonly WindowResult[]
}

/** @returns none of columns by which the window was not judged */
export function segmentsByColumn(
  { options: { settings, segments: choice } }: Pick<WatchedModel, 'options'>,
  { whole, segments }: SegmentedWindow,
  { spec, metric }: { readonly spec: WindowSpec; readonly metric: string },
): SegmentsView[] {
  const { model, version, window } = whole
  const { metrics } = settings
  const columns = choice?.columns ?? []
  return columns.flatMap((column) => {
    const ofColumn = segments.filter(({ segment }) => segment.startsWith(`${column}=`))
    if (ofColumn.length === 0) return []
    const question = {
      ...{ model, version, versions: [version], window, windows: [window], metric, metrics, column, columns },
      ...{ stepMs: stepOf(spec), since: null, before: null, after: null },
    }
    return [segmentsView(question, { whole, segments: ofColumn, history: null })]
  })
}
