// What asks for a run without an incident: so many labels, a time of the day, a version that is seen for the first time.

import { hashHex } from '../events/id-hash.ts'
import type { Instant } from '../time.ts'
import { DAY } from '../time.ts'
import { localTime } from './local-time.ts'
import type { Ask } from './request.ts'
import type { RetrainingRule, Schedule } from './rule.ts'

/** How far it has come, for one model; null = it was not looked at since its rule is on. */
export interface Marks {
  readonly slot: string | null
  readonly version: number | null
  readonly labels: number | null
}

/** Of a model for which nothing asks by itself. */
export const noMarks: Marks = { slot: null, version: null, labels: null }

export interface Seen {
  /** Labels of the model so far, and when its newest run began. */
  readonly labels: number
  readonly labelsAtLastRun: number
  /** Versions of the model by number, oldest first. */
  readonly versions: ReadonlyArray<{ readonly number: number; readonly version: string }>
  /** Whether a run of the model is expected to bring a new version, or has brought this one. */
  readonly isOurs: (version: string) => boolean
  readonly now: Instant
}

/**
 * What is to be asked for now, and the marks after that. What has come before the rule is looked at for the first time asks for
 * nothing: a schedule begins with its next time, labels are counted from now on, and versions that are there are not new.
 */
export function askByItself(
  rule: RetrainingRule,
  marks: Marks,
  seen: Seen,
): { readonly asks: readonly Ask[]; readonly marks: Marks } {
  const { model, target } = rule
  const newest = seen.versions.at(-1)
  const ask = (key: string, cause: Ask['cause'], version = newest?.version ?? ''): Ask => ({
    ...{ id: hashHex(JSON.stringify([cause.is, model, key])), model, version, target, cause },
  })
  const asks: Ask[] = []
  // A rule that is off forgets how far it came: on again, it begins as if it were new.
  let { slot, version, labels } = noMarks
  if (rule.schedule !== null) {
    const latest = latestSlot(rule.schedule, seen.now)
    if (marks.slot !== null && latest > marks.slot) asks.push(ask(latest, { is: 'schedule', slot: latest }))
    slot = latest
  }
  if (rule.askAtLabels !== null) {
    const base = Math.max(marks.labels ?? seen.labels, seen.labelsAtLastRun)
    const fresh = seen.labels - base
    if (fresh >= rule.askAtLabels) asks.push(ask(String(base), { is: 'labels', count: fresh }))
    labels = fresh >= rule.askAtLabels ? seen.labels : base
  }
  if (rule.askAtNewVersion) {
    const before = marks.version
    const fresh = before === null ? undefined : seen.versions.findLast(({ number }) => number > before)
    if (fresh !== undefined && !seen.isOurs(fresh.version))
      asks.push(ask(String(fresh.number), { is: 'version', version: fresh.version }, fresh.version))
    // While none has been seen, the first is not a new one.
    version = newest?.number ?? before
  }
  return { asks, marks: { slot, version, labels } }
}

/** The latest time of the schedule, by its date, that has come. */
function latestSlot({ days, at, timeZone }: Schedule, now: Instant): string {
  const today = localTime(now, timeZone)
  if (today.minutes >= at && days.includes(today.weekday)) return today.date
  for (let back = 1; back <= 7; back++) {
    const { date, weekday } = localTime(now - back * DAY, timeZone)
    if (date < today.date && days.includes(weekday)) return date
  }
  return today.date
}
