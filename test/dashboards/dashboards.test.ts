// The dashboards are what is committed, well-formed to Grafana's own schemas, and ask only for what there is.

import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parser } from '@prometheus-io/lezer-promql'
import { Ajv } from 'ajv'
import { dashboards, generatedFiles } from '../../dashboards/source/files.ts'
import { parseAddress } from '../../src/ui/address.ts'
import { findView } from '../../src/ui/views.ts'
import { filled, knownSeries, panelsOf, queriesOf, selectorsOf, targetsOf } from './parts.ts'

const root = new URL('../../', import.meta.url)
const all = [...dashboards().values()]

for (const [path, text] of generatedFiles())
  test(`${path} is what the code makes`, () => {
    assert.equal(readFileSync(new URL(path, root), 'utf8'), text, 'run: npm run dashboards')
  })

test('nothing lies in dashboards/ that the code does not make', () => {
  const made = new Set(generatedFiles().keys())
  const present = globSync('dashboards/**/*.*', { cwd: root }).filter((path) => !path.startsWith('dashboards/source/'))
  assert.deepEqual(
    present.filter((path) => !made.has(path)),
    [],
  )
})

interface Schema {
  readonly definitions: Record<string, { properties: Record<string, object> }>
}

/** What may be anything (a value that overrides another, what a matcher matches) is published as an object; it is freed here. */
function schemaOf(name: string): Schema {
  const text = readFileSync(new URL(`schema/${name}.schema.json`, import.meta.url), 'utf8')
  const schema = JSON.parse(text) as Schema
  const anything = { MatcherConfig: 'options', DynamicConfigValue: 'value' }
  if (name === 'dashboard')
    for (const [definition, property] of Object.entries(anything))
      (schema.definitions[definition]?.properties ?? {})[property] = {}
  return schema
}
const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false })
const names = ['dashboard', 'prometheus', 'timeseries', 'stat', 'statushistory', 'table', 'bargauge']
for (const name of names) ajv.addSchema(schemaOf(name), name)

/** @returns what the schema says against the value */
function errorsOf(schema: string, definition: string, value: unknown): string[] {
  if (!(definition in schemaOf(schema).definitions)) return []
  const validate = ajv.getSchema(`${schema}#/definitions/${definition}`)
  assert.ok(validate)
  if (validate(JSON.parse(JSON.stringify(value)))) return []
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}

test('each dashboard, panel and query is valid by the JSON Schemas of the foundation SDK', () => {
  for (const dashboard of all) {
    assert.deepEqual(errorsOf('dashboard', 'Dashboard', dashboard), [], dashboard.uid ?? '')
    for (const panel of panelsOf(dashboard)) {
      const place = `${dashboard.uid} / ${panel.title}`
      const schema = panel.type.replace('-', '')
      assert.deepEqual(errorsOf(schema, 'Options', panel.options), [], place)
      assert.deepEqual(errorsOf(schema, 'FieldConfig', panel.fieldConfig?.defaults.custom ?? {}), [], place)
      for (const target of targetsOf(panel)) assert.deepEqual(errorsOf('prometheus', 'Dataquery', target), [], place)
    }
  }
})

test('the schemas refuse a panel that is none', () => {
  const [dashboard] = all
  assert.ok(dashboard?.panels)
  const broken = { ...dashboard, panels: [{ ...dashboard.panels[1], gridPos: { x: 'left', y: 0, w: 1, h: 1 } }] }
  assert.ok(errorsOf('dashboard', 'Dashboard', broken).length > 0)
  assert.ok(errorsOf('stat', 'Options', { graphMode: 'everything' }).length > 0)
})

