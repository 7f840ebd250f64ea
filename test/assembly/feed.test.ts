import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FeedOptions } from '../../src/assembly/feed.ts'
import { Feed } from '../../src/assembly/feed.ts'
import { Gate } from '../../src/assembly/gate.ts'
import type { Batch } from '../../src/sources/source.ts'
import { StoreError } from '../../src/store/store-error.ts'

const batch = (nextOffset: number): Batch => ({ topic: 't', partition: 0, records: [], nextOffset, endOffset: 1_000 })
const full = () => new StoreError('full', 'no room')

/** A pipeline of which each batch is one record, on a disk that fails as told. */
function rig(failures: Array<() => Error>, gate = new Gate()) {
  const did: string[] = []
  let uncommitted = 0
  const pipeline: FeedOptions['pipeline'] = {
    assigned: () => [],
    apply: (_source, { nextOffset }) => {
      if (nextOffset < 0) throw new Error('a record that the pipeline cannot take')
      did.push(`applied ${nextOffset}`)
      return ++uncommitted
    },
    commit: () => {
      const failure = failures.shift()?.()
      did.push(failure === undefined ? `committed ${uncommitted}` : `failed with ${uncommitted}`)
      if (failure !== undefined) throw failure
      uncommitted = 0
      return []
    },
    finish: () => {},
    tick: () => void did.push('ticked'),
    hasNews: false,
    get uncommitted() {
      return uncommitted
    },
  }
  const feed = new Feed({
    pipeline,
    clock: { now: () => 0, steady: () => 0 },
    commitIntervalMs: 0,
    commitRecordsMax: 1,
    committed: () => {},
    gate,
    storeTrouble: (message) => void did.push(message ?? 'room again'),
    retryMs: { first: 1, most: 2 },
  })
  return { feed, did, pipeline, receiver: feed.receiver('one'), other: feed.receiver('other') }
}

test('while the disk is full one commit is tried again, and no batch and no tick is taken in before it works', async () => {
  const { feed, did, receiver, other } = rig([full, full, full])
  const first = receiver.batch(batch(1))
  await Promise.all([first, other.batch(batch(2)), feed.tick(), feed.tick()])
  assert.deepEqual(did, [
    'applied 1',
    'failed with 1',
    'no room',
    'failed with 1',
    'no room',
    'failed with 1',
    'no room',
    'committed 1',
    'room again',
    'applied 2',
    'committed 1',
  ])
})

test('a commit that fails for any other reason is not tried again, and nothing is written after it', async () => {
  const { feed, did, receiver } = rig([() => new StoreError('broken', 'damaged')])
  await assert.rejects(receiver.batch(batch(1)), /damaged/)
  feed.close()
  assert.deepEqual(did, ['applied 1', 'failed with 1'])
})

test('a batch that was applied by half is never committed', async () => {
  const { feed, did, receiver } = rig([])
  await receiver.batch(batch(1))
  await assert.rejects(receiver.batch(batch(-1)), /cannot take/)
  feed.close()
  assert.deepEqual(did, ['applied 1', 'committed 1'])
})

test('what was applied by half is not committed by whoever asks next, and no other pipeline takes over', async () => {
  const { feed, did, pipeline, receiver } = rig([])
  await receiver.batch(batch(1))
  await assert.rejects(receiver.batch(batch(-1)), /cannot take/)
  // Each is told what it was that failed.
  assert.throws(() => feed.swap(() => pipeline), /cannot take/)
  await assert.rejects(receiver.batch(batch(2)), /cannot take/)
  await assert.rejects(feed.tick(), /cannot take/)
  assert.deepEqual(
    did.filter((what) => what.startsWith('committed')),
    ['committed 1'],
  )
})

test('what waits for room on the disk can be stopped: a last try, and what does not fit is left for the next start', async () => {
  const { feed, did, receiver } = rig(Array.from({ length: 1_000 }, () => full))
  const waiting = receiver.batch(batch(1))
  feed.stopWaiting()
  await assert.rejects(waiting, { name: 'AbortError' })
  feed.close()
  assert.deepEqual(did, ['applied 1', 'failed with 1', 'no room', 'failed with 1', 'no room'])
  await assert.rejects(receiver.batch(batch(2)), /has stopped/)
})

test('another pipeline takes over while reading is paused, and gets the batch that waits', async () => {
  const gate = new Gate()
  const { feed, did, pipeline, receiver } = rig([], gate)
  gate.close('outbox')
  const waiting = receiver.batch({ ...batch(1), records: [{ offset: 0, timestamp: null, value: null }] })
  const other = { ...pipeline, apply: () => did.push('the other applied it') }
  feed.swap(() => other)
  gate.open('outbox')
  await waiting
  assert.deepEqual(did, ['committed 0', 'the other applied it', 'committed 0'])
})

test('no other pipeline takes over while the disk is full', async () => {
  const { feed, pipeline, receiver } = rig([full, full])
  const waiting = receiver.batch(batch(1))
  assert.throws(() => feed.swap(() => pipeline), /^StoreError: the disk is full: nothing is changed/)
  await waiting
})
