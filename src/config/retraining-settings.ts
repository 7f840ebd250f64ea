// Whom to ask for a new model: the `retraining` of the document.

import { z } from 'zod'
import type { MonitorKind } from '../monitors/verdict.ts'
import { modelName, secretPath, url } from './forms.ts'

const triggers = ['performance', 'drift'] as const satisfies readonly MonitorKind[]

export const retrainingSettings = z.strictObject({
  target: z.enum(['webhook']).describe('How the orchestrator is asked'),
  url,
  secretFile: secretPath.optional().describe('File with the secret that signs each request'),
  on: z
    .array(z.enum(triggers), 'a list of kinds of incidents')
    .min(1, 'at least one kind of incident')
    .default([...triggers]),
})
export const retraining = z.record(modelName, retrainingSettings, 'retraining targets by model')
export type RetrainingInput = z.output<typeof retrainingSettings>

export interface RetrainingSettings {
  readonly model: string
  readonly target: 'webhook'
  readonly url: string
  readonly secretFile: string | null
  /** Kinds of incidents that ask for a run. */
  readonly on: ReadonlyArray<(typeof triggers)[number]>
}

export function resolveRetraining(
  model: string,
  input: RetrainingInput,
  absolute: (path: string) => string,
): RetrainingSettings {
  const secretFile = input.secretFile === undefined ? null : absolute(input.secretFile)
  return { model, target: input.target, url: input.url, secretFile, on: input.on }
}
