// Learns from the rows of the reference how outcomes are to be counted: the bins of scores and errors, the classes with cells.

import { interiorEdges, quantileEdges } from '../summaries/bins.ts'
import type { OutcomeSchema, Task } from '../summaries/schema.ts'
import { calibrationEdges } from './calibration-edges.ts'
import { centreAndSpread } from './columns.ts'
import type { Reading, ReferenceRow } from './reading.ts'

/** Half of a score histogram's levels come from all scores, half from those of positive rows, so that rare positives are resolved. */
const SCORE_LEVELS = 128
/** One of these histograms per class: at most 63 bins. */
const CLASS_SCORE_LEVELS = 32
/** Classes with a row and a column of their own in the confusion; the most frequent ones. */
const OWN_CLASSES_MAX = 50
const ERROR_LEVELS = 128
/** Beside the reference's quantiles, errors from 2⁻¹² to 64 spreads are resolved by powers of 2, in so many steps to each. */
const ERROR_STEPS = 2
const ERROR_STEPS_UNLABELLED = 8

interface Question {
  readonly task: Task
  readonly classes: readonly string[]
  readonly reading: Reading
}

export function learnOutcome(rows: readonly ReferenceRow[], question: Question): OutcomeSchema {
  switch (question.task) {
    case 'binary':
      return learnBinary(rows, question)
    case 'multiclass':
      return learnMulticlass(rows, question)
    case 'multilabel':
      return { task: 'multilabel', classes: question.classes }
    case 'regression':
      return learnRegression(rows, question.reading)
  }
}

function learnBinary(rows: readonly ReferenceRow[], { classes, reading }: Question): OutcomeSchema {
  const all: number[] = []
  const positives: number[] = []
  for (const { event, label } of rows) {
    const score = reading.score(event)
    if (score === null) continue
    all.push(score)
    if (label !== null && reading.label(label) === 1) positives.push(score)
  }
  const edges = new Set<number>(all.length > 0 ? calibrationEdges : [])
  for (const scores of [all, positives]) {
    if (scores.length > 0) for (const edge of quantileEdges(sorted(scores), SCORE_LEVELS)) edges.add(edge)
  }
  return {
    task: 'binary',
    classes: [classes[0] as string, classes[1] as string],
    scoreEdges: sorted([...edges]),
  }
}

function learnMulticlass(rows: readonly ReferenceRow[], { classes, reading }: Question): OutcomeSchema {
  const frequencies = new Float64Array(classes.length)
  const scores = classes.map(() => ({ all: [] as number[], positives: [] as number[] }))
  for (const { event, label } of rows) {
    const truth = label === null ? Number.NaN : reading.label(label)
    const frequent = Number.isNaN(truth) ? reading.prediction(event) : truth
    if (!Number.isNaN(frequent)) frequencies[frequent] = (frequencies[frequent] as number) + 1
    for (const [index, probability] of reading.outputs(event).entries()) {
      if (Number.isNaN(probability)) continue
      scores[index]?.all.push(probability)
      if (index === truth) scores[index]?.positives.push(probability)
    }
  }
  const own = classes
    .map((_, index) => index)
    .sort((a, b) => (frequencies[b] as number) - (frequencies[a] as number) || a - b)
    .slice(0, OWN_CLASSES_MAX)
    .sort((a, b) => a - b)
  const isScored = scores.some(({ all }) => all.length > 0)
  return { task: 'multiclass', classes, own, scoreEdges: isScored ? own.map((index) => classEdges(scores[index])) : [] }
}

function classEdges(scores: { readonly all: number[]; readonly positives: number[] } | undefined): Float64Array {
  const edges = new Set<number>()
  for (const values of [scores?.all ?? [], scores?.positives ?? []]) {
    if (values.length > 0) for (const edge of interiorEdges(sorted(values), CLASS_SCORE_LEVELS)) edges.add(edge)
  }
  return sorted([...edges])
}

function learnRegression(rows: readonly ReferenceRow[], reading: Reading): OutcomeSchema {
  const labels: number[] = []
  const errors: number[] = []
  for (const { event, label } of rows) {
    const prediction = reading.prediction(event)
    const truth = label === null ? prediction : reading.label(label)
    if (!Number.isFinite(truth)) continue
    labels.push(truth)
    if (label !== null && Number.isFinite(prediction)) errors.push(Math.abs(prediction - truth))
  }
  const { centre, spread } = centreAndSpread(Float64Array.from(labels))
  return { task: 'regression', center: centre, spread, errorEdges: errorEdges(errors.map((error) => error / spread)) }
}

function errorEdges(errors: number[]): Float64Array {
  const edges = new Set<number>(errors.length > 0 ? quantileEdges(sorted(errors), ERROR_LEVELS) : [0])
  const steps = errors.length > 0 ? ERROR_STEPS : ERROR_STEPS_UNLABELLED
  for (let step = -12 * steps; step <= 6 * steps; step++) edges.add(2 ** (step / steps))
  return sorted([...edges])
}

function sorted(values: readonly number[]): Float64Array {
  return Float64Array.from(values).sort()
}
