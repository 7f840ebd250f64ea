// What a page of an incident is made of, gathered from the store, the desks and the panes.

import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ChartSource } from '../delivery/charts/illustrate.ts'
import { compose } from '../delivery/message.ts'
import { matches } from '../handling/silence.ts'
import { since, unhandled } from '../handling/state.ts'
import { incidentOverviewRoute } from '../http/incident-routes.ts'
import type { Route } from '../http/route.ts'
import type { Incident } from '../incidents/incident.ts'
import { subjectAt } from '../monitors/subject.ts'
import { stepOf } from '../monitors/watched-segments.ts'
import type { WindowResult } from '../monitors/window-result.ts'
import type { MixOfWindow } from '../overview/feature-mix.ts'
import { mixOfWindow } from '../overview/feature-mix.ts'
import { incidentOverview } from '../overview/incident.ts'
import { requestsAbout } from '../overview/incident-deeds.ts'
import { judgedBy, subjectOf } from '../overview/judged-by.ts'
import type { LossSplit } from '../overview/loss-split.ts'
import { splitLoss } from '../overview/loss-split.ts'
import { sumInTurns } from '../overview/pane-sums.ts'
import type { SegmentsView } from '../overview/segments.ts'
import { segmentsByColumn } from '../overview/segments-by-column.ts'
import type { Pipeline } from '../pipeline.ts'
import type { Store } from '../store/store.ts'
import type { Instant } from '../time.ts'
import { chartSource } from './chart-source.ts'
import type { Fleet } from './fleet.ts'
import type { HandlingParts } from './handling.ts'
import type { TokensInForce } from './http.ts'
import type { RetrainingParts } from './retraining-parts.ts'

export interface IncidentOverviewOptions {
  readonly store: Pick<Store, 'views' | 'handling' | 'retraining' | 'references'>
  readonly pipeline: () => Pick<Pipeline, 'models'>
  readonly handling: Pick<HandlingParts, 'quiet' | 'clock'>
  readonly retraining: Pick<RetrainingParts, 'rules'>
  readonly tokens: Pick<TokensInForce, 'current'>
  readonly fleet: Pick<Fleet, 'present'>
}

/** Requests of a model that are looked through for those about an incident. */
const REQUESTS_MAX = 200

export function incidentOverviewRoutes(options: IncidentOverviewOptions): readonly Route[] {
  const { store, pipeline, handling, retraining, tokens, fleet } = options
  const charts = chartSource(store.views, pipeline)
  return [
    incidentOverviewRoute(
      {
        async overview(id, refusalOf) {
          const found = store.views.incident(id)
          if (found === undefined) return undefined
          const { incident, transitions, deliveries } = found
          const shown = await shownOf(options, charts, incident)
          const present = (await fleet.present())(incident.model)
          const now = handling.clock()
          const state = since(store.handling.state(id) ?? unhandled(id), store.handling.fired(id))
          const requests = requestsAbout(id, store.retraining.list({ model: incident.model, limit: REQUESTS_MAX }))
          const facts = {
            ...{ incident, transitions, deliveries, state, present, ...shown },
            deeds: store.handling.deeds(id),
            quiet: handling.quiet(incident, state, now),
            silences: silencesOf(store, incident, transitions[0]?.at ?? incident.since, deliveries),
            requests: requests.map((request) => ({ request, history: store.retraining.history(request.id) })),
            rule: retraining.rules().get(incident.model) ?? null,
            accepted: store.references.list().filter((one) => one.incident === id),
            related: (incident.relatedTo ?? []).flatMap((one) => store.views.incident(one.id)?.incident ?? []),
          }
          return incidentOverview(facts, now, refusalOf)
        },
      },
      () => tokens.current !== undefined,
    ),
  ]
}

