import type { FileResult } from './run-folder.ts'

/** Lines for a reader: each failure, what is not served, and last the counts. A case that is not served has failed. */
export function* report(results: readonly FileResult[]): Generator<string> {
  let [passed, failed, corrected] = [0, 0, 0]
  for (const result of results) {
    for (const failure of result.failures) yield `FAILED ${failure}`
    for (const [what, count] of result.unserved) {
      failed += count
      yield `FAILED ${result.file}: not served: ${what} (${count} ${count === 1 ? 'case' : 'cases'})`
    }
    for (const correction of result.corrected) yield `corrected ${correction}`
    passed += result.passed
    failed += result.failures.length
    corrected += result.corrected.length
  }
  if (corrected > 0) yield `${corrected} judged by a corrected value`
  yield `${passed} passed, ${failed} failed`
}
