import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { parse } from 'yaml'
import { documentJsonSchema, documentJsonSchemaText } from '../../src/config/schema.ts'
import { documentText, withModel } from './document.ts'

const validate = new Ajv2020({ strict: true, allowUnionTypes: true, formats: { uri: true } }).compile(
  documentJsonSchema(),
)

test('the published JSON Schema is the one of this version', () => {
  assert.equal(
    readFileSync('config/leeway.schema.json', 'utf8'),
    documentJsonSchemaText(),
    'write it anew with: npm run schema',
  )
})

test('the JSON Schema accepts the documents that come with leeway', () => {
  for (const file of ['config/leeway.yaml', 'examples/california/leeway.yaml']) {
    assert.ok(validate(parse(readFileSync(file, 'utf8'))), `${file}: ${JSON.stringify(validate.errors)}`)
  }
  assert.ok(validate(parse(documentText())), JSON.stringify(validate.errors))
})

test('the JSON Schema refuses what leeway refuses', () => {
  for (const text of [
    documentText().replace('leeway/v1', 'leeway/v2'),
    documentText({}, 'chanels: {}'),
    documentText({ sources: '\n  history: {type: fil}' }),
    documentText({ channels: '\n  "ml team": {type: console}' }),
    withModel('windows: [{size: 5 mins, slide: 5m}]'),
    withModel('segments: [country=DE]'),
    withModel('performance: {metrics: [rocauc]}'),
    withModel('performance: {alarm: {roc_auc: {drp: 0.03}}}'),
    withModel('reference: {fle: a.csv}'),
  ]) {
    assert.equal(validate(parse(text)), false, text)
  }
})
