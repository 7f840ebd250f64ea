// Seeded randomness: every test that uses it prints its seed and takes one from LEEWAY_TEST_SEED.

/** mulberry32 */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

export function testSeed(): number {
  const seed = Number(process.env['LEEWAY_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
  console.log(`seed ${seed} (LEEWAY_TEST_SEED=${seed} repeats this run)`)
  return seed
}

/** A random id that looks like a UUID. */
export function uuid(random: () => number): string {
  const hex = (digits: number) =>
    Math.floor(random() * 16 ** digits)
      .toString(16)
      .padStart(digits, '0')
  return `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(6)}${hex(6)}`
}
