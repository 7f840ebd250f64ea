import assert from 'node:assert/strict'
import { test } from 'node:test'
import { modelsOf } from '../../src/assembly/pipeline-of.ts'
import { ConfigError } from '../../src/config/config-error.ts'
import { readDocument } from '../../src/config/load.ts'

test('a reference cannot be learnt from the first rows of a CSV file, whose cells have no types, and that is said', async () => {
  const document = readDocument(
    `apiVersion: leeway/v1
sources: {history: {type: file, path: rows.csv, events: {id: id, time: time, score: s, label: y}}}
models:
  m: {source: history, task: binary, reference: {first: 7d}, windows: [{size: 1h, slide: 1h}]}
`,
    'leeway.yaml',
  )
  await assert.rejects(
    modelsOf(document),
    (error: Error) =>
      error instanceof ConfigError &&
      /models\.m\.reference\.first: .*cells of .*rows\.csv are text/.test(error.message),
  )
})
