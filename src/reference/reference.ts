// The frozen profile that production is compared with. Never raw rows.

import { hashHex } from '../events/id-hash.ts'
import type { Estimator } from '../summaries/estimator.ts'
import { estimatorOf, plainEstimator } from '../summaries/estimator.ts'
import type { Layout } from '../summaries/layout.ts'
import { createLayout } from '../summaries/layout.ts'
import type { LeafFinder } from '../summaries/leaf.ts'
import { createLeafFinder } from '../summaries/leaf.ts'
import type { Column, OutcomeSchema, Task } from '../summaries/schema.ts'
import type { Instant } from '../time.ts'
import type { ReferenceLosses } from './losses.ts'
import type { Phases } from './phases.ts'
import { plainColumn, plainOutcome, readColumn, readOutcome } from './plain-schema.ts'
import type { JointReference } from './second-moments.ts'
import type { ReferenceSegments } from './segments.ts'

/**
 * How a test's statistic is distributed over windows of the reference period although nothing has changed, beside the χ² that it
 * follows when rows are independent: 1, 1 and 1 there, and more where rows move together.
 */
export interface TestNoise {
  /** Disjoint windows in which the test could be asked. */
  readonly windows: number
  /** Mean of the statistic over its degrees of freedom. */
  readonly designEffect: number
  /** Its variance over that of χ²; the square of the design effect where all that is tested is as noisy, more where some of it is. */
  readonly varianceEffect: number
  /** Its skewness over that of χ². */
  readonly skewEffect: number
  /** Degrees of freedom of the design effect that was found: how well it is known. Of the one that is used: `noise-support.ts`. */
  readonly support: number
  /** Correlation of what is tested with itself a window later, 0 to 1: whether something wanders slowly. */
  readonly correlation: number
  /** By rung of the ladder (`ladder.ts`), the largest that statistic over degrees of freedom got in all windows of a run. */
  readonly largest: readonly number[]
}

/** What windows of one size look like in the reference period, each left out of what it was compared with. */
export interface WindowNoise {
  /** Disjoint windows that fit into the reference period. */
  readonly windows: number
  /** Whether there were enough of them to learn the noise. */
  readonly calibrated: boolean
  /** By test: `drift/income#shift`, `prediction-drift/score#coarse`, `performance/roc_auc`, `quality/missing/income`. */
  readonly tests: Readonly<Record<string, TestNoise>>
  /**
   * Rows per window: mean, and the variance about what is usual (at the same hours, where the reference knows hours) over that (at
   * least 1); null when the reference has no times.
   */
  readonly volume: { readonly mean: number; readonly overdispersion: number } | null
}

export interface Reference {
  /** Hash of the content: equal references have equal ids. */
  readonly id: string
  /** Hash of what decides into which cell a row counts: panes of references that agree in it can be added. */
  readonly cells: string
  readonly model: string
  readonly task: Task
  /** Class names by index; empty for a regression. Binary: negative, positive. */
  readonly classes: readonly string[]
  /** Where it came from, for people: `file reference.csv.gz` or `first 7d of the stream`. */
  readonly source: string
  readonly rows: number
  readonly labelled: number
  readonly from: Instant
  readonly to: Instant
  readonly columns: readonly Column[]
  /** Columns that are not monitored, and why. */
  readonly ignored: ReadonlyArray<{ readonly name: string; readonly because: string }>
  /** Numeric features that are watched together; null when none are. */
  readonly joint: JointReference | null
  readonly outcome: OutcomeSchema
  /** How performance is estimated without labels; null = not at all. */
  readonly estimator: Estimator | null
  readonly layout: Layout
  /** Summaries of all its rows. */
  readonly inputs: Float64Array
  readonly outcomes: Float64Array
  /** By window name. */
  readonly noise: Readonly<Record<string, WindowNoise>>
  /** Thresholds that presets of other tools have learnt, by window name and test (`drift/income`). */
  readonly presetThresholds?: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** What windows are compared with, by the hour; left out where it is the whole reference. */
  readonly phases?: Phases
  /** What it says of segments; left out where they were not asked for. */
  readonly segments?: ReferenceSegments
  /** What its labelled rows lose by where features lie; left out where that is not known. No part of what `id` and `cells` are made of. */
  readonly losses?: ReferenceLosses
  /**
   * Windows that start before hold rows of an earlier normal, and are not judged by it; left out: all are. `outcomes` is null where
   * performance is that of an earlier reference, which judges windows of any time.
   */
  readonly judgesFrom?: { readonly inputs: Instant; readonly outcomes: Instant | null }
}

export type ReferenceContent = Omit<Reference, 'id' | 'cells' | 'layout'>

/** Gives a reference its layout and the hashes of its content. */
export function freeze(content: ReferenceContent): Reference {
  const plain = toPlain(content)
  const { columns, outcome, estimator, joint } = plain
  return {
    ...content,
    id: hashHex(JSON.stringify(plain)),
    cells: hashHex(JSON.stringify({ columns, outcome, estimator, crossed: joint?.features ?? [] })),
    layout: createLayout(content.columns, content.outcome, {
      estimator: content.estimator,
      crossed: content.joint?.features ?? [],
    }),
  }
}

