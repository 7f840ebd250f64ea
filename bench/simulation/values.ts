// Draws a column's values for one pane: as values, and (ten times as fast) as what they add to a pane's vector.
//
// A row is one number of 32 bits. Its upper 14 bits name one of 16,384 equal parts of the distribution, whose middle is the value:
// then bin and sum come from a table. In the outermost parts all 32 bits count, so that tails have no end. Both ways of drawing
// give the same rows, bit by bit; a test holds them together.

import { normalQuantile, normalUpperTail } from '../../src/statistics/special/normal.ts'
import { contributeInputs } from '../../src/summaries/contribute.ts'
import { standardise } from '../../src/summaries/cross-moments.ts'
import type { ColumnCells, InputLayout } from '../../src/summaries/layout.ts'
import type { Population } from './columns.ts'
import { nextBits, randomState, uniformOf } from './random.ts'

const PART_BITS = 14
const PARTS = 2 ** PART_BITS
/** Parts at each end in which values are drawn exactly. */
const TAIL_PARTS = 16

/** z of the middle of each part, and the part in which a z lies: a shift is one addition and two look-ups. */
const zOfPart = Float64Array.from({ length: PARTS }, (_, part) => normalQuantile((part + 0.5) / PARTS))
const Z_RANGE = 8
const Z_STEPS = 4_096
const partOfZ = Uint16Array.from({ length: 2 * Z_RANGE * Z_STEPS }, (_, cell) =>
  Math.min(PARTS - 1, Math.floor(PARTS * normalUpperTail(Z_RANGE - (cell + 0.5) / Z_STEPS))),
)

/** A draw of a column's values: which rows, and how far the column has moved. */
export interface Draw {
  readonly rows: number
  readonly seed: number
  /** In standard deviations of the normal scale; 0 = where it stands. */
  readonly shift: number
}

function isTail(part: number): boolean {
  return part < TAIL_PARTS || part >= PARTS - TAIL_PARTS
}

const middles = new WeakMap<Population, readonly (number | string)[]>()

/** The value in the middle of each part. */
function middlesOf(population: Population): readonly (number | string)[] {
  let values = middles.get(population)
  if (values === undefined) {
    values = Array.from({ length: PARTS }, (_, part) => population.draw((part + 0.5) / PARTS))
    middles.set(population, values)
  }
  return values
}

/** The value of a row in one of the outermost parts. */
function tailValue(population: Population, bits: number, shift: number): number | string {
  return population.draw(shift === 0 ? uniformOf(bits) : shifted(uniformOf(bits), shift))
}

function movedPart(part: number, shift: number): number {
  if (shift === 0) return part
  return partOfZ[(((zOfPart[part] as number) + shift + Z_RANGE) * Z_STEPS) | 0] as number
}

function shifted(u: number, shift: number): number {
  const moved = normalUpperTail(-normalQuantile(u) - shift)
  return Math.min(1 - 2 ** -33, Math.max(2 ** -33, moved))
}

/** The values of a draw; null where a row has none. */
export function drawValues(population: Population, { rows, seed, shift }: Draw): (number | string | null)[] {
  const state = randomState(seed)
  const missingBelow = population.missing * 2 ** 32
  const middle = middlesOf(population)
  return Array.from({ length: rows }, () => {
    const bits = nextBits(state)
    if (missingBelow > 0 && nextBits(state) >>> 0 < missingBelow) return null
    const part = bits >>> (32 - PART_BITS)
    return isTail(part) ? tailValue(population, bits, shift) : (middle[movedPart(part, shift)] as number | string)
  })
}

/** What each part of a population adds to a pane: the cell that counts it, and the sum beside it. */
export interface Contributions {
  readonly population: Population
  readonly cells: ColumnCells
  readonly countCell: Int32Array
  readonly quanta: Float64Array
  /** What each part is in the row that columns which are watched together make; the row's place is `cells.moment`. */
  readonly together: Int16Array
  /** What one value adds, for values that no table can hold. */
  readonly exactly: (value: number | string) => { countCell: number; quanta: number; together: number }
}

/**
 * @param cells the column's cells in the pane's layout
 * @param size cells of a whole pane
 */
export function tabulate(population: Population, cells: ColumnCells, size: number): Contributions {
  const exactly = contributionOf(cells, size)
  const countCell = new Int32Array(PARTS)
  const quanta = new Float64Array(PARTS)
  const together = new Int16Array(PARTS)
  const values = middlesOf(population)
  for (let part = 0; part < PARTS; part++) {
    const one = exactly(values[part] as number | string)
    countCell[part] = one.countCell
    quanta[part] = one.quanta
    together[part] = one.together
  }
  return { population, cells, countCell, quanta, together, exactly }
}

/** Asks the product: one row with one value is counted into an empty summary, of which only this column is used. */
function contributionOf(cells: ColumnCells, size: number): Contributions['exactly'] {
  const layout: InputLayout = {
    size,
    rows: 0,
    columns: [cells],
    touched: new Int32Array(1),
    estimation: null,
    moments: null,
  }
  const summary = new Float64Array(size)
  const { name } = cells.column
  return (value) => {
    contributeInputs(layout, summary, { features: { [name]: value }, score: value as number, prediction: value })
    let bin = 0
    while (bin < cells.bins && summary[cells.counts + bin] === 0) bin++
    const countCell = cells.counts + bin
    summary[countCell] = 0
    if (cells.kind !== 'numeric') return { countCell, quanta: 0, together: 0 }
    const quanta = summary[cells.sums + bin] as number
    summary[cells.sums + bin] = 0
    const distance = (value as number) - cells.column.center
    return { countCell, quanta, together: standardise(distance, cells.momentScale) }
  }
}

/** Rows of columns that are watched together, one after the other, `width` values each. */
export interface TogetherRows {
  readonly values: Int16Array
  readonly width: number
}

/**
 * Adds a draw to a pane, each row `weight` times, and writes its values into the rows that are watched together.
 *
 * @param firstRow of the pane among those rows
 */
export function addDraw(
  pane: Float64Array,
  contributions: Contributions,
  draw: Draw,
  { weight, rows: joint, firstRow }: { weight: number; rows: TogetherRows; firstRow: number },
): void {
  const { population, cells, countCell, quanta, together, exactly } = contributions
  const { rows, seed, shift } = draw
  const state = randomState(seed)
  const missingBelow = population.missing * 2 ** 32
  const isNumeric = cells.kind === 'numeric'
  const toSum = isNumeric ? cells.sums - cells.counts : 0
  const { values, width } = joint
  const isJoint = isNumeric && cells.moment >= 0
  let at = isJoint ? firstRow * width + cells.moment : 0
  for (let row = 0; row < rows; row++, at += width) {
    const bits = nextBits(state)
    if (missingBelow > 0 && nextBits(state) >>> 0 < missingBelow) {
      pane[cells.missing] = (pane[cells.missing] as number) + weight
      continue
    }
    const part = bits >>> (32 - PART_BITS)
    let cell: number
    let sum: number
    let standard: number
    if (isTail(part)) {
      const one = exactly(tailValue(population, bits, shift))
      cell = one.countCell
      sum = one.quanta
      standard = one.together
    } else {
      const moved = movedPart(part, shift)
      cell = countCell[moved] as number
      sum = quanta[moved] as number
      standard = together[moved] as number
    }
    pane[cell] = (pane[cell] as number) + weight
    if (toSum > 0) pane[cell + toSum] = (pane[cell + toSum] as number) + weight * sum
    if (isJoint) values[at] = standard
  }
}
