import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { crc32c } from '../../../src/sources/codecs/crc32c.ts'

test('the checksums of RFC 3720 come out', () => {
  assert.equal(crc32c(Buffer.alloc(32)), 0x8a9136aa)
  assert.equal(crc32c(Buffer.alloc(32, 0xff)), 0x62a8ab43)
  assert.equal(crc32c(Buffer.from(Array.from({ length: 32 }, (_, i) => i))), 0x46dd794e)
  assert.equal(crc32c(new TextEncoder().encode('123456789')), 3_808_858_755)
})

/** Bit by bit, as the polynomial is defined. */
function slow(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  }
  return ~crc >>> 0
}

test('any bytes, from any place on, have the checksum that bit by bit gives', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(40), (bytes, from) => {
      assert.equal(crc32c(bytes, from), slow(bytes.subarray(from)))
    }),
    { numRuns: 300 },
  )
})
