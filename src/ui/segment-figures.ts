// What a view of segments is drawn from, on their page and in reports.

import { metricName, plainNumber, withInterval } from '../delivery/wording.ts'
import type { MetricView, SegmentsView, SegmentView } from '../overview/segments.ts'
import type { SegmentBarsData } from './charts/segment-bars.ts'

export function metricIn({ metrics }: SegmentView, metric: string): MetricView | undefined {
  return metrics.find((one) => one.metric === metric)
}

export function segmentBarsOf(view: SegmentsView): SegmentBarsData {
  return {
    name: `${metricName(view.metric)} by ${view.column}`,
    whole: view.whole,
    bars: view.segments.map((segment) => {
      const {
        value = null,
        low = null,
        high = null,
        reference = null,
        without = null,
        status = 'insufficient',
      } = metricIn(segment, view.metric) ?? {}
      const { label, samples: rows, labelled } = segment
      return { label, rows, labelled, value, low, high, reference, without, status }
    }),
  }
}

/** `worst first; the whole model 0.71 (0.69–0.73), reference 0.76` */
export function segmentSummary({ whole }: SegmentsView): string {
  if (whole === null || whole.value === null) return 'worst first'
  const before = whole.reference === null ? '' : `, reference ${plainNumber(whole.reference)}`
  return `worst first; the whole model ${withInterval(whole.value, whole.low, whole.high)}${before}`
}
