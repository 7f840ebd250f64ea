/** 64 bits as two unsigned 32-bit numbers. */
export interface TextHash {
  high: number
  low: number
}

/**
 * Hashes text into `out`: two multiply-xor lanes, each ended by a full avalanche, so that any bits of it are as good as random.
 *
 * @example (() => { const out = { high: 0, low: 0 }; hashText(out, ''); return out.high === out.low ? 1 : 0 })() // 0
 */
export function hashText(out: TextHash, text: string): void {
  let a = 0xdeadbeef
  let b = 0x41c6ce57
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    a = Math.imul(a ^ code, 0x9e3779b1)
    b = Math.imul(b ^ code, 0x5f356495)
    b ^= b >>> 15
  }
  out.high = avalanche(a ^ Math.imul(b, 0x85ebca6b))
  out.low = avalanche(b ^ Math.imul(out.high, 0xc2b2ae35))
}

/** MurmurHash3's finaliser: every bit of the input moves every bit of the output. */
function avalanche(value: number): number {
  let x = value ^ (value >>> 16)
  x = Math.imul(x, 0x85ebca6b)
  x ^= x >>> 13
  x = Math.imul(x, 0xc2b2ae35)
  return (x ^ (x >>> 16)) >>> 0
}
