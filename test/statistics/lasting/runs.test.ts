// What is said of runs of overlapping windows, against windows that really overlap.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { heldMoments } from '../../../src/statistics/lasting/held-moments.ts'
import { levelOfRun } from '../../../src/statistics/lasting/level-of-run.ts'
import { chiSquaredInverseUpperTail } from '../../../src/statistics/special/chi-squared.ts'
import { seeded } from '../../build/random.ts'
import { normal } from '../../build/rows.ts'

const seed = Number(process.env['LEEWAY_TEST_SEED'] ?? 3)

/** Squared z statistics of windows of `slides` panes, one pane after another. */
function* statistics(slides: number, length: number, random: () => number): Iterable<number> {
  const panes = new Float64Array(slides)
  let sum = 0
  for (let t = 0; t < length; t++) {
    const drawn = normal(random)
    sum += drawn - (panes[t % slides] as number)
    panes[t % slides] = drawn
    if (t >= slides) yield (sum * sum) / slides
  }
}

for (const { windows, slides, rate } of [
  { windows: 2, slides: 1, rate: 4e-4 },
  { windows: 3, slides: 1, rate: 1e-4 },
  { windows: 6, slides: 12, rate: 4e-4 },
  { windows: 13, slides: 12, rate: 4e-4 },
  { windows: 25, slides: 12, rate: 1e-4 },
]) {
  test(`runs of ${windows} windows of ${slides} slides are no more frequent than asked`, () => {
    const level = levelOfRun(rate, { windows, slidesPerWindow: slides })
    const length = 400_000
    const threshold = chiSquaredInverseUpperTail(level, 1)
    let [run, held] = [0, 0]
    for (const statistic of statistics(slides, length, seeded(seed))) {
      run = statistic > threshold ? run + 1 : 0
      if (run >= windows) held++
    }
    assert.ok(held <= rate * length * 1.15 + 3 * Math.sqrt(rate * length), `${held}, ${rate * length} allowed`)
    assert.ok(level > rate * 2, 'a run may be made of weaker windows than one alone')
  })
}

test('a longer run asks less of each window, and never less than of windows without a common row', () => {
  const level = (windows: number) => levelOfRun(1e-6, { windows, slidesPerWindow: 12 })
  for (let windows = 2; windows <= 40; windows++) assert.ok(level(windows) >= level(windows - 1) * (1 - 1e-3))
  assert.ok(Math.abs(level(12) / 1e-3 - 1) < 0.3)
})

test('a rate or a run that cannot be is refused', () => {
  assert.throws(() => levelOfRun(0, { windows: 1, slidesPerWindow: 1 }), /rate is 0/)
  assert.throws(() => levelOfRun(0.1, { windows: 0, slidesPerWindow: 1 }), /windows is 0/)
})

for (const windows of [6, 13]) {
  test(`the smallest statistic of ${windows} windows in a row is what it is in other random numbers`, () => {
    const expected = heldMoments(1, { windows, slidesPerWindow: 12 })
    const recent: number[] = []
    let [sum, count] = [0, 0]
    for (const statistic of statistics(12, 200_000, seeded(seed + 1))) {
      recent.push(statistic)
      if (recent.length > windows) recent.shift()
      if (recent.length < windows) continue
      sum += Math.min(...recent)
      count++
    }
    assert.ok(Math.abs(sum / count / expected.mean - 1) < 0.12, `${sum / count}, ${expected.mean}`)
  })
}
