// fast-check prints the seed of a run that failed; LEEWAY_TEST_SEED runs it again.

const seed = process.env['LEEWAY_TEST_SEED']

/** Parameters for `fc.assert`. */
export function runs(numRuns: number): { numRuns: number; seed?: number } {
  return seed === undefined ? { numRuns } : { numRuns, seed: Number(seed) }
}
