// One model as a state directory knows it: read, and never written; also while a daemon works on it.

import { ConfigError } from '../config/config-error.ts'
import type { Document } from '../config/document.ts'
import { suggest } from '../config/explain.ts'
import type { WatchedModel } from '../monitors/watched-model.ts'
import { openToList } from '../store/database.ts'
import type { Store } from '../store/store.ts'
import { storeOn } from '../store/store.ts'
import { LearntReferences } from './learnt-references.ts'
import { modelsOf, pipelineOf } from './pipeline-of.ts'
import { Starts } from './starts.ts'

export interface StoredModel {
  readonly model: WatchedModel
  readonly store: Omit<Store, 'close'>
  close(): void
}

/**
 * What is read is what one commit has left, whatever is committed meanwhile.
 *
 * @param name of the model; undefined where there is one
 * @throws ConfigError when there is no such model, StateMismatch when the state was made under another configuration, StoreError
 */
export async function openStoredModel(
  document: Document,
  { name, stateDir }: { name: string | undefined; stateDir: string },
): Promise<StoredModel> {
  const settings = document.models.get(nameIn(document, name))
  if (settings === undefined) throw new TypeError('a name that was found is a model')
  const db = openToList(stateDir)
  try {
    const learnt = new LearntReferences(stateDir)
    const only = { ...document, models: new Map([[settings.name, settings]]) }
    const options = await modelsOf(only, undefined, new Starts({ find: (of) => learnt.find(of), keep: async () => {} }))
    db.exec('BEGIN')
    const store = storeOn(db)
    const pipeline = pipelineOf(only, options, {
      store: { ...store, close: () => {} },
      judgeByEventTime: false,
      plan: () => {
        throw new Error('nothing is planned while a state is read')
      },
    })
    const [model] = pipeline.models()
    if (model === undefined) throw new TypeError('a document with a model gives one')
    return { model, store, close: () => db.close() }
  } catch (error) {
    db.close()
    throw error
  }
}

function nameIn({ file, models }: Document, name: string | undefined): string {
  const names = [...models.keys()]
  const [only] = names
  if (name !== undefined && models.has(name)) return name
  if (name === undefined && names.length === 1 && only !== undefined) return only
  const message =
    name === undefined
      ? `say which model: ${names.join(', ')}`
      : `there is no model called ${JSON.stringify(name)}${suggest(name, names)} (models: ${names.join(', ')})`
  throw new ConfigError([{ file, line: null, column: null, path: '--model', message }])
}
