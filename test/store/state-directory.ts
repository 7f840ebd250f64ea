// Directories for the state of a test, removed when the test has ended.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

export function stateDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'leeway-test-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}
