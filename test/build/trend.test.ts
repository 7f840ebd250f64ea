import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seeded, testSeed } from './random.ts'
import type { Point } from './trend.ts'
import { trendOf } from './trend.ts'

const SAMPLES = 36
const ROUNDS = 200

/** Samples around a line, each like the one before it by `alike`, with an outlier now and then. */
function samples(random: () => number, { slope, alike }: { slope: number; alike: number }): Point[] {
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  let rest = normal()
  return Array.from({ length: SAMPLES }, (_, at) => {
    rest = alike * rest + Math.sqrt(1 - alike ** 2) * normal()
    const outlier = random() < 0.03 ? 30 : 0
    return { at, value: 20 + slope * at + rest + outlier }
  })
}

for (const alike of [0, 0.5]) {
  test(`the slope lies in its interval as often as it should, outliers or not, with samples that are alike by ${alike}`, () => {
    const random = seeded(testSeed())
    let missed = 0
    for (let round = 0; round < ROUNDS; round++) {
      const { slope, plusMinus } = trendOf(samples(random, { slope: 0.3, alike }))
      if (Math.abs(slope - 0.3) > plusMinus) missed++
    }
    // 5 % is what is promised; so short a series knows its own likeness only roughly.
    assert.ok(missed <= ROUNDS * 0.15, `missed ${missed} times of ${ROUNDS}`)
  })
}

test('a straight line has its slope, without a doubt', () => {
  const { slope, plusMinus } = trendOf([0, 1, 2, 3, 4, 5].map((at) => ({ at, value: 7 + 2 * at })))
  assert.equal(slope, 2)
  assert.equal(plusMinus, 0)
})

test('two samples have no slope', () => {
  assert.throws(
    () =>
      trendOf([
        { at: 0, value: 1 },
        { at: 1, value: 2 },
      ]),
    RangeError,
  )
})
