import assert from 'node:assert/strict'
import { test } from 'node:test'
import { oneAtATime } from '../../src/assembly/turns.ts'

test('what a timer begins is left out while the one before is under way, and begun again after it', async () => {
  const begun: Array<() => void> = []
  const pulse = oneAtATime(() => {
    const { promise, resolve } = Promise.withResolvers<void>()
    begun.push(resolve)
    return promise
  })
  for (let i = 0; i < 60; i++) pulse()
  assert.equal(begun.length, 1)
  begun[0]?.()
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(begun.length, 1)
  pulse()
  assert.equal(begun.length, 2)
})
