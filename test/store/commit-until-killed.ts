// A process that commits as fast as it can, and says the number of each commit, until it is killed.
//
//   node commit-until-killed.ts DIRECTORY [apart COMMIT]
//
// With `apart` the store is broken on purpose (positions in a transaction of their own), and the process kills itself between
// the two transactions of that commit.

import { openStore } from '../../src/store/store.ts'
import { changes, notification } from './changes.ts'
import { cellsFor, idOf, RECORDS_PER_COMMIT } from './ledger-of-commits.ts'

const [directory = '', mode, killAt] = process.argv.slice(2)
let commit = 0
const between = () => {
  if (commit === Number(killAt)) process.kill(process.pid, 'SIGKILL')
}
const store = openStore(directory, mode === 'apart' ? { positionsApart: { between } } : {})
const start = (store.positions()[0]?.nextOffset ?? 0) / RECORDS_PER_COMMIT

for (commit = start; ; commit++) {
  const nextOffset = (commit + 1) * RECORDS_PER_COMMIT
  for (let offset = nextOffset - RECORDS_PER_COMMIT; offset < nextOffset; offset++) {
    store.waiting.put(idOf(offset), cellsFor(offset), 0)
  }
  store.commit(
    changes({
      positions: [{ source: 's', topic: 't', partition: 0, nextOffset, highestTime: nextOffset, last: null }],
      panes: [{ stream: 0, segment: '', part: 'inputs', start: 0, cells: cellsFor(nextOffset) }],
      counters: [{ name: 'predictions', model: 'm', version: '', value: nextOffset }],
      notifications: commit % 5 === 0 ? [notification({ key: `commit ${commit}`, lane: String(commit) })] : [],
      documents: [{ name: 'progress', json: JSON.stringify(nextOffset) }],
    }),
  )
  process.stdout.write(`${commit}\n`)
}
