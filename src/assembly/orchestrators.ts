// The orchestrators that the document names, ready to be asked.

import type { Document } from '../config/document.ts'
import { rotatingSecret } from '../config/secret.ts'
import { openTarget } from '../config/targets/secret-place.ts'
import type { TargetSettings } from '../config/targets/targets.ts'
import type { HttpOptions } from '../delivery/orchestrators/http.ts'
import { createHttpOrchestrator } from '../delivery/orchestrators/http.ts'
import { createKafkaOrchestrator } from '../delivery/orchestrators/kafka.ts'
import type { Lookable } from '../retraining/orchestrator.ts'
import { connectionAt } from './kafka-connection.ts'

/** By model. @throws ConfigError when a secret cannot be read, Error when it is not one */
export function orchestratorsOf(document: Document, options: HttpOptions): Map<string, Lookable> {
  const each = [...document.retraining.values()]
  return new Map(each.map(({ model, target }) => [model, orchestratorOf(model, target, options)]))
}

/** @throws as `orchestratorsOf` */
export function orchestratorOf(model: string, target: TargetSettings, options: HttpOptions): Lookable {
  const name = `retraining/${model}`
  if ('kafka' in target) {
    const { topic, source, ...connection } = target.kafka
    // What goes wrong is an outcome of the request, which is told with it.
    return createKafkaOrchestrator(name, {
      connection: connectionAt(`retraining.${model}`, connection, () => {}),
      topic,
      source,
    })
  }
  const open = openTarget(target.http, ({ setting, place }) => rotatingSecret(place, `retraining.${model}.${setting}`))
  return createHttpOrchestrator(name, open, options)
}
