// The alarm policy replayed on the reference period, in which by definition nothing happened: how many alarms is it going to
// raise for nothing?
//
// The period is cut into two halves. Each is watched with the noise learnt from the other, for thresholds learnt from the very
// windows they judge would never be crossed; and each window is left out of the reference it is compared with.

import { judgeInputs } from '../monitors/judge-inputs.ts'
import { countOutcomes, judgePerformance } from '../monitors/performance.ts'
import type { Subject, WatchSettings } from '../monitors/subject.ts'
import { createSubject, withBaseline } from '../monitors/subject.ts'
import type { WindowKind } from '../monitors/verdict.ts'
import { prepareColumn } from '../reference/comparison.ts'
import { learnNoise } from '../reference/noise.ts'
import { measurePerformance } from '../reference/performance.ts'
import type { ReferencePeriod, ReferenceWindow } from '../reference/period.ts'
import { restOf, slidingWindows, without } from '../reference/period.ts'
import type { Reference } from '../reference/reference.ts'
import { poissonUpperTail } from '../statistics/special/poisson.ts'
import { DAY } from '../time.ts'
import type { WindowSpec } from '../windows/window.ts'
import { advance } from './advance.ts'
import { isActive } from './incident.ts'
import type { PolicyState } from './policy-state.ts'
import { emptyPolicy } from './policy-state.ts'

export interface Rehearsal {
  /** Days that were watched. */
  readonly days: number
  /** Incidents that fired, and what that makes in 30 days. */
  readonly incidents: number
  readonly per30Days: number
  readonly budget: number
  /** Share of the windows in which an incident fired: one that never ends is a single incident, and no less noise. */
  readonly firingShare: number
  /** Whether so many alarms can be chance at the budget (fewer than one time in ten they cannot), and nothing fires for long. */
  readonly withinBudget: boolean
  /** Monitors that were in the most incidents, with their number. */
  readonly noisiest: ReadonlyArray<{ readonly monitor: string; readonly incidents: number }>
}

/** How rarely so many alarms may come by chance before the budget is taken to be broken. */
const DOUBT = 0.1
/** A model that is in alarm this often while nothing happens is not watched. */
const FIRING_SHARE_MAX = 0.1
const NOISIEST_SHOWN = 5
const budgetPeriodMs = 30 * DAY
const kinds: readonly WindowKind[] = ['quality', 'drift', 'volume', 'performance']

/**
 * Replays the policy, a window at each step, so that whoever drives it can do other things in between. Each step says which share
 * of the whole is done.
 */
export function* rehearse<Row>(
  period: ReferencePeriod<Row>,
  reference: Reference,
  settings: WatchSettings,
): Generator<number, Rehearsal> {
  const middle = Math.floor(period.rows.length / 2)
  const halves = [period.rows.slice(0, middle), period.rows.slice(middle)].map((rows) => ({ ...period, rows }))
  const { windows, minSamples, falseAlarmBudget } = settings
  const blamed = new Map<string, number>()
  let [incidents, watchedMs, watched, firing] = [0, 0, 0, 0]
  for (const [i, half] of halves.entries()) {
    const other = halves[1 - i] as ReferencePeriod<Row>
    const noise = learnNoise({ ...other, windows, minSamples })
    const subject = createSubject({ ...reference, noise }, settings)
    const state = emptyPolicy()
    let [from, to] = [Number.POSITIVE_INFINITY, 0]
    for (const [spec, window] of inOrderOfTime(half, windows)) {
      // A window speaks for its newest slide.
      from = Math.min(from, window.end - spec.slideMs)
      to = Math.max(to, window.end)
      for (const monitors of watch(state, subject, spec, window, period)) {
        incidents++
        for (const monitor of monitors) blamed.set(monitor, (blamed.get(monitor) ?? 0) + 1)
      }
      watched++
      if (Object.values(state.incidents).some(({ incident }) => isActive(incident))) firing++
      yield (i + shareOfHalf(half, window)) / halves.length
    }
    watchedMs += Math.max(0, to - from)
  }
  const firingShare = firing / Math.max(1, watched)

  const allowed = (falseAlarmBudget * watchedMs) / budgetPeriodMs
  return {
    days: watchedMs / DAY,
    incidents,
    per30Days: watchedMs > 0 ? (incidents * budgetPeriodMs) / watchedMs : 0,
    budget: falseAlarmBudget,
    firingShare,
    withinBudget:
      (incidents === 0 || poissonUpperTail(incidents - 1, allowed) >= DOUBT) && firingShare <= FIRING_SHARE_MAX,
    noisiest: [...blamed]
      .map(([monitor, count]) => ({ monitor, incidents: count }))
      .sort((a, b) => b.incidents - a.incidents || (a.monitor < b.monitor ? -1 : 1))
      .slice(0, NOISIEST_SHOWN),
  }
}

