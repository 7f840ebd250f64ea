import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NAMES_OF_COLUMN_MAX, UnseenNames } from '../../src/summaries/unseen-names.ts'
import { DAY, HOUR } from '../../src/time.ts'
import { seeded } from '../build/random.ts'

const all = { start: 0, end: Number.MAX_SAFE_INTEGER }

/** Values of a few columns over four days, most of them rare. */
function events(count: number, random: () => number): Array<[column: string, name: string, time: number]> {
  return Array.from({ length: count }, () => [
    `c${Math.floor(random() * 30)}`,
    `v${Math.floor(random() ** 2 * 60)}`,
    Math.floor(random() * 4 * DAY),
  ])
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

test('which names are kept, and how often each came, does not depend on the order of the rows', () => {
  const random = seeded(7)
  const rows = events(5_000, random)
  const saved = [rows, [...rows].reverse(), shuffled(rows, random)].map((order) => {
    const names = new UnseenNames(DAY)
    for (const [column, name, time] of order) names.take(column, name, time)
    return JSON.stringify(names.save())
  })
  assert.equal(saved[1], saved[0])
  assert.equal(saved[2], saved[0])
  assert.ok((saved[0] ?? '').length < 20_000, 'and it stays small')
})

test('counts of names that are kept are those of the rows', () => {
  const rows = events(5_000, seeded(8))
  const names = new UnseenNames(DAY)
  for (const [column, name, time] of rows) names.take(column, name, time)
  let compared = 0
  for (let c = 0; c < 30; c++)
    for (const { name, count, first, last } of names.of(`c${c}`, all)) {
      const own = rows.filter(
        ([column, value, time]) => column === `c${c}` && value === name && time >= first && time <= last,
      )
      assert.equal(count, own.length, `c${c} ${name}`)
      compared++
    }
  assert.ok(compared > 100)
})

test('a restart in between changes nothing', () => {
  const rows = events(3_000, seeded(9))
  const whole = new UnseenNames(DAY)
  let resumed = new UnseenNames(DAY)
  for (const [i, [column, name, time]] of rows.entries()) {
    whole.take(column, name, time)
    resumed.take(column, name, time)
    if (i % 100 === 0) {
      const next = new UnseenNames(DAY)
      next.restore(JSON.parse(JSON.stringify(resumed.save() ?? null)) ?? undefined)
      resumed = next
    }
  }
  assert.deepEqual(resumed.save(), whole.save())
})

test('a column has a bounded number of names, however many come, and long ones are cut', () => {
  const names = new UnseenNames(DAY)
  for (let i = 0; i < 10_000; i++) names.take('id', `id-${i}`, i)
  assert.equal(names.of('id', all).length, NAMES_OF_COLUMN_MAX)
  names.take('note', 'x'.repeat(1_000), 0)
  assert.equal(names.of('note', all)[0]?.name.length, 101)
})

test('names of a window are those that came in it, most frequent first; those of long ago make room', () => {
  const names = new UnseenNames(DAY)
  names.take('job', 'old', 0)
  names.take('job', 'mage', 5 * DAY)
  for (let i = 0; i < 3; i++) names.take('job', 'bard', 5 * DAY + HOUR * i)
  names.take('job', 'too late', DAY)
  assert.deepEqual(
    names.of('job', all).map(({ name, count }) => [name, count]),
    [
      ['bard', 3],
      ['mage', 1],
    ],
  )
  assert.deepEqual(
    names.of('job', { start: 5 * DAY + HOUR, end: 6 * DAY }).map(({ name }) => name),
    ['bard'],
  )
})
