// What the documentation shows of the demo's data is what comes out of them.

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { assertShown } from '../build/shown.ts'
import { openSession } from '../cli/session.ts'

const root = join(import.meta.dirname, '..', '..')
const textOf = (page: string) => readFileSync(join(root, 'docs', page), 'utf8')
const leeway = openSession()
const state = mkdtempSync(join(tmpdir(), 'leeway-docs-california-'))
after(() => rmSync(state, { recursive: true }))
const example = ['-c', join(root, 'examples/california/leeway.yaml')]

test('messages, and the backtest of a rule, are as the pages have them', { timeout: 120_000 }, async () => {
  const replay = await leeway(['replay', ...example, '--state', state])
  assert.equal(replay.code, 0)
  const [, started = ''] = textOf('get-started.md').match(/```\n( {2}▲ [\s\S]*?)```/) ?? []
  const [, explained = ''] = textOf('read-a-verdict.md').match(/```\n(▲ [\s\S]*?)```/) ?? []
  // The demo breaks lines.
  const inOneLine = (text: string) => text.replaceAll(/\s+/g, ' ').trim()
  for (const shown of [started, explained]) {
    assert.notEqual(shown, '')
    assert.ok(inOneLine(replay.stdout).includes(inOneLine(shown)), `this is not printed (any more):\n${shown}`)
  }

  const [, tuned = ''] = textOf('tuning.md').match(/\$ leeway backtest [^\n]*\n([\s\S]*?)```/) ?? []
  const rule = ['--rule', 'drift/AveRooms', '--threshold', '0.2']
  const backtest = await leeway(['backtest', ...example, '--state', state, ...rule])
  assertShown(tuned, backtest.stdout)

  const [, verdict = ''] = textOf('read-a-verdict.md').match(/```json\n([\s\S]*?)```/) ?? []
  const shown = JSON.parse(verdict) as Record<string, unknown>
  const lines = (await leeway(['replay', ...example, '--json'])).stdout.trimEnd().split('\n')
  const windows = lines
    .map((line) => JSON.parse(line) as { end?: string; verdicts?: Array<Record<string, unknown>> })
    .filter(({ end, verdicts }) => end === '2021-09-04T00:00:00Z' && verdicts !== undefined)
  const last = windows.at(-1)?.verdicts?.find(({ monitor }) => monitor === shown['monitor'])
  assert.ok(last)
  const short = (value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(2)) : value)
  for (const [name, value] of Object.entries(shown)) assert.equal(short(last[name]), short(value), name)
})
