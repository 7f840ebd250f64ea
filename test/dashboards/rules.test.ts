// The rules for Prometheus ask for what there is, and lead to what is to be done. Whether they fire: test/end-to-end/rules.test.ts.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ruleFiles } from '../../dashboards/source/files.ts'
import { knownSeries, selectorsOf } from './parts.ts'

const groups = [...ruleFiles.values()].flatMap((file) => file.groups)
const alerts = groups.flatMap((group) => group.alerts)

test('every rule asks for metrics and labels that there are', () => {
  const known = knownSeries()
  const records = new Set(groups.flatMap(({ recordings = [] }) => recordings.map(({ record }) => record)))
  for (const { recordings = [], alerts: some } of groups)
    for (const { name, expr } of [
      ...recordings.map((one) => ({ name: one.record, expr: one.expr })),
      ...some.map((one) => ({ name: one.alert, expr: one.expr })),
    ]) {
      const selectors = selectorsOf(expr)
      const recorded = [...expr.matchAll(/\b\w+:\w+:\w+\b/g)].map(([record]) => record)
      assert.ok(selectors.length + recorded.length > 0, `${name} asks for nothing`)
      for (const record of recorded) assert.ok(records.has(record), `${name}: nothing records ${record}`)
      for (const { metric, labels } of selectors) {
        const there = known.get(metric)
        assert.ok(there, `${name}: there is no ${metric}`)
        for (const label of labels) assert.ok(there.has(label), `${name}: ${metric} has no label ${label}`)
      }
    }
})

test('each alert has a name of its own, says what is wrong in words, and leads to what to do', () => {
  assert.equal(new Set(alerts.map(({ alert }) => alert)).size, alerts.length)
  const anchors = new Set(
    [...readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8').matchAll(/^#+ (.*)$/gm)].map(
      ([, heading = '']) =>
        heading
          .toLowerCase()
          .replace(/[^\w\s-]/g, '')
          .replaceAll(' ', '-'),
    ),
  )
  for (const { alert, summary, description, runbook } of alerts) {
    assert.ok(anchors.has(runbook), `${alert}: docs/operations.md has no section ${runbook}`)
    assert.doesNotMatch(summary, /\.( |$)/, `${alert}: the summary is one line without a full stop`)
    assert.match(description, /\.$/, `${alert}: the description is made of sentences`)
  }
})
