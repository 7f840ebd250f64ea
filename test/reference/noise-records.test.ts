import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NoiseRecords } from '../../src/reference/noise-records.ts'
import type { TestNoise } from '../../src/reference/reference.ts'
import { HOUR, MINUTE } from '../../src/time.ts'
import { seeded } from '../build/random.ts'
import { normal } from '../build/rows.ts'

const spec = { sizeMs: HOUR, slideMs: 5 * MINUTE }
const SLIDES = 12
const seed = Number(process.env['LEEWAY_TEST_SEED'] ?? 17)

/** χ² statistics of overlapping windows in which a variable wanders: `wander` is its deviation beside that of chance. */
function record(
  records: NoiseRecords,
  name: string,
  random: () => number,
  { degrees = 1, wander = 0, memory = 0.9 } = {},
) {
  const panes: Float64Array[] = []
  let level = 0
  for (let t = 0; t < 14 * 288; t++) {
    level = memory * level + Math.sqrt(1 - memory * memory) * normal(random)
    panes.push(Float64Array.from({ length: degrees }, (_, i) => normal(random) + (i === 0 ? wander * level : 0)))
    if (panes.length > SLIDES) panes.shift()
    if (panes.length < SLIDES) continue
    let statistic = 0
    for (let i = 0; i < degrees; i++) {
      const sum = panes.reduce((total, pane) => total + (pane[i] as number), 0)
      statistic += (sum * sum) / SLIDES
    }
    records.add(name, { degrees, statistic })
  }
}

test('independent rows have no noise of their own, whatever the columns’ number', () => {
  const random = seeded(seed)
  const records = new NoiseRecords(spec)
  for (let column = 0; column < 10; column++) record(records, `drift/c${column}#shift`, random)
  for (const noise of Object.values(records.noise())) {
    assert.ok(noise.designEffect < 1.15 && noise.correlation < 0.3 && noise.skewEffect < 1.2, JSON.stringify(noise))
    assert.ok(noise.support > 500, 'columns that are alike lend each other their windows')
  }
})

test('a column that wanders keeps its noise to itself', () => {
  const random = seeded(seed + 1)
  const records = new NoiseRecords(spec)
  for (let column = 0; column < 9; column++) record(records, `drift/c${column}#shift`, random)
  record(records, 'drift/wanderer#shift', random, { wander: 1 })
  const noise = records.noise()
  const { designEffect, correlation } = noise['drift/wanderer#shift'] as TestNoise
  assert.ok(designEffect > 3 && correlation > 0.2, `${designEffect}, ${correlation}`)
  assert.ok((noise['drift/c0#shift'] as TestNoise).designEffect < 1.3)
})

test('where one of many directions is noisy, variance and skewness say so although the mean hardly does', () => {
  const random = seeded(seed + 2)
  const records = new NoiseRecords(spec)
  record(records, 'drift/a#coarse', random, { degrees: 15, wander: 1 })
  const { designEffect, varianceEffect, skewEffect } = records.noise()['drift/a#coarse'] as TestNoise
  assert.ok(designEffect < 2 && varianceEffect > 1.5 * designEffect ** 2 && skewEffect > 1.3)
})

test('a statistic that is the same in every window is no noise', () => {
  const records = new NoiseRecords(spec)
  for (let t = 0; t < 300; t++) records.add('performance/accuracy', { degrees: 1, statistic: 0 })
  const noise = records.noise()['performance/accuracy'] as TestNoise
  for (const value of [noise.designEffect, noise.varianceEffect, noise.skewEffect, noise.support, noise.correlation])
    assert.ok(Number.isFinite(value), JSON.stringify(noise))
  assert.equal(noise.designEffect, 1)
})
