import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { decompress } from '../../../src/sources/codecs/decompress.ts'

const MAX = 1_000_000
const [GZIP, SNAPPY, LZ4, ZSTD] = [1, 2, 3, 4]

/** A frame of LZ4 with one block for each part; a part is raw, or already a compressed block. */
function lz4Frame(blocks: ReadonlyArray<{ stored: boolean; bytes: Buffer }>): Buffer {
  const parts: Buffer[] = [Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0])]
  for (const { stored, bytes } of blocks) {
    const size = Buffer.alloc(4)
    size.writeUInt32LE((stored ? 0x80000000 : 0) + bytes.length)
    parts.push(size, bytes)
  }
  return Buffer.concat([...parts, Buffer.alloc(4)])
}

const snappyOf = (text: string) => Buffer.concat([Buffer.of(text.length, (text.length - 1) << 2), Buffer.from(text)])

test('an LZ4 copy may reach into what it writes', async () => {
  // One literal x, then a copy of it over and over: distance 1, length 4 + 15 + 5.
  const block = Buffer.from([0x1f, 0x78, 1, 0, 5, 0x50, 0x61, 0x62, 0x63, 0x64, 0x65])
  const out = await decompress(LZ4 as number, lz4Frame([{ stored: false, bytes: block }]), MAX)
  assert.equal(out.toString(), `${'x'.repeat(25)}abcde`)
})

test('LZ4 frames follow one another, with stored blocks among them', async () => {
  const frame = lz4Frame([
    { stored: true, bytes: Buffer.from('one ') },
    { stored: true, bytes: Buffer.from('two ') },
  ])
  assert.equal((await decompress(LZ4 as number, Buffer.concat([frame, frame]), MAX)).toString(), 'one two one two ')
})

test('snappy is read with what Java writes around its blocks, and without', async () => {
  assert.equal((await decompress(SNAPPY as number, snappyOf('plain'), MAX)).toString(), 'plain')
  const framed = [Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1])]
  for (const block of [snappyOf('first, '), snappyOf('second')]) {
    const size = Buffer.alloc(4)
    size.writeInt32BE(block.length)
    framed.push(size, block)
  }
  assert.equal((await decompress(SNAPPY as number, Buffer.concat(framed), MAX)).toString(), 'first, second')
})

test('a snappy literal that says it has more than 2 GB ends', async () => {
  const bytes = Buffer.from([4, 0xfc, 0xf0, 0xff, 0xff, 0xff, 0x61, 0x62])
  await assert.rejects(
    decompress(SNAPPY as number, bytes, MAX),
    /snappy: cannot be decompressed: a literal does not end/,
  )
})

test('a snappy copy may reach into what it writes', async () => {
  // The literal ab, then 10 bytes from distance 2.
  const bytes = Buffer.from([12, 0x04, 0x61, 0x62, 0x26, 2, 0])
  assert.equal((await decompress(SNAPPY as number, bytes, MAX)).toString(), 'abababababab')
})

/** 100 MB of nothing in at most a few hundred kilobytes. */
const bomb = Buffer.alloc(100_000_000)
// A literal, then copies of it: 255 more bytes of output for each byte.
const lz4Bomb = lz4Frame([
  { stored: false, bytes: Buffer.concat([Buffer.from([0x1f, 0, 1, 0]), Buffer.alloc(60_000, 255), Buffer.of(0)]) },
])
const snappyLiar = Buffer.from([0xff, 0xff, 0xff, 0x2f, 0, 0])

for (const [name, codec, bytes, expected] of [
  ['gzip', GZIP, gzipSync(bomb), /gzip: \d+ bytes decompress to more than 1000000/],
  ['zstd', ZSTD, zstdCompressSync(bomb), /zstd: \d+ bytes decompress to more than 1000000/],
  ['lz4', LZ4, lz4Bomb, /lz4: /],
  ['snappy', SNAPPY, snappyLiar, /snappy: cannot be decompressed: 6 bytes cannot stand for 100663295/],
] as const) {
  test(`a bomb of ${name} is refused by its bound, and not allocated`, async () => {
    const before = process.memoryUsage().arrayBuffers
    await assert.rejects(decompress(codec as number, bytes, MAX), expected)
    assert.ok(process.memoryUsage().arrayBuffers - before < 8_000_000)
  })
}

test('a compression that nobody knows is refused by its number', async () => {
  await assert.rejects(decompress(6, Buffer.of(1), MAX), /compression 6 is unknown/)
})

test('whatever the bytes are, they are read or refused, within the bound', async () => {
  const frames = fc
    .uint8Array({ maxLength: 200 })
    .map((bytes) => lz4Frame([{ stored: false, bytes: Buffer.from(bytes) }]))
  const any = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes))
  const blocks = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from([bytes.length & 0x7f, ...bytes]))
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(1, 2, 3, 4), fc.oneof(any, frames, blocks), async (codec, bytes) => {
      try {
        assert.ok((await decompress(codec, bytes, 10_000)).length <= 10_000)
      } catch (error) {
        assert.ok(error instanceof Error && !(error instanceof assert.AssertionError))
        assert.match(error.message, /^(gzip|snappy|lz4|zstd): /)
      }
    }),
    { numRuns: 1_000 },
  )
})
