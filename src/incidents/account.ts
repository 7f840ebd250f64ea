// What is told of an incident: the evidence, the features, and the reason why it fires.

import type { Judged } from '../monitors/verdict.ts'
import type { WindowResult } from '../monitors/window-result.ts'
import { ALARM_RUNG, ladderOf } from '../reference/ladder.ts'
import { adjustPValues } from '../statistics/adjust-p-values.ts'
import type { WindowSpec } from '../windows/window.ts'
import type { Evidence, Incident } from './incident.ts'
import type { TestState } from './policy-state.ts'

/** The incident with what is known now. A model that got worse names the features that moved in the same window. */
export function describe(incident: Incident, active: readonly TestState[], result: WindowResult): Incident {
  const features = isOfWholeModel(incident.kind) ? movedFeatures(result) : featuresOf(active)
  return { ...incident, features, evidence: evidenceIn(active) }
}

/** Its features are no part of it, but may explain it. */
export function isOfWholeModel(kind: Incident['kind']): boolean {
  return kind === 'performance' || kind === 'volume'
}

export function featuresOf(tests: readonly TestState[]): string[] {
  return [...new Set(tests.flatMap(({ evidence }) => evidence.feature ?? []))]
}

export function evidenceIn(tests: readonly TestState[]): Evidence[] {
  return tests.map(({ evidence }) => evidence)
}

export function monitorsOf(tests: readonly TestState[]): string[] {
  return tests.map(({ evidence }) => evidence.monitor)
}

/** Of the features that are said to have moved, the share that may be so by chance alone. */
const FALSE_DISCOVERIES = 0.05

/**
 * Features whose distribution moved in this window, worst first: those that alarm or warn, and that stand among all features of
 * the window although so many were looked at. Where a tool's own rule gives no p-value, its word is taken.
 */
function movedFeatures(result: WindowResult): string[] {
  const judged = result.verdicts.filter(
    (verdict): verdict is Judged => verdict.monitor.startsWith('drift/') && verdict.status !== 'insufficient',
  )
  const adjusted = adjustPValues(
    Float64Array.from(judged, ({ pValue }) => Math.min(1, pValue ?? 1)),
    'benjamini-hochberg',
  )
  return judged
    .filter(
      ({ status, pValue }, i) => status !== 'ok' && (pValue === null || (adjusted[i] as number) <= FALSE_DISCOVERIES),
    )
    .sort((a, b) => strengthOf(b) - strengthOf(a))
    .flatMap(({ feature }) => feature ?? [])
}

/** What the tests of an incident say in the window that ends it. */
export function presentEvidence(incident: Incident, result: WindowResult): Evidence[] {
  return incident.evidence.map((evidence) => {
    const now = result.verdicts.find(({ monitor, status }) => monitor === evidence.monitor && status !== 'insufficient')
    return now === undefined || evidence.window !== result.window ? evidence : evidenceOf(result, now as Judged)
  })
}

/** Which rung fired: the first whose run is long enough in one of the active tests. */
export function firingReason(active: readonly TestState[], { end }: WindowResult, spec: WindowSpec): string {
  for (const [rung, { windows, severe }] of ladderOf(spec).entries()) {
    const lasting = active.filter(({ runs }) => (runs[rung] as number) >= windows)
    if (lasting.length === 0) continue
    if (severe) return lasting.some(isAddedUp) ? 'added up from pane to pane' : 'far over the threshold'
    const since = Math.min(...lasting.map((test) => test.since))
    const count = Math.round((end - since) / spec.slideMs) + 1
    const over = `over the threshold for ${count} ${count === 1 ? 'window' : 'windows in a row'}`
    return rung === ALARM_RUNG ? over : `${over}, and more than chance makes last for ${windows}`
  }
  return 'over the threshold'
}

/** Concept drift: its evidence adds up by itself and needs no windows in a row. */
function isAddedUp({ evidence }: TestState): boolean {
  return evidence.errors !== undefined
}

export function evidenceOf(result: WindowResult, verdict: Judged): Evidence {
  const { monitor, kind, feature, metric, value, threshold, reference, low, high, pValue, calibrated } = verdict
  return {
    monitor,
    kind,
    feature,
    metric,
    window: result.window,
    end: result.end,
    value,
    threshold,
    reference,
    low,
    high,
    pValue,
    samples: result.samples,
    labelled: result.labelled,
    calibrated,
    ...(verdict.pair !== undefined && { pair: verdict.pair }),
    ...(verdict.errors !== undefined && { errors: verdict.errors }),
  }
}

/** Orders tests of one kind: PSI where there is one (it compares across columns), otherwise the effect against its threshold. */
export function strengthOf(verdict: Judged): number {
  return (
    verdict.methods?.['psi'] ??
    (verdict.threshold ? Math.abs(verdict.effect / verdict.threshold) : Math.abs(verdict.effect))
  )
}
