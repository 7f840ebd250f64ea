// CRC-32C (Castagnoli), the checksum of Kafka's record batches. Node has only the other CRC-32.

const POLYNOMIAL = 0x82f63b78

/** Sixteen tables side by side: entry k * 256 + b is the checksum of byte b with k zero bytes behind it. */
const tables = makeTables()

function makeTables(): Int32Array {
  const made = new Int32Array(16 * 256)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
    made[byte] = crc
  }
  for (let i = 256; i < made.length; i++) {
    const before = made[i - 256] as number
    made[i] = (before >>> 8) ^ (made[before & 0xff] as number)
  }
  return made
}

/**
 * The CRC-32C of `bytes` from `from` on.
 *
 * @returns a whole number from 0 to 2^32 - 1
 * @see Kounavis and Berry (2005), A systematic approach to building high performance software-based CRC generators
 * @example crc32c(new TextEncoder().encode('123456789')) // 3808858755
 */
export function crc32c(bytes: Uint8Array, from = 0): number {
  const t = tables
  const { length } = bytes
  const view = new DataView(bytes.buffer, bytes.byteOffset, length)
  let crc = -1
  let i = from
  for (; i + 16 <= length; i += 16) {
    const a = crc ^ view.getInt32(i, true)
    const b = view.getInt32(i + 4, true)
    const c = view.getInt32(i + 8, true)
    const d = view.getInt32(i + 12, true)
    crc =
      (t[3840 + (a & 0xff)] as number) ^
      (t[3584 + ((a >>> 8) & 0xff)] as number) ^
      (t[3328 + ((a >>> 16) & 0xff)] as number) ^
      (t[3072 + (a >>> 24)] as number) ^
      (t[2816 + (b & 0xff)] as number) ^
      (t[2560 + ((b >>> 8) & 0xff)] as number) ^
      (t[2304 + ((b >>> 16) & 0xff)] as number) ^
      (t[2048 + (b >>> 24)] as number) ^
      (t[1792 + (c & 0xff)] as number) ^
      (t[1536 + ((c >>> 8) & 0xff)] as number) ^
      (t[1280 + ((c >>> 16) & 0xff)] as number) ^
      (t[1024 + (c >>> 24)] as number) ^
      (t[768 + (d & 0xff)] as number) ^
      (t[512 + ((d >>> 8) & 0xff)] as number) ^
      (t[256 + ((d >>> 16) & 0xff)] as number) ^
      (t[d >>> 24] as number)
  }
  for (; i < length; i++) crc = (crc >>> 8) ^ (t[(crc ^ (bytes[i] as number)) & 0xff] as number)
  return ~crc >>> 0
}
