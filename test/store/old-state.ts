// A state as an earlier version wrote it: 12 commits of `ledger-of-commits.ts` under schema 1, with a result and an incident.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

export const OLD_COMMITS = 12

export function putOldState(directory: string): void {
  const packed = readFileSync(join(import.meta.dirname, 'states', 'schema-1.db.gz'))
  writeFileSync(join(directory, 'leeway.db'), gunzipSync(packed))
}