/**
 * Hash of how rows are counted: the reference may take the place of any other that agrees in it, and go on with its panes. Unlike
 * `cells` it does not change with what is only read off the cells: a binary model's chances, the losses of a tree's leaves.
 */
export function countingOf({ columns, outcome, estimator, joint }: ReferenceContent): string {
  const plain = toPlainCounting({ columns, outcome, estimator })
  return hashHex(JSON.stringify({ ...plain, crossed: joint?.features ?? [] }))
}

function toPlainCounting({ columns, outcome, estimator }: Pick<ReferenceContent, 'columns' | 'outcome' | 'estimator'>) {
  return {
    columns: columns.map(plainColumn),
    outcome: plainOutcome(outcome),
    estimator: estimator && countingEstimator(estimator),
  }
}

function countingEstimator(estimator: Estimator) {
  switch (estimator.task) {
    case 'binary':
      return estimator.task
    case 'multiclass':
      return plainEstimator(estimator)
    case 'regression':
      return estimator.tree.forks
  }
}

/** The leaves of a regression's loss tree; null for other tasks, and where nothing is estimated. */
export function leavesOf({ estimator, layout }: Pick<Reference, 'estimator' | 'layout'>): LeafFinder | null {
  return estimator?.task === 'regression' ? createLeafFinder(estimator.tree, layout.inputs.columns) : null
}

/** A reference as JSON: what `leeway reference build` writes and `reference: {profile: …}` reads. */
export function serialise(reference: Reference): string {
  const { id, cells: _, layout: __, losses, ...content } = reference
  return JSON.stringify({
    format: 'leeway-reference/v1',
    id,
    ...toPlain(content),
    ...(losses !== undefined && { losses, lossesSeal: sealOf(id, losses) }),
  })
}

/** The id says nothing of losses, so that references with and without them are the same. */
function sealOf(id: string, losses: ReferenceLosses): string {
  return hashHex(JSON.stringify({ id, losses }))
}

/** @throws Error when the text is not a reference, or its content does not match its id */
export function deserialise(text: string): Reference {
  const { format, id, losses, lossesSeal, ...plain } = JSON.parse(text)
  if (format !== 'leeway-reference/v1') {
    throw new Error(
      `not a reference profile: its format is ${JSON.stringify(format)}, "leeway-reference/v1" is expected; build one with: leeway reference build`,
    )
  }
  const reference = freeze({ ...fromPlain(plain), ...(losses !== undefined && { losses }) })
  if (reference.id !== id)
    throw new Error(
      `the reference profile says it is ${id}, but its content is ${reference.id}: it was changed by hand; build it again`,
    )
  if (losses !== undefined && sealOf(id, losses) !== lossesSeal)
    throw new Error(
      `the losses by feature in the reference profile ${id} do not match their seal: it was changed by hand; build it again`,
    )
  return reference
}

function toPlain({ phases, segments, losses: _, ...content }: ReferenceContent) {
  return {
    ...content,
    columns: content.columns.map(plainColumn),
    outcome: plainOutcome(content.outcome),
    estimator: content.estimator && plainEstimator(content.estimator),
    inputs: sparse(content.inputs),
    outcomes: sparse(content.outcomes),
    ...(phases !== undefined && { phases: phases.map(({ hours, inputs }) => ({ hours, inputs: sparse(inputs) })) }),
    ...(segments !== undefined && { segments: { ...segments, parts: mapped(segments.parts, sparse) } }),
  }
}

function fromPlain({ phases, segments, ...plain }: ReturnType<typeof toPlain>): ReferenceContent {
  return {
    ...plain,
    columns: plain.columns.map(readColumn),
    outcome: readOutcome(plain.outcome),
    estimator: plain.estimator && estimatorOf(plain.estimator),
    inputs: dense(plain.inputs),
    outcomes: dense(plain.outcomes),
    ...(phases !== undefined && { phases: phases.map(({ hours, inputs }) => ({ hours, inputs: dense(inputs) })) }),
    ...(segments !== undefined && { segments: { ...segments, parts: mapped(segments.parts, dense) } }),
  }
}

/** Both summaries of each part, in another form. */
function mapped<From, To>(
  parts: Readonly<Record<string, { readonly inputs: From; readonly outcomes: From }>>,
  form: (summary: From) => To,
): Record<string, { readonly inputs: To; readonly outcomes: To }> {
  const entries = Object.entries(parts)
  return Object.fromEntries(
    entries.map(([name, { inputs, outcomes }]) => [name, { inputs: form(inputs), outcomes: form(outcomes) }]),
  )
}

/** [size, cell, value, cell, value, …] of the cells that are not 0. */
function sparse(summary: Float64Array): number[] {
  const out = [summary.length]
  for (let i = 0; i < summary.length; i++) if (summary[i] !== 0) out.push(i, summary[i] as number)
  return out
}

function dense([size = 0, ...pairs]: number[]): Float64Array {
  const summary = new Float64Array(size)
  for (let i = 0; i < pairs.length; i += 2) summary[pairs[i] as number] = pairs[i + 1] as number
  return summary
}
