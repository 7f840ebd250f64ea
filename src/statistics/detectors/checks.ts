// What every detector asks of its parameters and of the values it is fed.

/** A parameter that is a whole number of at least `least`. @throws RangeError naming the function and the parameter */
export function requireWhole(detector: string, parameter: string, value: number, least: number): void {
  if (!(Number.isInteger(value) && value >= least)) {
    throw new RangeError(`${detector}: ${parameter} is ${value}, it must be a whole number of at least ${least}`)
  }
}

/** A parameter above 0 and finite. @throws RangeError naming the function and the parameter */
export function requirePositive(detector: string, parameter: string, value: number): void {
  if (!(value > 0 && value < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`${detector}: ${parameter} is ${value}, it must be above 0 and finite`)
  }
}

/** A parameter of 0 or more and finite. @throws RangeError naming the function and the parameter */
export function requireNotNegative(detector: string, parameter: string, value: number): void {
  if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`${detector}: ${parameter} is ${value}, it must be 0 or more and finite`)
  }
}

/** A parameter strictly between 0 and 1. @throws RangeError naming the function and the parameter */
export function requireInnerShare(detector: string, parameter: string, value: number): void {
  if (!(value > 0 && value < 1)) {
    throw new RangeError(`${detector}: ${parameter} is ${value}, it must lie between 0 and 1`)
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
  if (!Number.isFinite(value)) throw new RangeError(`${detector}: one of the values is ${value}, values must be finite`)
}

/** An error (1), no error (0), or the share of errors among the rows of one batch. @throws RangeError naming the function */
export function requireError(detector: string, value: number): void {
  if (!(value >= 0 && value <= 1)) {
    throw new RangeError(`${detector}: one of the values is ${value}, values are errors and must lie from 0 to 1`)
  }
}
