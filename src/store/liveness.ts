// What is remembered of what comes and what does not: written when it has changed, with the incidents and messages that follow.

import type { DatabaseSync } from 'node:sqlite'
import type { Changes } from './changes.ts'
import { writeDocuments, writeIncidents, writeOutgoing } from './commit.ts'
import type { Statements } from './statements.ts'
import { transact } from './transact.ts'

export type LivenessChanges = Pick<Changes, 'documents' | 'incidents' | 'transitions' | 'notifications'>

/**
 * In one transaction; on the disk when it returns, if something is to be sent.
 *
 * @throws StoreError; nothing is written then
 */
export function writeLiveness(db: DatabaseSync, sql: Statements, changes: LivenessChanges): void {
  const isDurable = changes.incidents.length > 0
  transact(db, { doing: 'writing down what does not come', isDurable }, () => {
    writeDocuments(sql, changes.documents)
    writeIncidents(sql, changes)
    writeOutgoing(sql, { notifications: changes.notifications, triggers: [] })
  })
}
