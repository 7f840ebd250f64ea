// In which part of the rows? The segments of the model that is shown, for models that tell them apart.

import type { Row } from './frame.ts'
import { badFromOne, statusWords } from './look.ts'
import { cells, inAddress, lines, number, table, toUi } from './panel.ts'
import { versionScope as versions, windowScope as windows } from './query.ts'

const inUi = `models/${inAddress('model')}/segments?window=${inAddress('window')}&metric=${inAddress('metric')}`
const here = [toUi('Open in Leeway', inUi)]
const ofSegment = [toUi('Open in Leeway', `${inUi}&segment=${inAddress('__field.labels.segment')}`)]
const ofRow = [toUi('Open in Leeway', `${inUi}&segment=${inAddress('__data.fields.Segment')}`)]

const segments = `${windows}, segment=~"$segment"`
const ofMetric = `${segments}, metric="$metric"`
const whole = `${windows}, metric="$metric", kind="realized"`
const bySegment = (expr: string) => `max by (segment, version) (${expr})`

export function segmentsRow(): Row {
  return {
    title: 'Segments',
    height: 9,
    isFolded: true,
    panels: [
      number({
        title: 'Segments that alarm',
        description:
          'Segments that are worse by $metric than they were in the reference. Each is compared with itself; they open no incident.',
        unit: 'none',
        width: 4,
        colours: badFromOne,
        links: here,
        targets: [{ expr: `count(leeway_segment_performance_status{${ofMetric}} == 2) or vector(0)` }],
      }),
      table({
        title: 'Segments by $metric',
        description: 'One row for each segment and version, what alarms first. Drifted: columns that have moved.',
        width: 20,
        labels: [
          ['segment', 'Segment'],
          ['version', 'Version'],
        ],
        links: ofRow,
        sortBy: 'Status',
        columns: [
          {
            name: 'Status',
            unit: 'none',
            words: statusWords,
            expr: bySegment(`leeway_segment_performance_status{${ofMetric}}`),
          },
          { name: '$metric', unit: 'none', decimals: 3, expr: bySegment(`leeway_segment_performance{${ofMetric}}`) },
          { name: 'Rows', unit: 'short', expr: bySegment(`leeway_segment_samples{${segments}}`) },
          {
            name: 'Drifted',
            unit: 'none',
            colours: badFromOne,
            expr: bySegment(`leeway_segment_features_drifted{${segments}}`),
          },
        ],
      }),
      cells({
        title: 'Status of each segment by $metric',
        description: 'What was said of each segment in each of its windows, compared with itself in the reference.',
        unit: 'none',
        width: 24,
        words: statusWords,
        links: ofSegment,
        targets: [{ expr: `leeway_segment_performance_status{${ofMetric}}`, legend: '{{segment}} {{version}}' }],
      }),
      lines({
        title: '$metric by segment',
        description:
          'The metric of each segment beside the whole model (blue), its reference and the value from which the whole may alarm (red). A segment has no threshold of its own here: its status says whether it is worse than it was.',
        unit: 'none',
        width: 12,
        links: ofSegment,
        targets: [
          { expr: `leeway_segment_performance{${ofMetric}}`, legend: '{{segment}} {{version}}' },
          { expr: `leeway_performance{${whole}}`, legend: 'whole {{version}}', as: 'whole' },
          {
            expr: `leeway_performance_reference{${versions}, metric="$metric"}`,
            legend: 'reference {{version}}',
            as: 'reference',
          },
          { expr: `leeway_performance_threshold{${whole}}`, legend: 'alarm {{version}}', as: 'threshold' },
        ],
      }),
      lines({
        title: 'Rows by segment',
        description: 'Predictions of each segment in its newest window; the ten with most.',
        unit: 'short',
        width: 12,
        min: 0,
        links: ofSegment,
        targets: [{ expr: `topk(10, leeway_segment_samples{${segments}})`, legend: '{{segment}} {{version}}' }],
      }),
    ],
  }
}
