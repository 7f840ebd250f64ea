import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FeedOptions } from '../../src/assembly/feed.ts'
import { Feed } from '../../src/assembly/feed.ts'
import { Gate } from '../../src/assembly/gate.ts'
import type { Batch } from '../../src/sources/source.ts'
import { StoreError } from '../../src/store/store-error.ts'

const batch = (nextOffset: number, count = 0): Batch => ({
  ...{ topic: 't', partition: 0, nextOffset, endOffset: 1_000 },
  records: Array.from({ length: count }, (_, offset) => ({ offset, timestamp: null, value: null })),
})
const full = () => new StoreError('full', 'no room')

/** A pipeline that applies each record of a batch in a step, on a disk that fails as told. */
function rig(failures: Array<() => Error>, gate = new Gate()) {
  const did: string[] = []
  let uncommitted = 0
  const pipeline: FeedOptions['pipeline'] = {
    assigned: () => [],
    *applyInSteps(_source, { nextOffset, records: { length: steps } }) {
      if (nextOffset < 0) throw new Error('a record that the pipeline cannot take')
      for (let step = 1; step <= steps; step++) {
        did.push(`step ${step} of ${nextOffset}`)
        yield
      }
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
    *finishInSteps() {},
    // biome-ignore lint/correctness/useYield: a tick of one step
    *tickInSteps() {
      did.push('ticked')
    },
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
    turnMs: 0,
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
  const waiting = receiver.batch(batch(1, 1))
  const other: typeof pipeline = {
    ...pipeline,
    uncommitted: 1,
    // biome-ignore lint/correctness/useYield: a batch of one step
    *applyInSteps() {
      return did.push('the other applied it')
    },
  }
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

test('while a batch is applied in steps others have their turn, and nothing else is taken in or committed before its end', async () => {
  const { feed, did, receiver, other } = rig([])
  const all = [receiver.batch(batch(1, 3)), other.batch(batch(2, 2)), feed.tick()]
  setImmediate(() => did.push('somebody else'))
  await Promise.all(all)
  const at = (what: string) => did.indexOf(what)
  assert.equal(did[0], 'step 1 of 1')
  assert.ok(at('somebody else') < at('applied 1'), did.join(', '))
  assert.ok(at('applied 1') < at('step 1 of 2') && at('applied 1') < at('ticked'), did.join(', '))
  // However they follow one another, no commit falls between the steps of a batch.
  let isWithin = false
  for (const what of did) {
    if (what.startsWith('step 1')) isWithin = true
    assert.ok(!isWithin || !/committed|ticked/.test(what), did.join(', '))
    if (what.startsWith('applied')) isWithin = false
  }
  assert.ok(did.filter((what) => what.startsWith('committed')).length > 0)
})

test('who cannot wait has a batch that is applied in steps finished, and committed with what it brought', async () => {
  const { feed, did, pipeline, receiver } = rig([])
  const first = receiver.batch(batch(1, 3))
  assert.deepEqual(did, ['step 1 of 1'])
  feed.swap(() => pipeline)
  assert.deepEqual(did, ['step 1 of 1', 'step 2 of 1', 'step 3 of 1', 'applied 1', 'committed 1'])
  await first
  const second = receiver.batch(batch(2, 3))
  feed.close()
  assert.deepEqual(did.slice(-4), ['step 2 of 2', 'step 3 of 2', 'applied 2', 'committed 1'])
  await second
})

test('partitions that are assigned while a batch is applied in steps go on behind the whole of it', async () => {
  const { did, pipeline, receiver } = rig([])
  pipeline.assigned = () => {
    did.push('assigned')
    return []
  }
  const first = receiver.batch(batch(1, 3))
  receiver.assigned([{ topic: 'events', partition: 0 }])
  assert.deepEqual(did, ['step 1 of 1', 'step 2 of 1', 'step 3 of 1', 'applied 1', 'assigned'])
  await first
})

test('a batch that fails in a later step is never committed', async () => {
  const { feed, did, pipeline, receiver } = rig([])
  pipeline.applyInSteps = function* () {
    did.push('begun')
    yield
    throw new Error('a record that the pipeline cannot take')
  }
  await assert.rejects(receiver.batch(batch(1, 3)), /cannot take/)
  const second = receiver.batch(batch(2, 3))
  assert.throws(() => feed.swap(() => pipeline), /cannot take/)
  await assert.rejects(Promise.all([second, feed.commit()]), /cannot take/)
  feed.close()
  assert.deepEqual(did, ['begun', 'begun'])
})
