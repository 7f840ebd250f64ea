// A pipeline, as the document asks for it, on a given store.

import type { Document } from '../config/document.ts'
import type { ModelSettings } from '../config/model-settings.ts'
import type { ModelOptions } from '../monitors/watched-model.ts'
import type { Observer, PipelineOptions } from '../pipeline.ts'
import { Pipeline } from '../pipeline.ts'
import type { Reference } from '../reference/reference.ts'
import type { Store } from '../store/store.ts'
import { intakeOf, sourcesInUse } from './intakes.ts'
import { referenceOf } from './references.ts'

/** Learns or reads the references of all models, before anything is consumed. @throws Error that says what is wrong with one */
export async function modelsOf(document: Document): Promise<ModelOptions[]> {
  const models: ModelOptions[] = []
  for (const model of document.models.values()) models.push(modelOptions(model, await referenceOf(model)))
  return models
}

function modelOptions(model: ModelSettings, reference: ModelOptions['reference']): ModelOptions {
  const { name, source, watch, horizonMs, task, positiveClass, classes, columnKinds } = model
  return { name, source, settings: watch, horizonMs, reference, learn: { task, positiveClass, classes, columnKinds } }
}

/** @param options.judgeByEventTime true where the past is replayed: no event is in the future then */
export function pipelineOf(
  document: Document,
  models: readonly ModelOptions[],
  options: {
    store: Store
    plan: PipelineOptions['plan']
    observer?: Observer
    judgeByEventTime: boolean
    keepOutcomes?: boolean
  },
): Pipeline {
  const references = new Map<string, Reference>()
  for (const { name, reference } of models) if (!('firstMs' in reference)) references.set(name, reference)
  const intakes = sourcesInUse(document).map((source) => {
    const intake = intakeOf(source, document, references)
    return options.judgeByEventTime ? { ...intake, maxFutureSkewMs: Number.POSITIVE_INFINITY } : intake
  })
  const { store, plan, observer, keepOutcomes = false } = options
  return new Pipeline({ store, plan, intakes, models, keepOutcomes, ...(observer && { observer }) })
}
