// The rules for Prometheus, as its own promtool sees them.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { ruleFiles } from '../../dashboards/source/files.ts'
import { modelRules } from '../../dashboards/source/model-rules.ts'
import type { Alert } from '../../dashboards/source/rule.ts'
import { rulesText, ruleTestsText } from '../../dashboards/source/rule-files.ts'
import { filledMetrics } from '../build/metrics.ts'
import { missingForPrometheus } from '../build/prometheus.ts'

const folder = join(import.meta.dirname, '..', '..', 'dashboards', 'prometheus')
const skip = missingForPrometheus ?? false

function promtool(...args: string[]): { ok: boolean; said: string } {
  const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: folder, encoding: 'utf8' })
  return { ok: status === 0, said: stdout + stderr }
}

test('promtool finds nothing against the rules', { skip }, () => {
  const { ok, said } = promtool('check', 'rules', ...ruleFiles.keys())
  assert.ok(ok && !said.includes('lint'), said)
})

test('promtool: every alert fires where it should, with the words it should, and nowhere else', { skip }, () => {
  const { ok, said } = promtool('test', 'rules', 'leeway.rules.test.yml')
  assert.ok(ok, said)
})

/** The tests of the rules about models, which are short, with other expressions in the alerts. @returns which of them fail */
function failing(t: TestContext, change: (alert: Alert) => Alert): string[] {
  const copy = mkdtempSync(join(tmpdir(), 'leeway-rules-'))
  t.after(() => rmSync(copy, { recursive: true }))
  const changed = modelRules.map((group) => ({ ...group, alerts: group.alerts.map(change) }))
  writeFileSync(join(copy, 'changed.rules.yml'), rulesText(changed, 'changed'))
  writeFileSync(
    join(copy, 'rules.test.yml'),
    ruleTestsText(new Map([['changed.rules.yml', modelRules]]), 'as they were'),
  )
  const { stdout, stderr } = spawnSync('promtool', ['test', 'rules', join(copy, 'rules.test.yml')], {
    encoding: 'utf8',
  })
  return [...(stdout + stderr).matchAll(/^ +name: (.*?),?$/gm)].map(([, name = '']) => name)
}

test('the tests of rules catch an alert that never fires, and one that always does', { skip }, (t) => {
  const names = modelRules.flatMap(({ alerts }) => alerts.map(({ alert }) => alert))
  assert.deepEqual(
    failing(t, (alert) => alert),
    [],
  )
  assert.deepEqual(
    failing(t, (alert) => ({ ...alert, expr: 'vector(0) > 1' })),
    names.map((name) => `${name} fires`),
  )
  const always = failing(t, ({ for: _, ...alert }) => ({ ...alert, expr: 'vector(1)' }))
  for (const name of names) assert.ok(always.includes(`${name} does not fire`), name)
})

test('promtool finds nothing against the page of metrics', { skip }, async () => {
  const page = await filledMetrics().page()
  const check = (input: string) => spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' })
  const { status, stdout, stderr } = check(page)
  assert.equal(status, 0, stdout + stderr)
  assert.notEqual(check('# TYPE leeway_ducks_total gauge\nleeway_ducks_total 1\n').status, 0)
})
