// The waiting entries of a database as a reader finds them: one for each id, the newest, whatever the runs it lies in.

import type { DatabaseSync } from 'node:sqlite'
import { Walk } from './merge.ts'
import { PageCache } from './page-cache.ts'
import { bytesAt } from './run-page.ts'
import { runOf } from './runs.ts'

export interface WaitingRow {
  readonly hash: string
  /** Valid until the next row. */
  readonly entry: Uint8Array
}

/** In the order of hashes. */
export function* waitingRows(db: DatabaseSync): Iterable<WaitingRow> {
  const complete = db.prepare(
    "SELECT id, day, age, entries, state, bloom, first_hashes FROM runs WHERE state = 'complete' ORDER BY day DESC, age DESC",
  )
  const walk = new Walk(complete.all().map(runOf), new PageCache(db))
  for (let least = walk.least(); least !== undefined; least = walk.least()) {
    const { high, low, page, start, end } = least
    const hash = (BigInt(high) * 2n ** 32n + BigInt(low)).toString(16).padStart(16, '0')
    yield { hash, entry: page.subarray(bytesAt(start), end) }
    walk.pass(high, low)
  }
}
