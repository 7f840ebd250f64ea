// A stand-in for an orchestrator, on this machine: starts "runs", counts them by key, and fails as told.
//
//   POST /runs           {key, …}            201 {id, key, state}; a repeated key: 409 (class A), another run (class B)
//   GET  /runs?key=KEY                       {runs: [{id, key, state}]}
//   GET  /runs/ID                            {id, key, state, output}; 404
//   GET  /job                                200: the job exists

import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { orchestratorOf } from '../../src/assembly/orchestrators.ts'
import { retrainingSettings } from '../../src/config/retraining-settings.ts'
import { resolveTarget } from '../../src/config/targets/targets.ts'
import type { Lookable, RunRequest } from '../../src/retraining/orchestrator.ts'
import { AT, incident } from './messages.ts'
import { toThisMachine } from './receivers.ts'

/** The stand-in as a document describes it, for the section `retraining` of a configuration. */
export function standInSettings(url: string, receiver: 'A' | 'B') {
  const run = { id: 'id', link: '{{url}}/runs/{{run.id}}' }
  return {
    target: 'http',
    url,
    timeout: '1s',
    idempotent: receiver === 'A',
    check: { path: '/job' },
    launch: {
      path: '/runs',
      json: { key: '{{key}}', request: '{{request}}' },
      accepted: [201],
      already: [409],
      because: 'error',
      ...run,
    },
    find: { path: '/runs', query: { key: '{{key}}' }, items: 'runs', where: { key: '{{key}}' }, ...run },
    poll: {
      path: '/runs/{{run.id}}',
      every: '100ms',
      state: 'state',
      states: { queued: 'queued', running: 'running', succeeded: 'succeeded', failed: 'failed' },
      output: { version: 'output.version' },
    },
  }
}

/** An orchestrator as the daemon makes it, from settings as a document has them. */
export function orchestratorFrom(settings: object): Lookable {
  const target = resolveTarget(retrainingSettings.parse(settings), { absolute: String, allow: [] })
  return orchestratorOf('credit-risk', target, { outbound: toThisMachine, clock: () => AT })
}

/** What an orchestrator is asked, about the incident of `messages.ts`. */
export function runRequest(change: Partial<RunRequest> = {}): RunRequest {
  const { id, kind, since, features, evidence } = incident()
  return {
    key: `leeway-credit-risk-${id}-1`,
    model: 'credit-risk',
    version: '7',
    cause: 'incident',
    reason: 'ROC AUC 0.84 (reference 0.91)',
    at: AT,
    incident: { id, kind, since },
    features,
    evidence,
    reference: 'sha256:4f2a',
    links: { incident: 'https://leeway.example.org/incidents/a41c' },
    parameters: {},
    ...change,
  }
}

/** How a launch goes wrong; before: no run is started, after: it is started, and the reply is lost. */
export const launchFaults = [
  'hangs before',
  'hangs after',
  'resets before',
  'resets after',
  'cuts its answer off after',
  '503 before',
  '502 after',
  '500 after',
  '429 before',
] as const
export type LaunchFault = (typeof launchFaults)[number]

export interface StandInRun {
  readonly id: string
  readonly key: string
  /** What came with the request. */
  readonly body: Readonly<Record<string, unknown>>
  state: 'queued' | 'running' | 'succeeded' | 'failed'
  output: Readonly<Record<string, string>>
}

export interface StandInOptions {
  /** A: a key has one run, however often it is asked for. B: each request starts a run. */
  readonly receiver: 'A' | 'B'
  /** What new runs are. */
  readonly initial?: StandInRun['state']
  readonly port?: number
}

export type StandIn = Awaited<ReturnType<typeof startStandIn>>

export async function startStandIn({ receiver, initial = 'running', port = 0 }: StandInOptions) {
  const runs: StandInRun[] = []
  const faults: LaunchFault[] = []
  /** Statuses that the next looks at runs are answered with. */
  const lookFaults: number[] = []
  const counts = { launches: 0, looks: 0 }

  function start(body: Readonly<Record<string, unknown>>): { run: StandInRun; isNew: boolean } {
    const key = String(body['key'])
    const known = receiver === 'A' ? runs.find((run) => run.key === key) : undefined
    if (known !== undefined) return { run: known, isNew: false }
    const run: StandInRun = { id: `run-${runs.length + 1}`, key, body, state: initial, output: {} }
    runs.push(run)
    return { run, isNew: true }
  }

  function launch(body: Readonly<Record<string, unknown>>, response: ServerResponse): void {
    counts.launches++
    const fault = faults.shift()
    if (fault === '429 before') return answer(response, 429, { error: 'slower' }, { 'retry-after': '1' })
    if (fault === '503 before') return answer(response, 503, { error: 'busy' })
    if (fault === 'hangs before') return
    if (fault === 'resets before') return void response.destroy()
    const { run, isNew } = start(body)
    if (fault === 'hangs after') return
    if (fault === 'resets after') return void response.destroy()
    if (fault === '500 after' || fault === '502 after')
      return answer(response, Number(fault.slice(0, 3)), { error: 'it broke after it had begun' })
    if (fault === 'cuts its answer off after') {
      response.writeHead(201, { 'content-type': 'application/json', 'content-length': '1000' })
      response.write('{"id":')
      return void setImmediate(() => response.destroy())
    }
    answer(response, isNew ? 201 : 409, isNew ? shown(run) : { error: `there is a run for ${run.key}` })
  }

  function look(url: URL, response: ServerResponse): void {
    counts.looks++
    const status = lookFaults.shift()
    if (status !== undefined) return answer(response, status, { error: 'as told' })
    if (url.pathname === '/job') return answer(response, 200, { name: 'retrain' })
    if (url.pathname === '/runs')
      return answer(response, 200, { runs: runs.filter(({ key }) => key === url.searchParams.get('key')).map(shown) })
    const run = runs.find(({ id }) => url.pathname === `/runs/${id}`)
    if (run === undefined) return answer(response, 404, { error: 'no such run' })
    answer(response, 200, shown(run))
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://stand-in')
    readBody(request).then(
      (body) => (request.method === 'POST' && url.pathname === '/runs' ? launch(body, response) : look(url, response)),
      () => response.destroy(),
    )
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Every run that was started: the effects. */
    runs: runs as readonly StandInRun[],
    /** Requests that came. */
    counts: counts as Readonly<typeof counts>,
    /** How many runs there are for a key. */
    effects: (key: string) => runs.filter((run) => run.key === key).length,
    /** The next launches go wrong, one after another. */
    failNext: (...next: readonly LaunchFault[]) => void faults.push(...next),
    /** The next looks at runs are answered with these statuses. */
    answerNextLooks: (...statuses: readonly number[]) => void lookFaults.push(...statuses),
    finish(id: string, state: 'succeeded' | 'failed', output: Readonly<Record<string, string>> = {}) {
      const run = runs.find((one) => one.id === id)
      if (run === undefined) throw new Error(`there is no run ${id}`)
      Object.assign(run, { state, output })
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function shown({ id, key, state, output }: StandInRun) {
  return { id, key, state, output }
}

function answer(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

async function readBody(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const pieces: Buffer[] = []
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece)
  const text = Buffer.concat(pieces).toString('utf8')
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
}
