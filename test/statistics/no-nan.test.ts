// No NaN and no infinity leaves a public function: every function of statistics/ is tried with fitting and with hostile arguments.

import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { infinite, inner, tried, uses } from './tried/arguments.ts'

const root = join(import.meta.dirname, '..', '..', 'src', 'statistics')
const CASES = 1000
// The same cases in every run; LEEWAY_TEST_SEED tries others.
const seed = Number(process.env['LEEWAY_TEST_SEED'] ?? 204) | 0

type Callable = (...args: readonly unknown[]) => unknown

const functions = new Map<string, Callable>()
for (const file of globSync('**/*.ts', { cwd: root }).sort()) {
  const exported: Record<string, unknown> = await import(join(root, file))
  for (const [name, value] of Object.entries(exported)) {
    if (typeof value === 'function') functions.set(`${file}: ${name}`, value as Callable)
  }
}

/** What is wrong with an answer; null when nothing is. */
function fault(answer: unknown, mayBeInfinite: boolean): string | null {
  if (typeof answer === 'number') {
    if (Number.isNaN(answer)) return 'NaN'
    return Number.isFinite(answer) || mayBeInfinite ? null : String(answer)
  }
  if (typeof answer !== 'object' || answer === null) return null
  const { value, reason } = answer as { value?: unknown; reason?: unknown }
  if (value === null && (typeof reason !== 'string' || reason === '')) return 'null without a reason'
  if (answer instanceof Map) return fault([...answer.values()], mayBeInfinite)
  // A p-value may be computed when it is asked for.
  const { pValue } = answer as { pValue?: unknown }
  const members = ArrayBuffer.isView(answer) ? Array.from(answer as Float64Array) : [...Object.values(answer), pValue]
  for (const member of members) {
    const found = fault(member, mayBeInfinite)
    if (found !== null) return found
  }
  return null
}

/** What is wrong with a call: an answer as above, or an error that is not about its arguments. */
function faultOf(name: string, call: Callable, args: readonly unknown[]): string | null {
  try {
    const use = uses[name]
    return fault(use === undefined ? call(...args) : use(call, args), infinite.has(name))
  } catch (error) {
    if (error instanceof RangeError && error.message !== '' && !/call stack|array length/i.test(error.message))
      return null
    return String(error)
  }
}

function show(args: readonly unknown[]): string {
  return args
    .map((arg) =>
      JSON.stringify(arg, (_, value) => {
        if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array, String)
        return typeof value === 'number' ? String(value) : value
      }),
    )
    .join(', ')
}

test('every exported function of statistics/ is tried here, or says why not', () => {
  const known = { ...tried, ...inner }
  const unknown = [...functions.keys()].filter((name) => known[name] === undefined)
  assert.deepEqual(unknown, [], 'not listed in test/statistics/tried/arguments.ts')
  const gone = Object.keys(known).filter((name) => !functions.has(name))
  assert.deepEqual(gone, [], 'listed in test/statistics/tried/arguments.ts, but not exported')
})

const drawn = new Map<fc.Arbitrary<readonly unknown[]>, ReadonlyArray<readonly unknown[]>>()

for (const [name, args] of Object.entries(tried)) {
  test(`${name} answers with numbers, with null and a reason, or with an error that names its argument`, () => {
    const call = functions.get(name)
    if (call === undefined) return
    const cases = drawn.get(args) ?? fc.sample(args, { numRuns: CASES, seed })
    drawn.set(args, cases)
    let answers = 0
    for (const one of cases) {
      const found = faultOf(name, call, one)
      assert.equal(found, null, `${name}(${show(one)}), seed ${seed}`)
      answers++
    }
    assert.equal(answers, CASES)
  })
}
