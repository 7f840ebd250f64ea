import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Bloom } from '../../src/store/bloom.ts'
import { numbers } from '../batteries/waiting.battery.ts'
import { runs } from '../events/seed.ts'

const half = fc.oneof(fc.nat({ max: 2 ** 32 - 1 }), fc.constantFrom(0, 2 ** 32 - 1))

test('a filter never denies what was added to it, stored and read again or not', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(half, half), { maxLength: 200 }), (hashes) => {
      const filter = new Bloom(hashes.length)
      for (const [high, low] of hashes) filter.add(high, low)
      const again = new Bloom(filter.bytes.slice())
      for (const [high, low] of hashes) assert.ok(filter.mayHave(high, low) && again.mayHave(high, low))
    }),
    runs(100),
  )
})

for (const keys of [500, 20_000, 200_000]) {
  test(`a filter of ${keys} keys is wrong about fewer than two in a thousand others, at two to four bytes a key`, () => {
    const random = numbers(keys)
    const filter = new Bloom(keys)
    for (let i = 0; i < keys; i++) filter.add(random(), random())
    let wrong = 0
    for (let i = 0; i < 100_000; i++) if (filter.mayHave(random(), random())) wrong++
    assert.ok(wrong < 200, `${wrong} of 100,000`)
    assert.ok(filter.bytes.length <= 4 * keys)
  })
}
