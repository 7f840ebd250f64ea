// The orchestrators that the document names, ready to be asked.

import type { Document } from '../config/document.ts'
import { rotatingSecret } from '../config/secret.ts'
import { openTarget } from '../config/targets/secret-place.ts'
import type { TargetSettings } from '../config/targets/targets.ts'
import type { HttpOptions, HttpOrchestrator } from '../delivery/orchestrators/http.ts'
import { createHttpOrchestrator } from '../delivery/orchestrators/http.ts'

/** By model. @throws ConfigError when a secret cannot be read, Error when it is not one */
export function orchestratorsOf(document: Document, options: HttpOptions): Map<string, HttpOrchestrator> {
  const each = [...document.retraining.values()]
  return new Map(each.map(({ model, target }) => [model, orchestratorOf(model, target, options)]))
}

export function orchestratorOf(model: string, { http }: TargetSettings, options: HttpOptions): HttpOrchestrator {
  const target = openTarget(http, ({ setting, place }) => rotatingSecret(place, `retraining.${model}.${setting}`))
  return createHttpOrchestrator(`retraining/${model}`, target, options)
}
