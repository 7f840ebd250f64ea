// The rules of Grafana's dashboard-linter (https://github.com/grafana/dashboard-linter, docs/rules), for all kinds of panels. The
// program itself needs a Go compiler; it passes with --strict.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Dashboard, VariableModel } from '@grafana/grafana-foundation-sdk/dashboard'
import { dashboards } from '../../dashboards/source/files.ts'
import { panelsOf, targetsOf } from './parts.ts'

const units = [
  ...['none', 'short', 'percentunit', 'sci', 'bytes', 's', 'ops', 'reqps', 'dateTimeFromNow'],
] as const satisfies readonly string[]

/** @returns what is against the rules */
function lint(dashboard: Dashboard): string[] {
  const found: string[] = []
  const need = (condition: boolean, what: string) => condition || found.push(what)
  const variables = dashboard.templating.list ?? []
  const named = (name: string) => variables.find((variable) => variable.name === name)

  need(dashboard.editable === false, 'it is editable')
  const sources = variables.filter(({ type }) => type === 'datasource')
  need(sources.length === 1 && sources[0]?.name === 'datasource' && sources[0].label === 'Data source', 'data source')
  for (const variable of variables.filter(({ type }) => type === 'query')) {
    need(variable.refresh === 2, `${variable.name} does not follow the time range`)
    need(variable.datasource?.uid === '$' + '{datasource}', `${variable.name} asks a data source of its own`)
    need(/^label_values\(.+, \w+\)$/.test(variable.definition ?? ''), `${variable.name} asks for no values`)
  }
  for (const name of ['job', 'instance']) need(isForMany(named(name), name), `${name} is not a variable of many`)

  for (const panel of panelsOf(dashboard)) {
    const place = panel.title ?? ''
    const targets = targetsOf(panel)
    need(place !== '' && (panel.description ?? '') !== '', `${place}: title and description`)
    need((units as readonly string[]).includes(panel.fieldConfig?.defaults.unit ?? ''), `${place}: unit`)
    need(panel.datasource?.uid === '$' + '{datasource}', `${place}: data source`)
    need(targets.length > 0, `${place}: no query`)
    for (const { expr } of targets) {
      for (const [selector] of expr.matchAll(/\w+\{[^}]*\}/g)) {
        need(selector.includes('job=~"$job"'), `${place}: no job in ${selector}`)
        need(selector.includes('instance=~"$instance"'), `${place}: no instance in ${selector}`)
      }
      need(!/\brate\([^[]*\[(?!\$__rate_interval\])/.test(expr), `${place}: rate over an interval of its own`)
      for (const [counter, before] of expr.matchAll(/(\w+\()?\b\w+_total\{/g))
        need(/^(rate|irate|increase)\($/.test(before ?? ''), `${place}: ${counter} is no rate`)
    }
  }
  return found
}

function isForMany(variable: VariableModel | undefined, name: string): boolean {
  if (variable === undefined) return false
  return variable.multi === true && variable.allValue === '.+' && variable.label?.toLowerCase() === name
}

for (const dashboard of dashboards().values())
  test(`${dashboard.title} keeps the rules of the dashboard linter`, () => assert.deepEqual(lint(dashboard), []))

test('the rules catch what is against them', () => {
  const [good] = dashboards().values()
  assert.ok(good)
  const text = JSON.stringify(good)
  const broken = (change: [string | RegExp, string]) => lint(JSON.parse(text.replaceAll(...change)) as Dashboard)
  assert.equal(lint(JSON.parse(text) as Dashboard).length, 0)
  for (const change of [
    ['"editable":false', '"editable":true'],
    ['leeway_model_info{job=~\\"$job\\", ', 'leeway_model_info{'],
    [/rate\((leeway_predictions_total\{[^}]*\})\[\$__rate_interval\]\)/g, '$1'],
    ['[$__rate_interval]', '[5m]'],
    ['"unit":"ops"', '"unit":"ducks"'],
    ['"refresh":2', '"refresh":1'],
    ['"allValue":".+"', '"allValue":".*"'],
  ] as Array<[string | RegExp, string]>)
    assert.ok(broken(change).length > 0, `${change[0]} went unnoticed`)
})
