// docs/metrics.md says what the daemon exports: rewritten with LEEWAY_UPDATE=1, held current by this test.

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { filledMetrics } from '../build/metrics.ts'

const path = new URL('../../docs/metrics.md', import.meta.url)

const head = `# Metrics

\`GET /metrics\`, in Prometheus' text format. Values about windows are those of the newest evaluated window of each model version and window size; what is no longer known (too few rows, a
model that is gone) has no series rather than an old value. The whole page has at most \`LEEWAY_SERIES_MAX\` (20,000) series, of windows the alarms first; the rest is counted in
\`leeway_series_dropped_total\`. Values of labels have at most 128 characters, and what cannot be seen is written as \`\\u{…}\`. The metrics of the Node process itself (\`process_*\`, \`nodejs_*\`) are there as well. The dashboard in \`dashboards/\` is made of these.

| metric | type | labels | meaning |
|---|---|---|---|
`

/** One row per metric of the page, in the order of the page. */
function table(page: string): string {
  const labels = new Map<string, string[]>()
  for (const line of page.split('\n')) {
    const [, name = '', inside = ''] = /^(leeway_\w+?)(?:_bucket|_sum|_count)?(?:\{(.*)\})? /.exec(line) ?? []
    if (name !== '' && !labels.has(name))
      labels.set(
        name,
        [...inside.matchAll(/(\w+)="/g)].map(([, label]) => label as string).filter((label) => label !== 'le'),
      )
  }
  const rows = [...page.matchAll(/^# HELP (leeway_\w+) (.*)\n# TYPE \S+ (\w+)$/gm)]
  return rows
    .map(
      ([, name = '', help, type]) => `| \`${name}\` | ${type} | ${(labels.get(name) ?? []).join(', ')} | ${help} |\n`,
    )
    .join('')
}

test('the metrics reference names every metric with its type, labels and meaning', async () => {
  const current = head + table(await filledMetrics().page())
  if (process.env['LEEWAY_UPDATE'] === '1') writeFileSync(path, current)
  assert.equal(readFileSync(path, 'utf8'), current, 'run: LEEWAY_UPDATE=1 node --test test/telemetry/reference.test.ts')
})