/** How much of a half lies before the end of one of its windows, 0 to 1. */
function shareOfHalf<Row>({ rows, timeOf }: ReferencePeriod<Row>, { end }: ReferenceWindow): number {
  const from = timeOf(rows[0] as Row)
  return Math.min(1, (end - from) / Math.max(1, timeOf(rows[rows.length - 1] as Row) - from))
}

/** The windows of all sizes, as their ends follow each other. */
function* inOrderOfTime<Row>(
  half: ReferencePeriod<Row>,
  specs: readonly WindowSpec[],
): Iterable<readonly [WindowSpec, ReferenceWindow]> {
  const next = specs.map((spec) => {
    const windows = slidingWindows(half, spec)[Symbol.iterator]()
    return { spec, windows, at: windows.next() }
  })
  for (;;) {
    let first: (typeof next)[number] | undefined
    for (const one of next) {
      if (one.at.done !== true && (first === undefined || one.at.value.end < first.at.value.end)) first = one
    }
    if (first === undefined) return
    yield [first.spec, first.at.value]
    first.at = first.windows.next()
  }
}

type Period = Pick<ReferencePeriod, 'total' | 'layout' | 'metricOptions' | 'phases'>

/** The subject, its reference without a window of it. */
function withoutWindow(subject: Subject, window: ReferenceWindow, period: Period): Subject {
  const { part, rows } = window
  const { total, layout, metricOptions, phases } = period
  const baseline = restOf(period, window)
  const inputs = phases === undefined ? baseline.inputs : without(total.inputs, part.inputs)
  const outcomes = without(total.outcomes, part.outcomes)
  const rest: Subject = {
    ...subject,
    reference: { ...subject.reference, rows: subject.reference.rows - rows, inputs, outcomes },
    performance: measurePerformance(layout.outcomes, outcomes, metricOptions),
  }
  if (phases !== undefined) return withBaseline(rest, baseline)
  return { ...rest, baseline, columns: layout.inputs.columns.map((cells) => prepareColumn(cells, inputs)) }
}

/** One window under the policy. @returns the monitors of each incident that fires */
function watch(
  state: PolicyState,
  subject: Subject,
  spec: WindowSpec,
  window: ReferenceWindow,
  period: Period,
): string[][] {
  const { part, rows, start, end } = window
  const rest = withoutWindow(subject, window, period)
  const { predicted, labelled } = countOutcomes(part.outcomes)
  const provisional = labelled < subject.settings.minCoverage * predicted
  const verdicts = [
    // Estimates never page, so they are left out.
    ...judgeInputs(rest, spec, part.inputs, null),
    ...judgePerformance(rest, spec, part.outcomes, provisional),
  ]
  const { model } = subject.reference
  const result = { model, version: '', segment: '', window: spec.name, start, end, revision: 0, samples: rows }
  return advance(state, { ...result, labelled, provisional, verdicts }, { spec, kinds, at: end })
    .filter(({ change }) => change === 'firing')
    .map(({ incident }) => incident.evidence.map(({ monitor }) => monitor))
}
