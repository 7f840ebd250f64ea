// A server that behaves as Airflow 3 does, for what is asked of it: a token for a password, a DAG, runs by their ids, a conflict for one
// that is there already.

import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface AirflowRun {
  readonly dag_run_id: string
  readonly conf: unknown
  state: 'queued' | 'running' | 'success' | 'failed'
  start_date: string | null
  end_date: string | null
}

interface AirflowOptions {
  readonly dag: string
  readonly user: string
  readonly password: string
}

export async function airflowServer({ dag, user, password }: AirflowOptions) {
  const runs: AirflowRun[] = []
  const token = 'token-of-the-stand-in'

  function handle({ method, url = '', headers }: IncomingMessage, body: string): [status: number, answer: object] {
    if (url === '/auth/token') {
      const login = JSON.parse(body) as { username: string; password: string }
      if (login.username !== user || login.password !== password) return [401, { detail: 'Invalid credentials' }]
      return [201, { access_token: token }]
    }
    if (headers.authorization !== `Bearer ${token}`) return [401, { detail: 'Not authenticated' }]
    const [, found, rest] = /^\/api\/v2\/dags\/([^/]+)(\/.*)?$/.exec(url) ?? []
    if (found !== dag) return [404, { detail: `The Dag with ID: \`${found}\` was not found` }]
    if (rest === undefined) return [200, { dag_id: dag, is_paused: false }]
    if (rest === '/dagRuns' && method === 'POST') return trigger(JSON.parse(body))
    const run = runs.find(
      ({ dag_run_id: id }) => rest === `/dagRuns/${encodeURIComponent(id)}` || rest === `/dagRuns/${id}`,
    )
    return run === undefined ? [404, { detail: 'The DagRun was not found' }] : [200, { ...run, dag_id: dag }]
  }

  function trigger({ dag_run_id: id, conf }: { dag_run_id: string; conf: unknown }): [number, object] {
    if (runs.some((run) => run.dag_run_id === id)) return [409, { detail: 'DAGRun already exists' }]
    const run: AirflowRun = {
      dag_run_id: id,
      conf,
      state: 'running',
      start_date: new Date().toISOString(),
      end_date: null,
    }
    runs.push(run)
    return [200, { ...run, dag_id: dag }]
  }

  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const pieces: Buffer[] = []
    request.on('data', (piece) => pieces.push(piece))
    request.on('end', () => {
      const [status, answer] = handle(request, Buffer.concat(pieces).toString())
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    runs,
    /** The runs of the DAG come to their end. */
    finish(state: 'success' | 'failed' = 'success') {
      for (const run of runs) Object.assign(run, { state, end_date: new Date().toISOString() })
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
