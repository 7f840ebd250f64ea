// What is kept of the labelled rows of a multilabel model.

import { hasLabel } from '../label-set.ts'
import type { OutcomeSchema } from '../schema.ts'
import type { Outcome, Take } from './cells.ts'
import { bump } from './cells.ts'

type MultilabelSchema = Extract<OutcomeSchema, { task: 'multilabel' }>

/** What is summed over rows; h = labels given and true, p = labels given, t = labels true. */
export const multilabelSums = ['rows', 'h', 'p', 't', 'h²', 'p²', 't²', 'hp', 'ht', 'pt', 'exact'] as const

export interface MultilabelCells {
  readonly task: 'multilabel'
  readonly schema: MultilabelSchema
  /** First of the `multilabelSums`, in their order. */
  readonly sums: number
  /** First of three per label: true positives, false positives, false negatives. */
  readonly labels: number
}

export function multilabelCells(schema: MultilabelSchema, take: Take): MultilabelCells {
  return { task: 'multilabel', schema, sums: take(multilabelSums.length), labels: take(3 * schema.classes.length) }
}

export function contributeMultilabel(
  cells: MultilabelCells,
  summary: Float64Array,
  { prediction, label }: Outcome,
  sign: 1 | -1,
): void {
  if (Number.isNaN(prediction)) return
  const { sums, labels, schema } = cells
  const count = schema.classes.length
  let [h, p, t] = [0, 0, 0]
  for (let index = 0; index < count; index++) {
    const given = hasLabel(prediction, index)
    const isTrue = hasLabel(label, index)
    if (!given && !isTrue) continue
    if (given) p++
    if (isTrue) t++
    if (given && isTrue) h++
    bump(summary, labels + 3 * index + (given ? (isTrue ? 0 : 1) : 2), sign)
  }
  bump(summary, sums, sign)
  bump(summary, sums + 1, sign * h)
  bump(summary, sums + 2, sign * p)
  bump(summary, sums + 3, sign * t)
  bump(summary, sums + 4, sign * h * h)
  bump(summary, sums + 5, sign * p * p)
  bump(summary, sums + 6, sign * t * t)
  bump(summary, sums + 7, sign * h * p)
  bump(summary, sums + 8, sign * h * t)
  bump(summary, sums + 9, sign * p * t)
  if (prediction === label) bump(summary, sums + 10, sign)
}
