// What is said of runs of overlapping windows, against windows that really overlap.

import assert from 'node:assert/strict'
import { test } from 'node:test'
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

for (const { windows, slides, rate, further, correlation } of [
  { windows: 2, slides: 1, rate: 4e-4, further: 1, correlation: 0 },
  { windows: 3, slides: 1, rate: 1e-4, further: 2, correlation: 0 },
  { windows: 6, slides: 12, rate: 4e-4, further: 1, correlation: 7 / 12 },
  { windows: 13, slides: 12, rate: 4e-4, further: 1, correlation: 0 },
  { windows: 25, slides: 12, rate: 1e-4, further: 2, correlation: 0 },
]) {
  test(`runs of ${windows} windows of ${slides} slides are no more frequent than asked`, () => {
    const level = levelOfRun(rate, { further, correlation })
    const threshold = chiSquaredInverseUpperTail(level, 1)
    const length = 400_000
    let [run, held] = [0, 0]
    for (const statistic of statistics(slides, length, seeded(seed))) {
      run = statistic > threshold ? run + 1 : 0
      if (run >= windows) held++
    }
    assert.ok(held <= rate * length * 1.15 + 3 * Math.sqrt(rate * length), `${held}, ${rate * length} allowed`)
    assert.ok(level > rate * 2, 'a run may be made of weaker windows than one alone')
  })
}

test('windows that wander together must each show more, up to what one alone must show', () => {
  const level = (correlation: number) => levelOfRun(1e-6, { further: 2, correlation })
  for (let tenth = 1; tenth <= 10; tenth++) assert.ok(level(tenth / 10) <= level((tenth - 1) / 10) * (1 + 1e-3))
  assert.ok(Math.abs(level(0) / 0.01 - 1) < 1e-3)
  assert.equal(level(1), 1e-6)
})

test('a rate or a run that cannot be is refused', () => {
  assert.throws(() => levelOfRun(0, { further: 1, correlation: 0 }), /rate is 0/)
  assert.throws(() => levelOfRun(0.1, { further: -1, correlation: 0 }), /further is -1/)
  assert.throws(() => levelOfRun(0.1, { further: 1, correlation: 2 }), /correlation is 2/)
})
