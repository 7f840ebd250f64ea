// What must be true of a state that commits of `commit-until-killed.ts` have left behind, whenever the process was killed.

import assert from 'node:assert/strict'
import { hashInto } from '../../src/events/id-hash.ts'
import type { IdHash } from '../../src/join/waiting.ts'
import type { StoreOptions } from '../../src/store/store.ts'
import { openStore } from '../../src/store/store.ts'

export const RECORDS_PER_COMMIT = 200

export function idOf(offset: number): IdHash {
  const id = { high: 0, low: 0 }
  hashInto(id, `record ${offset}`, 0)
  return id
}

/** A number as bytes, large enough for a commit to fill several pages. */
export function cellsFor(value: number): Uint8Array {
  const cells = new Uint8Array(64)
  new DataView(cells.buffer).setFloat64(0, value)
  return cells
}

function valueIn(cells: Uint8Array | undefined): number | undefined {
  return cells && new DataView(cells.buffer, cells.byteOffset).getFloat64(0)
}

/**
 * Every part of the state tells of the same commits.
 *
 * @returns how many commits the state holds
 */
export function checkState(directory: string, options: StoreOptions = {}): number {
  const store = openStore(directory, options)
  try {
    const applied = store.positions()[0]?.nextOffset ?? 0
    const commits = applied / RECORDS_PER_COMMIT
    assert.equal(valueIn(store.pane(0, '', 'inputs', 0)) ?? 0, applied, 'the pane holds the records below the position')
    assert.equal(store.counters()[0]?.value ?? 0, applied, 'the counter counts the records below the position')
    assert.equal(Number(store.document('progress') ?? 0), applied, 'the document was written with the position')
    assert.equal(
      store.views.deliveries(1e6).length,
      Math.ceil(commits / 5),
      'each message was queued with its position',
    )
    for (let offset = 0; offset < applied; offset++)
      assert.equal(valueIn(store.waiting.get(idOf(offset))), offset, 'each record waits')
    for (let offset = applied; offset < applied + RECORDS_PER_COMMIT; offset++) {
      assert.equal(store.waiting.get(idOf(offset)), undefined, 'no record at or above the position waits')
    }
    return commits
  } finally {
    store.close()
  }
}
