// A real Prometheus scrapes a daemon on drifting data, and one that everything has happened to: every query of every dashboard has an
// answer.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { dashboards } from '../../dashboards/source/files.ts'
import { loadDocument } from '../../src/config/load.ts'
import { loadSettings } from '../../src/config/settings.ts'
import { startDaemon } from '../../src/daemon.ts'
import { metricsRoute } from '../../src/http/probes.ts'
import { startHttpServer } from '../../src/http/server.ts'
import { createLog } from '../../src/telemetry/log.ts'
import { writeDrifting } from '../build/drifting.ts'
import { incident } from '../build/messages.ts'
import { filledMetrics, metricsSource, openIncidents } from '../build/metrics.ts'
import type { Prometheus } from '../build/prometheus.ts'
import { missingForPrometheus, startPrometheus } from '../build/prometheus.ts'
import { filled, queriesOf } from '../dashboards/parts.ts'

/** What a daemon that reads a file, and is well, and waits for an approval, does not tell of. */
const notOfDrifting = [
  'leeway_source_reading',
  ...['leeway_partition_halted', 'leeway_consumer_lag_records', 'leeway_source_reconnects_total'],
  ...['leeway_records_rejected_total', 'leeway_records_lost_total', 'leeway_late_events_total'],
  ...['leeway_duplicates_total', 'leeway_unknown_features_total', 'leeway_over_limit_total', 'leeway_forgotten_total'],
  ...['leeway_early_labels_total', 'leeway_notifications_gathered_total', 'leeway_incidents_clearing'],
  ...['leeway_retrain_triggers_total', 'leeway_retrain_last_timestamp_seconds', 'leeway_retrain_run_seconds'],
  ...['leeway_http_refused_total', 'state="running"'],
]

/** A daemon in this process that has read a file of a model whose features move and whose predictions go wrong. */
async function driftingDaemon(t: TestContext): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-drifting-'))
  const config = writeDrifting(folder, {
    features: ['income', 'age'],
    categories: ['a', 'never seen'],
    versions: ['7'],
    model: 'credit-risk',
    multivariate: true,
    sections: `channels:
  terminal: {type: console}
network: {allow: [127.0.0.1]}
retraining:
  credit-risk: {target: webhook, url: "http://127.0.0.1:9/hook", approval: required, on: [performance, drift]}
`,
  })
  const daemon = await startDaemon({
    document: loadDocument(config),
    settings: loadSettings({ env: {}, flags: { config, stateDir: join(folder, 'state'), port: 0 } }),
    log: createLog('silent'),
    version: 'test',
    write() {},
    mode: 'live',
    deliver: true,
  })
  t.after(async () => {
    await daemon.stop()
    rmSync(folder, { recursive: true })
  })
  const address = await daemon.serveHttp()
  await daemon.run()
  await daemon.delivered()
  return new URL(address).host
}

/** A page of metrics of everything that can happen, and goes on happening. */
async function troubledPage(t: TestContext): Promise<string> {
  let ticks = 0
  const source = metricsSource()
  const metrics = filledMetrics({
    counters: () => source.counters().map((row) => ({ ...row, value: row.value + ticks })),
    now: () => 100_000 + ticks * 200,
    openIncidents: () => [...openIncidents, incident({ id: 'd', kind: 'drift', severity: 'warning' })],
    retraining: () => ({
      ...source.retraining(),
      open: [...source.retraining().open, { model: 'credit-risk', state: 'running' }],
    }),
  })
  const timer = setInterval(() => {
    ticks++
    metrics.evaluated(1)
    metrics.committed(2)
    metrics.labelDelay('credit-risk', '7', 86_400_000)
    metrics.retrainingEnded('credit-risk', 'webhook', 'succeeded', 1_380_000)
    metrics.retraining('credit-risk', '7', 'webhook', 'started', 100_000)
    metrics.chartFailed()
  }, 200)
  const server = await startHttpServer({
    ...{ host: '127.0.0.1', port: 0, publicUrl: null, allowedHosts: [], requestsPerSecond: 50 },
    routes: [metricsRoute(metrics)],
    access: { read: 'open', metrics: 'open', tokens: () => undefined },
    audit: () => {},
    metrics,
    log: createLog('silent'),
  })
  t.after(async () => {
    clearInterval(timer)
    await server.close()
  })
  return new URL(server.address).host
}

test('every query of every dashboard has an answer from a real Prometheus, with the labels that are shown', {
  skip: missingForPrometheus ?? false,
  timeout: 120_000,
}, async (t) => {
  const [drifting, troubled] = [await driftingDaemon(t), await troubledPage(t)]
  const prometheus = await startPrometheus([drifting, troubled])
  t.after(() => prometheus.stop())
  const queries = [...dashboards().values()].flatMap(queriesOf)
  assert.ok(queries.length > 120, `${queries.length} queries`)
  const chosen = { model: 'credit-risk', metric: 'roc_auc', feature: 'income', __rate_interval: '10s' }
  const unanswered = await answered(prometheus, [
    ...queries.map((query) => ({ ...query, values: { ...chosen, window: '1h', instance: troubled }, isNumber: true })),
    ...queries
      .filter(({ expr }) => !notOfDrifting.some((metric) => expr.includes(metric)))
      .map((query) => ({
        ...query,
        // Categories are never seen of this one alone.
        values: {
          ...chosen,
          window: '6h',
          instance: drifting,
          ...(/^leeway_feature_unseen/.test(query.expr) && { feature: 'kind' }),
        },
        isNumber: false,
      })),
  ])
  assert.deepEqual(unanswered, [])
})

interface Asked {
  readonly place: string
  readonly expr: string
  readonly legend: string
  readonly values: Readonly<Record<string, string>>
  /** A number is wanted, not only a series. */
  readonly isNumber: boolean
}

/** Asks until everything is answered, or a minute is over. @returns what is not */
async function answered(prometheus: Prometheus, asked: readonly Asked[]): Promise<string[]> {
  const open = new Map(asked.map((query) => [query, 'not asked']))
  const deadline = performance.now() + 60_000
  while (open.size > 0 && performance.now() < deadline) {
    for (const query of [...open.keys()]) {
      const lack = await lackOf(prometheus, query)
      if (lack === null) open.delete(query)
      else open.set(query, lack)
    }
    if (open.size > 0) await sleep(500)
  }
  return [...open].map(([{ place, expr, values }, lack]) => `${place}: ${filled(expr, values)}: ${lack}`)
}

async function lackOf(prometheus: Prometheus, { expr, legend, values, isNumber }: Asked): Promise<string | null> {
  const samples = await prometheus.query(filled(expr, values))
  if (samples.length === 0) return 'nothing'
  if (isNumber && !samples.some(({ value }) => Number.isFinite(Number(value[1])))) return 'no number'
  for (const [, label = ''] of legend.matchAll(/\{\{(\w+)\}\}/g))
    if (!samples.some(({ metric }) => (metric[label] ?? '') !== '')) return `no series has ${label}`
  return null
}
