// The series of segments: there may be very many, so that they have a share of the page and no more, what alarms first.

import type { SegmentNews } from '../monitors/segment-news.ts'
import type { Verdict } from '../monitors/verdict.ts'
import type { Series } from './series.ts'
import { statusNumbers } from './series.ts'

/** Segments have what room windows of whole models leave, and at most this share of the page. */
const SHARE = 0.25

/**
 * @param room what is left of the page, and how many series it may have in all
 * @returns the series, and how many did not fit
 */
export function segmentSeries(
  news: readonly SegmentNews[],
  room: { readonly left: number; readonly page: number },
): { series: readonly Series[]; dropped: number } {
  const most = Math.max(0, Math.min(room.left, Math.floor(room.page * SHARE)))
  const bySeverity = [...news].sort((a, b) => worstOf(b) - worstOf(a) || b.samples - a.samples)
  const all = bySeverity.flatMap((one) => [...seriesOf(one)])
  return { series: all.slice(0, most), dropped: Math.max(0, all.length - most) }
}

function worstOf({ performance, drifted }: SegmentNews): number {
  const severity = (status: Verdict['status']) => statusNumbers[status]
  return Math.max(drifted === null || drifted === 0 ? -1 : 1, ...performance.map(({ status }) => severity(status)))
}

function* seriesOf({ model, version, window, segment, samples, performance, drifted }: SegmentNews): Iterable<Series> {
  const labels = { model, version, window, segment }
  for (const { metric, value, status } of performance) {
    yield {
      metric: 'leeway_segment_performance_status',
      labels: { ...labels, metric },
      value: statusNumbers[status],
    }
    if (value !== null) yield { metric: 'leeway_segment_performance', labels: { ...labels, metric }, value }
  }
  if (drifted !== null) yield { metric: 'leeway_segment_features_drifted', labels, value: drifted }
  yield { metric: 'leeway_segment_samples', labels, value: samples }
}
