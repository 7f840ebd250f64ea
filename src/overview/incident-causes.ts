// What may have caused an incident, most telling first: bad data explains more than it is explained by, so it stands first; then what
// performance itself says of why it changed; then inputs that moved, by what that is expected to do to the loss, or, where the
// reference does not know what its rows lose, by how far.

import type { Distribution } from '../delivery/charts/chart.ts'
import { evidenceText, percent, plainNumber } from '../delivery/wording.ts'
import type { Evidence, Incident, Silence } from '../incidents/incident.ts'
import type { Judged, Verdict } from '../monitors/verdict.ts'
import type { WindowResult } from '../monitors/window-result.ts'
import type { FeatureMix } from '../reference/losses.ts'
import type { MixOfWindow } from './feature-mix.ts'
import type { LossSplit } from './loss-split.ts'

export interface Cause {
  /** `incident`: another one of the same model; `data quality`, `volume`, `drift`: of the same window; `rows`, `truth`: parts of a loss; `where`: the part of a feature that moved. */
  readonly kind: 'incident' | 'data quality' | 'volume' | 'rows' | 'truth' | 'drift' | 'where'
  /** With its numbers. */
  readonly text: string
  readonly feature: string | null
  readonly incident: string | null
  /** How many times as large as what alarms; of a part of a loss its share of the change, which may be negative; null where neither is known. */
  readonly weight: number | null
}

export interface CauseFacts {
  readonly incident: Incident
  /** Others of the same model that were active with it. */
  readonly related: readonly Incident[]
  /** The window that its worst evidence is of. */
  readonly window: WindowResult | undefined
  readonly split: LossSplit | undefined
  /** What the mix of each feature is expected to do in that window. */
  readonly mix: MixOfWindow | undefined
  readonly distribution: Distribution | undefined
}

/** Causes that are shown of one kind. */
const OF_A_KIND = 5

export function causesOf(facts: CauseFacts): Cause[] {
  const { incident, window } = facts
  const related = incident.kind === 'quality' ? [] : facts.related.filter(({ kind }) => explains.has(kind))
  // What an incident of its own tells is not told again, but for inputs that moved: that incident is no cause, they may be.
  const known = [incident, ...facts.related.filter(({ kind }) => kind !== 'drift')]
  const told = new Set(known.flatMap(({ evidence }) => evidence.map(({ monitor }) => monitor)))
  const others = (window === undefined ? [] : judged(window.verdicts)).filter(
    ({ monitor, kind }) => !told.has(monitor) && kind !== incident.kind,
  )
  const moved = others.filter(({ status }) => status !== 'ok')
  const of = (kind: Judged['kind']) =>
    window === undefined ? [] : inOrder(moved, kind).map((one) => shown(one, window))
  const isOfTruth = incident.kind === 'performance' || incident.kind === 'estimated'
  return [
    ...related.map(relatedCause),
    ...of('quality'),
    ...of('volume'),
    ...(isOfTruth ? [...partsOf(facts.split), ...inputsOf(facts, others)] : []),
    ...(isOfTruth || facts.distribution === undefined ? [] : whereOf(facts.distribution)),
  ]
}

/** Kinds of incidents that others follow from. */
const explains: ReadonlySet<string> = new Set(['quality', 'no_data', 'volume', 'stale_labels'])

function judged(verdicts: readonly Verdict[]): Judged[] {
  return verdicts.filter((verdict): verdict is Judged => verdict.status !== 'insufficient')
}

/** What the model puts out is what is to be explained, and explains nothing. */
function sorted(verdicts: readonly Judged[], kind: Judged['kind']): Judged[] {
  return verdicts
    .filter((one) => one.kind === kind && !one.monitor.startsWith('prediction-drift/'))
    .sort((a, b) => (timesThreshold(b) ?? 0) - (timesThreshold(a) ?? 0))
}

function inOrder(verdicts: readonly Judged[], kind: Judged['kind']): Judged[] {
  return sorted(verdicts, kind).slice(0, OF_A_KIND)
}

/** Inputs that moved, by what that is expected to do to the loss. One that hardly moved may do much. */
function inputsOf({ window, mix, split }: CauseFacts, verdicts: readonly Judged[]): Cause[] {
  if (window === undefined) return []
  const effectOf = ({ feature }: Judged) => (feature === null ? undefined : mix?.features.get(feature))
  const candidates = verdicts.filter((one) => one.status !== 'ok' || tells(effectOf(one), mix))
  // Sorting is stable: what has no effect, none that is known, or one that may be chance, stays by how far it moved.
  const ranked = sorted(candidates, 'drift').sort((a, b) => sureOf(effectOf(b)) - sureOf(effectOf(a)))
  return ranked.slice(0, OF_A_KIND).map((one): Cause => {
    const cause = shown(one, window)
    const effect = effectOf(one)
    return mix === undefined || effect === undefined
      ? cause
      : { ...cause, text: `${cause.text}; ${effectText(effect, mix, split)}` }
  })
}

