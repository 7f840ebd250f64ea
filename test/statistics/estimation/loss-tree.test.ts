import assert from 'node:assert/strict'
import { test } from 'node:test'
import { calibrationGain } from '../../../src/statistics/estimation/calibration-gain.ts'
import { calibrationTest } from '../../../src/statistics/estimation/calibration-test.ts'
import { leafContributions } from '../../../src/statistics/estimation/leaf-estimates.ts'
import type { LossTree } from '../../../src/statistics/estimation/loss-tree.ts'
import { growLossTree } from '../../../src/statistics/estimation/loss-tree.ts'
import { seeded } from '../../build/random.ts'

function leafOf({ forks }: LossTree, codes: readonly number[]): number {
  let fork = forks.length === 0 ? -1 : 0
  while (fork >= 0) {
    const { column, right, children } = forks[fork] as LossTree['forks'][number]
    fork = children[right.includes(codes[column] as number) ? 1 : 0]
  }
  return -1 - fork
}

test('a tree finds the kinds of rows that a model gets wrong: a range, categories, and rows without a value', () => {
  const random = seeded(3)
  const rows = 6_000
  // 0 = missing, 1 to 20 ordered; categories 0 to 5; a column of noise.
  const number = Uint16Array.from({ length: rows }, () => Math.floor(random() * 21))
  const category = Uint16Array.from({ length: rows }, () => Math.floor(random() * 6))
  const noise = Uint16Array.from({ length: rows }, () => Math.floor(random() * 20))
  const size = (n: number, c: number) => (n === 0 ? 6 : n > 15 ? 3 : 1) * (c === 2 || c === 4 ? 2 : 1)
  const errors = Float64Array.from(number, (n, i) => size(n, category[i] as number) * (random() < 0.5 ? 1 : -1))
  const tree = growLossTree(
    [
      { codes: number, size: 21, orderedFrom: 1 },
      { codes: category, size: 6, orderedFrom: 6 },
      { codes: noise, size: 20, orderedFrom: 0 },
    ],
    errors,
  )
  assert.equal(tree.leaves.length, 6, 'six kinds of rows')
  assert.ok(tree.forks.every(({ column }) => column !== 2))
  for (const [n, c] of [
    [0, 1],
    [0, 4],
    [3, 0],
    [18, 2],
    [18, 5],
  ] as const) {
    assert.equal(tree.leaves[leafOf(tree, [n, c, 7])]?.absolute, size(n, c))
  }
  assert.equal(
    tree.leaves.reduce((sum, leaf) => sum + leaf.rows, 0),
    rows,
  )
})

test('leaves have at least 50 rows, trees at most 64 leaves, and a constant error needs no fork', () => {
  const random = seeded(4)
  const codes = Uint16Array.from({ length: 5_000 }, (_, i) => i % 500)
  const errors = Float64Array.from(codes, (code) => code * random())
  const tree = growLossTree([{ codes, size: 500, orderedFrom: 0 }], errors)
  assert.ok(tree.leaves.length <= 64 && tree.leaves.length > 20)
  assert.ok(tree.leaves.every(({ rows }) => rows >= 50))
  assert.deepEqual(growLossTree([{ codes, size: 500, orderedFrom: 0 }], new Float64Array(5_000).fill(2)).forks, [])
})

test('of very many rows the forks are grown from some, and the leaves measured on all', () => {
  const random = seeded(7)
  const codes = Uint16Array.from({ length: 10_000 }, () => Math.floor(random() * 2))
  const errors = Float64Array.from(codes, (code) => 1 + code)
  const tree = growLossTree([{ codes, size: 2, orderedFrom: 0 }], errors, { rowsMax: 1_000 })
  assert.deepEqual(tree.leaves.map(({ absolute }) => absolute).sort(), [1, 2])
  assert.equal(
    tree.leaves.reduce((sum, { rows }) => sum + rows, 0),
    10_000,
  )
})

test('what leaves contribute adds up to the change of the estimate', () => {
  const leaf = (absolute: number) => ({ rows: 50, absolute, squared: absolute ** 2, fourth: absolute ** 4 })
  const leaves = [leaf(1), leaf(4), leaf(9)]
  const [before, now] = [Float64Array.of(50, 30, 20), Float64Array.of(10, 10, 20)]
  const sum = leafContributions(before, now, leaves).reduce((total, value) => total + value, 0)
  assert.ok(Math.abs(sum - ((10 + 40 + 180) / 40 - (50 + 120 + 180) / 100)) < 1e-12)
  assert.throws(() => leafContributions(before, new Float64Array(3), leaves), /current holds no row/)
})

test('calibration is used where it helps and not where it only follows chance', () => {
  const bins = 50
  const scores = Float64Array.from({ length: bins }, (_, i) => (i + 0.5) / bins)
  const random = seeded(5)
  const drawn = (chance: (score: number) => number) => {
    const positives = scores.map((score) => {
      let count = 0
      for (let i = 0; i < 40; i++) if (random() < chance(score)) count++
      return count
    })
    return { positives, negatives: positives.map((count) => 40 - count), scores }
  }
  const off = calibrationGain(drawn((score) => score ** 3))
  assert.ok(off.after < off.before / 3)
  let needless = 0
  for (let i = 0; i < 20; i++) {
    const { before, after } = calibrationGain(drawn((score) => score))
    if (after < before) needless++
  }
  assert.ok(needless <= 10, `calibrated ${needless} of 20 times where the scores were right`)
})

test('a calibration that is right is refuted as often as the level says', () => {
  const random = seeded(6)
  let rejected = 0
  for (let round = 0; round < 2_000; round++) {
    const misses = new Float64Array(10)
    const variances = new Float64Array(10)
    for (let group = 0; group < 10; group++) {
      const chance = (group + 0.5) / 10
      for (let i = 0; i < 60; i++) misses[group] = (misses[group] as number) + (random() < chance ? 1 : 0) - chance
      variances[group] = 60 * chance * (1 - chance)
    }
    if (calibrationTest(misses, variances).pValue < 0.05) rejected++
  }
  assert.ok(rejected > 70 && rejected < 130, `${rejected} of 2000 at the level of .05`)
})

test('what a tree cannot be grown from is refused by name', () => {
  const column = { codes: Uint16Array.of(0, 1), size: 2, orderedFrom: 0 }
  assert.throws(() => growLossTree([column], new Float64Array(0)), /errors has no member/)
  assert.throws(() => growLossTree([column], Float64Array.of(1, Number.NaN)), /errors\[1\] is NaN/)
  assert.throws(() => growLossTree([column], Float64Array.of(1)), /columns\[0\] has 2 codes/)
  assert.throws(() => growLossTree([{ ...column, size: 1 }], Float64Array.of(1, 2)), /has the code 1/)
  assert.throws(() => growLossTree([column], Float64Array.of(1, 2), { leavesMax: 0 }), /leavesMax is 0/)
  assert.throws(() => calibrationTest(Float64Array.of(1), Float64Array.of(-1)), /variances\[0\] is -1/)
})
