// How many alarms each model of a document will raise for nothing: for `leeway check`.

import { startOf } from '../assembly/references.ts'
import type { Document } from '../config/document.ts'
import { safeLine } from '../delivery/text-safety.ts'
import type { Rehearsal } from '../incidents/rehearsal.ts'
import type { Reference } from '../reference/reference.ts'
import { showProgress } from './progress.ts'

/** One model's rehearsal, or why there is none. */
export type Outcome = { readonly model: string } & (
  | { readonly rehearsal: Rehearsal; readonly ignored: Reference['ignored'] }
  | { readonly reason: string }
)

/** Replays the alarm policy of every model whose reference file is on this machine. @throws as `startOf` */
export async function rehearseAll({ models }: Document, missing: ReadonlySet<string>): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const model of models.values()) {
    const { name, reference } = model
    if (reference.from !== 'file') {
      const reason = reference.from === 'profile' ? 'a profile holds no rows' : 'its reference is yet to be learnt'
      outcomes.push({ model: name, reason })
    } else if (missing.has(reference.file)) {
      outcomes.push({ model: name, reason: `${reference.file} is not on this machine` })
    } else {
      const { reference: learnt, rehearsal } = await startOf(model)
      const ignored = 'ignored' in learnt ? learnt.ignored : []
      if (rehearsal !== null) outcomes.push({ model: name, rehearsal: drive(name, rehearsal), ignored })
    }
  }
  return outcomes
}

function drive(model: string, rehearsal: Generator<number, Rehearsal>): Rehearsal {
  const progress = showProgress(`replaying the alarm policy of ${model} on its reference`)
  let step = rehearsal.next()
  while (step.done !== true) {
    progress.onProgress(step.value, 1)
    step = rehearsal.next()
  }
  progress.stop()
  return step.value
}

export function rehearsalText(outcomes: readonly Outcome[]): string {
  const width = Math.max(...outcomes.map(({ model }) => model.length))
  const lines = outcomes.map((outcome) => `  ${outcome.model.padEnd(width)}  ${outcomeText(outcome)}`)
  return `false alarms, by replaying the policy on the reference\n${lines.join('\n')}\n${ignoredText(outcomes)}`
}

/** The columns that no drift monitor looks at, each with its reason; nothing when all are watched. */
function ignoredText(outcomes: readonly Outcome[]): string {
  const lines = outcomes.flatMap((outcome) =>
    'ignored' in outcome
      ? outcome.ignored.map(({ name, because }) => `  ${outcome.model}: ${safeLine(name)}: ${because}\n`)
      : [],
  )
  return lines.length === 0 ? '' : `columns that are not watched\n${lines.join('')}`
}

function outcomeText(outcome: Outcome): string {
  if ('reason' in outcome) return `not replayed: ${outcome.reason}`
  const { days, incidents, per30Days, budget, firingShare, withinBudget, noisiest } = outcome.rehearsal
  if (days === 0) return 'not replayed: the reference period is shorter than two windows'
  const count = `${incidents} in ${days.toFixed(days < 10 ? 1 : 0)} days of reference, ${per30Days.toFixed(1)} per 30 days, the budget is ${budget}; in alarm ${(100 * firingShare).toFixed(1)} % of the time`
  if (withinBudget) return count
  return `${count}: MORE THAN THE BUDGET; most of them by ${noisiest.map(({ monitor, incidents: many }) => `${safeLine(monitor)} (${many})`).join(', ')}`
}

/** The models whose policy breaks their budget. */
export function tooNoisy(outcomes: readonly Outcome[]): string[] {
  return outcomes.flatMap((outcome) =>
    'rehearsal' in outcome && !outcome.rehearsal.withinBudget ? [outcome.model] : [],
  )
}