/** What was drawn, and the window that is judged, with what its outcomes say of why. */
async function shownOf({ store, pipeline }: IncidentOverviewOptions, charts: ChartSource, incident: Incident) {
  const message = compose({ incident, change: 'firing', because: '', at: incident.at }, { publicUrl: null })
  const course = await charts.course(message)
  await nextTurn()
  const bars = await charts.distribution(message)
  const distribution = bars && { ...bars, kind: kindOf(pipeline(), incident, bars.feature) }
  const [worst] = incident.evidence
  const { model, version } = incident
  const [window] =
    worst === undefined
      ? []
      : store.views.results({ model, version, window: worst.window, from: worst.end, to: worst.end + 1, limit: 1 })
  await nextTurn()
  return {
    course,
    distribution,
    window,
    split: window === undefined ? undefined : await splitOf(pipeline(), incident, window),
    mix: window === undefined ? undefined : await mixOf(pipeline(), incident, window),
    segments: window === undefined ? [] : await segmentsOf(store, pipeline(), incident, window),
  }
}

function kindOf(
  pipeline: Pick<Pipeline, 'models'>,
  { model, version }: Incident,
  feature: string,
): 'numeric' | 'categorical' {
  const { columns = [] } = modelOf(pipeline, model)?.streams.get(version)?.subject ?? {}
  return columns.find(({ cells }) => cells.column.name === feature)?.cells.kind === 'numeric'
    ? 'numeric'
    : 'categorical'
}

function modelOf(pipeline: Pick<Pipeline, 'models'>, model: string) {
  return pipeline.models().find(({ name }) => name === model)
}

async function splitOf(
  pipeline: Pick<Pipeline, 'models'>,
  { model, version, kind }: Incident,
  { start, end }: WindowResult,
): Promise<LossSplit | undefined> {
  const watched = modelOf(pipeline, model)
  const stream = watched?.streams.get(version)
  if (kind !== 'performance' || watched === undefined || stream === undefined) return undefined
  if (start < stream.outcomes.droppedBefore) return undefined
  const { layout, outcomes } = subjectOf(stream, judgedBy(watched, version, start, 'outcomes')).reference
  return splitLoss(layout.outcomes, outcomes, await sumInTurns(stream.outcomes, start, end))
}

/** What other values of each feature are expected to do; asked where performance is what changed. */
async function mixOf(
  pipeline: Pick<Pipeline, 'models'>,
  { model, version, kind }: Incident,
  { start, end }: WindowResult,
): Promise<MixOfWindow | undefined> {
  const watched = modelOf(pipeline, model)
  const stream = watched?.streams.get(version)
  if ((kind !== 'performance' && kind !== 'estimated') || watched === undefined || stream === undefined)
    return undefined
  const subject = subjectAt(subjectOf(stream, judgedBy(watched, version, start)), start, end)
  return mixOfWindow(subject, stream.inputs, { start, end })
}

/** The worst window by segment, or the last before it that was judged so. */
async function segmentsOf(
  { views }: Pick<Store, 'views'>,
  pipeline: Pick<Pipeline, 'models'>,
  { model, version, kind, evidence: [worst] }: Incident,
  { window, end }: WindowResult,
): Promise<SegmentsView[]> {
  const watched = modelOf(pipeline, model)
  const spec = watched?.options.settings.windows.find(({ name }) => name === window)
  if (kind !== 'performance' || worst === undefined || spec === undefined || watched?.options.segments === undefined)
    return []
  await nextTurn()
  const at = end - (end % stepOf(spec))
  const sequence = { model, version, window, from: at, to: at + 1 }
  const [whole] = views.results({ ...sequence, limit: 1 })
  if (whole === undefined) return []
  return segmentsByColumn(watched, { whole, segments: views.segmentResults(sequence) }, { spec, metric: worst.metric })
}

/** Silences that have held a message of it back, and those that would now. */
function silencesOf(
  { handling }: Pick<Store, 'handling'>,
  incident: Incident,
  from: Instant,
  deliveries: ReadonlyArray<{ readonly state: string; readonly detail: string }>,
) {
  const heldBack = new Set(
    deliveries.flatMap(({ state, detail }) =>
      state === 'suppressed' ? (/^silence (\S+) of /.exec(detail)?.[1] ?? []) : [],
    ),
  )
  return handling
    .silences(from)
    .filter(
      (silence) => heldBack.has(silence.id) || (incident.state !== 'resolved' && matches(silence.matchers, incident)),
    )
}
