import { UndefinedStatisticError } from '../../undefined-statistic.ts'
import type { ColumnValue } from '../values.ts'
import type { NannymlKind, NannymlMethod } from './methods.ts'
import { NANNYML_CHI2_LEVEL, nannymlThreshold } from './methods.ts'
import type { ChunkDrift } from './univariate.ts'
import { fitNannyml } from './univariate.ts'

export interface Alerts {
  /** One per chunk; null where a chunk has no value. */
  readonly values: readonly (number | null)[]
  /** Null for χ², which alerts by its p-value. */
  readonly upperThreshold: number | null
  readonly alerts: readonly boolean[]
}

/** How many chunks NannyML makes when it is told nothing. */
const DEFAULT_CHUNKS = 10

/**
 * NannyML's verdict on the chunks of a column, with the default threshold learnt from the reference's own chunks.
 *
 * @param column.rowsPerChunk whole number of at least 1; a remainder is a chunk of its own; left out: a tenth of the rows of each
 * @throws RangeError if a column has no row, or as `fitNannyml`
 * @see NannyML 0.13.1, UnivariateDriftCalculator
 */
export function nannymlAlerts(
  method: NannymlMethod,
  column: {
    readonly type: NannymlKind
    readonly reference: readonly ColumnValue[]
    readonly current: readonly ColumnValue[]
    readonly rowsPerChunk?: number | undefined
  },
): Alerts {
  const { reference, current, rowsPerChunk } = column
  if (rowsPerChunk !== undefined && !(Number.isInteger(rowsPerChunk) && rowsPerChunk >= 1)) {
    throw new RangeError(`nannymlAlerts: rowsPerChunk is ${rowsPerChunk}, it must be a whole number of at least 1`)
  }
  for (const [side, { length }] of Object.entries({ reference, current })) {
    if (length === 0) throw new RangeError(`nannymlAlerts: ${side} has no row`)
  }
  const measure = fitNannyml(method, column)
  const measured = (rows: readonly ColumnValue[]) =>
    chunksOf(rows, rowsPerChunk).map((chunk) => measuredOrNone(measure, chunk))
  const upperThreshold = nannymlThreshold(
    method,
    measured(reference).map((drift) => drift?.value ?? null),
  )
  const drifts = measured(current)
  return {
    values: drifts.map((drift) => drift?.value ?? null),
    upperThreshold,
    alerts: drifts.map((drift) => drift !== null && alerts(drift, upperThreshold)),
  }
}

function alerts({ value, pValue }: ChunkDrift, upperThreshold: number | null): boolean {
  if (pValue !== null) return pValue < NANNYML_CHI2_LEVEL
  return upperThreshold !== null && value > upperThreshold
}

function measuredOrNone(
  measure: (chunk: readonly ColumnValue[]) => ChunkDrift,
  chunk: readonly ColumnValue[],
): ChunkDrift | null {
  try {
    return measure(chunk)
  } catch (error) {
    if (error instanceof UndefinedStatisticError) return null
    throw error
  }
}

function chunksOf(rows: readonly ColumnValue[], rowsPerChunk: number | undefined): (readonly ColumnValue[])[] {
  const size = rowsPerChunk ?? Math.floor(rows.length / DEFAULT_CHUNKS)
  if (size < 1) {
    throw new RangeError(
      `nannymlAlerts: reference and current need ${DEFAULT_CHUNKS} rows or more without rowsPerChunk`,
    )
  }
  const chunks: (readonly ColumnValue[])[] = []
  for (let first = 0; first < rows.length; first += size) chunks.push(rows.slice(first, first + size))
  return chunks
}
