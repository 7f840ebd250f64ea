import { normalQuantile } from '../special/normal.ts'

/**
 * Interval of a value between 0 and 1 from its standard error, symmetric on the logit scale so that it stays inside.
 *
 * At 0 or 1 the logit is infinite: the interval is the plain one, clipped.
 */
export function logitInterval(value: number, standardError: number, confidence = 0.95): { low: number; high: number } {
  const z = normalQuantile((1 + confidence) / 2)
  if (value <= 0 || value >= 1) return { low: Math.max(0, value - z * standardError), high: Math.min(1, value + z * standardError) }
  const logit = Math.log(value / (1 - value))
  const half = (z * standardError) / (value * (1 - value))
  return { low: 1 / (1 + Math.exp(half - logit)), high: 1 / (1 + Math.exp(-half - logit)) }
}
