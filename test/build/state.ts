// Reads what a daemon left behind, by `leeway dump` and by its reference, for comparison with a ledger.

import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { Reference } from '../../src/reference/reference.ts'
import { FIRST_CATEGORY } from '../../src/summaries/layout.ts'
import type { PaneCounts } from './ledger.ts'
import { emptyPane } from './ledger.ts'

export const bin = join(import.meta.dirname, '..', '..', 'bin', 'leeway.js')

export type DumpLine = { type: string } & Record<string, unknown>

export function dump(stateDir: string): DumpLine[] {
  const text = execFileSync(process.execPath, [bin, 'dump', '--state', stateDir], {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  })
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

/** The panes of a dump, read back as plain counts. */
export function panesOf(lines: readonly DumpLine[], reference: Reference): Map<number, PaneCounts> {
  const { inputs, outcomes } = reference.layout
  const column = (name: string) =>
    inputs.columns.find((cells) => cells.column.name === name && cells.column.role === 'feature')
  const [amount, age, job] = [column('amount'), column('age'), column('job')]
  if (
    amount?.kind !== 'numeric' ||
    age?.kind !== 'numeric' ||
    job?.kind !== 'categorical' ||
    outcomes.task !== 'binary'
  )
    throw new Error('not the ledger reference')
  const panes = new Map<number, PaneCounts>()
  for (const line of lines) {
    if (line.type !== 'pane' || line['segment'] !== '') continue
    const start = line['start'] as number
    const cells = line['cells'] as Record<string, number>
    const at = (cell: number) => cells[cell] ?? 0
    const pane = panes.get(start) ?? emptyPane()
    panes.set(start, pane)
    if (line['part'] === 'inputs') {
      pane.predicted = at(0)
      pane.missingAmounts = at(amount.missing) + at(amount.absent)
      for (let bin = 0; bin < age.bins; bin++) {
        pane.ageSum += at(age.counts + bin) * age.column.center + at(age.sums + bin) * age.column.quantum
      }
      for (const [i, name] of job.column.categories.entries()) {
        const count = at(job.counts + FIRST_CATEGORY + i)
        if (count > 0) pane.jobs[name] = count
      }
    } else {
      pane.labelled = at(outcomes.labelled)
      pane.truePositives = at(outcomes.confusion)
      pane.falsePositives = at(outcomes.confusion + 1)
      pane.falseNegatives = at(outcomes.confusion + 2)
      pane.trueNegatives = at(outcomes.confusion + 3)
    }
  }
  return panes
}
