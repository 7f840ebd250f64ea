/** The numbers of a chart, as text. */
export interface Table {
  readonly columns: readonly string[]
  readonly rows: ReadonlyArray<readonly string[]>
}
