// What is said of the metrics is what is on the page.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { metricDefinitions } from '../../src/telemetry/instruments.ts'
import { filledMetrics } from '../build/metrics.ts'

test('the definitions name every metric of the page, with its type, meaning and labels', async () => {
  const page = await filledMetrics().page()
  const told = [...page.matchAll(/^# HELP (leeway_\w+) (.*)\n# TYPE \S+ (\w+)$/gm)]
  const definitions = metricDefinitions()
  assert.deepEqual(
    told.map(([, name, help, type]) => ({ name, help, type })),
    definitions.map(({ name, help, type }) => ({ name, help, type })),
  )
  for (const { name, type, labels } of definitions) {
    const series = type === 'histogram' ? `${name}_count` : name
    const [, inside = ''] = new RegExp(`^${series}(?:\\{(.*)\\})? `, 'm').exec(page) ?? []
    const found = [...inside.matchAll(/(\w+)="/g)].map(([, label]) => label)
    // A label without a value is none to Prometheus, and some metrics leave one out so.
    if (page.match(new RegExp(`^${series}[ {]`, 'm'))) assert.deepEqual(found.sort(), [...labels].sort(), name)
  }
})
