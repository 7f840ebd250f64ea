// Results as tables, and as the page docs/false-alarms.md.

import { chiSquaredInverseUpperTail } from '../../src/statistics/special/chi-squared.ts'
import { formatDuration } from '../../src/time.ts'
import type { Cell } from './cells.ts'
import type { RuleName } from './rules.ts'
import { ruleNames } from './rules.ts'
import type { Results } from './run-all.ts'
import type { ChangeOutcome, ChangeResult, Found, QuietResult } from './run-cell.ts'

export interface TableText {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** Days that an alarm rate is told for. */
const MONTH_DAYS = 30

/** How often something happened in a number of months, as a rate with its exact Poisson interval (95 %). */
interface Rate {
  readonly perMonth: number
  readonly low: number
  readonly high: number
}

function rateOf(count: number, months: number): Rate {
  const low = count === 0 ? 0 : chiSquaredInverseUpperTail(0.975, 2 * count) / 2
  return {
    perMonth: count / months,
    low: low / months,
    high: chiSquaredInverseUpperTail(0.025, 2 * count + 2) / 2 / months,
  }
}

/** What all repeats of a quiet cell amount to. */
interface QuietSummary {
  readonly cell: Cell
  readonly months: number
  readonly incidents: number
  readonly byKind: Readonly<Record<string, number>>
  /** Columns entering a drift incident, by monitor. */
  readonly onsets: Readonly<Record<string, number>>
  readonly featureOnsets: number
  readonly insufficient: number
  readonly rules: Readonly<Record<RuleName, { readonly onsets: number; readonly windowShare: number }>>
}

function quietOf(cells: readonly Cell[], results: Results): QuietSummary[] {
  return cells
    .filter(({ kind }) => kind === 'quiet')
    .map((cell) => {
      const repeats = results.get(cell.name) as readonly QuietResult[]
      const months = sum(repeats.map(({ days }) => days)) / MONTH_DAYS
      const windows = sum(repeats.map((repeat) => repeat.windows))
      const byKind = merged(repeats.map(({ incidents }) => incidents))
      const onsets = merged(repeats.map((repeat) => repeat.onsets))
      return {
        cell,
        months,
        incidents: sum(Object.values(byKind)),
        byKind,
        onsets,
        featureOnsets: sum(
          Object.entries(onsets).map(([monitor, count]) => (monitor.startsWith('drift/') ? count : 0)),
        ),
        insufficient: sum(repeats.map(({ verdicts }) => verdicts.insufficient)) / repeats.length,
        rules: Object.fromEntries(
          ruleNames.map((rule) => [
            rule,
            {
              onsets: sum(repeats.map(({ rules }) => rules[rule].onsets)) / months,
              windowShare: sum(repeats.map(({ rules }) => rules[rule].windows)) / windows,
            },
          ]),
        ) as QuietSummary['rules'],
      }
    })
}

interface ChangeSummary extends Omit<ChangeOutcome, 'delays'> {
  readonly cell: Cell
  readonly changes: number
  /** Ascending; a change that was never found counts as Infinity. */
  readonly delays: readonly number[]
}

function changesOf(cells: readonly Cell[], results: Results): ChangeSummary[] {
  return cells
    .filter(({ kind }) => kind === 'change')
    .flatMap((cell) => {
      const repeats = results.get(cell.name) as readonly ChangeResult[]
      const names = repeats[0]?.outcomes.map(({ name }) => name) ?? []
      return names.map((name) => {
        const outcomes = repeats.map(({ outcomes }) => outcomes.find((o) => o.name === name) as ChangeOutcome)
        const total = (read: (outcome: ChangeOutcome) => number) => sum(outcomes.map(read))
        const delays = outcomes.flatMap((outcome) => outcome.delays.map((delay) => delay ?? Number.POSITIVE_INFINITY))
        return {
          cell,
          name,
          changes: delays.length,
          windows: total((o) => o.windows),
          alarms: total((o) => o.alarms),
          warnings: total((o) => o.warnings),
          plain: { windows: total((o) => o.plain.windows), firing: total((o) => o.plain.firing) },
          longest: { windows: total((o) => o.longest.windows), firing: total((o) => o.longest.firing) },
          delays: delays.sort((a, b) => a - b),
          rules: Object.fromEntries(
            ruleNames.map((rule) => [rule, total(({ rules }) => rules[rule])]),
          ) as ChangeOutcome['rules'],
        }
      })
    })
}

export function quietTable(cells: readonly Cell[], results: Results): TableText {
  return {
    head: [
      'traffic',
      'features',
      'rows',
      'window',
      'months',
      'incidents a month (95 %)',
      'per feature-month',
      ...ruleNames.map((rule) => `${rule}: alarms a month (windows)`),
    ],
    rows: quietOf(cells, results).map((summary) => {
      const { cell, months, incidents, rules } = summary
      const rate = rateOf(incidents, months)
      return [
        cell.traffic,
        String(cell.features),
        rowsText(cell.rowsPerWindow),
        windowText(cell),
        String(round(months, 1)),
        `${round(rate.perMonth, 2)} (${round(rate.low, 2)}–${round(rate.high, 2)})${kindsText(summary)}`,
        String(round(summary.featureOnsets / (months * cell.features), 3)),
        ...ruleNames.map((rule) => `${Math.round(rules[rule].onsets)} (${percent(rules[rule].windowShare)})`),
      ]
    }),
  }
}

function kindsText({ byKind, insufficient }: QuietSummary): string {
  const others = Object.entries(byKind).filter(([kind]) => kind !== 'drift')
  const notes = others.map(([kind, count]) => `${count} of ${kind}`)
  if (insufficient > 0.005) notes.push(`${percent(insufficient)} of verdicts insufficient`)
  return notes.length === 0 ? '' : `; ${notes.join(', ')}`
}

export function changeTable(cells: readonly Cell[], results: Results): TableText {
  return {
    head: [
      'traffic',
      'features',
      'rows',
      'window',
      'change',
      'changes',
      'found in windows that have lasted the longest (the shortest) persistence',
      'single windows: alarm (or warning)',
      'delay in panes: median, 95 %',
      'within 15 panes',
      ...ruleNames,
    ],
    rows: changesOf(cells, results).map((summary) => {
      const { cell, name, changes, windows, alarms, warnings, plain, longest, delays, rules } = summary
      return [
        cell.traffic,
        String(cell.features),
        rowsText(cell.rowsPerWindow),
        windowText(cell),
        name,
        String(changes),
        `${percent(shareOf(longest))} (${percent(shareOf(plain))})`,
        `${percent(alarms / windows)} (${percent((alarms + warnings) / windows)})`,
        `${delayText(quantile(delays, 0.5))}, ${delayText(quantile(delays, 0.95))}`,
        percent(shareWithin(delays, 15)),
        ...ruleNames.map((rule) => percent(rules[rule] / windows)),
      ]
    }),
  }
}

/** Monitors that entered incidents most often while nothing happened, by cell: where the policy is noisy. */
export function culpritTable(cells: readonly Cell[], results: Results): TableText {
  return {
    head: ['cell', 'monitors that fired on nothing (times)'],
    rows: quietOf(cells, results)
      .filter(({ incidents }) => incidents > 0)
      .map(({ cell, onsets }) => [
        cell.name,
        Object.entries(onsets)
          .sort(([, a], [, b]) => b - a)
          .slice(0, 6)
          .map(([monitor, count]) => `${monitor} (${count})`)
          .join(', '),
      ]),
  }
}

/**
 * The aims, and whether they are reached; `kept so far` where the months simulated are too few to be sure. Aims whose cells were
 * not run are left out.
 */
export function aimsTable(cells: readonly Cell[], results: Results): TableText {
  const quiet = quietOf(cells, results)
  const changed = changesOf(cells, results)
  const rows: string[][] = []
  for (const traffic of ['iid', 'clustered', 'seasonal .1', 'seasonal .3', 'mixed']) {
    const of = quiet.filter(({ cell }) => cell.traffic === traffic)
    if (of.length === 0) continue
    const months = sum(of.map((summary) => summary.months))
    const count = sum(of.map(({ incidents }) => incidents))
    const worst = of.reduce((a, b) => (b.incidents / b.months > a.incidents / a.months ? b : a))
    const rate = rateOf(count, months)
    // Few months say little of one cell: it misses the aim when its whole interval lies above.
    const isKept = rate.perMonth <= 1 && of.every((one) => rateOf(one.incidents, one.months).low <= 1)
    rows.push([
      `${traffic}: at most 1 incident per model and 30 days, at every size`,
      `${count} in ${round(months, 1)} months: ${round(rate.perMonth, 2)} (${round(rate.low, 2)}–${round(rate.high, 2)}); most in ${worst.cell.name}: ${round(worst.incidents / worst.months, 2)}`,
      isKept ? (rate.high <= 1 ? 'reached' : 'kept so far') : 'missed',
    ])
  }
  const wobbling = quiet.filter(({ cell }) => cell.traffic === 'autocorrelated')
  if (wobbling.length > 0) {
    const perFeature = (s: QuietSummary) => s.featureOnsets / (s.months * s.cell.features)
    const worst = wobbling.reduce((a, b) => (perFeature(b) > perFeature(a) ? b : a))
    rows.push([
      'autocorrelated: at most 0.25 alarms per feature-month',
      `at most ${round(perFeature(worst), 3)} (${worst.cell.name})`,
      perFeature(worst) <= 0.25 ? 'reached' : 'missed',
    ])
  }
  const quarter = changed.find(({ cell, name }) => cell.name === 'change/iid/25/500/1h-5m' && name === 'mean +0.25 sd')
  if (quarter !== undefined) {
    const share = shareOf(quarter.longest)
    rows.push([
      '0.25 sd in one of 25 columns at 500 rows: found in 95 % of the windows that have lasted',
      `${percent(share)} after the longest persistence, ${percent(shareOf(quarter.plain))} after the shortest`,
      share >= 0.95 ? 'reached' : 'missed',
    ])
  }
  const half = changed.find(({ cell, name }) => cell.name === 'change/iid/25/1000/1h-5m' && name === 'mean +0.5 sd')
  if (half !== undefined) {
    const share = shareWithin(half.delays, 15)
    rows.push([
      '0.5 sd at 1,000 rows: found within 15 panes',
      `${percent(share)} of ${half.changes} changes; median ${delayText(quantile(half.delays, 0.5))} panes, slowest ${delayText(quantile(half.delays, 1))}`,
      share === 1 ? 'reached' : 'missed',
    ])
  }
  return { head: ['aim', 'measured', ''], rows }
}

export function markdownOf({ head, rows }: TableText): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function merged(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const total: Record<string, number> = {}
  for (const one of counts) for (const [name, count] of Object.entries(one)) total[name] = (total[name] ?? 0) + count
  return total
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

/** The smallest of the ascending values that at least a share of them reaches. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.POSITIVE_INFINITY
}

function shareOf({ windows, firing }: Found): number {
  return firing / windows
}

function shareWithin(delays: readonly number[], panes: number): number {
  return delays.filter((delay) => delay <= panes).length / delays.length
}

function delayText(delay: number): string {
  return Number.isFinite(delay) ? String(delay) : 'never'
}

function percent(share: number): string {
  if (!Number.isFinite(share)) return '–'
  return share > 0 && share < 0.001 ? '<0.1 %' : `${round(100 * share, 1)} %`
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits
}

function rowsText(rows: number): string {
  return rows.toLocaleString('en-US')
}

function windowText({ spec, referenceDays, baseline }: Cell): string {
  const reference = referenceDays === undefined ? '' : `, reference of ${referenceDays}d`
  return `${spec.name} every ${formatDuration(spec.slideMs)}${reference}${baseline === undefined ? '' : `, ${baseline}`}`
}
