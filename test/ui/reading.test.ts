// How something of the API is read again and again, with answers that a test gives when it likes.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError } from '../../src/ui/api.ts'
import type { Read } from '../../src/ui/reading.ts'
import { Reading } from '../../src/ui/reading.ts'

function played() {
  const asked: Array<PromiseWithResolvers<string> & { readonly signal: AbortSignal }> = []
  const told: Read<string>[] = []
  const waits: Array<{ readonly act: () => void; readonly ms: number }> = []
  const reading = new Reading<string>({
    get(signal) {
      const one = { ...Promise.withResolvers<string>(), signal }
      asked.push(one)
      return one.promise
    },
    told: (read) => told.push(read),
    later(act, ms) {
      const one = { act, ms }
      waits.push(one)
      return () => void (waits.includes(one) && waits.splice(waits.indexOf(one), 1))
    },
  })
  const settled = () => new Promise(setImmediate)
  const answer = (text: string) => {
    asked.at(-1)?.resolve(text)
    return settled()
  }
  const fail = (status: number) => {
    asked.at(-1)?.reject(new ApiError(status, 'no'))
    return settled()
  }
  return { reading, asked, told, waits, answer, fail }
}

test('changes during a read call it not off, and it is read once more after it', async () => {
  const { reading, asked, told, answer } = played()
  for (let i = 0; i < 5; i++) reading.again()
  assert.deepEqual([asked.length, asked[0]?.signal.aborted], [1, false])
  await answer('first')
  assert.equal(asked.length, 2)
  await answer('second')
  assert.deepEqual([asked.length, told.map(({ data }) => data)], [2, ['first', 'second']])
})

test('an answer for whoever was there before is dropped, though it comes last', async () => {
  const { reading, asked, told, answer } = played()
  reading.again()
  reading.anew()
  assert.equal(asked[0]?.signal.aborted, true)
  await answer('mine')
  asked[0]?.resolve('theirs')
  await new Promise(setImmediate)
  assert.deepEqual(told, [{ data: 'mine' }])
})

for (const status of [0, 429, 500, 502, 503])
  test(`what was read stays after ${status}`, async () => {
    const { reading, told, answer, fail } = played()
    reading.again()
    await answer('old')
    reading.again()
    await fail(status)
    assert.deepEqual([told.at(-1)?.data, told.at(-1)?.error?.status], ['old', status])
    reading.stop()
  })

for (const status of [401, 403, 404])
  test(`what was read goes after ${status}, and nobody asks again by himself`, async () => {
    const { reading, told, waits, answer, fail } = played()
    reading.again()
    await answer('old')
    reading.again()
    await fail(status)
    assert.deepEqual([told.at(-1)?.data, told.at(-1)?.error?.status, waits.length], [undefined, status, 0])
  })

test('what fails for a while is asked for again, ever more rarely, until it is stopped', async () => {
  const { reading, asked, waits, fail } = played()
  const waited: number[] = []
  reading.again()
  for (let i = 0; i < 6; i++) {
    await fail(503)
    const next = waits.pop()
    waited.push(next?.ms ?? 0)
    next?.act()
  }
  assert.deepEqual([waited, asked.length], [[5_000, 10_000, 20_000, 40_000, 60_000, 60_000], 7])
  await fail(503)
  reading.stop()
  assert.equal(waits.length, 0)
})
