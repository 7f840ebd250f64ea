// What the producers of Kafka compress, read with a bound: a few bytes may stand for gigabytes.

import { promisify } from 'node:util'
import { gunzip, zstdDecompress } from 'node:zlib'
import { readLz4Frames } from './lz4.ts'
import { readSnappy } from './snappy.ts'

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
