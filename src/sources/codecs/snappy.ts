// Snappy, as Kafka's producers write it. Our own: decoders in the registry trust their input, and one that is in use elsewhere here
// (hyparquet's) runs for ever on a literal whose length has its highest bit set.
//
// @see https://github.com/google/snappy/blob/main/format_description.txt

/** What the Java producer writes around blocks; others write one block and nothing around it. */
const XERIAL = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0])
const XERIAL_HEADER = 16
/** The longest copy writes 64 bytes and takes 3. */
const RATIO_MAX = 64 / 3

/** @throws RangeError when the output would have more than `bytesMax` bytes, Error when it is not snappy */
export function readSnappy(bytes: Buffer, bytesMax: number): Buffer {
  const blocks = (bytes.subarray(0, XERIAL.length).equals(XERIAL) ? xerialBlocks(bytes) : [bytes]).map(sizedBlock)
  const total = blocks.reduce((sum, { size }) => sum + size, 0)
  if (total > bytesMax) throw new RangeError(`more than ${bytesMax} bytes`)
  const output = Buffer.allocUnsafe(total)
  let at = 0
  for (const { size, elements } of blocks) {
    readElements(elements, output.subarray(at, at + size))
    at += size
  }
  return output
}

function xerialBlocks(bytes: Buffer): Buffer[] {
  const blocks: Buffer[] = []
  for (let at = XERIAL_HEADER; at < bytes.length; ) {
    const end = at + 4 + bytes.readInt32BE(at)
    if (end <= at + 4 || end > bytes.length) throw new Error('a block does not end')
    blocks.push(bytes.subarray(at + 4, end))
    at = end
  }
  return blocks
}

/** A block begins with the size that it has when it is decompressed. @throws Error when so few bytes cannot stand for so many */
function sizedBlock(block: Buffer): { size: number; elements: Buffer } {
  let size = 0
  for (let i = 0; i < 5 && i < block.length; i++) {
    const byte = block[i] as number
    size += (byte & 0x7f) * 2 ** (7 * i)
    if (byte >= 128) continue
    if (size > block.length * RATIO_MAX) throw new Error(`${block.length} bytes cannot stand for ${size}`)
    return { size, elements: block.subarray(i + 1) }
  }
  throw new Error('a block without its size')
}

/** Elements are literals, and copies of what was written before; they fill the output to its last byte. */
function readElements(input: Buffer, output: Buffer): void {
  let i = 0
  let o = 0
  while (i < input.length) {
    const tag = input[i++] as number
    const kind = tag & 3
    // Bytes behind the tag: of a long literal its length, of a copy its distance.
    const more = kind === 0 ? Math.max(0, (tag >> 2) - 59) : kind === 3 ? 4 : kind
    if (i + more > input.length) throw new Error('an element breaks off')
    const number = more === 0 ? tag >> 2 : input.readUIntLE(i, more)
    i += more
    if (kind === 0) {
      const length = number + 1
      if (i + length > input.length || o + length > output.length) throw new Error('a literal does not end')
      input.copy(output, o, i, i + length)
      i += length
      o += length
      continue
    }
    const length = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1
    const distance = kind === 1 ? number + ((tag >> 5) << 8) : number
    if (distance === 0 || distance > o || o + length > output.length)
      throw new Error('a copy from outside of its block')
    if (distance >= length) output.copyWithin(o, o - distance, o - distance + length)
    else for (let k = 0; k < length; k++) output[o + k] = output[o + k - distance] as number
    o += length
  }
  if (o !== output.length) throw new Error(`${o} bytes, where ${output.length} were said`)
}
