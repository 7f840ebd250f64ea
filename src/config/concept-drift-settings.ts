// Which detector watches the errors of a model: the setting `conceptDrift`.

import { z } from 'zod'
import type { ConceptDriftSettings } from '../monitors/error-detectors.ts'
import type { Floor } from '../monitors/subject.ts'
import type { Task } from '../summaries/schema.ts'
import { listNames } from './explain.ts'
import type { Finding } from './schema-problems.ts'

const detectors = ['e-detector', 'adwin', 'page-hinkley', 'ddm', 'none'] as const
const innerShareForm = 'a share between 0 and 1'
const innerShare = z.number(innerShareForm).gt(0, innerShareForm).lt(1, innerShareForm)
const toleranceForm = 'a share above 0, at most 0.5'
const aboveForm = 'a number above 0'
const above = z.number(aboveForm).positive(aboveForm)
const rowsForm = 'a whole number of at least 1'

export const conceptDrift = z.strictObject({
  detector: z.enum(detectors).default('e-detector'),
  tolerance: z
    .number(toleranceForm)
    .gt(0, toleranceForm)
    .max(0.5, toleranceForm)
    .optional()
    .describe(
      "By how much the share of errors may rise over the reference's; 0.01, or what performance.alarm says of accuracy",
    ),
  delta: innerShare
    .optional()
    .describe('adwin: level of one cut (0.002); page-hinkley: deviations that are tolerated (0.005)'),
  threshold: above.optional().describe('page-hinkley: errors more than expected that are an alarm (50)'),
  warmStart: z.int(rowsForm).min(1, rowsForm).optional().describe('ddm: rows before it judges (30)'),
  warning: above.optional().describe('ddm: standard deviations above the best level that warn (2)'),
  drift: above.optional().describe('ddm: standard deviations above the best level that alarm (3)'),
})

type ConceptDriftInput = z.output<typeof conceptDrift>

/** Left out, it is on where errors may alarm: unless `performance.alarm` names metrics, and none that counts or measures errors. */
export function resolveConceptDrift(
  { task, conceptDrift }: { task: Task; conceptDrift?: ConceptDriftInput | undefined },
  alarm: Readonly<Record<string, Floor>> | undefined,
): ConceptDriftSettings {
  const floor = alarm?.['accuracy']
  const namesErrors = alarm === undefined || (task === 'regression' ? 'mae' : 'accuracy') in alarm
  if (conceptDrift === undefined && !namesErrors) return { detector: 'none' }
  const written = conceptDrift ?? { detector: 'e-detector' as const }
  const { detector, delta, threshold, warmStart, warning, drift } = written
  const tolerance = written.tolerance ?? (floor !== undefined && 'drop' in floor ? Math.min(0.5, floor.drop) : 0.01)
  switch (detector) {
    case 'none':
      return { detector }
    case 'e-detector':
      return { tolerance, detector }
    case 'adwin':
      return { tolerance, detector, delta: delta ?? 0.002 }
    case 'page-hinkley':
      return { tolerance, detector, delta: delta ?? 0.005, threshold: threshold ?? 50 }
    case 'ddm':
      return { tolerance, detector, warmStart: warmStart ?? 30, warning: warning ?? 2, drift: drift ?? 3 }
  }
}

/** The parameters that each detector has. */
const parametersOf: Readonly<Record<string, readonly string[]>> = {
  'e-detector': ['tolerance'],
  adwin: ['tolerance', 'delta'],
  'page-hinkley': ['tolerance', 'delta', 'threshold'],
  ddm: ['tolerance', 'warmStart', 'warning', 'drift'],
  none: [],
}

/** Whether the parameters are those of the detector. */
export function checkConceptDrift(conceptDrift: ConceptDriftInput | undefined): Finding[] {
  if (conceptDrift === undefined) return []
  const { detector, ...parameters } = conceptDrift
  const known = parametersOf[detector] ?? []
  const findings: Finding[] = []
  const fault = (key: string, message: string) => findings.push({ path: ['conceptDrift', key], message })
  for (const [key, value] of Object.entries(parameters)) {
    if (value === undefined || known.includes(key)) continue
    const has = known.length === 0 ? 'has no parameters' : `has ${known.join(', ')}`
    const others = Object.keys(parametersOf).filter((other) => parametersOf[other]?.includes(key))
    fault(
      key,
      `${key} belongs to ${listNames(others)}, and the detector here is ${detector}, which ${has}; leave it out`,
    )
  }
  const { warning = 2, drift = 3 } = parameters
  if (detector === 'ddm' && warning > drift) {
    fault(
      'warning',
      `a warning at ${warning} standard deviations would come after the alarm at ${drift}; make it smaller`,
    )
  }
  return findings
}
