// What to write into the configuration so that one rule has another threshold, and nothing else changes.

import { stringify } from 'yaml'
import type { FloorUnit } from '../monitors/rejudge.ts'
import type { Floor } from '../monitors/subject.ts'
import type { TestIdentity } from '../monitors/verdict.ts'

export interface Written {
  readonly model: string
  readonly rule: TestIdentity
  readonly floor: number
  readonly unit: FloorUnit
  /** What every metric that may alarm is held against: `performance.alarm` names all of them, or those that it leaves out alarm no more. */
  readonly alarms: Readonly<Record<string, Floor>>
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
export function tuningYaml({ model, ...written }: Written): string {
  return stringify({ models: { [model]: settingOf(written) } }, { lineWidth: 0 })
}

function settingOf({ rule, floor, unit, alarms, tolerance }: Omit<Written, 'model'>): object {
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
      const all = Object.entries({ ...alarms, [metric]: unit === 'rise' ? { rise: floor } : { drop: floor } })
      return {
        performance: { alarm: Object.fromEntries(all) },
        ...(tolerance !== null && { conceptDrift: { tolerance } }),
      }
    }
  }
}
