// Tables of plain text, for where there are no pictures.

const CELL_MAX = 40

/** Rows as lines, with their columns under each other in a font of fixed width. */
export function aligned(rows: ReadonlyArray<readonly string[]>): string[] {
  const cells = rows.map((row) =>
    row.map((cell) => (cell.length > CELL_MAX ? `${cell.slice(0, CELL_MAX - 1)}…` : cell)),
  )
  const widths: number[] = []
  for (const row of cells) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length)
  return cells.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
