// Every example in a docstring of statistics/ is run, and must give the number written beside it.

import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '..', '..', 'src', 'statistics')
const example = /@example (.+) \/\/ (\S+)$/gm
let found = 0

for (const file of globSync('**/*.ts', { cwd: root }).sort()) {
  const examples = [...readFileSync(join(root, file), 'utf8').matchAll(example)]
  if (examples.length === 0) continue
  const exports: Record<string, unknown> = await import(join(root, file))
  for (const [, expression = '', written = ''] of examples) {
    found++
    test(`${file}: ${expression} is ${written}`, () => {
      const value: unknown = new Function(...Object.keys(exports), `return ${expression}`)(...Object.values(exports))
      assert.equal(typeof value, 'number')
      // As precise as it is written.
      const decimals = written.split('.')[1]?.length ?? 0
      const far = Math.abs(Number(value) - Number(written))
      assert.ok(far <= 0.51 * 10 ** -decimals || far <= 1e-14 * Math.abs(Number(written)), `it is ${value}`)
    })
  }
}

test('the examples were found', () => assert.ok(found > 40, `only ${found} found`))
