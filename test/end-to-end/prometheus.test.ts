// A real Prometheus scrapes a daemon on drifting data, and one that everything has happened to: every query of every dashboard has an
// answer, and every rule a reason.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { dashboards, ruleFiles } from '../../dashboards/source/files.ts'
import { loadDocument } from '../../src/config/load.ts'
import { loadSettings } from '../../src/config/settings.ts'
import { startDaemon } from '../../src/daemon.ts'
import { createLog } from '../../src/telemetry/log.ts'
import { writeDrifting } from '../build/drifting.ts'
import type { Prometheus } from '../build/prometheus.ts'
import { missingForPrometheus, startPrometheus } from '../build/prometheus.ts'
import { troubledPage } from '../build/troubled.ts'
import { filled, queriesOf } from '../dashboards/parts.ts'
import { freePort } from '../kafka/broker.ts'

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
    segments: ['kind'],
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

test('a real Prometheus scrapes a daemon that drifts, one in trouble, and one that is down', {
  skip: missingForPrometheus ?? false,
  timeout: 150_000,
}, async (t) => {
  const [drifting, troubled] = [await driftingDaemon(t), await troubledPage()]
  t.after(() => troubled.stop())
  const down = `127.0.0.1:${await freePort()}`
  const rules = [...ruleFiles.keys()].map((name) => join(import.meta.dirname, '../../dashboards/prometheus', name))
  const prometheus = await startPrometheus([drifting, troubled.host, down], rules)
  t.after(() => prometheus.stop())

  await t.test('every query of every dashboard has an answer, with the labels that are shown', async () => {
    const queries = [...dashboards().values()].flatMap(queriesOf)
    assert.ok(queries.length > 120, `${queries.length} queries`)
    const chosen = { model: 'credit-risk', metric: 'roc_auc', feature: 'income', __rate_interval: '10s' }
    const ofTroubled = queries.map((query) => ({
      ...query,
      values: { ...chosen, window: '1h', instance: troubled.host },
      isNumber: true,
    }))
    const ofDrifting = queries
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
      }))
    assert.deepEqual(await answered(prometheus, [...ofTroubled, ...ofDrifting]), [])
  })

  await t.test(
    'every rule is evaluated without an error, records something, and has its reason in the trouble',
    async () => {
      const groups = [...ruleFiles.values()].flatMap((file) => file.groups)
      const records = groups.flatMap(({ recordings = [] }) =>
        recordings.map(({ record }) => ({ name: record, expr: record })),
      )
      const reasons = groups.flatMap(({ alerts }) =>
        alerts.map(({ alert, expr }) => ({ name: alert, expr: sooner(alert, expr) })),
      )
      const asked = [...records, ...reasons].map(({ name, expr }) => {
        const values = { instance: name === 'LeewayDown' ? down : troubled.host }
        return { place: name, expr, legend: '', values, isNumber: true, mayAskAll: true }
      })
      assert.deepEqual(await answered(prometheus, asked), [])
      const state = await prometheus.get<{
        groups: Array<{ rules: Array<{ name: string; health: string; lastError?: string }> }>
      }>('/api/v1/rules')
      const evaluated = state.groups.flatMap((group) => group.rules)
      assert.equal(evaluated.length, records.length + reasons.length)
      assert.deepEqual(
        evaluated.filter(({ health }) => health !== 'ok').map(({ name, lastError }) => `${name}: ${lastError}`),
        [],
      )
    },
  )

  await t.test('promtool finds nothing against the page of the daemon', async () => {
    const input = await (await fetch(`http://${drifting}/metrics`)).text()
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' })
    assert.equal(status, 0, stdout + stderr)
  })
})

/** What cannot happen within seconds (four starts, a page that is too long) is asked for without its threshold. */
function sooner(alert: string, expr: string): string {
  return ['LeewayRestarts', 'LeewaySeriesDropped'].includes(alert) ? expr.replace(/ > \d+$/, '') : expr
}

interface Asked {
  readonly place: string
  readonly expr: string
  readonly legend: string
  readonly values: Readonly<Record<string, string>>
  /** A number is wanted, not only a series. */
  readonly isNumber: boolean
  /** Does not say itself which daemon it asks about: only answers about that one count. */
  readonly mayAskAll?: boolean
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

async function lackOf(prometheus: Prometheus, query: Asked): Promise<string | null> {
  const { expr, legend, values, isNumber, mayAskAll = false } = query
  const all = await prometheus.query(filled(expr, values))
  const samples = mayAskAll ? all.filter(({ metric }) => metric['instance'] === values['instance']) : all
  if (samples.length === 0) return 'nothing'
  if (isNumber && !samples.some(({ value }) => Number.isFinite(Number(value[1])))) return 'no number'
  for (const [, label = ''] of legend.matchAll(/\{\{(\w+)\}\}/g))
    if (!samples.some(({ metric }) => (metric[label] ?? '') !== '')) return `no series has ${label}`
  return null
}
