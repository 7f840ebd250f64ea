// Whether a state belongs to a configuration, and how far it lags behind its source.

import type { DatabaseSync } from 'node:sqlite'
import type { Document } from '../config/document.ts'
import type { Finding } from '../store/doctor/finding.ts'
import { finding, fine } from '../store/doctor/finding.ts'
import { StateMismatch } from '../store/memory.ts'
import { isNewestSchema } from '../store/migrate.ts'
import { storeOn } from '../store/store.ts'
import { modelsOf, pipelineOf } from './pipeline-of.ts'

const CHECK = 'configuration'

/** Restores the pipeline from the state as a start would, and writes nothing. */
export async function examineFit(document: Document, db: DatabaseSync): Promise<Finding[]> {
  if (!isNewestSchema(db))
    return [
      finding(
        CHECK,
        'note',
        `the state was not compared with ${document.file}, for the state has an earlier schema`,
        'the start of leeway serve upgrades it, and ends with 1 when they do not fit',
      ),
    ]
  try {
    const models = await modelsOf(document)
    pipelineOf(document, models, {
      store: { ...storeOn(db), close: () => {} },
      judgeByEventTime: false,
      plan: () => {
        throw new Error('nothing is planned while the state is examined')
      },
    })
    return [fine(CHECK, `${document.file} fits the state`)]
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const advice =
      error instanceof StateMismatch
        ? 'panes of another reference or another length must not be added to these: restore the configuration that the state was made with, or give the new one a state directory of its own'
        : 'leeway check says what is wrong with the configuration'
    return [finding(CHECK, 'broken', message, advice)]
  }
}
