// docs/metrics.md: every metric with type, labels and meaning, by what it is about, and where it is shown.

import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import type { MetricDefinition } from '../../src/telemetry/instruments.ts'

const head = `# Metrics

\`GET /metrics\`, in Prometheus' text format. Values about windows are those of the newest evaluated window of each model version and window size; what is no longer known (too few rows, a model that is gone) has no
series rather than an old value. The whole page has at most \`LEEWAY_SERIES_MAX\` (20,000) series, of windows the alarms first; the rest is counted in \`leeway_series_dropped_total\`. Values of labels have at most 128
characters, and what cannot be seen is written as \`\\u{…}\`. The metrics of the Node process itself (\`process_*\`, \`nodejs_*\`) are there as well. How to scrape them, and what is made of them: [Grafana and Prometheus](grafana.md).
`

/** What a metric is about; the first that fits. */
const subjects: ReadonlyArray<readonly [heading: string, name: RegExp]> = [
  ['Features', /^leeway_feature_/],
  [
    'Models, by window',
    /^leeway_(features_|model_calibrated|prediction_drift|multivariate|concept|performance|window_|label_coverage)/,
  ],
  ['Segments', /^leeway_segment/],
  ['Incidents and messages', /^leeway_(incidents|notifications|outbox|channel|charts)/],
  ['Retraining', /^leeway_retrain/],
  ['Events', /^leeway_(predictions|labels?|late|duplicates|early|join|tombstones|unknown|over|forgotten|records)_/],
  ['The daemon', /^leeway_/],
]

/** @param pages the dashboards, by name */
export function metricsReference(
  definitions: readonly MetricDefinition[],
  pages: ReadonlyMap<string, Dashboard>,
): string {
  const sections = subjects.map(([heading, pattern]) => {
    const mine = definitions.filter(({ name }) => subjects.find(([, first]) => first.test(name))?.[1] === pattern)
    return mine.length === 0 ? '' : `\n## ${heading}\n${table(mine, pages)}`
  })
  return head + sections.join('')
}

function table(definitions: readonly MetricDefinition[], pages: ReadonlyMap<string, Dashboard>): string {
  const rows = definitions.map(({ name, type, labels, help }) => {
    const cells = [`\`${name}\``, type, labels.join(', '), help, shownIn(name, pages).join(', ')]
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`
  })
  return `| metric | type | labels | meaning | dashboards |\n|---|---|---|---|---|\n${rows.join('')}`
}

function shownIn(metric: string, pages: ReadonlyMap<string, Dashboard>): string[] {
  const asked = new RegExp(`\\b${metric}(_bucket|_sum|_count)?\\b(?!_)`)
  return [...pages].filter(([, page]) => asked.test(JSON.stringify(page))).map(([name]) => name)
}
