import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { orderByHash } from '../../src/store/hash-order.ts'
import { runs } from '../events/seed.ts'

const half = fc.oneof(fc.nat({ max: 2 ** 32 - 1 }), fc.constantFrom(0, 1, 255, 256, 2 ** 31, 2 ** 32 - 1))

test('hashes are ordered by their upper and then their lower half, as 64-bit numbers are', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(half, half)), (hashes) => {
      const [highs, lows] = [Uint32Array.from(hashes, ([high]) => high), Uint32Array.from(hashes, ([, low]) => low)]
      const whole = (index: number) => (BigInt(highs[index] as number) << 32n) | BigInt(lows[index] as number)
      const ordered = [...orderByHash(highs, lows, hashes.length)]
      assert.deepEqual(
        ordered.map(whole),
        hashes.map((_, i) => whole(i)).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)),
      )
      assert.equal(new Set(ordered).size, hashes.length)
    }),
    runs(300),
  )
})
