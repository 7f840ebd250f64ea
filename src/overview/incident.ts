// One incident as a person is shown it: what happened in the words of the messages, the evidence with its numbers, likely causes, one
// time line of all that was done and told, and what can be done now.

import type { Course, Distribution } from '../delivery/charts/chart.ts'
import { compose, nameOf, worstOfEach } from '../delivery/message.ts'
import { evidenceText, metricName, pValueText } from '../delivery/wording.ts'
import type { Person } from '../handling/deeds.ts'
import type { HandlingState } from '../handling/state.ts'
import type { Evidence, Incident, Silence, Transition } from '../incidents/incident.ts'
import type { WindowResult } from '../monitors/window-result.ts'
import type { RetrainingRequest } from '../retraining/request.ts'
import { causeText } from '../retraining/request.ts'
import type { DeliveryView } from '../store/views.ts'
import type { Instant } from '../time.ts'
import { formatInstant } from '../time.ts'
import type { MixOfWindow } from './feature-mix.ts'
import type { Cause } from './incident-causes.ts'
import { causesOf } from './incident-causes.ts'
import type { DeedFacts, DeedName, DeedOffer } from './incident-deeds.ts'
import { deedsOf, primaryOf } from './incident-deeds.ts'
import type { IncidentSegment } from './incident-segments.ts'
import { segmentsOfIncident } from './incident-segments.ts'
import type { TimeLineEntry, TimeLineFacts } from './incident-time-line.ts'
import { timeLine } from './incident-time-line.ts'
import type { LossSplit } from './loss-split.ts'
import type { SegmentsView } from './segments.ts'

export interface IncidentFacts extends Omit<TimeLineFacts, 'id'>, Pick<DeedFacts, 'rule'> {
  readonly incident: Incident
  readonly state: HandlingState
  readonly related: readonly Incident[]
  /** Event time up to which what goes on of its model has lasted, where that is far behind the clock; undefined: now. */
  readonly present: Instant | undefined
  readonly window: WindowResult | undefined
  readonly split: LossSplit | undefined
  readonly mix: MixOfWindow | undefined
  /** Its worst window, by each column that tells segments apart. */
  readonly segments: readonly SegmentsView[]
  readonly course: Course | undefined
  readonly distribution: (Distribution & { readonly kind: 'numeric' | 'categorical' }) | undefined
  /** Why nobody is told of it now; null when people are. */
  readonly quiet: string | null
}

export interface EvidenceView {
  readonly monitor: string
  readonly feature: string | null
  readonly metric: string
  /** The metric's name in words. */
  readonly name: string
  readonly text: string
  readonly value: number
  readonly reference: number | null
  readonly threshold: number | null
  readonly low: number | null
  readonly high: number | null
  readonly pValue: number | null
  /** `p = 3e-7`; null where there is none. */
  readonly p: string | null
  readonly window: string
  readonly end: string
  readonly samples: number
  readonly labelled: number
  readonly calibrated: boolean
}

export interface RunView {
  readonly id: string
  readonly target: string
  readonly state: RetrainingRequest['state']
  readonly because: string
  readonly cause: string
  readonly since: string
  readonly gates: ReadonlyArray<{
    readonly gate: string
    readonly passes: boolean
    readonly because: string
    readonly until: string | null
  }>
  readonly approvedBy: string | null
  readonly run: { readonly id: string | null; readonly link: string | null; readonly status: string } | null
  readonly verification: string | null
}

export interface IncidentOverview {
  readonly id: string
  readonly model: string
  readonly version: string
  /** Model and version as people call them. */
  readonly name: string
  /** What does not come any more, and the models that wait for it; null where that is not what it is about. */
  readonly silence: Pick<Silence, 'of' | 'source' | 'models'> | null
  readonly kind: Incident['kind']
  readonly severity: Incident['severity']
  readonly state: Incident['state']
  readonly title: string
  readonly paragraphs: readonly string[]
  readonly features: readonly string[]
  readonly since: string
  /** When it entered its state. */
  readonly at: string
  /** Up to when it has lasted: its end, or of what goes on in a stream that is far behind the clock the end of its newest rows; null: now. */
  readonly until: string | null
  readonly care: {
    readonly acknowledgedBy: string | null
    readonly acknowledgedAt: string | null
    readonly assignee: string | null
    readonly snoozedUntil: string | null
    readonly snoozedBy: string | null
    readonly calledIn: readonly string[]
    readonly quiet: string | null
  }
  readonly evidence: readonly EvidenceView[]
  readonly causes: readonly Cause[]
  readonly segments: readonly IncidentSegment[]
  readonly course: CourseView | null
  readonly distribution: DistributionView | null
  readonly timeLine: readonly TimeLineEntry[]
  readonly deliveries: ReadonlyArray<
    Omit<DeliveryView, 'queuedAt' | 'endedAt'> & { readonly queuedAt: string; readonly endedAt: string | null }
  >
  readonly deeds: readonly DeedOffer[]
  readonly primary: DeedName | null
  /** Newest first. */
  readonly retraining: readonly RunView[]
}

type DistributionView = Omit<Distribution, 'end' | 'bars'> & {
  readonly end: string
  readonly kind: 'numeric' | 'categorical'
  readonly bars: ReadonlyArray<Distribution['bars'][number] & { readonly psi: number }>
}

type CourseView = Omit<Course, 'points' | 'since' | 'until'> & {
  readonly since: string
  readonly until: string | null
  readonly points: ReadonlyArray<Omit<Course['points'][number], 'end'> & { readonly end: string }>
}

