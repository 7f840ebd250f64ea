import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Sleepers } from '../../src/store/sleepers.ts'
import { openStore } from '../../src/store/store.ts'
import { changes } from './changes.ts'
import { stateDirectory } from './state-directory.ts'

test('a model that moves to a source that was read before has missed what it brought; to a new source, nothing', (t) => {
  const store = openStore(stateDirectory(t))
  t.after(() => store.close())
  const positions = ['a', 'b'].map((source) => ({
    ...{ source, topic: 't', partition: 0 },
    ...{ nextOffset: 5, highestTime: null, last: null },
  }))
  store.commit(changes({ positions }))
  const commit = (sleepers: Sleepers) => {
    store.commit(changes({ documents: sleepers.documents() }))
    sleepers.committed()
  }
  const wakes = (source: string) => {
    const sleepers = new Sleepers(store)
    return { hasMissed: sleepers.wake('m', source), sleepers }
  }
  const first = wakes('a')
  assert.equal(first.hasMissed, false)
  commit(first.sleepers)
  assert.equal(wakes('a').hasMissed, false)
  // Killed before anything was committed: it is still known.
  assert.equal(wakes('b').hasMissed, true)
  const moved = wakes('b')
  assert.equal(moved.hasMissed, true)
  commit(moved.sleepers)
  assert.equal(wakes('b').hasMissed, false)
  assert.equal(wakes('never read').hasMissed, false)
})
