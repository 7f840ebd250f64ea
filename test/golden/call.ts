// What a golden case is, and how a call of one is served.

export interface GoldenCase {
  readonly name: string
  readonly call: string
  readonly args: Readonly<Record<string, unknown>>
  readonly expected: unknown
  readonly tolerance: { readonly rel: number; readonly abs: number }
  /** Facts about the raw data that the call cannot reproduce exactly. */
  readonly truth?: Readonly<Record<string, unknown>>
}

export interface Call {
  /** Answers the case's arguments in the shape of its expected value. */
  readonly run: (args: Arguments) => unknown | Promise<unknown>
  /** Members of the expected value that are served; all of them when left out. */
  readonly members?: readonly string[]
  /** What is wrong with the answer in the light of the case's `truth`; null when nothing is. */
  readonly refute?: (got: unknown, truth: Arguments, slack: number) => string | null
  /** Judges in place of the member by member comparison, where the file's `about` gives a rule of its own; null = agrees. */
  readonly assess?: (got: unknown, expected: Arguments, tolerance: GoldenCase['tolerance']) => string | null
}

/** Reads arguments by name, so that a case that lacks one fails with its name. */
export class Arguments {
  readonly #values: Readonly<Record<string, unknown>>

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values
  }

  has(name: string): boolean {
    return this.#values[name] !== undefined
  }

  get names(): string[] {
    return Object.keys(this.#values)
  }

  number(name: string): number {
    const value = numberOf(this.#values[name])
    if (value === undefined) throw new TypeError(`the case has no number "${name}"`)
    return value
  }

  flag(name: string): boolean {
    const value = this.#values[name]
    if (typeof value !== 'boolean') throw new TypeError(`the case has no flag "${name}"`)
    return value
  }

  text(name: string): string {
    const value = this.#values[name]
    if (typeof value !== 'string') throw new TypeError(`the case has no text "${name}"`)
    return value
  }

  numbers(name: string): Float64Array {
    return Float64Array.from(this.list(name), (value) => {
      const number = numberOf(value)
      if (number === undefined)
        throw new TypeError(`"${name}" of the case holds ${JSON.stringify(value)}, not a number`)
      return number
    })
  }

  /** Rows of numbers, as the case has them: of any length, with any value. */
  rows(name: string): Float64Array[] {
    return this.list(name).map((row) => {
      if (!Array.isArray(row)) throw new TypeError(`"${name}" of the case holds ${JSON.stringify(row)}, not a row`)
      return Float64Array.from(row, (value) => numberOf(value) ?? Number.NaN)
    })
  }

  list(name: string): readonly unknown[] {
    const value = this.#values[name]
    if (!Array.isArray(value)) throw new TypeError(`the case has no list "${name}"`)
    return value
  }

  within(name: string): Arguments {
    const value = this.#values[name]
    if (typeof value !== 'object' || value === null) throw new TypeError(`the case has no object "${name}"`)
    return new Arguments(value as Record<string, unknown>)
  }
}

const spelled: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
}

/** A number as golden files write it; undefined if it is none. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  return typeof value === 'string' ? spelled[value] : undefined
}
