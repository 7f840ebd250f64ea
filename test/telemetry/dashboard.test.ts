// Every query of the dashboard is PromQL, and asks only for metrics and labels that the daemon has.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parser } from '@prometheus-io/lezer-promql'
import { modelOverview } from '../../src/telemetry/dashboard.ts'
import { filledMetrics } from '../build/metrics.ts'

interface Panel {
  type: string
  title: string
  description?: string
  targets?: Array<{ expr: string }>
  fieldConfig?: { defaults: { unit: string } }
}
const dashboard = modelOverview() as {
  editable: boolean
  panels: Panel[]
  templating: { list: Array<{ name: string; refresh: number }> }
}
const panels = dashboard.panels.filter(({ type }) => type !== 'row')

/** Variables replaced as Grafana does. */
const filled = (expr: string) => expr.replace(/\$__rate_interval/g, '1m').replace(/\$\w+/g, '.*')

test('the committed dashboard is the generated one', () => {
  const committed = readFileSync(new URL('../../dashboards/model-overview.json', import.meta.url), 'utf8')
  assert.equal(
    committed,
    `${JSON.stringify(modelOverview(), null, 2)}\n`,
    'run: node src/telemetry/write-dashboards.ts',
  )
})

test('every query is well-formed', () => {
  for (const { title, targets = [] } of panels) {
    for (const { expr } of targets) {
      const errors: string[] = []
      parser
        .parse(filled(expr))
        .iterate({ enter: (node) => void (node.type.isError && errors.push(`${title}: ${expr} at ${node.from}`)) })
      assert.deepEqual(errors, [])
    }
  }
})

test('every metric and label of a query is one that the daemon exports', async () => {
  const labels = new Map<string, Set<string>>()
  for (const line of (await filledMetrics().page()).split('\n')) {
    const [, name, inside = ''] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? /.exec(line) ?? []
    if (name === undefined) continue
    const known = labels.get(name) ?? new Set(['job', 'instance'])
    labels.set(name, known)
    for (const [, label] of inside.matchAll(/(\w+)="/g)) known.add(label as string)
  }
  for (const { title, targets = [] } of panels) {
    for (const { expr } of targets) {
      const used = [...expr.matchAll(/(leeway_\w+)\{([^}]*)\}/g)]
      assert.ok(used.length > 0, `${title} asks for nothing`)
      for (const [, metric = '', inside = ''] of used) {
        const known = labels.get(metric)
        assert.ok(known !== undefined, `${title}: there is no metric ${metric}`)
        for (const [, label] of inside.matchAll(/(\w+)=/g))
          assert.ok(known.has(label as string), `${title}: ${metric} has no label ${label}`)
      }
    }
  }
})

test('each panel has a title, a description and a unit; nothing is edited by hand; variables follow the time range', () => {
  for (const { title, description, fieldConfig } of panels) {
    assert.ok(title && description && fieldConfig?.defaults.unit, `${title} is not explained`)
  }
  assert.equal(dashboard.editable, false)
  for (const name of ['job', 'instance', 'model', 'version', 'window'])
    assert.equal(dashboard.templating.list.find((variable) => variable.name === name)?.refresh, 2)
})
