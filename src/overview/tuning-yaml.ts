// What to write into the configuration so that one rule has another threshold, and nothing else changes.

import { stringify } from 'yaml'
import type { TestIdentity } from '../monitors/verdict.ts'

/** By how much a metric must get worse, as the document says it. */
export type WrittenFloor = { readonly drop: number } | { readonly rise: number }

export interface Written {
  readonly model: string
  readonly rule: TestIdentity
  readonly floor: number
  /** What every metric that may alarm is held against: `performance.alarm` names all of them, or those that it leaves out alarm no more. */
  readonly alarms: Readonly<Record<string, WrittenFloor>>
  /** Of concept drift, where it is on: it would follow the threshold of the accuracy. */
  readonly tolerance: number | null
}

const faultKeys: Readonly<Record<string, string>> = {
  missing: 'missing',
  'type-error': 'typeError',
  unseen: 'unseen',
  'out-of-range': 'outOfRange',
}

/** A part of the document, to be merged into it. */
export function tuningYaml({ model, rule, floor, alarms, tolerance }: Written): string {
  return stringify({ models: { [model]: settingOf({ rule, floor, alarms, tolerance }) } }, { lineWidth: 0 })
}

function settingOf({ rule, floor, alarms, tolerance }: Omit<Written, 'model'>): object {
  const { kind, monitor, feature, metric } = rule
  switch (kind) {
    case 'drift':
      return { drift: { columns: { [feature ?? '']: { floor } } } }
    case 'quality':
      return { quality: { columns: { [feature ?? '']: { [faultKeys[monitor.split('/')[1] ?? ''] ?? '']: floor } } } }
    case 'volume':
      return { volume: { fall: floor } }
    case 'performance':
    case 'estimated': {
      const all = Object.entries({ ...alarms, [metric]: withAmount(alarms[metric], floor) })
      return {
        performance: { alarm: Object.fromEntries(all) },
        ...(tolerance !== null && { conceptDrift: { tolerance } }),
      }
    }
  }
}

function withAmount(written: WrittenFloor | undefined, floor: number): WrittenFloor {
  return written !== undefined && 'rise' in written ? { rise: floor } : { drop: floor }
}
