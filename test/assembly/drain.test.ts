import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policyOf, startDrain } from '../../src/assembly/drain.ts'
import { readDocument } from '../../src/config/load.ts'
import type { Outcome, Sender } from '../../src/delivery/sender.ts'
import { probeRoutes } from '../../src/http/probes.ts'
import { openStore } from '../../src/store/store.ts'
import { Health } from '../../src/telemetry/health.ts'
import { createLog } from '../../src/telemetry/log.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { metricsSource } from '../build/metrics.ts'
import { smallDocument } from '../build/small-daemon.ts'
import { changes, notification } from '../store/changes.ts'
import { stateDirectory } from '../store/state-directory.ts'

const text = smallDocument({
  rest: 'channels:\n  team: {type: webhook, url: "https://x.example.org/", secretFile: s, minSeverity: alarm}\n  screen: {type: console}\n',
})

test('a channel that is gone is told to whoever looks, and the daemon is ready nevertheless', async (t) => {
  const document = readDocument(text, 'leeway.yaml')
  const store = openStore(stateDirectory(t))
  t.after(() => store.close())
  const told: string[] = []
  let outcome: Outcome = { result: 'refused', because: '410', isGone: true }
  const sender: Sender = { name: 'team', send: async () => outcome, close: async () => {} }
  const health = new Health()
  const metrics = createMetrics(metricsSource(), { seriesMax: 1_000 })
  const drain = startDrain(store.outbox, new Map([['team', sender]]), {
    clock: Date.now,
    policyOf: (name) => policyOf(document, name, false),
    metrics,
    health,
    log: createLog('silent'),
    onFailure: (error) => assert.fail(String(error)),
    onTrouble: () => {},
    told: (incidents) => told.push(...incidents),
  })
  t.after(() => drain.stop())
  const rows = ['a', 'b'].map((key) => notification({ key, lane: key, dueAt: 0, queuedAt: Date.now() }))
  store.commit(changes({ notifications: rows.slice(0, 1) }))
  await drain.idle()
  store.commit(changes({ notifications: rows.slice(1) }))
  await drain.idle()
  assert.equal(store.views.queued(), 1)
  assert.equal(drain.channelStates().get('team'), 2)
  const ready = async (query: Record<string, string>) => {
    const route = probeRoutes(health).find(({ path }) => path === '/readyz')
    return (await route?.handle({ query, mayRead: true } as never)) as { status: number; json?: { checks: unknown } }
  }
  assert.equal((await ready({})).status, 200)
  assert.deepEqual((await ready({ verbose: '' })).json?.checks, [
    {
      name: 'channel team',
      ok: false,
      because: 'its endpoint is gone, and nothing is sent to it until the configuration is reloaded: 410',
      isVital: false,
    },
  ])
  outcome = { result: 'delivered' }
  drain.reloaded()
  await drain.idle()
  assert.deepEqual([store.views.queued(), health.checks[0]?.ok], [0, true])
  assert.ok(told.length >= 3 && told.every((id) => id === 'i1'), 'pages of the incident hear of each outcome')
  const page = await metrics.page()
  assert.match(page, /leeway_notifications_total\{channel="team",outcome="dead"\} 1/)
  assert.match(page, /leeway_notifications_total\{channel="team",outcome="delivered"\} 1/)
})

test('where the past is replayed on a terminal every message is printed by itself', () => {
  const document = readDocument(text, 'leeway.yaml')
  assert.equal(policyOf(document, 'screen', true), undefined)
  assert.deepEqual(policyOf(document, 'team', true), {
    minSeverity: 'alarm',
    rate: null,
    fallback: null,
    gathers: true,
  })
})
