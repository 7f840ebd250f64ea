// A page of metrics of a daemon that everything has happened to, and goes on happening: each alert has its reason there.

import { metricsRoute } from '../../src/http/probes.ts'
import { startHttpServer } from '../../src/http/server.ts'
import type { SegmentNews } from '../../src/monitors/segment-news.ts'
import type { MonitorKind } from '../../src/monitors/verdict.ts'
import { createLog } from '../../src/telemetry/log.ts'
import { incident } from './messages.ts'
import { filledMetrics, metricsSource, openIncidents } from './metrics.ts'

const kinds: readonly MonitorKind[] = [
  'drift',
  'performance',
  'estimated',
  'quality',
  'volume',
  'no_data',
  'stale_labels',
]

function segment(name: string, status: 'ok' | 'alarm'): SegmentNews {
  return {
    ...{ model: 'credit-risk', version: '7', window: '1h', segment: name, end: 3_600_000, samples: 200 },
    performance: [{ metric: 'roc_auc', value: status === 'ok' ? 0.8 : 0.55, status }],
    drifted: 1,
  }
}

export async function troubledPage(): Promise<{ host: string; stop(): Promise<void> }> {
  let ticks = 0
  const source = metricsSource()
  const counters = [
    ...source.counters(),
    { name: 'join_evicted', model: '', version: '', value: 1 },
    { name: 'tombstones', model: '', version: '', value: 1 },
  ]
  const metrics = filledMetrics({
    counters: () => counters.map((row) => ({ ...row, value: row.value + ticks })),
    now: () => 100_000 + ticks * 200,
    openIncidents: () => [
      ...openIncidents,
      ...kinds.map((kind) => incident({ id: kind, kind, severity: 'alarm' })),
      incident({ id: 'warning', kind: 'drift', severity: 'warning' }),
    ],
    retraining: () => ({
      ...source.retraining(),
      open: ['awaiting approval', 'unknown', 'running'].map((state) => ({ model: 'credit-risk', state })),
    }),
    segments: () => [segment('country=FR', 'alarm'), segment('country=DE', 'ok')],
    channelStates: () => new Map([['team', 2]]),
    oldestQueuedAt: () => -2 * 3_600_000,
    space: () => ({ stateBytes: 65_536, freeBytes: 2 ** 29 }),
    intake: () => ({ pausedBy: ['outbox'], memoryShare: 0.9 }),
    progress: () =>
      source.progress().map((progress) => ({
        ...progress,
        partitions: progress.partitions.map((partition) => ({ ...partition, endOffset: 50_000 + ticks })),
      })),
  })
  metrics.sourceReads('production', false)
  metrics.reloaded(false, 100_000)
  const timer = setInterval(() => {
    ticks++
    metrics.evaluated(1)
    metrics.committed(3_000)
    metrics.labelDelay('credit-risk', '7', 86_400_000)
    metrics.retrainingEnded('credit-risk', 'webhook', 'failed', 1_380_000)
    metrics.retraining('credit-risk', '7', 'webhook', 'started', 100_000)
    metrics.delivery('team', 'dead')
    metrics.chartFailed()
    metrics.clockJumped()
  }, 200)
  const server = await startHttpServer({
    ...{ host: '127.0.0.1', port: 0, publicUrl: null, allowedHosts: [], requestsPerSecond: 50 },
    routes: [metricsRoute(metrics)],
    access: { read: 'open', metrics: 'open', tokens: () => undefined },
    audit: () => {},
    metrics,
    log: createLog('silent'),
  })
  return {
    host: new URL(server.address).host,
    async stop() {
      clearInterval(timer)
      await server.close()
    },
  }
}
