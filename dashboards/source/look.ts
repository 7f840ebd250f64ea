// What status looks like: a sign and a word beside the colour, as everywhere in Leeway.

import type { Threshold, ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard'
import { MappingType } from '@grafana/grafana-foundation-sdk/dashboard'
import { colours } from '../../src/delivery/appearance.ts'

export const ok = colours.ok.colour
export const warning = colours.warning.colour
export const alarm = colours.alarm.colour
export const reference = colours.neutral.colour
export const muted = colours.muted.colour

/** Numbers that are said in words. */
function words(meanings: ReadonlyArray<readonly [value: number, text: string, color: string]>): ValueMapping[] {
  const options = Object.fromEntries(
    meanings.map(([value, text, color], index) => [`${value}`, { text, color, index }]),
  )
  return [{ type: MappingType.ValueToText, options }]
}

export const statusWords = words([
  [-1, '? too few rows', muted],
  [0, '✓ ok', ok],
  [1, '◆ warning', warning],
  [2, '▲ alarm', alarm],
])
export const channelWords = words([
  [0, '✓ takes messages', ok],
  [1, '◆ is tried', warning],
  [2, '▲ takes none', alarm],
])
export const readingWords = words([
  [0, '▲ something is wrong', alarm],
  [1, '✓ is read', ok],
])
export const upWords = words([
  [0, '▲ down', alarm],
  [1, '✓ up', ok],
])
export const reloadWords = words([
  [0, '▲ refused', alarm],
  [1, '✓ in force', ok],
])
export const noiseWords = words([
  [0, '~ assumed', warning],
  [1, '✓ learnt', ok],
])
export const pausedWords = words([
  [0, '✓ reads', ok],
  [1, '◆ paused', warning],
])
export const stoppedWords = words([
  [0, '✓ may ask', ok],
  [1, '◆ stopped by people', warning],
])

/** Colours by value, lowest first. */
export function steps(first: string, ...rest: ReadonlyArray<readonly [from: number, color: string]>): Threshold[] {
  return [{ value: null, color: first }, ...rest.map(([value, color]) => ({ value, color }))]
}

export const plain = steps(muted)
export const badFromOne = steps(ok, [1, alarm])
export const doubtfulFromOne = steps(ok, [1, warning])
/** Performance is judged from 80 % on, unless a model says otherwise. */
export const coverage = steps(warning, [0.8, ok])
/** Of a value over its threshold. */
export const overThreshold = steps(ok, [0.8, warning], [1, alarm])
