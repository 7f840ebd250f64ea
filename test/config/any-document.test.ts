import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { parse } from 'yaml'
import { ConfigError } from '../../src/config/config-error.ts'
import { readDocument } from '../../src/config/load.ts'
import { runs } from '../events/seed.ts'

const valid = parse(readFileSync('config/leeway.yaml', 'utf8'))

/** Paths to every value of a document. */
function* pathsOf(value: unknown, path: readonly string[] = []): Iterable<readonly string[]> {
  yield path
  if (typeof value !== 'object' || value === null) return
  for (const [key, child] of Object.entries(value)) yield* pathsOf(child, [...path, key])
}

function replaced(value: unknown, [step, ...rest]: readonly string[], replacement: unknown): unknown {
  if (step === undefined) return replacement
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, unknown>
  copy[step] = replaced(copy[step], rest, replacement)
  return copy
}

test('whatever a document says, it is used or refused with a reason for each problem', () => {
  const path = fc.constantFrom(...pathsOf(valid))
  const replacement = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom('', '0s', '1h', 'canonical', '__proto__', -1, 1e300, [null], { type: 'kafka' }, { '': '' }),
  )
  let refused = 0
  fc.assert(
    fc.property(path, replacement, (at, by) => {
      try {
        readDocument(JSON.stringify(replaced(valid, at, by)), 'leeway.yaml')
      } catch (error) {
        assert.ok(error instanceof ConfigError, String(error instanceof Error ? error.stack : error))
        assert.ok(error.problems.length > 0)
        for (const { line, message } of error.problems) assert.ok(line !== null && message.length > 10, message)
        refused++
      }
    }),
    runs(500),
  )
  assert.ok(refused > 100, `${refused} documents were refused`)
})
