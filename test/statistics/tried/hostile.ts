// Arguments that mostly fit, and now and then do not: what every function of statistics/ is tried with.

import fc from 'fast-check'

/** The arguments of one call. */
export type Tuple = fc.Arbitrary<readonly unknown[]>

export const strange = fc.constantFrom(
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.MAX_VALUE,
  -Number.MAX_VALUE,
  Number.MIN_VALUE,
  1e-300,
  1e300,
  2 ** 53,
  -1,
  -0,
  0.5,
)
export const real = fc.double({ min: -10, max: 10, noNaN: true })
export const anyNumber = fc.double()
/** Mostly what fits, and one time in five what does not. */
export function mostly(fitting: fc.Arbitrary<number>): fc.Arbitrary<number> {
  return fc.oneof(
    { weight: 8, arbitrary: fitting },
    { weight: 1, arbitrary: strange },
    { weight: 1, arbitrary: anyNumber },
  )
}

export const number = mostly(real)
export const positive = mostly(fc.oneof(fc.double({ min: 0, max: 50, noNaN: true }), fc.nat(1000)))
export const share = mostly(fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1)))
export const count = mostly(fc.oneof(fc.nat(20), fc.nat(5000)))
/** Lists of one length, so that lists of a call fit each other; now and then with one strange member. */
export function lists(member: fc.Arbitrary<number>, length: number): fc.Arbitrary<Float64Array> {
  const list = fc.array(member, { minLength: length, maxLength: length })
  return fc.oneof(
    { weight: 4, arbitrary: list.map((values) => Float64Array.from(values)) },
    {
      weight: 1,
      arbitrary: fc.tuple(list, fc.oneof(strange, anyNumber), fc.nat()).map(([values, odd, at]) => {
        if (length > 0) values[at % length] = odd
        return Float64Array.from(values)
      }),
    },
  )
}
export const countValue = fc.oneof(fc.constant(0), fc.nat(9), fc.nat(3000), fc.constantFrom(1e9, 2 ** 52))
export const realValue = fc.oneof(real, fc.integer({ min: -3, max: 3 }), fc.constantFrom(1e-9, 1e12, -1e150, 1e308))

/** Two histograms, usually over the same cells. */
export const histograms = fc.oneof(
  { weight: 9, arbitrary: fc.nat(6).chain((n) => fc.tuple(lists(countValue, n), lists(countValue, n))) },
  { weight: 1, arbitrary: fc.tuple(lists(countValue, 2), lists(countValue, 3)) },
)

export const one = (argument: fc.Arbitrary<unknown>): Tuple => fc.tuple(argument)
export const both = (first: fc.Arbitrary<unknown>, second: fc.Arbitrary<unknown>): Tuple => fc.tuple(first, second)
export const three = (a: fc.Arbitrary<unknown>, b: fc.Arbitrary<unknown>, c: fc.Arbitrary<unknown>): Tuple =>
  fc.tuple(a, b, c)

/** How some functions are used, where calling them is not all: what must hold no NaN and no infinity. */
export type Uses = Readonly<
  Record<string, (call: (...args: readonly unknown[]) => unknown, args: readonly unknown[]) => unknown>
>
