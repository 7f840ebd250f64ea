// What must be so before a run begins, looked at in this order up to the first that does not let the request pass.

import type { Instant } from '../time.ts'
import { DAY, formatDuration, formatInstant, MINUTE } from '../time.ts'
import { clockText, localTime } from './local-time.ts'
import type { GateVerdict, RetrainingRequest } from './request.ts'
import type { QuietHours, RetrainingRule } from './rule.ts'
import { weekdays } from './rule.ts'

/** A model whose automation people have stopped. */
export interface Stopped {
  readonly by: string
  readonly because: string
  readonly at: Instant
}

/** What the gates need to know of a model. */
export interface Facts {
  readonly stopped: Stopped | null
  /** An incident of data quality that fires. */
  readonly badData: { readonly id: string; readonly features: readonly string[] } | null
  /** Labels of the model so far, and when its newest run began; null = none has. */
  readonly labels: number
  readonly labelsAtLastRun: number
  readonly lastRunAt: Instant | null
  /** When runs began within the last two days. */
  readonly recentRuns: readonly Instant[]
  /** Another request of the model that is dispatching, unknown or running. */
  readonly inFlight: string | null
  /** Number of the model's newest version: a later one is new. */
  readonly versionsSeen: number
}

type Gate = (request: RetrainingRequest, rule: RetrainingRule, facts: Facts, now: Instant) => GateVerdict

/** Verdicts in order; all pass, or the last does not. */
export function passGates(
  request: RetrainingRequest,
  rule: RetrainingRule,
  facts: Facts,
  now: Instant,
): readonly GateVerdict[] {
  const verdicts: GateVerdict[] = []
  for (const gate of gates) {
    const verdict = gate(request, rule, facts, now)
    verdicts.push(verdict)
    if (!verdict.passes) break
  }
  return verdicts
}

const automation: Gate = ({ cause }, _, { stopped }) => {
  if (stopped === null) return pass('automation', 'automation is not stopped')
  if (cause.is === 'hand')
    return pass('automation', `automation is stopped by ${stopped.by}, but a person asked for this`)
  const why = stopped.because === '' ? '' : `: ${stopped.because}`
  return wait('automation', `automation of this model is stopped by ${stopped.by}${why}; it waits until it is resumed`)
}

const dataQuality: Gate = (_, __, { badData }) => {
  if (badData === null) return pass('data quality', 'no incident of data quality fires')
  const which = badData.features.length === 0 ? '' : ` (${badData.features.slice(0, 5).join(', ')})`
  return wait(
    'data quality',
    `the data quality incident ${badData.id}${which} fires: a model should not learn from such data`,
  )
}

const newLabels: Gate = (_, { newLabelsMin }, { labels, labelsAtLastRun }) => {
  const fresh = Math.max(0, labels - labelsAtLastRun)
  const text = `${fresh} labels have come since the last run began, ${newLabelsMin} are needed`
  return fresh >= newLabelsMin ? pass('new labels', text) : wait('new labels', text)
}

const cooldown: Gate = (_, { cooldownMs }, { lastRunAt }, now) => {
  if (lastRunAt === null) return pass('cooldown', 'no run has begun before')
  const until = lastRunAt + cooldownMs
  const text = `the last run began at ${formatInstant(lastRunAt)}, ${formatDuration(cooldownMs)} are kept between two`
  return now >= until ? pass('cooldown', text) : wait('cooldown', text, until)
}

const dailyCap: Gate = (_, { perDayMax, timeZone }, { recentRuns }, now) => {
  if (perDayMax === null) return pass('daily cap', 'any number of runs may begin on one day')
  const { date, minutes } = localTime(now, timeZone)
  const today = recentRuns.filter((at) => localTime(at, timeZone).date === date).length
  const text = `${today} of at most ${perDayMax} runs have begun today (${date}, ${timeZone})`
  if (today < perDayMax) return pass('daily cap', text)
  return wait('daily cap', text, startOfMinute(now) + DAY - minutes * MINUTE)
}

const quietHours: Gate = (_, { quietHours: rule }, __, now) => {
  if (rule === null) return pass('quiet hours', 'there are none')
  const until = quietUntil(rule, now)
  const hours = `${clockText(rule.from)} to ${clockText(rule.to)} ${rule.timeZone}`
  return until === null
    ? pass('quiet hours', `it is not between ${hours}`)
    : wait('quiet hours', `quiet hours are ${hours}`, until)
}

/** When the quiet hours of this moment are over; null when there are none now. */
function quietUntil({ from, to, days, timeZone }: QuietHours, now: Instant): Instant | null {
  const { weekday, minutes } = localTime(now, timeZone)
  const before = weekdays[(weekdays.indexOf(weekday) + 6) % 7] as (typeof weekdays)[number]
  const crosses = to <= from
  const beganToday = days.includes(weekday) && minutes >= from && (crosses || minutes < to)
  const beganYesterday = crosses && days.includes(before) && minutes < to
  if (!beganToday && !beganYesterday) return null
  const left = beganToday && crosses ? 24 * 60 - minutes + to : to - minutes
  return startOfMinute(now) + left * MINUTE
}

const approval: Gate = ({ approval: given, approvalAskedAt }, { approval: rule }, _, now) => {
  if (given !== null) return pass('approval', given.via === 'delay' ? 'nobody said no' : `approved by ${given.by}`)
  if (rule.is === 'none') return pass('approval', 'none is asked for')
  if (rule.is === 'required') return wait('approval', 'somebody with the role approver must say yes')
  const until = (approvalAskedAt ?? now) + rule.afterMs
  return wait('approval', `it begins at ${formatInstant(until)} unless somebody says no`, until)
}

const dryRun: Gate = (_, { dryRun: isDry }) =>
  isDry ? wait('dry run', 'dryRun is set: it would be dispatched now, and is not') : pass('dry run', 'it is not one')

/** One run of a model at a time: the newest gate of all, for whatever was decided before may have begun one meanwhile. */
const inFlight: Gate = (_, __, { inFlight: other }) =>
  other === null
    ? pass('in flight', 'no other run of this model is under way')
    : wait('in flight', `the run of request ${other} is under way or unclear; one at a time`)

const gates: readonly Gate[] = [
  automation,
  dataQuality,
  newLabels,
  cooldown,
  dailyCap,
  quietHours,
  approval,
  dryRun,
  inFlight,
]

function pass(gate: GateVerdict['gate'], because: string): GateVerdict {
  return { gate, passes: true, because, until: null }
}

function wait(gate: GateVerdict['gate'], because: string, until: Instant | null = null): GateVerdict {
  return { gate, passes: false, because, until }
}

function startOfMinute(at: Instant): Instant {
  return Math.floor(at / MINUTE) * MINUTE
}
