export function lossOrNull<T extends { readonly count: number }>(loss: T): T | null {
  return loss.count === 0 ? null : loss
}
