// Columns as other tools take them: raw values, of which some are missing.

/** One cell of a column. */
export type ColumnValue = string | number | boolean | null

/** Rows per category of two columns, in the same order of categories. */
export interface CategoryCounts {
  readonly categories: readonly (string | number)[]
  readonly reference: Float64Array
  readonly current: Float64Array
}

/** The numbers of a column that are neither missing nor NaN, infinities kept. @throws RangeError if it holds something else */
export function numbersOf(name: string, values: readonly ColumnValue[]): Float64Array {
  const numbers: number[] = []
  for (const value of values) {
    if (value === null) continue
    const number = typeof value === 'boolean' ? Number(value) : value
    if (typeof number !== 'number') throw new RangeError(`${name} holds ${JSON.stringify(value)}, it must hold numbers`)
    if (!Number.isNaN(number)) numbers.push(number)
  }
  return Float64Array.from(numbers)
}

/** Whether every row of a column holds a whole number: tools then treat it as integers. */
export function isWhole(values: readonly ColumnValue[]): boolean {
  return values.every((value) => Number.isInteger(value))
}

/** The values of a column that are not missing, as categories; true and false are 1 and 0. */
export function categoriesOf(values: readonly ColumnValue[]): (string | number)[] {
  const present: (string | number)[] = []
  for (const value of values) {
    const category = typeof value === 'boolean' ? Number(value) : value
    if (category !== null && !Number.isNaN(category)) present.push(category)
  }
  return present
}

/** Counts two columns of categories over all that occur in either. */
export function countCategories(
  reference: Iterable<string | number>,
  current: Iterable<string | number>,
): CategoryCounts {
  const counts = new Map<string | number, [number, number]>()
  for (const [side, values] of [reference, current].entries()) {
    for (const category of values) {
      const pair = counts.get(category) ?? [0, 0]
      pair[side] = (pair[side] as number) + 1
      counts.set(category, pair)
    }
  }
  return {
    categories: [...counts.keys()],
    reference: Float64Array.from(counts.values(), ([count]) => count),
    current: Float64Array.from(counts.values(), ([, count]) => count),
  }
}
