import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { GoldenCase } from './call.ts'
import { correctionOf } from './corrections.ts'
import { judge } from './judge.ts'
import { registry } from './registry.ts'

/** What came of one golden file. */
export interface FileResult {
  readonly file: string
  /** Cases whose served members all agree. */
  readonly passed: number
  readonly failures: readonly string[]
  /** Cases that were judged by another value than the file's, each with the reason. */
  readonly corrected: readonly string[]
  /** Cases per call that the registry does not know. */
  readonly unserved: ReadonlyMap<string, number>
  /** Per call, the members of expected values that are not served; their cases were judged without them. */
  readonly unservedMembers: ReadonlyMap<string, ReadonlySet<string>>
}

/** Runs every case of every JSON file in a folder. @throws if a file is no golden file, or if there is none */
export function runFolder(folder: string): FileResult[] {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
  if (files.length === 0) throw new Error(`${folder} holds no golden file (*.json)`)
  return files.map((file) => runFile(file, readFileSync(join(folder, file), 'utf8')))
}

function runFile(file: string, text: string): FileResult {
  const { cases } = JSON.parse(text) as { cases?: readonly GoldenCase[] }
  if (!Array.isArray(cases)) throw new Error(`${file} has no list of cases`)
  let passed = 0
  const failures: string[] = []
  const corrected: string[] = []
  const unserved = new Map<string, number>()
  const unservedMembers = new Map<string, Set<string>>()
  for (const golden of cases as readonly GoldenCase[]) {
    const call = registry[golden.call]
    if (call === undefined) {
      unserved.set(golden.call, (unserved.get(golden.call) ?? 0) + 1)
      continue
    }
    const correction = correctionOf(golden)
    if (correction !== undefined) corrected.push(`${file}: ${golden.call}, ${golden.name}: ${correction.because}`)
    const outcome = judge(correction === undefined ? golden : { ...golden, expected: correction.right }, call)
    if (outcome.failure === null) passed++
    else failures.push(`${file}: ${golden.call}, ${golden.name}: ${outcome.failure}`)
    if (outcome.unservedMembers.length > 0) {
      const known = unservedMembers.get(golden.call) ?? []
      unservedMembers.set(golden.call, new Set([...known, ...outcome.unservedMembers]))
    }
  }
  return { file, passed, failures, corrected, unserved, unservedMembers }
}
