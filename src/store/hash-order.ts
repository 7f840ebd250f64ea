// Sorting hashes: a comparing sort of twenty thousand ids took a third of a commit, counting digits takes a twentieth.

/**
 * The order in which the first `count` hashes ascend, by upper and then by lower half.
 *
 * A radix sort, digit by digit from the lowest; it keeps the order of equal hashes. About 25 ns a hash.
 *
 * @returns indices into `highs` and `lows`
 */
export function orderByHash(highs: Uint32Array, lows: Uint32Array, count: number): Uint32Array {
  let order = Uint32Array.from({ length: count }, (_, i) => i)
  let next = new Uint32Array(count)
  const ends = new Uint32Array(256)
  for (const half of [lows, highs]) {
    for (let shift = 0; shift < 32; shift += 8) {
      ends.fill(0)
      for (let i = 0; i < count; i++) ends[digit(half, i, shift)]!++
      for (let value = 1; value < 256; value++) ends[value]! += ends[value - 1] as number
      for (let i = count - 1; i >= 0; i--) {
        const index = order[i] as number
        next[--ends[digit(half, index, shift)]!] = index
      }
      ;[order, next] = [next, order]
    }
  }
  return order
}

function digit(half: Uint32Array, index: number, shift: number): number {
  return ((half[index] as number) >>> shift) & 0xff
}
