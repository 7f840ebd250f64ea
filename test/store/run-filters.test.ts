import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Bloom } from '../../src/store/bloom.ts'
import type { Run } from '../../src/store/run.ts'
import { RunFilters } from '../../src/store/run-filters.ts'
import { numbers } from '../batteries/waiting.battery.ts'

const random = numbers(3)

/** A run with a filter of the size for `capacity` keys, of which it has a hundred. */
function run(capacity: number): Run & { readonly keys: ReadonlyArray<readonly [number, number]> } {
  const bloom = new Bloom(capacity)
  const keys = Array.from({ length: 100 }, () => [random(), random()] as const)
  for (const [high, low] of keys) bloom.add(high, low)
  return { id: random(), day: 0, age: 0, entries: capacity, bloom, firsts: new Uint32Array(), keys }
}

/** What the filters say of every key of every run, and of keys of none, is what each run's own filter says. */
function agrees(filters: RunFilters, runs: ReadonlyArray<ReturnType<typeof run>>): void {
  const strangers = Array.from({ length: 200 }, () => [random(), random()] as const)
  for (const [high, low] of [...runs.flatMap(({ keys }) => keys), ...strangers]) {
    const expected = runs.map(({ bloom }) => bloom.mayHave(high, low))
    assert.equal(filters.mayAnyHave(high, low), expected.includes(true))
    if (expected.includes(true))
      assert.deepEqual(
        runs.map((one) => filters.mayHave(one)),
        expected,
      )
  }
}

test('filters side by side say what each says by itself, while runs come and go and banks are filled a piece at a time', () => {
  const filters = new RunFilters()
  const runs: Array<ReturnType<typeof run>> = []
  for (let step = 0; step < 60; step++) {
    runs.unshift(run(step % 3 === 0 ? 1_000 : 70_000))
    if (step % 5 === 4) runs.splice((step * 7) % runs.length, 1)
    filters.arrange(runs, 10_000)
    if (step % 6 === 0) agrees(filters, runs)
  }
  agrees(filters, runs)
  filters.arrange(runs, Number.POSITIVE_INFINITY)
  agrees(filters, runs)
  filters.arrange([], 0)
  assert.equal(filters.mayAnyHave(1, 1), false)
})
