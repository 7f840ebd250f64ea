// Classes are compared as text, and the same class must have one text however a producer wrote it.

/**
 * The one text that stands for a class: `1`, `"1"`, `1.0` and `"1.0"` are all `1`, and `true` is `true`.
 *
 * Text is left as it is, but for a fraction of zeros, which table software adds to whole numbers in a column with gaps.
 *
 * @example className('1.0') // '1'
 */
export function className(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value)
  // The look at the last character keeps the expression away from nearly every name.
  return value.charCodeAt(value.length - 1) === zero ? value.replace(zeroFraction, '') : value
}

const zero = '0'.charCodeAt(0)
const zeroFraction = /(?<=^-?\d+)\.0+$/
