import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Panes } from '../../src/windows/pane.ts'
import { SlidingSum } from '../../src/windows/sliding.ts'

const shelf = { starts: () => [], load: () => undefined }

/** Panes of 10 ms; the one that starts at `start` counts `start` rows and one. */
function panesUpTo(end: number): Panes {
  const panes = new Panes({ paneMs: 10, size: 1, shelf })
  for (let start = 0; start < end; start += 10) panes.writable(start)[0] = start + 1
  return panes
}

test('a window that slides holds the sum of its panes', () => {
  const panes = panesUpTo(200)
  const sliding = new SlidingSum(panes)
  for (const [from, to] of [
    [0, 40],
    [10, 50],
    [40, 80],
    [20, 60],
    [150, 190],
  ] as const)
    assert.deepEqual(sliding.moveTo(from, to), panes.sum(from, to), `[${from}, ${to})`)
})

test('a pane that was forgotten before it left the window does not stay in its sum', () => {
  const panes = panesUpTo(200)
  const sliding = new SlidingSum(panes)
  sliding.moveTo(0, 40)
  panes.dropBefore(20)
  assert.deepEqual(sliding.moveTo(30, 70), panes.sum(30, 70))
})
