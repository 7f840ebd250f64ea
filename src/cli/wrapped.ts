// Text for a terminal: what is longer than its lines is broken between words, and goes on as far in as it began.

/**
 * Words in columns: a table, which stands as it is. Cells that fill their columns are two spaces apart; so is, once in its line, what
 * happened from when it did, which may be broken.
 */
const isTable = (line: string) => /\S {3,}\S|\S {2}\S.*\S {2}\S/.test(line)

/** @param columns of the terminal; undefined: it goes into a file, and lines stay whole */
export function wrapped(text: string, columns: number | undefined): string {
  if (columns === undefined || columns < 40) return text
  return text.replace(/[^\n]+/g, (line) => (line.length <= columns || isTable(line) ? line : broken(line, columns)))
}

function broken(line: string, columns: number): string {
  const indent = line.slice(0, line.length - line.trimStart().length)
  const lines = ['']
  for (const word of line.trimStart().split(' ')) {
    const now = lines.at(-1) as string
    if (now === '') lines[lines.length - 1] = indent + word
    else if (now.length + 1 + word.length <= columns) lines[lines.length - 1] = `${now} ${word}`
    else lines.push(indent + word)
  }
  return lines.join('\n')
}
