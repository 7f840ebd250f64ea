// A set of labels as one whole number: label i is the i-th bit. So an entry of the join holds it like any other label.

/** Labels that fit into a number without loss. */
export const LABELS_MAX = 50

const HALF = 2 ** 25

/** The set of these labels; NaN when one of them is unknown. */
export function labelSet(indices: readonly (number | undefined)[]): number {
  let set = 0
  for (const index of indices) set += index === undefined ? Number.NaN : 2 ** index
  return set
}

/** Whether the set has the label. */
export function hasLabel(set: number, index: number): boolean {
  const half = index < 25 ? set % HALF : Math.floor(set / HALF)
  return ((half >>> (index < 25 ? index : index - 25)) & 1) === 1
}
