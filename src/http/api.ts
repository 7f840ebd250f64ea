// The read-only API: models, windows, verdicts, incidents, deliveries, triggers, quarantine.

import { setImmediate as nextTurn } from 'node:timers/promises'
import { jsonLine } from '../delivery/text-safety.ts'
import type { Evidence, Incident } from '../incidents/incident.ts'
import type { WindowResult } from '../monitors/window-result.ts'
import { incidentTitle, lastedUntil } from '../overview/incident.ts'
import type { Views } from '../store/views.ts'
import type { Instant } from '../time.ts'
import { formatInstant } from '../time.ts'
import { auditRoute } from './audit-routes.ts'
import { deedViews, handlingView } from './handling-views.ts'
import { document } from './openapi.ts'
import { limitOf, oneOf, orderOf, textOf, timesOf } from './query.ts'
import type { Answer, QueryForm, ReadRoute, Request } from './route.ts'
import { HttpError } from './route.ts'

export interface ModelView {
  readonly name: string
  readonly task: string
  readonly source: string
  readonly windows: readonly string[]
  readonly versions: readonly string[]
  /** Metrics that are estimated while there are no labels, and whether labels that came agree with the estimates. */
  readonly estimates: ReadonlyArray<{
    readonly version: string
    readonly metric: string
    readonly calibration: 'sound' | 'broken'
    /** Which labels said otherwise; null while it is sound. */
    readonly because: string | null
  }>
  /** null while it is learnt from the stream. */
  readonly reference: {
    readonly id: string
    readonly source: string
    readonly rows: number
    readonly labelled: number
    readonly from: string
    readonly to: string
  } | null
}

/** Which configuration is in force. */
export interface ConfigurationView {
  readonly file: string
  /** SHA-256 of the file's text. */
  readonly hash: string
  /** When it was put into force. */
  readonly since: Instant
  /** The newest reload; null before the first one. */
  readonly lastReload: { readonly successful: boolean; readonly at: Instant; readonly because: string | null } | null
}

export interface ApiSource {
  readonly views: Views
  models(): readonly ModelView[]
  configuration(): ConfigurationView
  /** Up to when what goes on has lasted, of a model by its name; undefined: up to now. */
  present(): Promise<(model: string) => Instant | undefined>
}

/** Of windows in one answer: a model of a thousand features has hundreds of kilobytes in each. */
const WINDOWS_MIB_MAX = 32

export function apiRoutes({ views, models, configuration, present }: ApiSource): readonly ReadRoute[] {
  const route = (path: string, query: Record<string, QueryForm>, handle: (request: Request) => unknown): ReadRoute => ({
    method: 'GET',
    path: `/api/v1/${path}`,
    query,
    needs: 'read',
    handle: async (request): Promise<Answer> => ({ status: 200, json: await handle(request) }),
  })
  return [
    route('models', {}, () => ({ models: models() })),
    route('models/{model}', {}, ({ parameters }) => {
      const found = models().find(({ name }) => name === parameters['model'])
      if (found === undefined)
        throw new HttpError(
          404,
          `there is no model ${parameters['model']}; there is: ${models()
            .map(({ name }) => name)
            .join(', ')}`,
        )
      return found
    }),
    route(
      'windows',
      {
        ...{ model: 'text', version: 'text', window: 'text', segment: 'text' },
        ...{ from: 'time', to: 'time', order: 'text', limit: 'count' },
      },
      ({ query }) => {
        const wanted = {
          ...textOf(query, 'model', 'version', 'window', 'segment'),
          ...timesOf(query),
          ...orderOf(query),
          limit: limitOf(query),
        }
        refuseTooMuch(views.resultsBytes(wanted))
        return { windows: views.results(wanted).map(windowView) }
      },
    ),
    route(
      'verdicts',
      { model: 'text', version: 'text', window: 'text', status: 'text', feature: 'text', kind: 'text' },
      async ({ query }) => {
        // What was last said of a model that is no longer configured is history.
        const watched = new Set(models().map(({ name }) => name))
        return { verdicts: await latestVerdicts(views, watched, query) }
      },
    ),
    {
      method: 'GET',
      path: '/api/v1/incidents',
      query: incidentsQuery,
      needs: 'read',
      handle: ({ query }) => incidentsAnswer({ views, present }, query),
    },
    route('incidents/{id}', {}, ({ parameters }) => {
      const found = views.incident(parameters['id'] as string)
      if (found === undefined) throw new HttpError(404, `there is no incident ${parameters['id']}`)
      const { state, deeds } = views.handling(found.incident.id)
      return {
        incident: incidentView(found.incident),
        handling: handlingView(state),
        ...deedViews(deeds),
        transitions: found.transitions.map(({ at, ...rest }) => ({ ...rest, at: formatInstant(at) })),
        deliveries: found.deliveries.map(deliveryView),
      }
    }),
    route('deliveries', { limit: 'count' }, ({ query }) => ({
      deliveries: views.deliveries(limitOf(query)).map(deliveryView),
    })),
    route('triggers', { limit: 'count' }, ({ query }) => ({
      triggers: views.triggers(limitOf(query)).map(({ at, ...rest }) => ({ ...rest, at: formatInstant(at) })),
    })),
    // Samples are not served: they may hold what nobody meant to publish.
    route('quarantine', { limit: 'count' }, ({ query }) => ({
      quarantine: views
        .quarantine(limitOf(query))
        .map(({ sample, at, ...rest }) => ({ ...rest, at: formatInstant(at), sampleBytes: sample.length })),
    })),
    route('configuration', {}, () => configurationView(configuration())),
    auditRoute(views),
    route('openapi.json', {}, () => document),
  ]
}

