// Has a column's distribution moved? Features, and the model's own output (prediction drift).

import type { ColumnTest, Distances, PreparedColumn } from '../reference/comparison.ts'
import { compareColumn } from '../reference/comparison.ts'
import { driftTest, noiseKey } from '../reference/noise.ts'
import type { WindowSpec } from '../windows/window.ts'
import { usualFloors } from './floors.ts'
import { judge, noiseOf, weigh } from './policy.ts'
import { judgeByPreset } from './preset.ts'
import type { Subject } from './subject.ts'
import { tooFewValues, windowNoise } from './subject.ts'
import type { TestIdentity, Verdict } from './verdict.ts'

/** What is judged, and how the distances compare. They are bias-corrected. */
const scales = { psi: 0.1, wasserstein: 0.1, tvd: 0.1 } as const
type Method = keyof typeof scales
/** A PSI from here on is beyond doubt: persistence is not awaited. */
const SEVERE_PSI = 0.5

/**
 * How a column's rate is shared by its tests. Most changes move the middle, and the test of it has a single degree of freedom:
 * it finds what the others miss.
 */
const testShares: Readonly<Record<ColumnTest, number>> = {
  shift: 0.4,
  spread: 0.2,
  coarse: 0.2,
  fine: 0.2,
  shares: 1,
  whole: 0,
}

/** One verdict per column: the distance that is largest against its floor, with the p-value of the tests. */
export function judgeDrift(subject: Subject, spec: WindowSpec, inputs: Float64Array): Verdict[] {
  return subject.columns.flatMap((column) =>
    column.cells.kind === 'embedding'
      ? []
      : [judgeByPreset(subject, spec, column, inputs) ?? judgeColumn(subject, spec, column, inputs)],
  )
}

function judgeColumn(subject: Subject, spec: WindowSpec, column: PreparedColumn, inputs: Float64Array): Verdict {
  const monitor = driftTest(column.cells.column)
  const identity = { monitor, kind: 'drift', feature: column.cells.column.name } as const
  const learnt = windowNoise(subject, spec)
  const calibrated = learnt?.calibrated === true
  const obstacle = tooFewValues(subject, spec, column.cells, inputs)
  if (obstacle !== null) return tooFew({ ...identity, metric: 'psi' }, obstacle, calibrated)

  // Windows of the reference may have been too small for a test of every bin.
  const noise = (test: ColumnTest) =>
    noiseOf(learnt, noiseKey(monitor, test), noiseKey(monitor, test === 'fine' ? 'coarse' : test))
  const comparison = compareColumn(column, inputs)
  const tests = comparison.tests.map(({ name, statistic, degrees }) => {
    return { statistic, degrees, share: testShares[name], noise: noise(name) }
  })
  const evidence = weigh(tests, spec, subject.budget.rate('drift', spec))
  const distances = correct(comparison.distances(), {
    whole: noise('whole').designEffect,
    shift: column.cells.kind === 'numeric' ? noise('shift').designEffect : 1,
  })
  const { method, distance } = worst(distances, column.cells.kind === 'numeric' ? 'numeric' : 'categorical')
  const { value, least, low, high } = distance
  const floor = driftFloor(subject, column.cells.column.name)
  const severe = distances.psi.value >= SEVERE_PSI
  return {
    ...identity,
    ...judge(evidence, { size: value / floor, least: least / floor, severe }),
    metric: method,
    value,
    threshold: floor,
    effect: value,
    pValue: evidence.pValue,
    low,
    high,
    reference: null,
    calibrated,
    methods: Object.fromEntries(
      Object.entries(distances).map(([name, one]) => [name, typeof one === 'number' ? one : one.value]),
    ),
  }
}

/** The distance of a column from which on its drift matters. */
export function driftFloor({ settings }: Subject, column: string): number {
  const { drift, driftOf } = settings.floors ?? usualFloors
  return driftOf[column] ?? drift
}

/** A distance without what chance makes of it. */
interface Distance {
  readonly value: number
  /** One standard error under the value: what it is at least, in all likelihood. */
  readonly least: number
  /** 95 % interval. */
  readonly low: number
  readonly high: number
}

/** Jensen-Shannon is shown beside the distances that are judged. */
type Corrected = Readonly<{ psi: Distance; js: number } & Partial<Record<'tvd' | 'wasserstein', Distance>>>

/**
 * Takes out of each distance what chance alone would make of it at these sizes, floors it at 0, and says how well it is known.
 *
 * With h = 1/n + 1/M, n and M shrunk by the design effect (of the whole column; of its shift for W1), and B cells: PSI/h and
 * 8 ln2·JSD/h follow a non-central χ² with B−1 degrees of freedom, so (B−1)h is taken out of PSI, and the variance is
 * 2(B−1)h² + 4h·PSI. W1 of roughly normal data is
 * 1.3√h by chance, TVD about √((B−1)h/2π); they lose it in squares, for beside a true distance chance adds little. Their standard
 * errors are √h (in standard deviations) and √h/2.
 */
function correct(raw: Distances, designEffects: { whole: number; shift: number }): Corrected {
  const inverse = 1 / raw.currentRows + 1 / raw.referenceRows
  const h = designEffects.whole * inverse
  const freedom = Math.max(0, raw.cells - 1)
  const psi = without(raw.psi, freedom * h, (psi) => Math.sqrt(2 * freedom * h * h + 4 * h * psi))
  const scale = h / (8 * Math.LN2)
  const js = Math.sqrt(Math.max(0, raw.divergence - freedom * scale))
  if (raw.wasserstein !== null) {
    const ofShift = designEffects.shift * inverse
    return { psi, js, wasserstein: withoutInSquares(raw.wasserstein, 1.3 ** 2 * ofShift, Math.sqrt(ofShift)) }
  }
  return { psi, js, tvd: withoutInSquares(raw.totalVariation, (freedom * h) / (2 * Math.PI), Math.sqrt(h) / 2) }
}

function without(raw: number, chance: number, standardError: (value: number) => number): Distance {
  const value = Math.max(0, raw - chance)
  return around(value, standardError(value))
}

function withoutInSquares(raw: number, chance: number, standardError: number): Distance {
  return around(Math.sqrt(Math.max(0, raw * raw - chance)), standardError)
}

function around(value: number, standardError: number): Distance {
  const atLeast = (errors: number) => Math.max(0, value - errors * standardError)
  return { value, least: atLeast(1), low: atLeast(1.96), high: value + 1.96 * standardError }
}

/** The distance that is most surely the largest: PSI or W1 for numbers, TVD for categories. */
function worst(distances: Corrected, kind: 'numeric' | 'categorical'): { method: Method; distance: Distance } {
  const methods: readonly Method[] = kind === 'numeric' ? ['psi', 'wasserstein'] : ['tvd']
  let best: { method: Method; distance: Distance } | undefined
  for (const method of methods) {
    const distance = distances[method]
    if (distance === undefined) continue
    const strength = (of: Distance, by: Method) => [of.least / scales[by], of.value / scales[by]] as const
    if (best !== undefined) {
      const [least, value] = strength(distance, method)
      const [bestLeast, bestValue] = strength(best.distance, best.method)
      if (least < bestLeast || (least === bestLeast && value <= bestValue)) continue
    }
    best = { method, distance }
  }
  return best as NonNullable<typeof best>
}

/** A verdict that says why there is none. */
export function tooFew(identity: TestIdentity, reason: string, calibrated: boolean): Verdict {
  return {
    ...identity,
    status: 'insufficient',
    value: null,
    reference: null,
    low: null,
    high: null,
    reason,
    calibrated,
  }
}
