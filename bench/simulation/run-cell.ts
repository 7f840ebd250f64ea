// Runs one repeat of a cell: one model, learnt anew, and what the policy and the other rules say of its windows.

import { DAY } from '../../src/time.ts'
import type { Cell, Lengths } from './cells.ts'
import type { Change } from './columns.ts'
import { changes } from './columns.ts'
import { PANE, SimulatedModel } from './model.ts'
import type { Step } from './product.ts'
import { Watcher, watch } from './product.ts'
import { mixSeeds } from './random.ts'
import type { RuleName } from './rules.ts'
import { Rules, ruleNames } from './rules.ts'
import { SlidingSum } from './sliding-sum.ts'

export interface Job {
  readonly cell: Cell
  readonly repeat: number
  readonly seed: number
  readonly lengths: Lengths
}

/** What one of the other rules did in a quiet month. */
export interface QuietRule {
  /** A column begins to be called drifted: summed over columns. */
  readonly onsets: number
  /** Windows in which any column is called drifted. */
  readonly windows: number
}

export interface QuietResult {
  readonly kind: 'quiet'
  readonly days: number
  readonly windows: number
  /** Incidents that fired, by kind of monitor. */
  readonly incidents: Readonly<Record<string, number>>
  /** A monitor begins to be part of a firing incident: by monitor. */
  readonly onsets: Readonly<Record<string, number>>
  /** Verdicts on columns by status, as shares. */
  readonly verdicts: { readonly alarm: number; readonly warning: number; readonly insufficient: number }
  readonly rules: Readonly<Record<RuleName, QuietRule>>
}

/** Among windows that have lasted: in how many the column was part of a firing incident. */
export interface Found {
  readonly windows: number
  readonly firing: number
}

/** What became of one change, made several times. */
export interface ChangeOutcome {
  readonly name: string
  /** Windows that lie wholly after the change, and in how many of them the verdict on the column was an alarm or a warning. */
  readonly windows: number
  readonly alarms: number
  readonly warnings: number
  /** Of those, windows for which a persistence had passed, and those in which the column was part of a firing incident. */
  readonly plain: Found
  readonly longest: Found
  /** By change: panes from it to the first window in which the column was part of a firing incident; null = never. */
  readonly delays: readonly (number | null)[]
  /** Windows wholly after the change in which a rule called the column drifted. */
  readonly rules: Readonly<Record<RuleName, number>>
}

export interface ChangeResult {
  readonly kind: 'change'
  readonly outcomes: readonly ChangeOutcome[]
}

export type CellResult = QuietResult | ChangeResult

/** Times that each change is made to one model. */
const CHANGES_PER_MODEL = 3

export function runJob(job: Job): CellResult {
  return job.cell.kind === 'quiet' ? runQuiet(job) : runChanges(job)
}

function modelOf({ cell, repeat, seed, lengths }: Job, panes: number): SimulatedModel {
  return new SimulatedModel({
    traffic: cell.traffic,
    features: cell.features,
    rowsPerWindow: cell.rowsPerWindow,
    spec: cell.spec,
    referenceDays: cell.referenceDays ?? lengths.referenceDays,
    panes,
    // Cells that differ only in kind or baseline share their models; everything else is drawn apart.
    seed: mixSeeds(seed, repeat, textSeed(cell.name.slice(cell.kind.length).replace(`/${cell.baseline}`, ''))),
    baseline: cell.baseline ?? 'pooled',
  })
}

function textSeed(text: string): number {
  return mixSeeds(...Array.from(text, (character) => character.charCodeAt(0)))
}

/** The windows of a stretch of panes, as the schedule would have them: every slide, once a whole window has passed. */
function* windowsOf(
  model: SimulatedModel,
  { from, to, change }: { from: number; to: number; change?: { at: number; change: Change } },
): Iterable<{ end: number; inputs: Float64Array }> {
  const { spec } = model.options
  const size = spec.sizeMs / PANE
  const slide = spec.slideMs / PANE
  const sum = new SlidingSum(model.frame.layout.inputs.size, size)
  let end = from
  for (const pane of model.panes(from, to, change)) {
    sum.push(pane)
    end++
    if (end - from >= size && (end - from) % slide === 0) yield { end, inputs: sum.cells }
  }
}

function runQuiet(job: Job): QuietResult {
  const { monthDays } = job.lengths
  const panes = (monthDays * DAY) / PANE
  const model = modelOf(job, panes)
  const watcher = new Watcher(watch(model.reference, job.cell.spec), job.cell.spec)
  const rules = new RuleTally(model)
  const incidents: Record<string, number> = {}
  const onsets: Record<string, number> = {}
  const statuses: Record<string, number> = {}
  let windows = 0
  let firing: ReadonlySet<string> = new Set()
  for (const { end, inputs } of windowsOf(model, { from: model.firstPane, to: model.firstPane + panes })) {
    const step = watcher.judge(inputs, model.startOf(end))
    windows++
    for (const kind of step.fired) incidents[kind] = (incidents[kind] ?? 0) + 1
    for (const monitor of step.firing) if (!firing.has(monitor)) onsets[monitor] = (onsets[monitor] ?? 0) + 1
    firing = step.firing
    for (const { kind, status } of step.verdicts) if (kind === 'drift') statuses[status] = (statuses[status] ?? 0) + 1
    rules.count(inputs)
  }
  const judged = Object.values(statuses).reduce((sum, count) => sum + count, 0)
  const shareOf = (status: string) => (statuses[status] ?? 0) / Math.max(1, judged)
  return {
    kind: 'quiet',
    days: monthDays,
    windows,
    incidents,
    onsets,
    verdicts: { alarm: shareOf('alarm'), warning: shareOf('warning'), insufficient: shareOf('insufficient') },
    rules: rules.result,
  }
}

