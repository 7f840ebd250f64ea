// leeway backtest with a changed configuration that is not about the same models.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { writeMovingModel } from '../build/moving-model.ts'
import { openSession } from './session.ts'

const folder = mkdtempSync(join(tmpdir(), 'leeway-backtest-'))
after(() => rmSync(folder, { recursive: true }))
const config = writeMovingModel(folder)
const session = openSession()

test('a model that the changed configuration does not have is refused by its name, before anything is replayed', async () => {
  const other =
    '{other: {source: history, task: binary, positiveClass: bad, reference: {file: reference.jsonl}, windows: [{size: 6h, slide: 1h}]}}'
  const { code, stdout, stderr } = await session(['backtest', '-c', config, '--set', `models=${other}`])
  assert.deepEqual([code, stdout], [2, ''])
  assert.match(
    stderr,
    /--set: with these values the configuration does not have churn; there is: other; set values inside of models\.churn/,
  )
  assert.doesNotMatch(stderr, /replaying/)
})

test('a version that only the unchanged configuration sees is told as one of the changed configuration', async () => {
  const versioned = 'sources.history.events.version=decision'
  const args = ['backtest', '-c', config, '--model-version', '', '--json']
  assert.equal((await session(args)).code, 0)
  const { code, stderr } = await session([...args, '--set', versioned])
  assert.equal(code, 2)
  assert.match(
    stderr,
    /with the changed configuration there is no version .* of churn; there is: (?:good, bad|bad, good)/,
  )
})
