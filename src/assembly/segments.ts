// The segments of a model of a running daemon: what was stored of the windows that are asked for.

import { setImmediate as nextTurn } from 'node:timers/promises'
import type { SegmentsQuery } from '../http/segments-routes.ts'
import { NoSuch } from '../http/segments-routes.ts'
import type { WatchedModel } from '../monitors/watched-model.ts'
import { stepOf } from '../monitors/watched-segments.ts'
import type { WindowResult } from '../monitors/window-result.ts'
import type { SegmentsView } from '../overview/segments.ts'
import { segmentsView } from '../overview/segments.ts'
import type { Pipeline } from '../pipeline.ts'
import type { Views } from '../store/views.ts'
import type { Instant } from '../time.ts'
import type { WindowSpec } from '../windows/window.ts'

/** Windows that a segment's course shows. */
const POINTS_MAX = 96
/** After so many, others have their turn. */
const READ_AT_ONCE = 12

type StoredViews = Pick<Views, 'results' | 'segmentResults' | 'newestOfSegments'>
interface Sequence {
  readonly model: string
  readonly version: string
  readonly window: string
}

export function segmentsOf(
  views: StoredViews,
  pipeline: () => Pick<Pipeline, 'models'>,
): (query: SegmentsQuery) => Promise<SegmentsView> {
  return async (query) => {
    const model = modelNamed(query.model, pipeline().models())
    const { settings, segments: choice } = model.options
    const version = query.version ?? newestVersion(views, model)
    const columns = choice?.columns ?? []
    const windows = settings.windows.map(({ name }) => name)
    const window = oneOf('window', query.window ?? (windows[0] as string), windows)
    const metric = oneOf('metric', query.metric ?? (settings.metrics[0] as string), settings.metrics)
    const asked = query.column ?? query.segment?.split('=')[0]
    const column = columns.length === 0 ? null : oneOf('segment column', asked ?? (columns[0] as string), columns)
    const spec = settings.windows.find(({ name }) => name === window) as WindowSpec
    const sequence = { model: model.name, version, window }
    const end = column === null ? undefined : (query.end ?? views.newestOfSegments(sequence))
    const step = stepOf(spec)
    const shown = end === undefined || column === null ? [] : ofColumn(views, sequence, column, end)
    const since = column === null ? undefined : model.streams.get(version)?.segments?.sinceOf(column)
    // A column that is told apart since later has no segments in windows that others have theirs in.
    const isTold = (at: Instant) => since === undefined || at - spec.sizeMs >= since
    const neighbour = (at: Instant | undefined) =>
      at !== undefined && isTold(at) && hasSegments(views, sequence, at) ? at : null
    return segmentsView(
      {
        ...{ model: model.name, version, versions: [...model.streams.keys()], window, windows, metric },
        ...{ metrics: settings.metrics, column, columns, stepMs: step },
        since: since === undefined || !Number.isFinite(since) ? null : since,
        before: neighbour(end === undefined ? undefined : end - step),
        after: neighbour(end === undefined ? undefined : end + step),
      },
      {
        whole: end === undefined ? undefined : views.results({ ...sequence, from: end, to: end + 1, limit: 1 })[0],
        segments: shown,
        history:
          query.segment === undefined || end === undefined
            ? null
            : { segment: query.segment, results: await courseOf(views, sequence, query.segment, { end, step }) },
      },
    )
  }
}

/** @throws NoSuch */
function modelNamed(name: string, models: readonly WatchedModel[]): WatchedModel {
  const known = oneOf(
    'model',
    name,
    models.map((model) => model.name),
  )
  return models.find((model) => model.name === known) as WatchedModel
}

/** @throws NoSuch */
function oneOf(what: string, name: string, names: readonly string[]): string {
  if (names.includes(name)) return name
  throw new NoSuch(`there is no ${what} ${name}; there is: ${names.join(', ')}`)
}

/** The version whose windows are the newest. */
function newestVersion(views: StoredViews, { name, streams }: WatchedModel): string {
  const [newest] = views.results({ model: name, limit: 1 })
  return newest?.version ?? [...streams.keys()].at(-1) ?? ''
}

function hasSegments(views: StoredViews, sequence: Sequence, end: Instant): boolean {
  return views.segmentResults({ ...sequence, from: end, to: end + 1, limit: 1 }).length > 0
}

function ofColumn(views: StoredViews, sequence: Sequence, column: string, end: Instant): WindowResult[] {
  return views
    .segmentResults({ ...sequence, from: end, to: end + 1 })
    .filter(({ segment }) => segment.startsWith(`${column}=`))
}

async function courseOf(
  views: StoredViews,
  sequence: Sequence,
  segment: string,
  { end, step }: { readonly end: Instant; readonly step: number },
): Promise<WindowResult[]> {
  const results: WindowResult[] = []
  for (let back = POINTS_MAX - 1; back >= 0; back--) {
    if (back % READ_AT_ONCE === 0) await nextTurn()
    const at = end - back * step
    results.push(...views.segmentResults({ ...sequence, segment, from: at, to: at + 1 }))
  }
  return results
}
