// How one model's events are read as numbers: classes by index, the score of the positive class.

import { className } from '../events/class-name.ts'
import type { OutcomeValue, PredictionEvent } from '../events/event.ts'
import { labelSet } from '../summaries/label-set.ts'
import type { LeafFinder } from '../summaries/leaf.ts'
import { leafOf } from '../summaries/leaf.ts'
import type { Task } from '../summaries/schema.ts'

/** One row of the reference period, with its label if that is known. */
export interface ReferenceRow {
  readonly event: PredictionEvent
  readonly label: OutcomeValue | null
}

export interface Reading {
  /** Probability of the positive class; null for other tasks and where the event has none. */
  score(event: PredictionEvent): number | null
  /** Class index, regression value or set of labels; NaN where the event has none or the class is unknown. */
  prediction(event: PredictionEvent): number
  /** What losses and estimates need beside the prediction: [score], a probability per class, or [leaf] of a regression's loss tree. */
  outputs(event: PredictionEvent): Float64Array
  /** The same of a label; NaN when the model has no such class. */
  label(label: OutcomeValue): number
  /** What the column `prediction` holds: the decision, or how many labels were given. */
  column(event: PredictionEvent): string | number | null
}

const none = new Float64Array(0)

/** @param leaves where a regression's errors are estimated: the leaves of its loss tree */
export function createReading(task: Task, classes: readonly string[], leaves: LeafFinder | null = null): Reading {
  if (task === 'regression') {
    const numeric = (value: OutcomeValue | null) =>
      typeof value === 'string' ? Number(value) : typeof value === 'number' ? value : Number.NaN
    return {
      score: () => null,
      prediction: (event) => numeric(event.prediction),
      outputs: ({ features, prediction }) =>
        leaves === null ? none : Float64Array.of(leafOf(leaves, { features, score: null, prediction })),
      label: numeric,
      column: ({ prediction }) => single(prediction),
    }
  }
  const indexOf = new Map(classes.map((name, index) => [name, index]))
  if (task === 'multilabel') return multilabelReading(indexOf)
  const index = (value: OutcomeValue | null) =>
    value === null || typeof value === 'object'
      ? Number.NaN
      : (indexOf.get(typeof value === 'string' ? value : className(value)) ?? Number.NaN)
  const positive = classes[1] ?? ''
  const score = (event: PredictionEvent) =>
    task === 'binary' ? (event.score ?? event.probabilities?.[positive] ?? null) : null
  return {
    score,
    prediction: (event) => index(event.prediction),
    outputs(event) {
      if (task === 'binary') {
        const value = score(event)
        return value === null ? none : Float64Array.of(value)
      }
      const { probabilities } = event
      return probabilities === null ? none : Float64Array.from(classes, (name) => probabilities[name] ?? Number.NaN)
    },
    label: index,
    column: ({ prediction }) => single(prediction),
  }
}

function multilabelReading(indexOf: ReadonlyMap<string, number>): Reading {
  const set = (value: OutcomeValue | null) =>
    value === null
      ? Number.NaN
      : labelSet((typeof value === 'object' ? value : [className(value)]).map((name) => indexOf.get(name)))
  return {
    score: () => null,
    prediction: (event) => set(event.prediction),
    outputs: () => none,
    label: set,
    column: ({ prediction }) => (prediction === null ? null : typeof prediction === 'object' ? prediction.length : 1),
  }
}

function single(value: OutcomeValue | null): string | number | null {
  return typeof value === 'object' ? null : value
}
