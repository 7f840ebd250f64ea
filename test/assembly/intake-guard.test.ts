import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Feed } from '../../src/assembly/feed.ts'
import { IntakeGuard } from '../../src/assembly/intake-guard.ts'
import type { Limits } from '../../src/config/document.ts'
import { Health } from '../../src/telemetry/health.ts'
import { createLog } from '../../src/telemetry/log.ts'

test('while more messages wait than may, batches with records wait too; looks at the end of a source do not', async () => {
  let waiting = 10
  const health = new Health()
  const guard = new IntakeGuard({
    memoryLimitMib: 0,
    limits: () => ({ outboxRows: 10 }) as Limits,
    views: { queued: () => waiting },
    dropCaches: () => {},
    health,
    log: createLog('silent'),
    onSpent: assert.fail,
    measure: () => ({ processBytes: 1, heapBytes: 1, limits: { processBytes: null, heapBytes: 100 } }),
  })
  const applied: number[] = []
  const feed = new Feed({
    pipeline: {
      assigned: () => [],
      // biome-ignore lint/correctness/useYield: a batch of one step
      *applyInSteps(_source, { records }) {
        return applied.push(records.length)
      },
      commit: () => [],
      *finishInSteps() {},
      *tickInSteps() {},
      hasNews: false,
      uncommitted: 0,
    },
    clock: { now: () => 0, steady: () => 0 },
    commitIntervalMs: 1_000_000,
    commitRecordsMax: 1_000_000,
    committed: () => {},
    storeTrouble: (message) => assert.fail(message ?? 'room again'),
    gate: guard.gate,
  })
  const receiver = feed.receiver('one')
  const batch = (records: number) =>
    receiver.batch({
      topic: 't',
      partition: 0,
      records: Array.from({ length: records }, (_, offset) => ({ offset, timestamp: null, value: null })),
      nextOffset: records,
      endOffset: records,
    })
  guard.tick()
  await batch(1)
  waiting = 11
  guard.tick()
  assert.deepEqual([guard.gate.holders, health.ready], [['outbox'], false])
  const held = batch(2)
  await batch(0)
  assert.deepEqual(applied, [1, 0])
  waiting = 10
  guard.tick()
  assert.deepEqual(applied, [1, 0], 'it opens only well below the limit')
  waiting = 9
  guard.tick()
  await held
  assert.deepEqual([applied, health.ready], [[1, 0, 2], true])
  waiting = 11
  guard.tick()
  const stopped = batch(3)
  feed.stopWaiting()
  await assert.rejects(stopped, /the feed has stopped/)
})
