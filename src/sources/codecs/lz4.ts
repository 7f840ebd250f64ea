// LZ4 frames, as Kafka's producers write them. Checksums inside the frame are passed over: the batch around it has one of its own.
//
// @see https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md

const MAGIC = 0x184d2204
const BLOCK_SIZES: Readonly<Record<number, number>> = { 4: 1 << 16, 5: 1 << 18, 6: 1 << 20, 7: 1 << 22 }

/** What grows while a frame is read. */
interface Output {
  bytes: Buffer
  length: number
}

/** @throws RangeError when the output would have more than `bytesMax` bytes, Error when it is not LZ4 */
export function readLz4Frames(input: Buffer, bytesMax: number): Buffer {
  const output: Output = { bytes: Buffer.allocUnsafe(Math.min(bytesMax, input.length * 4)), length: 0 }
  let at = 0
  while (at < input.length) at = readFrame(input, at, output, bytesMax)
  return output.bytes.subarray(0, output.length)
}

function readFrame(input: Buffer, start: number, output: Output, bytesMax: number): number {
  if (input.readUInt32LE(start) !== MAGIC) throw new Error('no LZ4 frame begins here')
  const flags = input.readUInt8(start + 4)
  if (flags >> 6 !== 1) throw new Error(`LZ4 frame of version ${flags >> 6}`)
  const [hasBlockChecksums, hasSize, hasChecksum, hasDictionary] = [flags & 16, flags & 8, flags & 4, flags & 1]
  if (hasDictionary) throw new Error('LZ4 frame with a dictionary')
  const blockMax = BLOCK_SIZES[(input.readUInt8(start + 5) >> 4) & 7]
  if (blockMax === undefined) throw new Error('LZ4 frame with an unknown size of blocks')
  // Blocks may refer to earlier ones of their frame, not to what lies before it.
  const frame = output.length
  let at = start + 7 + (hasSize ? 8 : 0)
  for (;;) {
    const size = input.readUInt32LE(at) & 0x7fffffff
    const isStored = input.readUInt8(at + 3) >= 128
    at += 4
    if (size === 0 && !isStored) break
    const end = at + size
    if (size > blockMax || end > input.length) throw new Error('LZ4 block that does not end')
    if (isStored) {
      grow(output, size, bytesMax)
      input.copy(output.bytes, output.length, at, end)
      output.length += size
    } else readBlock(input, { at, end, frame, blockMax }, output, bytesMax)
    at = end + (hasBlockChecksums ? 4 : 0)
  }
  return at + (hasChecksum ? 4 : 0)
}

function grow(output: Output, more: number, bytesMax: number): void {
  const needed = output.length + more
  if (needed > bytesMax) throw new RangeError(`more than ${bytesMax} bytes`)
  if (needed <= output.bytes.length) return
  const larger = Buffer.allocUnsafe(Math.min(bytesMax, Math.max(needed, output.bytes.length * 2)))
  output.bytes.copy(larger, 0, 0, output.length)
  output.bytes = larger
}

interface Block {
  readonly at: number
  readonly end: number
  readonly frame: number
  readonly blockMax: number
}

/** A block is a row of literals and of copies of what was written before. */
function readBlock(input: Buffer, { at, end, frame, blockMax }: Block, output: Output, bytesMax: number): void {
  const limit = output.length + blockMax
  let i = at
  const lengthFrom = (nibble: number) => {
    let length = nibble
    if (nibble === 15) {
      let byte = 255
      while (byte === 255) {
        if (i >= end) throw new Error('LZ4 block that breaks off')
        byte = input[i++] as number
        length += byte
      }
    }
    return length
  }
  while (i < end) {
    const token = input[i++] as number
    const literals = lengthFrom(token >> 4)
    if (i + literals > end || output.length + literals > limit) throw new Error('LZ4 literals that do not end')
    grow(output, literals, bytesMax)
    input.copy(output.bytes, output.length, i, i + literals)
    output.length += literals
    i += literals
    if (i >= end) return
    if (i + 2 > end) throw new Error('LZ4 block that breaks off')
    const distance = (input[i] as number) | ((input[i + 1] as number) << 8)
    i += 2
    const length = lengthFrom(token & 15) + 4
    if (distance === 0 || distance > output.length - frame || output.length + length > limit)
      throw new Error('LZ4 copy from outside of the frame')
    grow(output, length, bytesMax)
    repeat(output, distance, length)
  }
}

/** The source may reach into what is being written. */
function repeat(output: Output, distance: number, length: number): void {
  const { bytes } = output
  const from = output.length - distance
  const to = output.length
  if (distance >= length) bytes.copyWithin(to, from, from + length)
  else for (let k = 0; k < length; k++) bytes[to + k] = bytes[from + k] as number
  output.length += length
}