/** @param refusalOf why the caller may not do what needs a role; null when they may */
export function incidentOverview(
  facts: IncidentFacts,
  now: Instant,
  refusalOf: (role: Person['role']) => string | null,
): IncidentOverview {
  const { incident, state, quiet, requests, course, distribution, deliveries } = facts
  const { id, model, version, kind, severity, features, since, at, silence } = incident
  const { title, paragraphs } = compose(lastSaid(facts), { publicUrl: null })
  const deedFacts = {
    ...{ incident, state, rule: facts.rule, known: knownBy(deliveries) },
    requests: requests.map(({ request }) => request),
  }
  const deeds = deedsOf(deedFacts, refusalOf)
  return {
    ...{
      id,
      model,
      version,
      name: nameOf(incident),
      kind,
      severity,
      state: incident.state,
      title,
      paragraphs,
      features,
    },
    ...{ since: formatInstant(since), at: formatInstant(at), until: lastedUntil(incident, facts.present) },
    silence: silence === undefined ? null : { of: silence.of, source: silence.source, models: silence.models },
    care: {
      acknowledgedBy: state.acknowledgedBy,
      acknowledgedAt: instantOrNull(state.acknowledgedAt),
      assignee: state.assignee,
      snoozedUntil: instantOrNull(state.snoozedUntil),
      snoozedBy: state.snoozedBy,
      calledIn: Object.keys(state.escalated),
      quiet: incident.state === 'resolved' ? null : quiet,
    },
    evidence: worstOfEach(incident.evidence).map(evidenceView),
    causes: causesOf(facts),
    segments: segmentsOfIncident(facts.segments),
    course: course === undefined ? null : courseView(course),
    distribution: distribution === undefined ? null : distributionView(distribution),
    timeLine: timeLine({ ...facts, id }, now),
    deliveries: deliveries.map(({ queuedAt, endedAt, ...rest }) => ({
      ...rest,
      queuedAt: formatInstant(queuedAt),
      endedAt: instantOrNull(endedAt),
    })),
    deeds,
    primary: primaryOf(deeds, deedFacts),
    retraining: requests.map(({ request }) => runView(request)),
  }
}

/** Up to when an incident has lasted; null: it goes on until now, as all does that does not come by the clock. */
export function lastedUntil({ state, at, silence }: Incident, present: Instant | undefined): string | null {
  if (state === 'resolved') return formatInstant(at)
  return silence === undefined && present !== undefined ? formatInstant(present) : null
}

/** An incident in one line, as it stands. */
export function incidentTitle(incident: Incident): string {
  return compose(transitionOf(incident, ''), { publicUrl: null }).title
}

function transitionOf(incident: Incident, because: string): Transition {
  const at = Math.max(incident.at, ...incident.evidence.map(({ end }) => end))
  return { incident, change: incident.state === 'resolved' ? 'resolved' : 'firing', because, at }
}

/** The newest transition that said something of where it stands, in the words of its message. */
function lastSaid({ incident, transitions, accepted }: IncidentFacts): Transition {
  const wanted = incident.state === 'resolved' ? ['resolved', 'withdrawn'] : ['pending', 'firing', 'update']
  const because = transitions.findLast(({ change }) => wanted.includes(change))?.because ?? ''
  const isDecided = accepted.some(({ by }) => because.endsWith(` by ${by}`))
  return { ...transitionOf(incident, because), ...(isDecided && { isDecided }) }
}

/** Channels that were told of it, in the order in which they were. */
function knownBy(deliveries: readonly DeliveryView[]): string[] {
  return [...new Set(deliveries.filter(({ state }) => state === 'delivered').map(({ channel }) => channel))]
}

function evidenceView(evidence: Evidence): EvidenceView {
  const {
    monitor,
    feature,
    metric,
    value,
    reference,
    threshold,
    low,
    high,
    pValue,
    window,
    end,
    samples,
    labelled,
    calibrated,
  } = evidence
  return {
    ...{ monitor, feature, metric, name: metricName(metric), text: evidenceText(evidence) },
    ...{ value, reference, threshold, low, high, pValue, p: pValue === null ? null : pValueText(pValue) },
    ...{ window, end: formatInstant(end), samples, labelled, calibrated },
  }
}

function courseView({ points, since, until, ...rest }: Course): CourseView {
  return {
    ...rest,
    since: formatInstant(since),
    until: instantOrNull(until),
    points: points.map((point) => ({ ...point, end: formatInstant(point.end) })),
  }
}

/** Each bar with its part of the PSI; half a row is added to every bar, so that an empty one has a finite weight. */
function distributionView({ end, bars, rows, ...rest }: NonNullable<IncidentFacts['distribution']>): DistributionView {
  const smoothed = (share: number, of: number) => (share * of + 0.5) / (of + bars.length / 2)
  return {
    ...{ ...rest, rows, end: formatInstant(end) },
    bars: bars.map((bar) => {
      const [p, q] = [smoothed(bar.reference, rows.reference), smoothed(bar.current, rows.current)]
      return { ...bar, psi: (q - p) * Math.log(q / p) }
    }),
  }
}

function runView({
  id,
  target,
  state,
  because,
  cause,
  since,
  gates,
  approval,
  run,
  outcome,
}: RetrainingRequest): RunView {
  return {
    ...{ id, target, state, because, cause: causeText(cause), since: formatInstant(since) },
    gates: gates.map((gate) => ({ ...gate, until: gate.until === null ? null : instantOrNull(gate.until) })),
    approvedBy: approval === null || approval.via === 'delay' ? null : approval.by,
    run: run === null ? null : { id: run.run?.id ?? null, link: run.run?.link ?? null, status: run.status },
    verification: outcome === null ? null : `${outcome.verification.is}: ${outcome.verification.because}`,
  }
}

/** What waits for ever has no time. */
function instantOrNull(at: Instant | null): string | null {
  return at === null || at >= Number.MAX_SAFE_INTEGER ? null : formatInstant(at)
}
