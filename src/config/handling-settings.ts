// When nobody is to be told, and what is told regularly: `maintenance`, `digests` and `inhibit` of the document.

import { z } from 'zod'
import type { InhibitRule } from '../handling/inhibition.ts'
import { usualInhibition } from '../handling/inhibition.ts'
import { isTimeZone, parseTimeOfDay, weekdays } from '../handling/local-time.ts'
import type { Maintenance } from '../handling/maintenance.ts'
import type { DigestSchedule } from '../handling/schedule.ts'
import type { Matchers } from '../handling/silence.ts'
import { parseInstant } from '../time.ts'
import { modelName, name } from './forms.ts'

const instantForm = 'a time with its date, such as 2026-12-01T20:00:00Z'
const instant = z.string(instantForm).transform((text, context) => {
  const found = parseInstant(text)
  if (found !== undefined && text.length > 10) return found
  context.addIssue({ code: 'custom', message: instantForm })
  return z.NEVER
})

const timeForm = 'a time of day such as "22:00"'
const timeOfDay = z.string(timeForm).transform((text, context) => {
  const found = parseTimeOfDay(text)
  if (found !== undefined) return found
  context.addIssue({ code: 'custom', message: timeForm })
  return z.NEVER
})

const zoneForm = 'a time zone such as Europe/Berlin or UTC'
const timeZone = z.string(zoneForm).refine(isTimeZone, zoneForm)

const patternForm = 'a name, in which * stands for any letters and ? for one'
const pattern = z.string(patternForm).min(1, patternForm).max(256, patternForm)
const match = z
  .strictObject({
    model: pattern.optional(),
    version: pattern.optional(),
    kind: pattern.optional(),
    severity: pattern.optional(),
    feature: pattern.optional().describe('Matches incidents all of whose features it matches'),
  } satisfies Record<keyof Matchers, unknown>)
  .prefault({})
  .describe('Incidents it is about; what is left out matches all')

const maintenanceForm = '{from, to} with times, or {weekly: {days, from, to, timeZone}}'
const once = z.strictObject({ match, from: instant, to: instant }).refine(({ from, to }) => from < to, {
  path: ['to'],
  message: 'a time after from',
})
const weekly = z.strictObject({
  match,
  weekly: z.strictObject({
    days: z.array(z.enum(weekdays), 'a list of days such as [saturday, sunday]').min(1, 'at least one day'),
    from: timeOfDay,
    to: timeOfDay.describe('On the next day where it is not later than from'),
    timeZone,
  }),
})
const oneMaintenance = z.union([once, weekly], maintenanceForm)
export const maintenance = z.record(name, oneMaintenance, 'times of maintenance by name')

const oneDigest = z.strictObject({
  every: z.enum(['day', 'week']),
  on: z.enum(weekdays).default('monday').describe('Of a weekly one: the day'),
  at: timeOfDay.prefault('08:00'),
  timeZone,
  models: z
    .array(modelName, 'a list of models')
    .min(1, 'at least one model')
    .optional()
    .describe('Left out: all, each with a digest of its own'),
  to: z.array(z.string('the name of a channel'), 'a list of channels').min(1, 'at least one channel'),
  evenIfWell: z
    .boolean('true or false')
    .default(false)
    .describe('true: told also when nothing happened, so that silence means that something is broken'),
})
export const digests = z.record(name, oneDigest, 'digests by name')

const kindForm = 'kinds of incidents such as [quality, no_data]'
const incidentKind = z.string(kindForm).regex(/^[a-z][a-z_]{0,63}$/, kindForm)
const incidentKinds = z.array(incidentKind, kindForm).min(1, kindForm)
export const inhibit = z
  .array(z.strictObject({ source: incidentKinds, target: incidentKinds }), 'a list of rules; [] for none')
  .default(usualInhibition.map(({ source, target }) => ({ source: [...source], target: [...target] })))

/** What the document says of who is told when. */
export interface HandlingSettings {
  readonly maintenance: readonly Maintenance[]
  readonly digests: readonly DigestSettings[]
  readonly inhibit: readonly InhibitRule[]
}

export interface DigestSettings extends DigestSchedule {
  readonly name: string
  /** null: all. */
  readonly models: readonly string[] | null
  readonly to: readonly string[]
  readonly evenIfWell: boolean
}

export function resolveHandling(input: {
  readonly maintenance: z.output<typeof maintenance>
  readonly digests: z.output<typeof digests>
  readonly inhibit: z.output<typeof inhibit>
}): HandlingSettings {
  return {
    maintenance: Object.entries(input.maintenance).map(([one, written]) => resolveMaintenance(one, written)),
    digests: Object.entries(input.digests).map(([one, { models = null, ...rest }]) => ({ name: one, models, ...rest })),
    inhibit: input.inhibit,
  }
}

function resolveMaintenance(named: string, written: z.output<typeof oneMaintenance>): Maintenance {
  const matchers = Object.fromEntries(Object.entries(written.match).filter(([, value]) => value !== undefined))
  const calendar =
    'weekly' in written
      ? ({ is: 'weekly', ...written.weekly } as const)
      : ({ is: 'once', from: written.from, to: written.to } as const)
  return { name: named, matchers, calendar }
}
