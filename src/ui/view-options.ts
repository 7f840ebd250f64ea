/** What the address says to the view that it leads to. */
export interface ViewOptions {
  /** Values of the pattern's `:names`. */
  readonly parameters: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
}
