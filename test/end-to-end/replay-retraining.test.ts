// What a replay asks for on real data: a year of the California model, whose labels come 30 days late, and an orchestrator that is
// away when it is called first.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadDocument } from '../../src/config/load.ts'
import { usualRule } from '../../src/config/retraining-rules.ts'
import { loadSettings } from '../../src/config/settings.ts'
import { startDaemon } from '../../src/daemon.ts'
import type { Launch, Orchestrator } from '../../src/retraining/orchestrator.ts'
import type { Trigger } from '../../src/retraining/trigger.ts'
import { createLog } from '../../src/telemetry/log.ts'

test('a replay judges each request by the labels of its time, and calls again an orchestrator that was away', async () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'leeway-replay-'))
  const document = loadDocument(join(import.meta.dirname, '..', '..', 'examples', 'california', 'leeway.yaml'))
  const answers: Launch[] = [
    { result: 'retry', because: '503' },
    { result: 'unknown', because: 'timeout' },
    { result: 'started', run: null, detail: '202' },
  ]
  const keys: string[] = []
  const orchestrator: Orchestrator = {
    ...{ name: 'retraining/california', isIdempotent: true, pollEveryMs: 5_000 },
    async launch({ key }) {
      keys.push(key)
      return answers[Math.min(keys.length, answers.length) - 1] as Launch
    },
    async close() {},
  }
  const triggers: Trigger[] = []
  const rule = { ...usualRule('california'), target: 'webhook', promote: false, newLabelsMin: 400 } as const
  const daemon = await startDaemon({
    ...{ document, version: 'test', mode: 'replay', deliver: false, write: () => {} },
    settings: loadSettings({ env: {}, flags: { stateDir } }),
    log: createLog('silent'),
    retraining: new Map([['california', rule]]),
    orchestrators: new Map([['california', orchestrator]]),
    onPlanned: (_, { trigger }) => trigger !== null && triggers.push(trigger),
  })
  try {
    await daemon.run()
    await daemon.delivered()
    const { retraining } = daemon.store
    const told = triggers.map(({ id, incident, labels }) => {
      const { gates = [], run } = retraining.request(id) ?? {}
      const { because } = gates.find(({ gate }) => gate === 'new labels') ?? {}
      return { kind: incident.kind, labels, because, hasRun: run != null }
    })
    assert.deepEqual(told, [
      {
        kind: 'drift',
        labels: 1442,
        because: '1442 labels have come since the last run began, 400 are needed',
        hasRun: true,
      },
      {
        kind: 'performance',
        labels: 1850,
        because: '408 labels have come since the last run began, 400 are needed',
        hasRun: true,
      },
    ])
    assert.deepEqual([keys.length, new Set(keys).size], [4, 2])
    // All that have come by the end.
    assert.equal(retraining.facts('california', 0).labels, 8232)
  } finally {
    await daemon.stop()
    rmSync(stateDir, { recursive: true })
  }
})
