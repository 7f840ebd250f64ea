/**
 * A statistic that has no value for these data, such as a distance from an empty sample.
 *
 * The arguments are valid, so this is not the caller's mistake: the message is the reason to show in place of a value.
 * Invalid arguments (a negative count, lengths that differ) are plain RangeErrors.
 */
export class UndefinedStatisticError extends RangeError {
  override readonly name = 'UndefinedStatisticError'
}

/** An answer, if a double can hold it. @throws UndefinedStatisticError naming the function */
export function withinDoubles(name: string, value: number): number {
  if (!Number.isFinite(value)) throw new UndefinedStatisticError(`${name}: the result is too large for a double`)
  return value
}
