// What a model is compared with, and was: every reference that is known of it, whose it is, since when, and why.

import { metricName } from '../delivery/wording.ts'
import type { MetricOptions } from '../reference/metric-options.ts'
import type { Reference } from '../reference/reference.ts'
import type { MadeReference } from '../store/model-references.ts'
import { formatInstant } from '../time.ts'
import type { ColumnComparison, MetricComparison, MetricView } from './reference-comparison.ts'
import { compareColumns, comparePerformance, metricView, performanceOf } from './reference-comparison.ts'

export interface ReferenceFacts {
  readonly model: string
  /** What the configuration names, or what was learnt from the stream; null while it is learnt. */
  readonly configured: Reference | null
  /** What each version is compared with now. */
  readonly versions: ReadonlyArray<{
    readonly version: string
    readonly of: 'version' | 'model' | 'configuration'
    readonly id: string
  }>
  /** Made of production, newest first. */
  readonly made: readonly MadeReference[]
  /** What a reference holds, while its profile is kept. */
  readonly profile: (id: string) => Reference | undefined
  readonly metrics: readonly string[]
  readonly metricOptions: MetricOptions | undefined
}

export interface ReferenceView {
  readonly id: string
  readonly origin: 'configuration' | 'accepted' | 'promoted'
  /** For which version it was made; null: for all without one of their own. */
  readonly version: string | null
  readonly source: string
  readonly rows: number
  readonly labelled: number
  /** Event times of its rows. */
  readonly from: string
  readonly to: string
  /** Versions that are compared with it now. */
  readonly inForceFor: readonly string[]
  /** Since when: it was made, or what had taken its place was taken back; null where it has always been. */
  readonly inForceSince: string | null
  /** Who made it, when, why, and because of which incident; null for the configuration's. */
  readonly made: {
    readonly at: string
    readonly by: string
    readonly note: string
    readonly incident: string | null
    /** What it is made of, and what was taken over from the one before. */
    readonly says: readonly string[]
    readonly before: string
  } | null
  readonly ended: { readonly at: string; readonly by: string; readonly because: string } | null
  /** Whether its profile is kept, so that it can be compared. */
  readonly isKept: boolean
  /** By window: whether its noise was learnt from its own rows; null when the profile is not kept. */
  readonly calibrated: Readonly<Record<string, boolean>> | null
  readonly performance: ReadonlyArray<MetricView & { readonly metric: string; readonly name: string }>
}

export interface ReferencesOverview {
  readonly model: string
  /** True while the configuration's is still being learnt from the stream. */
  readonly isLearning: boolean
  /** The configuration's first, then the newest. */
  readonly references: readonly ReferenceView[]
}

export function referencesOverview(facts: ReferenceFacts): ReferencesOverview {
  const { model, configured, made } = facts
  const own = configured === null ? [] : [configuredView(configured, facts)]
  const isLatest = (one: MadeReference) => made.find(({ id }) => id === one.id) === one
  return {
    model,
    isLearning: configured === null,
    references: [...made.filter(isLatest).map((one) => madeView(one, facts)), ...own],
  }
}

function configuredView(reference: Reference, facts: ReferenceFacts): ReferenceView {
  const { id, source, rows, labelled, from, to } = reference
  return {
    ...{ id, origin: 'configuration', version: null, source, rows, labelled },
    ...{ from: formatInstant(from), to: formatInstant(to), made: null, ended: null },
    ...inForce(id, facts, null),
    ...held(reference, facts),
  }
}

function madeView(one: MadeReference, facts: ReferenceFacts): ReferenceView {
  const { id, kind, version, source, rows, labelled, from, to, at, by, note, incident, says, before, ended } = one
  return {
    ...{ id, origin: kind, version, source, rows, labelled, from: formatInstant(from), to: formatInstant(to) },
    made: { at: formatInstant(at), by, note, incident: incident === '' ? null : incident, says, before },
    ended: ended === null ? null : { ...ended, at: formatInstant(ended.at) },
    ...inForce(id, facts, at),
    ...held(facts.profile(id), facts),
  }
}

/** What took its place and was taken back left it in force anew. */
function inForce(id: string, { versions, made }: ReferenceFacts, since: number | null) {
  const inForceFor = versions.filter((one) => one.id === id).map(({ version }) => version)
  const returned = made.flatMap(({ before, ended }) => (before === id && ended !== null ? [ended.at] : []))
  const newest = Math.max(since ?? Number.NEGATIVE_INFINITY, ...returned)
  return {
    inForceFor,
    inForceSince: inForceFor.length === 0 || !Number.isFinite(newest) ? null : formatInstant(newest),
  }
}

function held(reference: Reference | undefined, { metrics, metricOptions }: ReferenceFacts) {
  if (reference === undefined) return { isKept: false, calibrated: null, performance: [] }
  const windows = Object.entries(reference.noise)
  return {
    isKept: true,
    calibrated: Object.fromEntries(windows.map(([window, { calibrated }]) => [window, calibrated])),
    performance: performanceOf(reference, metrics, metricOptions).map(([metric, measured]) => ({
      ...{ metric, name: metricName(metric) },
      ...metricView(measured),
    })),
  }
}

export interface ReferenceComparison {
  readonly model: string
  readonly first: ReferenceView
  readonly second: ReferenceView
  readonly columns: readonly ColumnComparison[]
  readonly performance: readonly MetricComparison[]
}

/**
 * @param ids left out: the newest reference is the second, and the one before it the first
 * @returns why not, in words, where one of them is not known or kept no longer
 */
export function compareReferences(
  facts: ReferenceFacts,
  ids: { readonly first?: string | undefined; readonly second?: string | undefined },
): ReferenceComparison | string {
  const { references } = referencesOverview(facts)
  const [newest, previous] = references.filter(({ isKept }) => isKept)
  if (references.length < 2)
    return `${facts.model} has ${references.length === 0 ? 'no reference yet' : 'one reference'}: there is nothing to compare`
  const of = (id: string | undefined, otherwise: ReferenceView | undefined) =>
    id === undefined ? otherwise : references.find((one) => one.id === id)
  const [first, second] = [of(ids.first, previous), of(ids.second, newest)]
  if (first === undefined || second === undefined)
    return `${facts.model} has no reference ${(first === undefined ? ids.first : ids.second) ?? 'before the newest whose profile is kept'}`
  const [before, after] = [facts.profile(first.id), facts.profile(second.id)]
  if (before === undefined || after === undefined)
    return `the profile of reference ${before === undefined ? first.id : second.id} is kept no longer: who made it, when, why and of what is known, and no more`
  const measured = (reference: Reference) => performanceOf(reference, facts.metrics, facts.metricOptions)
  return {
    ...{ model: facts.model, first, second },
    columns: compareColumns(before, after),
    performance: comparePerformance(measured(before), measured(after)),
  }
}
