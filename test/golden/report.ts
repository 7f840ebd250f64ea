import type { FileResult } from './run-folder.ts'

/** Lines for a reader: each failure, what was not served, and last the counts. */
export function* report(results: readonly FileResult[]): Generator<string> {
  let [passed, failed, unserved, corrected] = [0, 0, 0, 0]
  for (const result of results) {
    for (const failure of result.failures) yield `FAILED ${failure}`
    for (const correction of result.corrected) yield `corrected ${correction}`
    for (const [call, count] of result.unserved) {
      unserved += count
      yield `unserved ${result.file}: ${call} (${count} cases)`
    }
    for (const [call, members] of result.unservedMembers) {
      yield `unserved members ${result.file}: ${call} without ${[...members].join(', ')}`
    }
    passed += result.passed
    failed += result.failures.length
    corrected += result.corrected.length
  }
  yield `${unserved} unserved, ${corrected} judged by a corrected value`
  yield `${passed} passed, ${failed} failed`
}
