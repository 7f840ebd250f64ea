// What a model's configuration says about its metrics beside their names.

/** What each decision costs: by the true class, then by the predicted one; what is not named costs nothing. A gain is below 0. */
export type CostMatrix = Readonly<Record<string, Readonly<Record<string, number>>>>

export interface MetricOptions {
  /** Multiclass and ranking: how many of the first count. */
  readonly top: number
  /** Binary: the share of rows with the highest scores that lift and gain look at. */
  readonly topShare: number
  /** Regression: the quantiles whose pinball loss is told. */
  readonly quantiles: readonly number[]
  readonly cost: CostMatrix | null
}

export const usualMetricOptions: MetricOptions = { top: 3, topShare: 0.1, quantiles: [], cost: null }
