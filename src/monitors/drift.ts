// Has a column's distribution moved? Features, and the model's own output (prediction drift).

import type { Distances, PreparedColumn } from '../reference/comparison.ts'
import { measureDistances, rowsWithValue, testColumn } from '../reference/comparison.ts'
import { driftTest, noiseKey } from '../reference/noise.ts'
import type { WindowSpec } from '../windows/window.ts'
import type { Judgement } from './policy.ts'
import { judge, noiseOf, strongest, weigh } from './policy.ts'
import type { Subject } from './subject.ts'
import { windowNoise } from './subject.ts'
import type { TestIdentity, Verdict } from './verdict.ts'

/** Distances are bias-corrected; from here on they matter. */
const floors = { psi: 0.1, wasserstein: 0.1, js: 0.1, tvd: 0.1 } as const
type Method = keyof typeof floors
/** A PSI from here on is beyond doubt: persistence is not awaited. */
const SEVERE_PSI = 0.5

/** One verdict per column: the distance that is largest against its floor, with the p-value of the χ² tests. */
export function judgeDrift(subject: Subject, spec: WindowSpec, inputs: Float64Array): Verdict[] {
  return subject.columns.map((column) => judgeColumn(subject, spec, column, inputs))
}

function judgeColumn(subject: Subject, spec: WindowSpec, column: PreparedColumn, inputs: Float64Array): Verdict {
  const { reference, settings, level } = subject
  const test = driftTest(column.cells.column)
  const identity = { monitor: test, kind: 'drift', feature: column.cells.column.name } as const
  const noise = windowNoise(subject, spec)
  const { calibrated, designEffect } = noiseOf(noise, test)
  const rows = rowsWithValue(column.cells, inputs)
  const needed = Math.ceil(settings.minSamples)
  if (rows < needed)
    return tooFew({ ...identity, metric: 'psi' }, `${rows} rows with a value, ${needed} needed`, calibrated)

  const tests = testColumn(column, reference.inputs, inputs)
  const evidence = strongest(
    tests.map((raw, i) => weigh({ ...raw, level: level / tests.length, noise: noiseOf(noise, noiseKey(test, i)) })),
  )
  const distances = correct(measureDistances(column, reference.inputs, inputs), designEffect)
  const { method, value, strength } = worst(distances, column.cells.kind)
  const judgement: Judgement = judge(evidence, strength)
  return {
    ...identity,
    ...judgement,
    metric: method,
    value,
    threshold: floors[method],
    effect: value,
    pValue: evidence.pValue,
    low: null,
    high: null,
    reference: null,
    calibrated,
    severe: judgement.status === 'alarm' && distances.psi >= SEVERE_PSI,
    methods: distances,
  }
}

type Corrected = { readonly psi: number; readonly js: number; readonly tvd?: number; readonly wasserstein?: number }

/**
 * Takes out of each distance what chance alone would make of it at these sizes, and floors it at 0.
 *
 * PSI: (B−1)(1/n+1/M); JS divergence: an eighth of that, in nats; W1 of roughly normal data: 1.3·√(1/n+1/M); TVD of B
 * cells: about √((B−1)(1/n+1/M)/(2π)). All with n and M shrunk by the design effect. (research: statistics 1.3)
 */
function correct(raw: Distances, designEffect: number): Corrected {
  const inverse = designEffect * (1 / raw.currentRows + 1 / raw.referenceRows)
  const freedom = Math.max(0, raw.cells - 1)
  const psi = Math.max(0, raw.psi - freedom * inverse)
  const js = Math.sqrt(Math.max(0, raw.divergence - (freedom * inverse) / (8 * Math.LN2)))
  if (raw.wasserstein !== null) return { psi, js, wasserstein: Math.max(0, raw.wasserstein - 1.3 * Math.sqrt(inverse)) }
  return { psi, js, tvd: Math.max(0, raw.totalVariation - Math.sqrt((freedom * inverse) / (2 * Math.PI))) }
}

/** The distance that is largest against its floor: PSI or W1 for numbers, JS or TVD for categories. */
function worst(
  distances: Corrected,
  kind: 'numeric' | 'categorical',
): { method: Method; value: number; strength: number } {
  const methods: readonly Method[] = kind === 'numeric' ? ['psi', 'wasserstein'] : ['js', 'tvd']
  let best: { method: Method; value: number; strength: number } | undefined
  for (const method of methods) {
    const value = distances[method] ?? 0
    const strength = value / floors[method]
    if (best === undefined || strength > best.strength) best = { method, value, strength }
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
