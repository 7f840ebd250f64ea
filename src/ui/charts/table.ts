/** The numbers of a chart, as text. */
export interface Table {
  readonly columns: readonly string[]
  readonly rows: ReadonlyArray<readonly string[]>
}

/** A number for tables: exact enough to go on with; nothing where there is none. */
export function exact(value: number | null | undefined): string {
  return value == null ? '' : String(Number(value.toPrecision(6)))
}
