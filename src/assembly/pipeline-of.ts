// A pipeline, as the document asks for it, on a given store.

import { ConfigError } from '../config/config-error.ts'
import type { Document } from '../config/document.ts'
import type { ModelSettings } from '../config/model-settings.ts'
import type { ModelOptions } from '../monitors/watched-model.ts'
import type { Observer, PipelineOptions } from '../pipeline.ts'
import { Pipeline } from '../pipeline.ts'
import type { Reference } from '../reference/reference.ts'
import { isTextual } from '../sources/codecs/rows.ts'
import type { Store } from '../store/store.ts'
import { intakeOf, sourcesInUse } from './intakes.ts'
import type { Start } from './references.ts'
import { Starts } from './starts.ts'

/**
 * Learns or reads the references of all models, before anything is consumed.
 *
 * @param started told what each model starts with
 * @param starts what is known from an earlier call
 * @throws Error that says what is wrong with one
 */
export async function modelsOf(
  document: Document,
  started: (model: string, start: Start) => void = () => {},
  starts = new Starts(),
): Promise<ModelOptions[]> {
  refuseTextWithoutTypes(document)
  const models: ModelOptions[] = []
  for (const model of document.models.values()) {
    const start = await starts.of(model).catch((error: Error) => {
      const place = `models.${model.name}`
      throw error.message.includes(place) ? error : new Error(`${place}.reference: ${error.message}`, { cause: error })
    })
    started(model.name, start)
    models.push({ ...modelOptions(model, start.reference), limits: document.limits })
  }
  return models
}

/** The cells of a CSV file are text; which of them are numbers is told by a reference that is there before them. */
function refuseTextWithoutTypes({ file, models, sources }: Document): void {
  const problems = [...models.values()].flatMap(({ name, source, reference }) => {
    const from = sources.get(source)
    if (reference.from !== 'stream' || from?.type !== 'file' || !isTextual(from.path)) return []
    const message = `the cells of ${from.path} are text, and their types cannot be learnt from its own first rows; give a reference file, or a source in JSON lines or Parquet`
    return [{ file, line: null, column: null, path: `models.${name}.reference.first`, message }]
  })
  if (problems.length > 0) throw new ConfigError(problems)
}

function modelOptions(model: ModelSettings, reference: ModelOptions['reference']): ModelOptions {
  const { name, source, watch, horizonMs, task, positiveClass, classes, columnKinds, multivariate, baseline } = model
  const { segments } = model
  const { estimation } = watch
  const learn = { task, positiveClass, classes, columnKinds, multivariate, baseline, estimation }
  return { name, source, settings: watch, horizonMs, reference, learn, segments }
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
    waitingMax?: number
    memoryIsShort?: () => boolean
  },
): Pipeline {
  const references = new Map<string, Reference>()
  for (const { name, reference } of models) if (!('firstMs' in reference)) references.set(name, reference)
  const intakes = sourcesInUse(document).map((source) => {
    const intake = intakeOf(source, document, references)
    return options.judgeByEventTime ? { ...intake, maxFutureSkewMs: Number.POSITIVE_INFINITY } : intake
  })
  return new Pipeline({ ...options, intakes, models })
}
