// What the producers of Kafka compress, read with a bound: a few bytes may stand for gigabytes.

import { promisify } from 'node:util'
import { gunzip, zstdDecompress } from 'node:zlib'
import { snappyUncompress } from 'hyparquet'
import { readLz4Frames } from './lz4.ts'

/** By the number that Kafka gives them. */
export const codecNames = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const

const unzip = promisify(gunzip)
const unzstd = promisify(zstdDecompress)

/**
 * @param codec as in the attributes of a record batch, from 1
 * @param bytesMax refuses more, without allocating it
 * @throws Error that says why it cannot be read
 */
export async function decompress(codec: number, bytes: Buffer, bytesMax: number): Promise<Buffer> {
  const name = codecNames[codec]
  try {
    switch (name) {
      case 'gzip':
        return await unzip(bytes, { maxOutputLength: bytesMax })
      case 'zstd':
        return await unzstd(bytes, { maxOutputLength: bytesMax })
      case 'snappy':
        return readSnappy(bytes, bytesMax)
      case 'lz4':
        return readLz4Frames(bytes, bytesMax)
      default:
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const isTooLarge = code === 'ERR_BUFFER_TOO_LARGE' || (error instanceof RangeError && code === undefined)
    throw new Error(
      isTooLarge
        ? `${name}: ${bytes.length} bytes decompress to more than ${bytesMax}`
        : `${name}: cannot be decompressed: ${message}`,
      { cause: error },
    )
  }
  throw new Error(`compression ${codec} is unknown`)
}

/** What the Java producer writes around blocks of snappy; others write one block and nothing around it. */
const XERIAL = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0])
const XERIAL_HEADER = 16
/** Snappy's longest copy writes 64 bytes and takes 3. */
const SNAPPY_RATIO_MAX = 64 / 3

function readSnappy(bytes: Buffer, bytesMax: number): Buffer {
  const blocks = bytes.subarray(0, XERIAL.length).equals(XERIAL) ? xerialBlocks(bytes) : [bytes]
  const sizes = blocks.map(snappySize)
  const total = sizes.reduce((sum, size) => sum + size, 0)
  if (total > bytesMax) throw new RangeError(`more than ${bytesMax} bytes`)
  const output = Buffer.allocUnsafe(total)
  let at = 0
  for (const [i, block] of blocks.entries()) {
    const end = at + (sizes[i] as number)
    snappyUncompress(block, output.subarray(at, end))
    at = end
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

/** The size that a block says it has. @throws Error when so few bytes cannot stand for so many */
function snappySize(block: Buffer): number {
  let size = 0
  for (let i = 0; i < 5 && i < block.length; i++) {
    const byte = block[i] as number
    size += (byte & 0x7f) * 2 ** (7 * i)
    if (byte < 128) {
      if (size > block.length * SNAPPY_RATIO_MAX) throw new Error(`${block.length} bytes cannot stand for ${size}`)
      return size
    }
  }
  throw new Error('a block without its size')
}