test('a model whose events name no version is on its dashboards', () => {
  const versions = all.flatMap(({ templating }) => (templating.list ?? []).filter(({ name }) => name === 'version'))
  assert.equal(versions.length, 2)
  for (const { allValue } of versions) assert.match('', new RegExp(`^(?:${allValue})$`))
  for (const panel of all.flatMap(panelsOf).filter(({ type }) => type === 'timeseries' || type === 'status-history'))
    for (const { legendFormat = '' } of targetsOf(panel))
      assert.notEqual(legendFormat.replaceAll('{{version}}', '').trim(), '', `${panel.title}: a line without a name`)
})

test('every query is well-formed', () => {
  for (const { place, expr } of all.flatMap(queriesOf)) {
    const errors: string[] = []
    parser
      .parse(filled(expr))
      .iterate({ enter: (node) => void (node.type.isError && errors.push(`${place}: ${expr} at ${node.from}`)) })
    assert.deepEqual(errors, [])
  }
})

test('every metric and label that is asked for, grouped by or shown is one that there is', () => {
  const known = knownSeries()
  for (const { place, expr, legend } of all.flatMap(queriesOf)) {
    const selectors = selectorsOf(expr)
    assert.ok(selectors.length > 0, `${place} asks for nothing`)
    const labels = new Set<string>()
    for (const { metric, labels: used } of selectors) {
      const there = known.get(metric)
      assert.ok(there !== undefined, `${place}: there is no ${metric}`)
      for (const label of used) assert.ok(there.has(label), `${place}: ${metric} has no label ${label}`)
      for (const label of there) labels.add(label)
    }
    const grouped = [...expr.matchAll(/\b(?:by|on) \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(', '))
    const shown = [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label as string)
    for (const label of [...grouped, ...shown]) assert.ok(labels.has(label), `${place}: nothing has a label ${label}`)
  }
})

test('variables, panels and links fit together', () => {
  const uids = new Map(
    all.map(({ uid = '', templating }) => [uid, new Set((templating.list ?? []).map(({ name }) => name))]),
  )
  for (const dashboard of all) {
    const { title, uid = '' } = dashboard
    const own = uids.get(uid) ?? new Set()
    const text = JSON.stringify(dashboard)
    for (const [, name = ''] of text.matchAll(/\$\{?(\w+)/g))
      assert.ok(own.has(name) || name.startsWith('__'), `${title} uses $${name}, which is no variable of it`)
    for (const [, other = '', query = ''] of text.matchAll(/"\/d\/([\w-]+)\?([^"]*)"/g)) {
      assert.ok(uids.has(other), `${title} links to ${other}`)
      for (const [, name = ''] of query.matchAll(/&var-(\w+)=/g))
        assert.ok(uids.get(other)?.has(name), `${title} gives ${other} a ${name}`)
    }
    const ids = [...(dashboard.panels ?? []), ...panelsOf(dashboard)].map(({ id }) => id)
    assert.equal(
      new Set(ids).size,
      new Set([...(dashboard.panels ?? []), ...panelsOf(dashboard)]).size,
      `${title}: ids`,
    )
    assert.ok(text.includes(`"url":"\${ui}/ui/`), `${title} does not link into the UI`)
  }
})

test('an override asks for no variable: Grafana takes its name as it is written', () => {
  for (const { title, panels = [] } of all)
    for (const [, options = ''] of JSON.stringify(panels).matchAll(/"matcher":\{"id":"byName","options":"([^"]*)"/g))
      assert.ok(!options.includes('$'), `${title}: ${options}`)
})

test('every link into the UI leads to a page of it', () => {
  for (const dashboard of all) {
    const links = [...JSON.stringify(dashboard).matchAll(/"\$\{ui\}\/ui\/([^"]*)"/g)].map(([, path = '']) => path)
    assert.ok(links.length > 0, dashboard.uid ?? '')
    for (const link of links) {
      const { path } = parseAddress('/ui/', new URL(`http://leeway/ui/${link.replace(/\$\{[^}]*\}/g, 'x')}`))
      assert.ok(findView(path) !== undefined, `${dashboard.title}: ${link}`)
    }
  }
})