const incidentsQuery = {
  model: 'text',
  kind: 'text',
  state: 'text',
  search: 'text',
  order: 'text',
  limit: 'count',
} as const
const kinds = ['drift', 'performance', 'estimated', 'quality', 'volume', 'no_data', 'stale_labels'] as const
const states = ['pending', 'firing', 'clearing', 'resolved'] as const
const statuses = ['ok', 'warning', 'alarm', 'insufficient'] as const

export function windowView(result: WindowResult) {
  return { ...result, start: formatInstant(result.start), end: formatInstant(result.end) }
}

export function incidentView(incident: Incident) {
  const evidenceView = (evidence: Evidence) => ({ ...evidence, end: formatInstant(evidence.end) })
  return {
    ...incident,
    since: formatInstant(incident.since),
    at: formatInstant(incident.at),
    evidence: incident.evidence.map(evidenceView),
  }
}

function configurationView({ since, lastReload, ...rest }: ConfigurationView) {
  return {
    ...rest,
    since: formatInstant(since),
    lastReload: lastReload === null ? null : { ...lastReload, at: formatInstant(lastReload.at) },
  }
}

function deliveryView<T extends { queuedAt: Instant; endedAt: Instant | null }>(delivery: T) {
  return {
    ...delivery,
    queuedAt: formatInstant(delivery.queuedAt),
    endedAt: delivery.endedAt === null ? null : formatInstant(delivery.endedAt),
  }
}

function refuseTooMuch(bytes: number): void {
  const mib = Math.ceil(bytes / 2 ** 20)
  if (mib > WINDOWS_MIB_MAX)
    throw new HttpError(
      400,
      `these windows have ${mib} MiB, at most ${WINDOWS_MIB_MAX} are given at once; ask for fewer: a smaller limit, one model, from and to`,
    )
}

/** Of so many windows the verdicts are read before others have their turn. */
const READ_AT_ONCE = 12
/** The same of incidents, with what people have done about each. */
const INCIDENTS_AT_ONCE = 100

/** Thousands of them are read and written down some at a time. */
async function incidentsAnswer(
  { views, present }: Pick<ApiSource, 'views' | 'present'>,
  query: Request['query'],
): Promise<Answer> {
  const { model: concerns, ...search } = textOf(query, 'model', 'search')
  const ids = views.incidentIds({
    ...(concerns !== undefined && { concerns }),
    ...search,
    ...oneOf(query, 'kind', kinds),
    ...oneOf(query, 'state', states),
    ...oneOf(query, 'order', ['newest', 'urgent'] as const),
    limit: limitOf(query),
  })
  const presentOf = await present()
  const parts: string[] = []
  for (let i = 0; i < ids.length; i += INCIDENTS_AT_ONCE) {
    if (i > 0) await nextTurn()
    for (const incident of views.incidentsOf(ids.slice(i, i + INCIDENTS_AT_ONCE))) {
      const handling = handlingView(views.handling(incident.id).state)
      const until = lastedUntil(incident, presentOf(incident.model))
      parts.push(jsonLine({ ...incidentView(incident), until, title: incidentTitle(incident), handling }))
    }
  }
  const type = 'application/json; charset=utf-8'
  return { status: 200, type, body: `{"incidents":[${parts.join(',')}]}\n` }
}

async function latestVerdicts(
  views: Pick<Views, 'newestWindows' | 'results'>,
  watched: ReadonlySet<string>,
  query: Request['query'],
) {
  const ofWindow = textOf(query, 'model', 'version', 'window')
  const ofVerdict = {
    ...textOf(query, 'feature'),
    ...oneOf(query, 'status', statuses),
    ...oneOf(query, 'kind', kinds),
  }
  const fits = <T extends object>(one: T, wanted: Partial<Record<keyof T, string>>) =>
    Object.entries(wanted).every(([name, value]) => one[name as keyof T] === value)
  const windows = views.newestWindows().filter((one) => watched.has(one.model) && fits(one, ofWindow))
  const found: object[] = []
  for (const [i, { model, version, window, end }] of windows.entries()) {
    if (i % READ_AT_ONCE === READ_AT_ONCE - 1) await nextTurn()
    const [result] = views.results({ model, version, window, from: end, to: end + 1, limit: 1 })
    for (const verdict of result?.verdicts ?? [])
      if (fits(verdict, ofVerdict)) found.push({ model, version, window, end: formatInstant(end), ...verdict })
  }
  return found
}
