// What people read on a terminal.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import Table from 'cli-table3'
import { plainTable } from '../../src/cli/plain-table.ts'
import { wrapped } from '../../src/cli/wrapped.ts'
import { openSession } from './session.ts'

const leeway = openSession()

test('what is longer than a line of the terminal goes on below its beginning, and tables stay as they are', () => {
  const text =
    '  Judged on 2,160 rows in the window of 90d that ends then.\na    table    that is wider than all of the lines\n'
  assert.equal(
    wrapped(text, 40),
    '  Judged on 2,160 rows in the window of\n  90d that ends then.\na    table    that is wider than all of the lines\n',
  )
  assert.equal(wrapped(text, undefined), text)
})

test('a table stays as it is also where every cell fills its column, and what is told of a moment is broken', () => {
  const table = new Table(plainTable)
  table.push(
    ['a4', 'credit-risk 7', 'drifting in income and job'],
    ['b5', 'house-price 1', 'drifting in garage and age'],
  )
  assert.equal(wrapped(table.toString(), 40), table.toString())
  const moment = '  2026-02-01T06:00:00Z  wine: drifting in chlorides'
  assert.equal(wrapped(moment, 40), '  2026-02-01T06:00:00Z  wine: drifting\n  in chlorides')
})

test('reference show names every column, what is missing and which values it has, and how well its noise is known', async () => {
  const { code, stdout } = await leeway(['reference', 'show', '-c', 'test/data/wine.yaml'])
  assert.equal(code, 0)
  assert.match(stdout, /from file wine-reference\.csv\.gz: 1,599 rows, 1,599 labelled, 2026-01-01T00:00:00Z to/)
  assert.match(stdout, /^ {2}citric_acid +feature +– +0 to 1 *$/m)
  assert.match(stdout, /^ {2}density +feature +– +0\.99007 to 1\.00369 *$/m)
  assert.match(stdout, /^ {2}accuracy: 0\.748 \(0\.726–0\.769\)$/m)
  assert.match(stdout, /^ {2}6h: about 72 rows; .* a cautious guess is used$/m)
})

test('replay says what drifted and in how many windows, how performance moved, and what people would have been told', async () => {
  const { code, stdout } = await leeway(['replay', '-c', 'test/data/wine.yaml'])
  assert.equal(code, 0)
  assert.match(stdout, /^wine: 4,898 predictions, 4,898 labels \(4,898 joined\); 76 windows$/m)
  assert.match(stdout, /^ {2}chlorides +PSI [\d.]+ +▲ drifted in 76 of 76 windows *$/m)
  assert.match(stdout, /^ {2}accuracy +0\.748 +0\.667 \(0\.654–0\.680\) .* (✓|▲ worse) /m)
  assert.match(stdout, /^ {2}▲ 2026-02-01T06:00:00Z {2}wine: drifting in chlorides,/m)
  assert.ok(!/NaN|Infinity|undefined|\b0 seconds/.test(stdout), stdout)
})
