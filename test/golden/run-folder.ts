import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { GoldenCase } from './call.ts'
import { correctionOf } from './corrections.ts'
import { judge } from './judge.ts'
import { registry } from './registry.ts'

/** What came of one golden file. */
export interface FileResult {
  readonly file: string
  /** Cases that agree in full. */
  readonly passed: number
  /** One line per case that disagrees, or for a file that cannot be read. */
  readonly failures: readonly string[]
  /** Cases that were judged by another value than the file's, each with the reason. */
  readonly corrected: readonly string[]
  /** What the project does not answer: the call, or members of it, and how many cases are not passed for it. */
  readonly unserved: ReadonlyMap<string, number>
}

/** Runs every case of every JSON file in a folder. @throws if there is none */
export async function runFolder(folder: string): Promise<FileResult[]> {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
  if (files.length === 0) throw new Error(`${folder} holds no golden file (*.json)`)
  const results: FileResult[] = []
  for (const file of files) {
    const cases = casesOf(readFileSync(join(folder, file), 'utf8'))
    results.push(
      typeof cases === 'string'
        ? { file, passed: 0, failures: [`${file}: ${cases}`], corrected: [], unserved: new Map() }
        : await runCases(file, cases),
    )
  }
  return results
}

/** The cases of a file, or why there are none. */
function casesOf(text: string): readonly GoldenCase[] | string {
  try {
    const { cases } = JSON.parse(text) as { cases?: readonly GoldenCase[] }
    return Array.isArray(cases) ? cases : 'it has no list of cases'
  } catch (error) {
    return `it is no JSON: ${(error as Error).message}`
  }
}

async function runCases(file: string, cases: readonly GoldenCase[]): Promise<FileResult> {
  let passed = 0
  const failures: string[] = []
  const corrected: string[] = []
  const unserved = new Map<string, number>()
  const lacks = (what: string) => unserved.set(what, (unserved.get(what) ?? 0) + 1)
  for (const golden of cases) {
    const call = registry[golden.call]
    if (call === undefined) {
      lacks(golden.call)
      continue
    }
    const correction = correctionOf(golden)
    if (correction !== undefined) corrected.push(`${file}: ${golden.call}, ${golden.name}: ${correction.because}`)
    const outcome = await judge(correction === undefined ? golden : { ...golden, expected: correction.right }, call)
    if (outcome.failure !== null) failures.push(`${file}: ${golden.call}, ${golden.name}: ${outcome.failure}`)
    else if (outcome.unservedMembers.length > 0) lacks(`${golden.call}: ${outcome.unservedMembers.join(', ')}`)
    else passed++
  }
  return { file, passed, failures, corrected, unserved }
}
