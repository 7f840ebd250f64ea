// What is known of each column before the first event is counted; frozen with the reference.

export type Task = 'binary' | 'multiclass' | 'multilabel' | 'regression'

/** Whether a column is an input of the model or its output (prediction drift is drift of an output column). */
export type Role = 'feature' | 'prediction'

export interface NumericColumn {
  readonly kind: 'numeric'
  readonly role: Role
  readonly name: string
  /**
   * Ascending inner edges; bins are right-closed. The first edge lies just below the reference's minimum and the last is its
   * maximum, so that the first bin counts values below the reference's range and the last bin values above it.
   */
  readonly edges: Float64Array
  /** Subtracted from a value before it is summed; a whole multiple of `quantum`. */
  readonly center: number
  /** Sums are kept in whole multiples of this (a power of two, at most 2⁻¹⁶ of `spread`). */
  readonly quantum: number
  /** Standard deviation of the reference, floored so that it is never 0. */
  readonly spread: number
  /** There where a preset of another tool judges the column. */
  readonly facts?: PresetFacts
}

/** What presets of other tools need to know of a column's values in the reference. */
export interface PresetFacts {
  /** Different values, and how many of them occur once. */
  readonly distinct: number
  readonly single: number
  /** The different values when there are at most 20. */
  readonly few: readonly number[] | null
  /** Bins that Doane's rule makes. */
  readonly doaneBins: number
}

export interface CategoricalColumn {
  readonly kind: 'categorical'
  readonly role: Role
  readonly name: string
  /** Frequent categories of the reference, most frequent first; each has a cell of its own. */
  readonly categories: readonly string[]
  /** Categories the reference has seen but that share the cell OTHER. */
  readonly others: readonly string[]
}

/** Vectors of one length. */
export interface EmbeddingColumn {
  readonly kind: 'embedding'
  readonly role: Role
  readonly name: string
  /** Entries of a vector. */
  readonly dimension: number
  /** Subtracted from a vector before it is summed: the reference's mean, in whole multiples of `quantum`. */
  readonly center: Float64Array
  readonly quantum: number
  /** Centres of the reference's clusters, one after another. */
  readonly clusters: Float64Array
  /** Ascending inner edges of the distance to the nearest cluster's centre. */
  readonly edges: Float64Array
  /** Mean distance of the reference's vectors to their centre, and mean squared distance. */
  readonly meanDistance: number
  readonly variance: number
  /** Directions of equal spread that the vectors have in effect. */
  readonly degrees: number
}

export type Column = NumericColumn | CategoricalColumn | EmbeddingColumn

/** How outcomes (labelled predictions) are summarised. */
export type OutcomeSchema =
  | {
      readonly task: 'binary'
      /** [negative class, positive class] */
      readonly classes: readonly [string, string]
      /** Ascending inner edges of the score histograms kept per class. */
      readonly scoreEdges: Float64Array
    }
  | {
      readonly task: 'multiclass'
      readonly classes: readonly string[]
      /** Indices of the classes with cells of their own, ascending; the others share OTHER. */
      readonly own: readonly number[]
      /** For each of `own`, ascending inner edges of its score histograms; none when the reference has no probabilities. */
      readonly scoreEdges: readonly Float64Array[]
    }
  | { readonly task: 'multilabel'; readonly classes: readonly string[] }
  | {
      readonly task: 'regression'
      readonly center: number
      /** Standard deviation of the reference's labels (or predictions while it has no labels). */
      readonly spread: number
      /** Ascending inner edges of the histogram of absolute errors, in units of the spread. */
      readonly errorEdges: Float64Array
    }
