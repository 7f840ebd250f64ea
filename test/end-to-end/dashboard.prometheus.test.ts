// A real Prometheus scrapes the daemon, and every query of every panel returns data.

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { metricsRoute } from '../../src/http/probes.ts'
import { startHttpServer } from '../../src/http/server.ts'
import { modelOverview } from '../../src/telemetry/dashboard.ts'
import { createLog } from '../../src/telemetry/log.ts'
import { filledMetrics } from '../build/metrics.ts'
import { freePort } from '../kafka/broker.ts'

const skip =
  spawnSync('prometheus', ['--version']).error !== undefined
    ? 'prometheus is not installed (Debian: apt-get install prometheus)'
    : false

test('every query of the dashboard returns data from a real Prometheus', { skip, timeout: 120_000 }, async () => {
  const metrics = filledMetrics()
  const server = await startHttpServer({
    ...{ host: '127.0.0.1', port: 0, publicUrl: null, allowedHosts: [], requestsPerSecond: 50 },
    routes: [metricsRoute(metrics)],
    access: { read: 'open', metrics: 'open', tokens: () => undefined },
    audit: () => {},
    metrics,
    log: createLog('silent'),
  })
  const folder = mkdtempSync(join(tmpdir(), 'leeway-prometheus-'))
  const port = await freePort()
  writeFileSync(
    join(folder, 'prometheus.yml'),
    `scrape_configs: [{job_name: leeway, scrape_interval: 1s, scrape_timeout: 1s, static_configs: [{targets: ["${new URL(server.address).host}"]}]}]\n`,
  )
  const prometheus = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  )
  const ended = new Promise((resolve) => prometheus.once('exit', resolve))
  // rate() needs counters that move.
  const moving = setInterval(() => {
    metrics.evaluated(1)
    metrics.committed(2)
  }, 200)
  try {
    const dashboard = modelOverview() as { panels: Array<{ title: string; targets?: Array<{ expr: string }> }> }
    const queries = dashboard.panels.flatMap(({ title, targets = [] }) =>
      targets.map(({ expr }) => ({ title, expr: expr.replace(/\$__rate_interval/g, '10s').replace(/\$\w+/g, '.*') })),
    )
    const empty = new Set(queries)
    const deadline = performance.now() + 60_000
    while (empty.size > 0 && performance.now() < deadline) {
      for (const query of empty) if (await hasData(port, query.expr)) empty.delete(query)
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
    assert.deepEqual(
      [...empty].map(({ title, expr }) => `${title}: ${expr}`),
      [],
    )
    assert.ok(queries.length > 20)
  } finally {
    clearInterval(moving)
    prometheus.kill('SIGTERM')
    await ended
    await server.close()
    rmSync(folder, { recursive: true, force: true })
  }
})

async function hasData(port: number, expr: string): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(expr)}`).catch(
    () => undefined,
  )
  if (answer === undefined || answer.status === 503) return false
  const { status, data, error } = (await answer.json()) as {
    status: string
    error?: string
    data?: { result: unknown[] }
  }
  assert.equal(status, 'success', `${expr}: ${error}`)
  return (data?.result.length ?? 0) > 0
}
