// When a run is asked for, and what must be so before it begins: the part of `retraining` that is the same for every target.

import { z } from 'zod'
import type { MonitorKind } from '../monitors/verdict.ts'
import type { RetrainingRule, Weekday } from '../retraining/rule.ts'
import { weekdays } from '../retraining/rule.ts'
import type { Millis } from '../time.ts'
import { DAY, HOUR } from '../time.ts'
import { duration, positiveDuration } from './forms.ts'

const kinds = ['performance', 'drift'] as const satisfies readonly MonitorKind[]

const clockForm = 'a time of the day such as "07:30"'
const clockTime = z
  .string(clockForm)
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, clockForm)
  .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)))

const zoneForm = 'the name of a time zone such as Europe/Berlin'
const timeZone = z.string(zoneForm).refine(isTimeZone, zoneForm)

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

const daysForm = `a list of days such as [monday, friday]`
const days = z
  .array(z.enum(weekdays), daysForm)
  .min(1, 'at least one day')
  .default([...weekdays])

const approvalForm = 'none, required, or {after: 30m}'
const countForm = 'a whole number above 0'
const count = z.int(countForm).min(1, countForm)

/** A duration with a default that is written in milliseconds. */
const withDefault = (form: typeof duration, ms: Millis) => form.optional().transform((value) => value ?? ms)

/** Settings by name; each target has its own beside them. */
export const ruleSettings = {
  on: z
    .array(z.enum(kinds), 'a list of kinds of incidents')
    .default([...kinds])
    .describe('Kinds of incidents that ask for a run; none: []'),
  approval: z
    .union([z.enum(['none', 'required']), z.strictObject({ after: positiveDuration })], approvalForm)
    .default('none')
    .describe('Who says yes: nobody, a person, or nobody says no within so long'),
  cooldown: withDefault(duration, HOUR).describe('Kept between the beginnings of two runs; default 1h'),
  maxPerDay: count.optional().describe('Runs that begin on one day; left out: any number'),
  minNewLabels: z
    .int('a whole number')
    .min(0, 'a whole number')
    .default(0)
    .describe('Labels that must have come since the last run began'),
  quietHours: z
    .strictObject({ from: clockTime, to: clockTime, days, timeZone: timeZone.optional() })
    .optional()
    .describe('No run begins within them'),
  timeZone: timeZone.default('UTC').describe('Of days, quiet hours and the schedule'),
  dryRun: z.boolean('true or false').default(false).describe('true: everything is decided, and nothing is asked for'),
  expires: withDefault(positiveDuration, 7 * DAY).describe(
    'A request that no gate lets through is given up; default 7d',
  ),
  schedule: z
    .strictObject({ at: clockTime, days, timeZone: timeZone.optional() })
    .optional()
    .describe('Ask for a run at a time of the day'),
  newLabels: count.optional().describe('Ask for a run when so many labels have come since the last one'),
  newVersion: z
    .boolean('true or false')
    .default(false)
    .describe('Ask for a run when a version of the model is seen for the first time'),
  promote: z
    .boolean('true or false')
    .default(true)
    .describe('A run that succeeds makes its version what production is compared with'),
  verify: z
    .strictObject({ windows: z.int('a whole number').min(0).max(1_000).default(6) })
    .prefault({})
    .describe('Windows within which performance must be back after a run; 0: not looked at'),
}

const schema = z.strictObject(ruleSettings)
type RuleInput = z.output<typeof schema>

/** Rules of a model, without the name of its target. */
export type RuleSettings = Omit<RetrainingRule, 'target'>

/** The rule of a model that sets nothing. */
export function usualRule(model: string): RuleSettings {
  return resolveRule(model, schema.parse({}))
}

export function resolveRule(model: string, input: RuleInput): RuleSettings {
  const { on, approval, cooldown, maxPerDay, minNewLabels, quietHours, dryRun, expires, schedule, verify } = input
  const zoned = <T extends { days: readonly Weekday[]; timeZone?: string | undefined }>(part: T | undefined) =>
    part === undefined ? null : { ...part, timeZone: part.timeZone ?? input.timeZone }
  return {
    model,
    on,
    approval: typeof approval === 'string' ? { is: approval } : { is: 'automatic', afterMs: approval.after },
    cooldownMs: cooldown,
    perDayMax: maxPerDay ?? null,
    newLabelsMin: minNewLabels,
    quietHours: zoned(quietHours),
    dryRun,
    expiresMs: expires,
    schedule: zoned(schedule),
    askAtLabels: input.newLabels ?? null,
    askAtNewVersion: input.newVersion,
    promote: input.promote,
    verifyWindows: verify.windows,
    timeZone: input.timeZone,
  }
}
