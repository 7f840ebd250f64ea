import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { LearntReferences } from '../../src/assembly/learnt-references.ts'
import { Starts } from '../../src/assembly/starts.ts'
import { loadDocument } from '../../src/config/load.ts'
import type { ModelSettings } from '../../src/config/model-settings.ts'
import { writeConfiguration } from '../build/ledger.ts'

function setUp(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-learnt-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const document = loadDocument(writeConfiguration(folder, { brokers: 'localhost:9092', topic: 'events' }))
  const model = document.models.get('ledger') as ModelSettings
  /** As a new process would. */
  const start = () => new Starts(new LearntReferences(folder)).of(model)
  return { folder, start, kept: () => readdirSync(join(folder, 'references')) }
}

test('a reference that was learnt before is the same at the next start, and its rehearsal has been told', async (t) => {
  const { start } = setUp(t)
  const first = await start()
  const second = await start()
  assert.notEqual(first.rehearsal, null)
  assert.equal(second.rehearsal, null)
  assert.deepEqual(second.reference, first.reference)
})

test('a reference file with other rows is learnt anew, and takes the place of what was kept', async (t) => {
  const { folder, start, kept } = setUp(t)
  await start()
  const [before] = kept()
  appendFileSync(join(folder, 'reference.csv'), 'one-more,2026-01-04T23:00:00Z,3.5,40,cook,0.25,good,good\n')
  assert.notEqual((await start()).rehearsal, null)
  const after = kept()
  assert.equal(after.length, 1)
  assert.notEqual(after[0], before)
})

test('what was kept and is damaged is learnt anew', async (t) => {
  const { folder, start, kept } = setUp(t)
  const first = await start()
  writeFileSync(join(folder, 'references', kept()[0] as string), '{"format":"leeway-reference/v1"}')
  const second = await start()
  assert.notEqual(second.rehearsal, null)
  assert.deepEqual(second.reference, first.reference)
})
