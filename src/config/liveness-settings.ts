// How long nothing may come of a model before people are told.

import { z } from 'zod'
import type { LivenessRule } from '../incidents/liveness.ts'
import type { Millis } from '../time.ts'
import { DAY, HOUR } from '../time.ts'
import { positiveDuration } from './forms.ts'

const silence = z.union([z.literal('off'), z.strictObject({ after: positiveDuration })], 'off, or {after: 3h}')

export const noData = silence
  .optional()
  .describe('How long no prediction may come; left out: 1h, or three times the largest slide if that is longer')
export const staleLabels = silence
  .optional()
  .describe('How long no label may come while predictions do; left out: half the label horizon, at least 1d')

/** Slides of the largest step between windows in which there is nothing to judge. */
const SLIDES = 3

interface LivenessInput {
  readonly noData?: z.output<typeof noData>
  readonly staleLabels?: z.output<typeof staleLabels>
  readonly windows: ReadonlyArray<{ readonly slide: Millis }>
  readonly labels: { readonly horizon: Millis }
}

/** Fills in what was left out. */
export function resolveLiveness(input: LivenessInput): LivenessRule {
  const largest = Math.max(...input.windows.map(({ slide }) => slide))
  return {
    noDataMs: afterOf(input.noData, Math.max(HOUR, SLIDES * largest)),
    staleLabelsMs: afterOf(input.staleLabels, Math.max(DAY, input.labels.horizon / 2)),
  }
}

function afterOf(setting: LivenessInput['noData'], usual: Millis): Millis | null {
  if (setting === undefined) return usual
  return setting === 'off' ? null : setting.after
}
