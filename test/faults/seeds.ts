// Seeds of random tests: what has failed is kept in seeds.json, and tried first from then on.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { testSeed } from '../build/random.ts'

const file = join(import.meta.dirname, 'seeds.json')

/**
 * Runs a random test with each seed that once failed, then with a fresh one (or with LEEWAY_TEST_SEED alone). A seed that fails
 * is kept; it leaves the file by hand, when what it found is mended and has a test of its own.
 *
 * @param name of the test, by which its seeds are kept
 */
export async function withSeeds(name: string, run: (seed: number) => Promise<void>): Promise<void> {
  const kept = process.env['LEEWAY_TEST_SEED'] === undefined ? (read()[name] ?? []) : []
  for (const seed of kept) {
    console.log(`seed ${seed}, which failed before`)
    await run(seed)
  }
  const seed = testSeed()
  try {
    await run(seed)
  } catch (error) {
    keep(name, seed)
    throw error
  }
}

function read(): Record<string, number[]> {
  return JSON.parse(readFileSync(file, 'utf8'))
}

function keep(name: string, seed: number): void {
  const seeds = read()
  seeds[name] = [...new Set([...(seeds[name] ?? []), seed])]
  const lines = Object.entries(seeds).map(([test, list]) => `  ${JSON.stringify(test)}: [${list.join(', ')}]`)
  writeFileSync(file, `{\n${lines.join(',\n')}\n}\n`)
}
