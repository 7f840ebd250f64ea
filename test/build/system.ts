// A daemon that has one source, one channel, and nothing to complain of.

import type { SystemFacts } from '../../src/overview/system.ts'

const NOW = Date.UTC(2026, 10, 26, 8)

export function systemFacts(change: Partial<SystemFacts> = {}): SystemFacts {
  return {
    ...{ now: NOW, version: '0.1.0', node: '26.10.0', startedAt: NOW - 3_600_000, isReady: true },
    checks: [
      { name: 'source production', ok: true, because: 'reading' },
      { name: 'memory', ok: true, because: 'calm' },
    ],
    sources: [
      {
        ...{ name: 'production', type: 'kafka', models: ['credit-risk'], watermark: NOW - 120_000 },
        partitions: [
          { topic: 'predictions', partition: 0, nextOffset: 90, endOffset: 100 },
          { topic: 'predictions', partition: 1, nextOffset: 50, endOffset: 50 },
          { topic: 'labels', partition: 0, nextOffset: 0, endOffset: Number.POSITIVE_INFINITY },
        ],
      },
    ],
    ...{ pausedBy: [], held: null },
    counters: [
      { name: 'predictions', model: 'credit-risk', version: '7', value: 1_200 },
      { name: 'predictions', model: 'credit-risk', version: '8', value: 300 },
      { name: 'labels', model: 'credit-risk', version: '', value: 900 },
      { name: 'late', model: 'credit-risk', version: '7', value: 3 },
      { name: 'duplicate_predictions', model: 'credit-risk', version: '7', value: 2 },
      { name: 'labels/duplicate', model: 'credit-risk', version: '', value: 1 },
      { name: 'rejected/not_json', model: '', version: '', value: 4 },
      { name: 'rejected/bad_time', model: '', version: '', value: 9 },
      { name: 'unknown_model', model: '', version: '', value: 5 },
      { name: 'lost/retention', model: 'production', version: 'predictions/0', value: 6 },
    ],
    join: { waiting: 1_200, waitingMax: 50_000_000 },
    outbox: {
      ...{ queued: 3, oldestQueuedAt: NOW - 90_000 },
      channels: [{ name: 'team', type: 'slack', state: 0 }],
      deliveries: [],
    },
    store: { directory: './state', stateBytes: 65_536, freeBytes: 2 ** 40, freeMinBytes: 2 ** 29 },
    memoryShare: 0.251234,
    commits: { count: 10, medianMs: 4.5, p99Ms: 12, maxMs: 14 },
    evaluations: null,
    configuration: {
      file: 'leeway.yaml',
      hash: 'ab',
      since: NOW - 3_600_000,
      lastReload: null,
      text: 'apiVersion: leeway/v1\n',
    },
    ...change,
  }
}