/** A 95 % interval reaches so many standard errors to each side. */
const ERRORS_OF_INTERVAL = 1.96

/** The size that an effect has at least; 0 where it may be none. What has moved far lies where few rows tell what it costs. */
function sureOf(effect: FeatureMix | undefined): number {
  if (effect === undefined) return 0
  return Math.max(0, Math.abs(effect.change) - ERRORS_OF_INTERVAL * effect.standardError)
}

/** An effect that is neither chance nor small is told of what hardly moved, too. */
const ERRORS_TOLD = 3
const SHARE_TOLD = 0.05

function tells(effect: FeatureMix | undefined, mix: MixOfWindow | undefined): boolean {
  if (effect === undefined || mix === undefined) return false
  const { change, standardError } = effect
  return Math.abs(change) >= Math.max(ERRORS_TOLD * standardError, SHARE_TOLD * mix.reference)
}

/** `by its mix alone log loss is expected to change by +0.012 ± 0.002, about 92 % of its rise by 0.013` */
function effectText(
  { change, standardError }: FeatureMix,
  { loss, reference }: MixOfWindow,
  split: LossSplit | undefined,
): string {
  const expected = `by its mix alone ${loss} is expected to change by ${signed(change)} ± ${plainNumber(ERRORS_OF_INTERVAL * standardError)}`
  const rise = split !== undefined && split.loss === loss ? split.current - split.reference : 0
  return rise > 0 && change > 0 && change <= rise
    ? `${expected}, about ${percent(change / rise)} of its rise by ${plainNumber(rise)}`
    : `${expected} (${plainNumber(reference)} in the reference)`
}

/** How far over its threshold; of a p-value, and where a threshold is 0, nothing is known. */
function timesThreshold({ value, threshold, pValue, kind }: Judged): number | null {
  if (threshold === null || threshold === 0 || value === pValue) return null
  return kind === 'volume' ? threshold / Math.max(value, 1) : value / threshold
}

const causeKinds = { quality: 'data quality', volume: 'volume', drift: 'drift' } as const

function shown(verdict: Judged, { window, end, samples, labelled }: WindowResult): Cause {
  const evidence: Evidence = { ...verdict, window, end, samples, labelled }
  return {
    kind: causeKinds[verdict.kind as keyof typeof causeKinds],
    text: evidenceText(evidence),
    feature: verdict.feature,
    incident: null,
    weight: timesThreshold(verdict),
  }
}

function relatedCause({ id, kind, evidence, features, silence }: Incident): Cause {
  const [worst] = evidence
  const what = silence === undefined ? kind.replace('_', ' ') : silenceCause(silence)
  return {
    kind: 'incident',
    text: `at the same time: ${worst === undefined ? what : evidenceText(worst)}`,
    feature: features[0] ?? null,
    incident: id,
    weight: null,
  }
}

function silenceCause({ of, source }: Silence): string {
  return of === 'source' ? `the source ${source} cannot be read` : `no ${of}`
}

/** Parts of the change of a loss; a part that is hardly any is not told. */
function partsOf(split: LossSplit | undefined): Cause[] {
  if (split === undefined) return []
  const { loss, among, reference, current, mix, rate } = split
  const change = current - reference
  if (!(change > 0)) return []
  const of = `of the rise of ${loss}, ${plainNumber(reference)} → ${plainNumber(current)}`
  const part = (kind: 'rows' | 'truth', size: number, because: string): Cause => ({
    kind,
    text: `${signed(size)} ${of}: ${because}`,
    feature: null,
    incident: null,
    weight: size / change,
  })
  return [
    part('rows', mix, `there are more rows where the model errs more (other ${among})`),
    part('truth', rate, `rows that look the same to the model turn out otherwise (same ${among})`),
  ]
    .filter(({ weight }) => (weight ?? 0) >= 0.1)
    .sort((a, b) => (b.weight ?? 0) - (a.weight ?? 0))
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${plainNumber(Math.abs(value))}`
}

/** The part of the feature whose share has changed most. */
function whereOf({ feature, bars }: Distribution): Cause[] {
  const [most] = [...bars].sort((a, b) => Math.abs(b.current - b.reference) - Math.abs(a.current - a.reference))
  if (most === undefined || most.current === most.reference) return []
  return [
    {
      kind: 'where',
      text: `${feature}, ${most.label}: ${percent(most.current)} of the rows, ${percent(most.reference)} in the reference`,
      feature,
      incident: null,
      weight: null,
    },
  ]
}
