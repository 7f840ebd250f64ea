// What a report says in words, in HTML and in Markdown alike.

import { count, percent, plainNumber } from '../../delivery/wording.ts'
import type { ReportIncident } from '../../overview/report-incidents.ts'
import type { ReportView } from '../../overview/report-view.ts'
import type { WindowCounts } from '../../overview/window-counts.ts'
import { utcText } from '../moment.ts'
import type { StatusName } from '../status.ts'

export const kindWords: Readonly<Record<ReportIncident['kind'], string>> = {
  drift: 'data drift',
  performance: 'performance',
  estimated: 'estimated performance',
  quality: 'data quality',
  volume: 'volume',
  no_data: 'no data',
  stale_labels: 'no labels',
}

export function severityStatus(severity: ReportIncident['severity']): StatusName {
  return severity === 'warning' ? 'warning' : 'alarm'
}

/** `12 of 253` */
export function timesText({ alarmed, judged }: WindowCounts): string {
  return judged === 0 ? 'not judged' : `${count(alarmed)} of ${count(judged)}`
}

/** `2021-06-01 00:00 UTC to 2022-05-09 00:00 UTC · 253 windows of 90d, one every 1d · 8,232 predictions` */
export function periodText({ period, asked, window, rows }: ReportView): string {
  const of = `windows of ${window.size}, one every ${window.slide}`
  if (period === null) {
    const from = asked.from === null ? 'the beginning' : utcText(asked.from)
    return `${from} to ${asked.to === null ? 'now' : utcText(asked.to)} · ${of}`
  }
  const predictions = rows?.isComplete === true ? ` · ${count(rows.predicted)} predictions` : ''
  return `${utcText(period.from)} to ${utcText(period.to)} · ${count(period.windows)} ${of}${predictions}`
}

/** What the figures over more than one window are made of. */
export function wholeName({ rows }: ReportView): string {
  return rows === null || rows.isComplete ? 'period (95 %)' : `since ${rows.from.slice(0, 10)} (95 %)`
}

export function labelsText({ rows, policy }: ReportView): string {
  const judged = `Performance is judged once ${percent(policy.minCoverage)} of a window's rows are labelled, or ${policy.horizon} have passed.`
  if (rows === null || rows.predicted === 0) return `No row of this period is kept any more. ${judged}`
  const { predicted, labelled, isComplete, from } = rows
  const which = isComplete ? 'predictions' : `predictions that are kept, since ${utcText(from)},`
  return `${count(labelled)} of ${count(predicted)} ${which} are labelled (${percent(labelled / predicted)}). ${judged}`
}

export function originRows({ origin, window, model, version, period }: ReportView): Array<readonly [string, string]> {
  return [
    ['made', `${utcText(origin.at)} by leeway ${origin.version}`],
    ['model', version === '' ? model : `${model}, version ${version}`],
    ['state', origin.state],
    ['configuration', `${origin.configuration.file}, SHA-256 ${origin.configuration.hash}`],
    [
      'windows',
      `${window.size}, one every ${window.slide}${period === null ? '' : `, ${count(period.windows)} of them`}`,
    ],
  ]
}

/** How what is shown came to be. */
export function methodNotes({ policy, period, window }: ReportView): ReadonlyArray<{ term: string; text: string }> {
  const { falseAlarmBudget, minSamples, minCoverage, alarms, drift } = policy
  const others = drift.of.length === 0 ? '' : ` (${drift.of.join(', ')})`
  return [
    {
      term: 'Time',
      text: 'Everything is told in the time of the predictions, in UTC. A window is named by its end. Performance belongs to the time of the prediction, whenever its label came.',
    },
    {
      term: 'False-alarm budget',
      text: `All tests of this model together may raise ${plainNumber(falseAlarmBudget)} false alarm${falseAlarmBudget === 1 ? '' : 's'} in 30 days. Each test has its share of that, so more features do not mean more alarms.`,
    },
    {
      term: 'Alarm',
      text: 'Chance must not explain it (evidence), it must be large enough to matter (effect), and it must last (persistence). One window over a threshold is shown, and told only when it is severe.',
    },
    {
      term: 'Drift',
      text: `PSI, the shift of a number in standard deviations (W1/sd) or the share of rows in other categories (total variation), less what chance makes of it at these sizes. 0 is the same as in the reference; alarms begin at ${plainNumber(drift.floor)}${others}.`,
    },
    {
      term: 'Performance',
      text: `With 95 % intervals. What may alarm: ${alarms.length === 0 ? 'nothing' : alarms.join('; ')}. A window is judged once ${percent(minCoverage)} of its rows are labelled; estimates stand in until then, and only warn.`,
    },
    {
      term: 'Too few rows',
      text: `Under ${count(minSamples)} rows a window says nothing: never zero, never an alarm.`,
    },
    {
      term: '~',
      text: 'The reference is too short to tell how much windows of this size differ by chance; a cautious guess is used.',
    },
    ...(period === null || period.drawnEvery === 1
      ? []
      : [
          {
            term: 'Charts',
            text: `One window of ${window.size} in ${period.drawnEvery} is drawn over time; the map of features shows the worst of every ${period.drawnEvery}. Counts are of all ${count(period.windows)}.`,
          },
        ]),
  ]
}
