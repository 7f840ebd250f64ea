/**
 * The calibration error is told in ten right-closed bins of equal width, as elsewhere; each of these is an edge of the score histograms
 * too, so that it is exact.
 */
export const calibrationEdges: readonly number[] = Array.from({ length: 9 }, (_, i) => (i + 1) / 10)
