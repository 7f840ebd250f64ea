// Metrics of a daemon that has seen a little of everything.

import type { Incident } from '../../src/incidents/incident.ts'
import type { Verdict } from '../../src/monitors/verdict.ts'
import type { WindowResult } from '../../src/monitors/window-result.ts'
import type { MetricsSource } from '../../src/telemetry/metrics.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { incident } from './messages.ts'

export function driftVerdict(feature: string, status: 'ok' | 'warning' | 'alarm', psi = 0.3): Verdict {
  return {
    monitor: `drift/${feature}`,
    kind: 'drift',
    feature,
    metric: 'psi',
    status,
    value: psi,
    threshold: 0.1,
    effect: psi,
    pValue: 1e-8,
    low: null,
    high: null,
    reference: null,
    calibrated: true,
    severe: false,
    holds: [false, true, true, true],
    matters: true,
    clear: false,
    methods: { psi, js: 0.1, wasserstein: 0.2 },
  }
}

const quality = (fault: string, metric: string, value: number): Verdict => ({
  ...driftVerdict('income', 'ok'),
  monitor: `quality/${fault}/income`,
  kind: 'quality',
  metric,
  value,
  low: 0,
  high: 0.1,
  reference: 0.01,
})

export function windowResult(change: Partial<WindowResult> = {}): WindowResult {
  return {
    model: 'credit-risk',
    version: '7',
    segment: '',
    window: '1h',
    start: 0,
    end: 3_600_000,
    revision: 0,
    samples: 500,
    labelled: 400,
    provisional: false,
    verdicts: [
      driftVerdict('income', 'alarm'),
      { ...driftVerdict('', 'ok', 0.04), monitor: 'multivariate/hotelling', feature: null, metric: 'hotelling' },
      {
        monitor: 'drift/age',
        kind: 'drift',
        feature: 'age',
        metric: 'psi',
        status: 'insufficient',
        value: null,
        reference: null,
        low: null,
        high: null,
        reason: '3 rows',
        calibrated: true,
      },
      { ...driftVerdict('score', 'ok', 0.02), monitor: 'prediction-drift/score' },
      quality('missing', 'missing_ratio', 0.02),
      quality('unseen', 'unseen_ratio', 0.01),
      quality('out-of-range', 'out_of_range_ratio', 0.03),
      {
        ...driftVerdict('x', 'alarm'),
        monitor: 'performance/roc_auc',
        kind: 'performance',
        feature: null,
        metric: 'roc_auc',
        value: 0.84,
        low: 0.82,
        high: 0.86,
        reference: 0.91,
      },
      {
        ...driftVerdict('x', 'warning'),
        monitor: 'estimated/roc_auc',
        kind: 'estimated',
        feature: null,
        metric: 'roc_auc',
        value: 0.85,
        low: 0.83,
        high: 0.87,
        reference: 0.91,
      },
      {
        ...driftVerdict('x', 'ok', 0.7),
        monitor: 'concept-drift/error',
        kind: 'performance',
        feature: null,
        metric: 'log10_e_value',
      },
      { ...driftVerdict('x', 'ok'), monitor: 'volume', kind: 'volume', feature: null, metric: 'rows', value: 500 },
    ],
    ...change,
  }
}

/** One that fires, and one that clears. */
export const openIncidents: readonly Incident[] = [incident(), { ...incident(), id: 'c', state: 'clearing' }]

/** A source as a test wants it: its windows as a list. */
type SourceChange = Partial<Omit<MetricsSource, 'openIncidents' | 'newest'>> & {
  readonly latestResults?: () => readonly WindowResult[]
  readonly newest?: MetricsSource['newest']
  readonly openIncidents?: () => readonly Incident[]
}

export function metricsSource(change: SourceChange = {}): MetricsSource {
  const { latestResults = () => [windowResult()], openIncidents: open = () => openIncidents, ...rest } = change
  return {
    version: '0.1.0',
    models: () => [{ name: 'credit-risk', task: 'binary' }],
    segments: () => [],
    newest: () =>
      latestResults().map((result, i) => ({ sequence: String(i), stamp: JSON.stringify(result), read: () => result })),
    counters: () => [
      { name: 'predictions', model: 'credit-risk', version: '7', value: 1_200 },
      { name: 'labels', model: 'credit-risk', version: '', value: 900 },
      { name: 'late', model: 'credit-risk', version: '7', value: 3 },
      { name: 'duplicate_predictions', model: 'credit-risk', version: '7', value: 2 },
      { name: 'labels/duplicate', model: 'credit-risk', version: '', value: 1 },
      { name: 'early_labels/joined', model: 'credit-risk', version: '', value: 1 },
      { name: 'rejected/not_json', model: '', version: '', value: 4 },
      { name: 'unknown_model', model: '', version: '', value: 5 },
      { name: 'lost/retention', model: 'production', version: 'predictions/0', value: 6 },
      { name: 'unknown_features', model: 'credit-risk', version: '', value: 6 },
      { name: 'over/versions', model: 'credit-risk', version: '', value: 7 },
      { name: 'store/quarantine_evicted', model: '', version: '', value: 8 },
      { name: 'store/incidents_forgotten', model: '', version: '', value: 9 },
    ],
    openIncidents: async () => open(),
    queued: () => 3,
    channelStates: () => new Map([['team', 0]]),
    retraining: () => ({
      open: [{ model: 'credit-risk', state: 'awaiting approval' }],
      models: ['credit-risk', 'churn'],
      stopped: ['churn'],
    }),
    joinPending: () => 1_200,
    space: () => ({ stateBytes: 65_536, freeBytes: 2 ** 30 }),
    intake: () => ({ pausedBy: ['outbox'], memoryShare: 0.25 }),
    oldestQueuedAt: () => 90_000,
    progress: () => [
      {
        source: 'production',
        watermark: 3_600_000,
        partitions: [{ topic: 'predictions', partition: 0, nextOffset: 90, endOffset: 100 }],
      },
    ],
    now: () => 100_000,
    ...rest,
  }
}

export function filledMetrics(change: SourceChange = {}, seriesMax = 20_000) {
  const metrics = createMetrics(metricsSource(change), { seriesMax })
  metrics.evaluated(1)
  metrics.committed(5)
  metrics.labelDelay('credit-risk', '7', 86_400_000)
  metrics.incidentOpened('credit-risk', '7', 'performance')
  metrics.delivery('ml-team', 'delivered')
  metrics.gathered('ml-team', 'collapsed', 3)
  metrics.httpAnswered('GET', 200)
  metrics.httpRefused('rate')
  metrics.httpStreams(2)
  metrics.sourceReads('production', true)
  metrics.sourceReconnected('production')
  metrics.reachedAt('https://leeway.example.org')
  metrics.halted({ source: 'production', topic: 'labels', partition: 2 }, true)
  metrics.retraining('credit-risk', '7', 'webhook', 'started', 100_000)
  metrics.retrainingEnded('credit-risk', 'webhook', 'succeeded', 1_380_000)
  return metrics
}
