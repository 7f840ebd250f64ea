// An HTTP server as the daemon opens it, with few things behind it, and requests that no decent client would send.

import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import type { ReloadEffect } from '../../src/http/actions.ts'
import { actionRoutes } from '../../src/http/actions.ts'
import type { ApiSource } from '../../src/http/api.ts'
import { apiRoutes } from '../../src/http/api.ts'
import { backtestRoute } from '../../src/http/backtest-routes.ts'
import { fleetRoute } from '../../src/http/fleet-routes.ts'
import { handlingRoutes } from '../../src/http/handling-routes.ts'
import { handlingReadRoutes } from '../../src/http/handling-views.ts'
import { incidentOverviewRoute } from '../../src/http/incident-routes.ts'
import { liveRoute } from '../../src/http/live.ts'
import { meRoute } from '../../src/http/me-route.ts'
import { modelRoutes } from '../../src/http/model-routes.ts'
import { metricsRoute, probeRoutes } from '../../src/http/probes.ts'
import type { ReferenceDeeds } from '../../src/http/reference-routes.ts'
import { referenceActionRoutes, referenceReadRoutes } from '../../src/http/reference-routes.ts'
import type { RetrainingSource } from '../../src/http/retraining-routes.ts'
import { retrainingActionRoutes, retrainingReadRoutes } from '../../src/http/retraining-routes.ts'
import type { Role } from '../../src/http/role.ts'
import type { Route } from '../../src/http/route.ts'
import { segmentsRoute } from '../../src/http/segments-routes.ts'
import type { HttpServerOptions } from '../../src/http/server.ts'
import { startHttpServer } from '../../src/http/server.ts'
import { systemRoutes } from '../../src/http/system-routes.ts'
import { hashOf, Tokens } from '../../src/http/tokens.ts'
import type { BacktestView } from '../../src/overview/backtest.ts'
import { fleetView } from '../../src/overview/fleet.ts'
import { FleetBoard } from '../../src/overview/fleet-board.ts'
import { systemView } from '../../src/overview/system.ts'
import type { RetrainingDesk } from '../../src/retraining/desk.ts'
import { newRequest } from '../../src/retraining/request.ts'
import type { AuditEntry } from '../../src/store/audit.ts'
import type { Views } from '../../src/store/views.ts'
import { Health } from '../../src/telemetry/health.ts'
import { createLog } from '../../src/telemetry/log.ts'
import { incident } from './messages.ts'
import { filledMetrics, windowResult } from './metrics.ts'
import { systemFacts } from './system.ts'

const views: Views = {
  newestWindows: () => [windowResult()],
  streams: () => [],
  positions: () => [],
  counters: () => [],
  deliveries: () => [],
  toldOfOpen: () => [],
  openIncidents: () => [],
  triggers: () => [],
  oldestQueuedAt: () => undefined,
  storeCounters: () => [],
  queued: () => 0,
  results: ({ model }) => {
    if (model === 'wide') throw new Error('these are too many to be read')
    return [windowResult()]
  },
  segmentResults: () => [],
  newestOfSegments: () => undefined,
  evaluationHeads: () => [],
  newestEvaluation: () => 0,
  evaluation: () => undefined,
  verdictIn: () => undefined,
  resultsBytes: ({ model }) => (model === 'wide' ? 1_200 * 2 ** 20 : 1_000),
  latestResults: () => [windowResult()],
  incidents: () => [incident()],
  incidentIds: () => [incident().id],
  incidentsOf: (ids) => ids.map((id) => incident({ id })),
  incident: (id) => (id === incident().id ? { incident: incident(), transitions: [], deliveries: [] } : undefined),
  quarantine: () => [
    {
      number: 1,
      source: 's',
      topic: 't',
      partition: 0,
      offset: 1,
      reason: 'not_json',
      detail: 'at 1',
      sample: new TextEncoder().encode('secret value'),
      at: 0,
      range: null,
    },
  ],
  quarantined: (number) => views.quarantine(1).find((row) => row.number === number),
  audit: () => [],
  handling: () => ({ state: undefined, deeds: [] }),
}
const api: ApiSource = {
  views,
  present: async () => () => undefined,
  models: () => [
    {
      name: 'credit-risk',
      task: 'binary',
      source: 'production',
      windows: ['1h'],
      versions: ['7'],
      estimates: [],
      reference: { id: 'r', source: 'file', rows: 1, labelled: 1, from: '', to: '' },
    },
  ],
  configuration: () => ({ file: 'leeway.yaml', hash: 'ab', since: 0, lastReload: null }),
}

/** A token for each role. */
export const tokenOf: Readonly<Record<Role, string>> = {
  viewer: 'viewer-token-0123456789012345678901',
  operator: 'operator-token-01234567890123456789',
  approver: 'approver-token-01234567890123456789',
}
export const tokens = new Tokens(
  (Object.keys(tokenOf) as Role[]).map((role) => ({ name: `the ${role}`, role, sha256: hashOf(tokenOf[role]) })),
)

export interface TestServerOptions extends Partial<Omit<HttpServerOptions, 'routes' | 'audit' | 'metrics'>> {
  readonly reload?: () => Promise<ReloadEffect>
  readonly handling?: Parameters<typeof handlingRoutes>[0]
  readonly moreRoutes?: readonly Route[]
  readonly read?: 'open' | 'token'
  /** In place of a little of everything. */
  readonly views?: Views
}

