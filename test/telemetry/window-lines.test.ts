import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NewestWindow } from '../../src/telemetry/window-lines.ts'
import { WindowLines } from '../../src/telemetry/window-lines.ts'
import { driftVerdict, windowResult } from '../build/metrics.ts'

/** Windows of so many versions, which count how often they are read. */
function windows(count: number) {
  const read: string[] = []
  const newest = (stamp = '1|0'): NewestWindow[] =>
    Array.from({ length: count }, (_, i) => ({
      sequence: String(i),
      stamp,
      read() {
        read.push(`${i}`)
        return windowResult({ version: String(i), verdicts: [driftVerdict('age', i === 7 ? 'alarm' : 'ok')] })
      },
    }))
  return { read, newest }
}

test('a window is read once, and again when it has changed; what is gone leaves the page', async () => {
  const { read, newest } = windows(3)
  const lines = new WindowLines()
  const first = await lines.gather(newest(), 1_000)
  assert.deepEqual(await lines.gather(newest(), 1_000), first)
  assert.equal(read.length, 3)
  await lines.gather([...newest('2|0').slice(0, 1), ...newest().slice(1)], 1_000)
  assert.deepEqual(read.slice(3), ['0'])
  const { lines: left } = await lines.gather(newest().slice(2), 1_000)
  assert.ok(left.every(({ labels }) => labels.includes('version="2"')))
})

test('while many windows are read, others have their turn', async () => {
  const { newest } = windows(100)
  let turns = 0
  let isDone = false
  const count = () => {
    turns++
    if (!isDone) setImmediate(count)
  }
  setImmediate(count)
  await new WindowLines().gather(newest(), 100_000)
  isDone = true
  assert.ok(turns >= 10, `${turns} turns`)
})

test('where not all fit, whole-model series and alarms stay', async () => {
  const { newest } = windows(20)
  const all = await new WindowLines().gather(newest(), 100_000)
  const wholeModel = all.lines.filter(({ labels }) => !labels.includes('feature=')).length
  const { lines, dropped } = await new WindowLines().gather(newest(), wholeModel + 3)
  assert.deepEqual([lines.length, dropped], [wholeModel + 3, all.lines.length - wholeModel - 3])
  assert.ok(lines.slice(wholeModel).every(({ labels }) => labels.includes('version="7"')))
})
