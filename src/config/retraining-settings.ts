// Whom to ask for a new model, and when: the `retraining` of the document.

import { z } from 'zod'
import type { RetrainingRule } from '../retraining/rule.ts'
import { modelName } from './forms.ts'
import type { Surroundings } from './kafka-settings.ts'
import { resolveRule, ruleSettings } from './retraining-rules.ts'
import type { TargetSettings } from './targets/targets.ts'
import { resolveTarget, targetSettings } from './targets/targets.ts'

export const retrainingSettings = targetSettings(ruleSettings)
export const retraining = z.record(modelName, retrainingSettings, 'retraining targets by model')
export type RetrainingInput = z.output<typeof retrainingSettings>

export interface RetrainingSettings {
  readonly model: string
  /** Whom to ask. */
  readonly target: TargetSettings
  /** When a run is asked for, and what must be so before it begins. */
  readonly rule: RetrainingRule
}

export function resolveRetraining(
  model: string,
  input: RetrainingInput,
  surroundings: Surroundings,
): RetrainingSettings {
  const target = resolveTarget(input, surroundings)
  return { model, target, rule: { ...resolveRule(model, input), target: target.name } }
}
