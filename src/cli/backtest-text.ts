// A backtest for people: which rules raised what, and what another threshold would have done.

import Table from 'cli-table3'
import { nameOf } from '../delivery/message.ts'
import { safeLine } from '../delivery/text-safety.ts'
import { plainNumber, span } from '../delivery/wording.ts'
import type { AlarmView, BacktestView, RuleRow, TuningView } from '../overview/backtest.ts'
import { thresholdText } from '../overview/backtest.ts'
import { plainTable } from './plain-table.ts'

const QUIET_SHOWN = 8

export function viewText(view: BacktestView): string {
  const { model, version, verdict, alarms, rules, tuning, differences } = view
  const parts = [
    `${safeLine(nameOf({ model, version }))}: ${safeLine(verdict)}`,
    alarmsText('Incidents, as people were told of them', alarms),
    ...(tuning === null ? [rulesText(rules)] : [tuningText(tuning)]),
    ...(differences.length > 0
      ? [`What these windows do not tell\n${differences.map((line) => `  ${safeLine(line)}`).join('\n')}`]
      : []),
  ]
  return `${parts.join('\n\n')}\n`
}

function alarmsText(title: string, alarms: readonly AlarmView[]): string {
  if (alarms.length === 0) return `${title}: none`
  const table = new Table({ ...plainTable, head: ['kind', 'fired', 'ended', 'for', 'rules'] })
  for (const { kind, firings, firedMs, monitors } of alarms) {
    const [first, last] = [firings[0], firings[firings.length - 1]]
    const others = monitors.length > 3 ? `, … ${monitors.length - 3} more` : ''
    table.push([
      kind,
      first?.from ?? '',
      last?.to ?? 'goes on',
      firedMs === 0 ? '–' : span(firedMs),
      `${monitors
        .slice(0, 3)
        .map((monitor) => safeLine(monitor))
        .join(', ')}${others}`,
    ])
  }
  return `${title}\n${table.toString()}`
}

function rulesText(rules: readonly RuleRow[]): string {
  const table = new Table({ ...plainTable, head: ['rule', 'threshold', 'alarms', 'in alarm', 'last fired'] })
  const loud = rules.filter(({ alarms }) => alarms > 0)
  const shown = [...loud, ...rules.filter(({ alarms }) => alarms === 0).slice(0, QUIET_SHOWN)]
  for (const { monitor, threshold, alarms, firedMs, last } of shown)
    table.push([
      safeLine(monitor),
      threshold === null ? '–' : plainNumber(threshold),
      String(alarms),
      firedMs === 0 ? '–' : span(firedMs),
      last ?? '–',
    ])
  const hidden = rules.length - shown.length
  return `What each rule raised by itself\n${table.toString()}${hidden > 0 ? `\n  … and ${hidden} more without an alarm` : ''}`
}

function tuningText(tuning: TuningView): string {
  const { sweep, current, threshold, unit, monitor, would, notes, yaml, verdict, together } = tuning
  const table = new Table({ ...plainTable, head: ['threshold', 'alarms', 'in alarm', 'missed', 'later by', ''] })
  for (const { floor, to, alarms, firedMs, known } of grouped(sweep, [current, threshold])) {
    const mark = floor === current ? '◀ now' : floor === threshold ? '◀ asked for' : ''
    const { missed, found, laterMs } = known
    table.push([
      to === floor ? plainNumber(floor) : `${plainNumber(floor)} – ${plainNumber(to)}`,
      String(alarms),
      firedMs === 0 ? '–' : span(firedMs),
      missed + found === 0 ? '–' : `${missed} of ${missed + found}`,
      laterMs === null || laterMs === 0 ? '–' : `${laterMs < 0 ? '−' : ''}${span(Math.abs(laterMs))}`,
      mark,
    ])
  }
  const parts = [
    `${safeLine(monitor)}: ${safeLine(verdict)}`,
    `Incidents of its kind, by all rules together: ${together.would.length}${together.would.length === together.was ? '' : ` instead of ${together.was}`}`,
    `Thresholds, as ${thresholdText(unit, current).replace(/ (of|by) .*/, '')}\n${table.toString()}`,
    alarmsText(`Alarms of this rule with ${thresholdText(unit, threshold)}`, would),
    ...(notes.length > 0 ? [notes.map((note) => `Note: ${note}`).join('\n')] : []),
    ...(threshold === current
      ? []
      : [`To put it into force, merge into the configuration:\n${yaml.replace(/^(?=.)/gm, '  ')}`]),
  ]
  return parts.join('\n\n')
}

/** Neighbours that come to the same are one row, but for those that stand for themselves. */
function grouped(sweep: TuningView['sweep'], apart: readonly number[]) {
  const rows: Array<TuningView['sweep'][number] & { to: number }> = []
  for (const point of sweep) {
    const last = rows[rows.length - 1]
    const isSame =
      last !== undefined &&
      ![last.floor, point.floor].some((floor) => apart.includes(floor)) &&
      JSON.stringify({ ...last, floor: 0, to: 0 }) === JSON.stringify({ ...point, floor: 0, to: 0 })
    if (isSame) last.to = point.floor
    else rows.push({ ...point, to: point.floor })
  }
  return rows
}

/** What a changed configuration makes of it. */
export function comparisonText(before: BacktestView, after: BacktestView): string {
  const kept = new Set(before.alarms.map(({ id }) => id))
  const now = new Set(after.alarms.map(({ id }) => id))
  const gone = before.alarms.filter(({ id }) => !now.has(id)).length
  const fresh = after.alarms.filter(({ id }) => !kept.has(id)).length
  return `\n${alarmsText('With the changed configuration', after.alarms)}\n\n${after.alarms.length} instead of ${before.alarms.length}: ${gone} of the incidents would not have been raised as they were, ${fresh} would have been that were not.\n`
}
