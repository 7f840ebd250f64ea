import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { UndefinedStatisticError } from '../../src/statistics/undefined-statistic.ts'
import type { Call, GoldenCase } from './call.ts'
import { judge } from './judge.ts'
import { registry } from './registry.ts'
import { runFolder } from './run-folder.ts'

const folder = import.meta.dirname
const results = await runFolder(folder)

for (const result of results) {
  test(`${result.file} agrees with the libraries it was made by`, () => {
    assert.deepEqual(result.failures, [])
    assert.deepEqual([...result.unserved.keys()], [], 'not served')
  })
}

const tolerance = { rel: 1e-9, abs: 0 }
const golden = (expected: unknown): GoldenCase => ({ name: 'n', call: 'c', args: { x: 1 }, expected, tolerance })
const answering = (answer: unknown): Call => ({ run: () => answer })
const failing = (error: Error): Call => ({
  run: () => {
    throw error
  },
})

test('a number beyond the tolerance fails, one within it passes', async () => {
  assert.match(String((await judge(golden(1), answering(1 + 1e-8))).failure), /got 1.00000001, wanted 1/)
  assert.equal((await judge(golden(1), answering(1 + 1e-10))).failure, null)
})

test('a NaN never agrees, not even with an undefined value', async () => {
  assert.notEqual((await judge(golden('NaN'), answering(Number.NaN))).failure, null)
  assert.notEqual((await judge(golden(1), answering(Number.NaN))).failure, null)
})

test('an undefined value agrees with null and a reason alone', async () => {
  assert.notEqual((await judge(golden('NaN'), answering(null))).failure, null)
  assert.notEqual((await judge(golden('NaN'), answering({ value: null, reason: '' }))).failure, null)
  assert.equal((await judge(golden('NaN'), answering({ value: null, reason: 'no rows' }))).failure, null)
  assert.equal((await judge(golden({ low: 'NaN' }), failing(new UndefinedStatisticError('no rows')))).failure, null)
})

test('an invalid argument wants a RangeError that names it', async () => {
  const wanted = golden({ error: true })
  assert.match(String((await judge(wanted, answering(3))).failure), /where an error is due/)
  assert.match(String((await judge(wanted, failing(new TypeError('x is odd')))).failure), /where a RangeError is due/)
  assert.match(String((await judge(wanted, failing(new RangeError('no')))).failure), /does not name the argument/)
  assert.equal((await judge(wanted, failing(new RangeError('x is odd')))).failure, null)
})

test('a member that is missing or a list that is too short fails', async () => {
  assert.match(String((await judge(golden({ low: 1, high: 2 }), answering({ low: 1 }))).failure), /high: got nothing/)
  assert.match(String((await judge(golden([1, 2]), answering([1]))).failure), /wanted 2 members/)
})

test('a bracket that does not hold the truth fails', async () => {
  const binned = registry['wassersteinBinned'] as Call
  const found = { low: 1, high: 2, signedAreas: [] }
  const withTruth = { ...golden({ low: 1 }), truth: { wasserstein: 2.1 } }
  assert.match(String((await judge(withTruth, { ...binned, run: () => found })).failure), /2.1 lies outside/)
})

test('nothing finite agrees with infinity, and infinity with itself alone', async () => {
  const wanted = { ...golden('Infinity'), tolerance: { rel: 1e-9, abs: 1 } }
  assert.notEqual((await judge(wanted, answering(5))).failure, null)
  assert.notEqual((await judge(wanted, answering(Number.NEGATIVE_INFINITY))).failure, null)
  assert.equal((await judge(wanted, answering(Number.POSITIVE_INFINITY))).failure, null)
})

test('an argument of one letter is named only where the error says what it is', async () => {
  const wanted = { ...golden({ error: true }), args: { a: 0 } }
  assert.match(String((await judge(wanted, failing(new RangeError('f: not a number')))).failure), /does not name/)
  assert.equal((await judge(wanted, failing(new RangeError('f: a is 0, it must be above 0')))).failure, null)
})

test('members that are not served are told, and those that are served are compared', async () => {
  const call = { ...answering({ low: 1 }), members: ['low'] }
  assert.deepEqual(await judge(golden({ low: 1, high: 2 }), call), { failure: null, unservedMembers: ['high'] })
  assert.notEqual((await judge(golden({ low: 3, high: 2 }), call)).failure, null)
})

test('what is not served has failed; the runner says so, counts it, and exits with 1', () => {
  const dir = mkdtempSync(join(tmpdir(), 'leeway-golden-'))
  try {
    const cases = [
      { ...golden(0), call: 'lnGamma' },
      { ...golden(5), call: 'lnGamma' },
      { ...golden(5), call: 'nobodyServesThis' },
    ]
    writeFileSync(
      join(dir, 'some.json'),
      JSON.stringify({ about: '', cases: cases.map((one) => ({ ...one, tolerance: { rel: 0, abs: 1e-12 } })) }),
    )
    writeFileSync(join(dir, 'torn.json'), '{')
    const { stdout, status } = spawnSync(process.execPath, [join(folder, 'run.ts'), dir], { encoding: 'utf8' })
    assert.match(stdout, /^FAILED some.json: lnGamma/m)
    assert.match(stdout, /^FAILED some.json: not served: nobodyServesThis \(1 case\)/m)
    assert.match(stdout, /^FAILED torn.json: it is no JSON/m)
    assert.match(stdout, /1 passed, 3 failed\n$/)
    assert.equal(status, 1)
  } finally {
    rmSync(dir, { recursive: true })
  }
})
