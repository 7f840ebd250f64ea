import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Panes } from '../../src/windows/pane.ts'
import { SlidingSum } from '../../src/windows/sliding.ts'
import { runs } from '../events/seed.ts'

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

const PANE = 10
const SIZE = 3
const PANES = 12

/** A row (early, late or corrected: `by` may be negative), a slide, a commit that leaves few panes in memory, or old panes dropped. */
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(fc.constant('row'), fc.nat(PANES - 1), fc.nat(SIZE - 1), fc.integer({ min: -3, max: 3 })),
  },
  { weight: 4, arbitrary: fc.tuple(fc.constant('slide'), fc.nat(3), fc.nat(5), fc.constant(0)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('commit'), fc.nat(4), fc.constant(0), fc.constant(0)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('drop'), fc.nat(2), fc.constant(0), fc.constant(0)) },
)

test('the running sum equals a fresh one after any rows, late rows, corrections, slides, commits and restarts of panes', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const shelf = new Map<number, Uint8Array>()
      const panes = new Panes({
        paneMs: PANE,
        size: SIZE,
        shelf: { starts: () => shelf.keys(), load: (start) => shelf.get(start) },
      })
      const sum = new SlidingSum(panes)
      const cells = Array.from({ length: PANES + 60 }, () => new Float64Array(SIZE))
      let [first, length] = [0, 3]
      for (const [what, a, b, by] of steps) {
        if (what === 'row') {
          const start = a * PANE
          const pane = panes.writable(start)
          pane[b] = (pane[b] as number) + by
          sum.touched(start)
          const wanted = cells[a] as Float64Array
          wanted[b] = (wanted[b] as number) + by
        } else if (what === 'slide') {
          first = Math.min(PANES, first + a)
          length = Math.max(1, length + b - 2)
        } else if (what === 'commit') {
          for (const { start, cells } of panes.unsaved()) shelf.set(start, cells.slice())
          panes.saved(a)
        } else {
          const before = Math.max(0, first - a) * PANE
          panes.dropBefore(before)
          for (const start of [...shelf.keys()]) if (start < before) shelf.delete(start)
          for (const [i, old] of cells.entries()) if (i * PANE < before) old.fill(0)
          sum.touched(0)
        }
        const fresh = new Float64Array(SIZE)
        for (const pane of cells.slice(first, first + length))
          for (let i = 0; i < SIZE; i++) fresh[i] = (fresh[i] as number) + (pane[i] as number)
        assert.deepEqual(sum.moveTo(first * PANE, (first + length) * PANE), fresh)
      }
    }),
    runs(1000),
  )
})
