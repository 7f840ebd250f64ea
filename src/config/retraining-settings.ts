// Whom to ask for a new model: the `retraining` of the document.

import { z } from 'zod'
import type { MonitorKind } from '../monitors/verdict.ts'
import { modelName } from './forms.ts'
import type { TargetSettings } from './targets/targets.ts'
import { resolveTarget, targetSettings } from './targets/targets.ts'

const triggers = ['performance', 'drift'] as const satisfies readonly MonitorKind[]

export const retrainingSettings = targetSettings({
  on: z
    .array(z.enum(triggers), 'a list of kinds of incidents')
    .min(1, 'at least one kind of incident')
    .default([...triggers]),
})
export const retraining = z.record(modelName, retrainingSettings, 'retraining targets by model')
export type RetrainingInput = z.output<typeof retrainingSettings>

export interface RetrainingSettings {
  readonly model: string
  /** Whom to ask. */
  readonly target: TargetSettings
  /** Kinds of incidents that ask for a run. */
  readonly on: ReadonlyArray<(typeof triggers)[number]>
}

export function resolveRetraining(
  model: string,
  input: RetrainingInput,
  absolute: (path: string) => string,
): RetrainingSettings {
  return { model, target: resolveTarget(input, absolute), on: input.on }
}