/** Counts what the other rules do, window after window. */
class RuleTally {
  readonly #rules: Rules
  readonly #onsets = [0, 0, 0]
  readonly #windows = [0, 0, 0]
  readonly #alarmed: boolean[][]

  constructor(model: SimulatedModel) {
    this.#rules = rulesOf(model)
    this.#alarmed = Array.from({ length: this.#rules.columns }, () => [false, false, false])
  }

  count(inputs: Float64Array): void {
    const any = [false, false, false]
    for (const [column, before] of this.#alarmed.entries()) {
      for (const [rule, called] of this.#rules.judge(column, inputs).entries()) {
        if (called && !before[rule]) this.#onsets[rule] = (this.#onsets[rule] as number) + 1
        if (called) any[rule] = true
        before[rule] = called
      }
    }
    for (const [rule, called] of any.entries()) if (called) this.#windows[rule] = (this.#windows[rule] as number) + 1
  }

  get result(): Record<RuleName, QuietRule> {
    return byRule((rule) => ({ onsets: this.#onsets[rule] as number, windows: this.#windows[rule] as number }))
  }
}

function rulesOf(model: SimulatedModel): Rules {
  return new Rules(model.frame.layout.inputs, model.reference.inputs, model.referenceWindows)
}

function byRule<Value>(read: (rule: number) => Value): Record<RuleName, Value> {
  return Object.fromEntries(ruleNames.map((name, rule) => [name, read(rule)])) as Record<RuleName, Value>
}

function runChanges(job: Job): ChangeResult {
  const { spec } = job.cell
  const quiet = spec.sizeMs / PANE
  const lasting = Math.max(DAY, 3 * spec.sizeMs) / PANE
  const panes = CHANGES_PER_MODEL * (quiet + lasting)
  const model = modelOf(job, panes)
  const subject = watch(model.reference, spec)
  const rules = rulesOf(model)
  const made = changes.filter(({ name }) => job.cell.changes.includes(name))
  const outcomes = made.map((change): ChangeOutcome => {
    const seen = { windows: 0, alarms: 0, warnings: 0 }
    const found = { plain: { windows: 0, firing: 0 }, longest: { windows: 0, firing: 0 } }
    const called = [0, 0, 0]
    const delays: (number | null)[] = []
    const column = model.populations.findIndex(({ name }) => name === change.column)
    for (let i = 0; i < CHANGES_PER_MODEL; i++) {
      const from = model.firstPane + i * (quiet + lasting)
      const changeAt = from + quiet
      const watcher = new Watcher(subject, spec)
      let delay: number | null = null
      for (const { end, inputs } of windowsOf(model, {
        from,
        to: changeAt + lasting,
        change: { at: changeAt, change },
      })) {
        const step = watcher.judge(inputs, model.startOf(end))
        const firing = isFiring(step, change)
        if (firing && end > changeAt && delay === null) delay = end - changeAt
        if (end < changeAt + quiet) continue
        const status = worstStatus(step, change)
        seen.windows++
        if (status === 'alarm') seen.alarms++
        if (status === 'warning') seen.warnings++
        for (const [rule, alarmed] of rules.judge(column, inputs).entries())
          if (alarmed) called[rule] = (called[rule] as number) + 1
        for (const persistence of ['plain', 'longest'] as const) {
          const lasted = end - changeAt - quiet + spec.slideMs / PANE
          if (lasted < (watcher.persistence[persistence] * spec.slideMs) / PANE) continue
          found[persistence].windows++
          if (firing) found[persistence].firing++
        }
      }
      delays.push(delay)
    }
    return { name: change.name, ...seen, ...found, delays, rules: byRule((rule) => called[rule] as number) }
  })
  return { kind: 'change', outcomes }
}

/** Whether a firing incident of the kind the change asks for names the column. */
function isFiring({ firing, verdicts }: Step, change: Change): boolean {
  return verdicts.some(
    ({ monitor, kind, feature }) => kind === change.kind && feature === change.column && firing.has(monitor),
  )
}

function worstStatus({ verdicts }: Step, change: Change): string {
  const statuses = verdicts
    .filter(({ kind, feature }) => kind === change.kind && feature === change.column)
    .map(({ status }) => status)
  return statuses.includes('alarm') ? 'alarm' : statuses.includes('warning') ? 'warning' : 'ok'
}
