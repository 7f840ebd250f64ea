// What every detector asks of its parameters and of the values it is fed.

/** Beyond this, sums and squares of what is fed might be too large for a double. */
export const VALUE_MAX = 1e100

/** A parameter that is a whole number of at least `least`. @throws RangeError naming the function and the parameter */
export function requireWhole(detector: string, parameter: string, value: number, least: number): void {
  if (!(Number.isSafeInteger(value) && value >= least)) {
    throw new RangeError(`${detector}: ${parameter} is ${value}, it must be a whole number of at least ${least}`)
  }
}

/** A parameter above 0 and no larger than a value may be. @throws RangeError naming the function and the parameter */
export function requirePositive(detector: string, parameter: string, value: number): void {
  if (!(value > 0 && value <= VALUE_MAX)) {
    throw new RangeError(`${detector}: ${parameter} is ${value}, it must be above 0 and at most ${VALUE_MAX}`)
  }
}

/** A parameter of 0 or more and no larger than a value may be. @throws RangeError naming the function and the parameter */
export function requireNotNegative(detector: string, parameter: string, value: number): void {
  if (!(value >= 0 && value <= VALUE_MAX)) {
    throw new RangeError(`${detector}: ${parameter} is ${value}, it must be 0 or more and at most ${VALUE_MAX}`)
  }
}

/** The reciprocal of less is too large for a double. */
const INNER_MIN = 1e-300

/** A parameter strictly between 0 and 1. @throws RangeError naming the function and the parameter */
export function requireInnerShare(detector: string, parameter: string, value: number): void {
  if (!(value >= INNER_MIN && value < 1)) {
    throw new RangeError(
      `${detector}: ${parameter} is ${value}, it must lie between 0 and 1, and be no less than ${INNER_MIN}`,
    )
  }
}

/** A parameter from 0 to 1. @throws RangeError naming the function and the parameter */
export function requireShare(detector: string, parameter: string, value: number): void {
  if (!(value >= 0 && value <= 1)) {
    throw new RangeError(`${detector}: ${parameter} is ${value}, it must lie from 0 to 1`)
  }
}

/** One of a stream's values. @throws RangeError naming the function */
export function requireFinite(detector: string, value: number): void {
  if (!(Math.abs(value) <= VALUE_MAX)) {
    throw new RangeError(
      `${detector}: one of the values is ${value}, values must be finite and at most ${VALUE_MAX} in size`,
    )
  }
}

/** An error (1), no error (0), or the share of errors among the rows of one batch. @throws RangeError naming the function */
export function requireError(detector: string, value: number): void {
  if (!(value >= 0 && value <= 1)) {
    throw new RangeError(`${detector}: one of the values is ${value}, values are errors and must lie from 0 to 1`)
  }
}
