// What the documentation shows of a command, held against what it prints.

import assert from 'node:assert/strict'

/** Whether lines that a page shows stand in what was printed, in this order; `…` stands for lines that are left out. */
export function assertShown(shown: string, printed: string): void {
  const lines = printed.split('\n').map((line) => line.trimEnd())
  let next = 0
  for (const line of shown
    .trimEnd()
    .split('\n')
    .filter((one) => one.trim() !== '…')) {
    const found = lines.indexOf(line.trimEnd(), next)
    assert.ok(found >= 0, `this is not printed (any more):\n${line}\n\nit is:\n${printed}`)
    next = found + 1
  }
}
