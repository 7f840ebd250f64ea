// The segments of a report: as on their page, in the last window whose labels are complete, or else in the newest.

import { count, plainNumber, withInterval } from '../../delivery/wording.ts'
import type { SegmentsView } from '../../overview/segments.ts'
import { Figure } from '../charts/figure.ts'
import { SegmentBars, segmentBarsTable } from '../charts/segment-bars.ts'
import { statusWords } from '../charts/shapes.ts'
import { html } from '../html.ts'
import { utcText } from '../moment.ts'
import { segmentBarsOf, segmentSummary } from '../segment-figures.ts'

export function ReportSegments({ views }: { readonly views: readonly SegmentsView[] }) {
  return html`<p>${windowText(views)}</p>
    ${views.map((view) => {
      const drawn = segmentBarsOf(view)
      return html`<p>${view.verdict}</p>
        <${Figure} title=${drawn.name} summary=${segmentSummary(view)} table=${() => segmentBarsTable(drawn)} file=${`segments-${view.column}`}>
          <${SegmentBars} data=${drawn} />
        <//>`
    })}`
}

/** As Markdown: what is said of each column, and its table. @param plain and @param table as reports write them */
export function segmentsMarkdown(
  views: readonly SegmentsView[],
  plain: (text: string) => string,
  table: (columns: readonly string[], rows: ReadonlyArray<readonly string[]>) => string,
): string {
  if (views.length === 0) return ''
  const parts = views.map((view) => {
    const { name, bars } = segmentBarsOf(view)
    const columns = ['segment', name, 'its reference', 'verdict', 'rows', 'labelled', 'the model without it']
    const rows = bars.map(({ label, value, low, high, reference, status, rows: of, labelled, without }) => [
      ...[label, value === null ? '–' : withInterval(value, low, high), number(reference)],
      ...[statusWords[status], count(of), count(labelled), number(without)],
    ])
    return `${plain(view.verdict)}\n\n${table(columns, rows)}`
  })
  return ['## Segments', plain(windowText(views)), ...parts].join('\n\n')
}

const number = (value: number | null): string => (value === null ? '–' : plainNumber(value))

function windowText([view]: readonly SegmentsView[]): string {
  const { start = null, end = null, whole = null } = view ?? {}
  // Where no window of the period has all its labels, the newest is shown.
  const labels =
    whole?.provisional === true
      ? ` So far ${count(whole.labelled)} of its ${count(whole.samples)} predictions are labelled: its performance is provisional.`
      : ''
  return `In the window from ${utcText(start ?? '')} to ${utcText(end ?? '')}.${labels} A segment is compared with itself in the reference; segments open no incident.`
}