/** What a reload answers where nobody looks at it. */
const reloaded = async (): Promise<ReloadEffect> => ({ outcome: 'done', detail: 'done', told: {} })

const done = { outcome: 'done' as const, detail: 'done' }
const noDeeds: ReferenceDeeds = {
  acceptAsNormal: () => done,
  promote: () => ({ ...done, reference: '' }),
  revert: () => done,
}

export const NOW = Date.UTC(2026, 10, 26, 8)
const nobodyHandles: NonNullable<TestServerOptions['handling']> = {
  acknowledge: () => done,
  unacknowledge: () => done,
  assign: () => done,
  snooze: () => done,
  comment: () => done,
  addSilence: () => ({ ...done, id: 's1' }),
  endSilence: () => done,
}
const asked = {
  ...{ model: 'credit-risk', version: '7', target: 'webhook' },
  cause: { is: 'schedule', slot: '2026-11-26' } as const,
}
const noRequests: RetrainingSource = {
  list: () => [],
  request: (id) => newRequest({ id, ...asked }, 0),
  history: () => [],
  automation: () => [],
}
const noRetraining: RetrainingDesk = {
  request: () => ({ ...done, request: '' }),
  approve: () => done,
  refuse: () => done,
  veto: () => done,
  stopAutomation: () => done,
  resumeAutomation: () => done,
  resolveUnknown: () => done,
}

/** A server on a free port of 127.0.0.1, with a token for each role. */
const noPast: BacktestView = {
  ...{ model: '', version: '', versions: [], windows: [], from: null, to: null, evaluated: 0 },
  ...{ verdict: 'there are no evaluated windows yet', alarms: [], differences: [], rules: [], tuning: null },
}

export async function testServer(options: TestServerOptions = {}) {
  const {
    reload = reloaded,
    handling = nobodyHandles,
    moreRoutes = [],
    read = 'open',
    views: shown = views,
    ...rest
  } = options
  const health = new Health()
  const audit: AuditEntry[] = []
  const refused: string[] = []
  const answered: number[] = []
  const streams: number[] = []
  const routes = [
    ...probeRoutes(health),
    metricsRoute(filledMetrics()),
    meRoute(() => true),
    ...apiRoutes({ ...api, views: shown }),
    ...actionRoutes({ reload }),
    ...referenceReadRoutes({
      references: () => ({ models: [], history: [] }),
      overview: () => ({ model: 'm', isLearning: true, references: [] }),
      compare: () => ({}) as never,
      profile: () => '{}',
    }),
    ...referenceActionRoutes(noDeeds),
    ...handlingReadRoutes({ silences: () => [], maintenance: () => [], now: () => 0 }),
    ...handlingRoutes(handling, () => NOW),
    ...retrainingReadRoutes(noRequests),
    ...retrainingActionRoutes(noRetraining),
    liveRoute({
      follow(reader) {
        reader.write('event: hello\ndata: {}\n\n')
        reader.end()
        return () => {}
      },
    }),
    ...systemRoutes(() => systemView(systemFacts()), views),
    fleetRoute(async (query) => fleetView(new FleetBoard(), [], { ...query, now: NOW, firstSteps: () => [] })),
    segmentsRoute(async () => ({}) as never),
    ...modelRoutes({ overview: async () => ({}) as never, feature: async () => ({}) as never }),
    backtestRoute(async ({ model, version = '' }) => ({ ...noPast, model, version })),
    incidentOverviewRoute({ overview: async () => ({}) as never }, () => true),
    ...moreRoutes,
  ]
  const server = await startHttpServer({
    host: '127.0.0.1',
    port: 0,
    publicUrl: null,
    allowedHosts: [],
    requestsPerSecond: 1_000,
    access: { read, metrics: 'open', tokens: () => tokens },
    log: createLog('silent'),
    ...rest,
    routes,
    audit: (entry) => audit.push(entry),
    metrics: {
      httpAnswered: (_, status) => answered.push(status),
      httpRefused: (reason) => refused.push(reason),
      httpStreams: (open) => streams.push(open),
    },
  })
  const port = Number(new URL(server.address).port)
  return { ...server, port, health, routes, audit, refused, answered, streams }
}

export interface Reply {
  readonly status: number
  readonly headers: Record<string, string | string[] | undefined>
  readonly text: string
}

/** A request with any headers, from any of this machine's addresses. */
export function ask(
  port: number,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string | Buffer; from?: string } = {},
): Promise<Reply> {
  const { method = 'GET', headers = {}, body, from } = options
  return new Promise((resolve, reject) => {
    const asking = httpRequest(
      {
        host: '127.0.0.1',
        port,
        path,
        method,
        headers,
        agent: false,
        ...(from !== undefined && { localAddress: from }),
      },
      (answer) => {
        const pieces: Buffer[] = []
        answer.on('data', (piece) => pieces.push(piece))
        answer.on('end', () =>
          resolve({
            status: answer.statusCode as number,
            headers: answer.headers,
            text: Buffer.concat(pieces).toString(),
          }),
        )
        answer.on('error', reject)
      },
    )
    asking.on('error', reject)
    asking.end(body)
  })
}

/** Sends bytes as they are. @returns everything that comes back until the other side closes */
export function sendRaw(port: number, bytes: string | Buffer): Promise<string> {
  return new Promise((resolve) => {
    const pieces: Uint8Array[] = []
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    socket.on('data', (piece) => pieces.push(Buffer.from(piece)))
    socket.on('error', () => {})
    socket.on('close', () => resolve(Buffer.concat(pieces).toString()))
  })
}
