import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sumInTurns } from '../../src/overview/pane-sums.ts'
import { MINUTE } from '../../src/time.ts'
import { Panes } from '../../src/windows/pane.ts'

test('a long window is added up exactly, and others have their turn meanwhile', async () => {
  const panes = new Panes({ paneMs: MINUTE, size: 3, shelf: { starts: () => [], load: () => undefined } })
  for (let i = 0; i < 500; i++) panes.writable(i * MINUTE)[i % 3] = i
  let turns = 0
  const summed = sumInTurns(panes, 10 * MINUTE, 400 * MINUTE)
  const count = () => {
    turns++
    if (turns < 1_000) setImmediate(count)
  }
  setImmediate(count)
  assert.deepEqual(await summed, panes.sum(10 * MINUTE, 400 * MINUTE))
  assert.ok(turns >= 5, `${turns} turns`)
})
