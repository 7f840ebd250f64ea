import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ReferenceChange } from '../../src/store/model-references.ts'
import { openStore } from '../../src/store/store.ts'
import { stateDirectory } from './state-directory.ts'

const audit = {
  ...{ at: 1, request: 'r1', actor: 'anna', role: 'approver', remote: '' },
  ...{ action: 'x', target: 'm', detail: '' },
  outcome: 'done',
} as const
const nothing = { made: null, ended: null, documents: [], transitions: [], notifications: [], audit }

function made(number: number): NonNullable<ReferenceChange['made']> {
  return {
    ...{ deed: `d${number}`, model: 'm', version: null, id: `reference-${number}`, kind: 'accepted', incident: '' },
    ...{ before: '', source: '', rows: 1, labelled: 0, from: 0, to: 1, says: [], at: 1, by: 'anna', note: '' },
    profile: `profile ${number}`,
  }
}

test('what a revert goes back to is kept whole, however many that were tried since have ended', (t) => {
  const store = openStore(stateDirectory(t))
  t.after(() => store.close())
  const inForce = () => store.references.inForce('m').map(({ profile }) => profile)
  store.references.put({ ...nothing, made: made(1) })
  for (let number = 2; number <= 8; number++) {
    store.references.put({ ...nothing, made: made(number) })
    assert.deepEqual(inForce(), [`profile ${number}`])
    store.references.put({ ...nothing, ended: { number, at: 2, by: 'anna', because: 'a try' } })
    assert.deepEqual(inForce(), ['profile 1'])
    // What is told of them is kept in memory, and follows.
    const [newest, ...rest] = store.references.list()
    assert.deepEqual([newest?.number, newest?.ended?.because, rest.length], [number, 'a try', number - 1])
  }
})
