// How well the noise of a test is known: never worse than its own windows tell, however the columns beside it vary.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NoiseRecords } from '../../src/reference/noise-records.ts'
import { supportOf } from '../../src/reference/noise-support.ts'
import type { TestNoise } from '../../src/reference/reference.ts'
import { HOUR } from '../../src/time.ts'
import { seeded, testSeed } from '../build/random.ts'
import { normal } from '../build/rows.ts'

const seed = testSeed()
const WINDOWS = 48
const DEGREES = 3

/** Noise of columns in windows without common rows, by column: what they are said to be times χ² over its degrees. */
function learn(effects: Readonly<Record<string, number>>): Record<string, TestNoise> {
  const random = seeded(seed)
  const records = new NoiseRecords({ sizeMs: HOUR, slideMs: HOUR })
  for (let window = 0; window < WINDOWS; window++) {
    for (const [column, effect] of Object.entries(effects)) {
      let square = 0
      for (let i = 0; i < DEGREES; i++) square += normal(random) ** 2
      records.add(`drift/${column}#whole`, { degrees: DEGREES, statistic: effect * square })
    }
  }
  return records.noise()
}

const drawn = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`drawn${i}`, 1]))
const inBursts = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`burst${i}`, 5]))

for (const [beside, columns] of Object.entries({ drawn, 'in bursts': inBursts })) {
  for (const effect of [0, 1e-4, 0.05]) {
    test(`a column that varies ${effect} times as much as independent rows is known well enough beside columns that are ${beside}`, () => {
      const noise = learn({ ...columns, dealt: effect })['drift/dealt#whole'] as TestNoise
      assert.equal(noise.designEffect, 1)
      const support = supportOf(noise, DEGREES)
      // Of at most 144: windows look alike by chance, and a standard error of that is allowed for.
      assert.ok(support > 20, `a support of ${support} asks for evidence that nothing gives`)
    })
  }
}

test('what was learnt of a column that varies as others do, or more, is what counts', () => {
  for (const columns of [drawn, { ...drawn, bursts: 5 }])
    for (const [name, noise] of Object.entries(learn(columns)))
      if (noise.designEffect > 1) assert.equal(supportOf(noise, DEGREES), noise.support, name)
})

test('columns beside it make a column no better known than its own windows and theirs do', () => {
  const [alone, together] = [learn({ dealt: 1e-4 }), learn({ ...inBursts, dealt: 1e-4 })].map(
    (noise) => noise['drift/dealt#whole'] as TestNoise,
  ) as [TestNoise, TestNoise]
  assert.ok(Math.abs(supportOf(alone, DEGREES) / alone.support - 1) < 1e-9)
  assert.ok(supportOf(together, DEGREES) <= WINDOWS * DEGREES)
})
