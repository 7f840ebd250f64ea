/** The spread of a metric over as many resamples of rows, each drawn with replacement. */
export function bootstrap(options: {
  readonly rows: number
  readonly resamples: number
  readonly random: () => number
  readonly metric: (rows: readonly number[]) => number
}): number {
  const { rows, resamples, random, metric } = options
  const values = Array.from({ length: resamples }, () =>
    metric(Array.from({ length: rows }, () => Math.floor(random() * rows))),
  )
  const mean = values.reduce((sum, value) => sum + value, 0) / resamples
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (resamples - 1))
}
