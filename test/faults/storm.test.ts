// Thousands of incidents at once: told together, as fast as each channel takes it, and without holding up the evaluation.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChannelPolicy } from '../../src/delivery/channel-policy.ts'
import type { Notification } from '../../src/delivery/notification.ts'
import type { Route } from '../../src/delivery/plan.ts'
import { planDelivery } from '../../src/delivery/plan.ts'
import type { Outcome } from '../../src/delivery/sender.ts'
import { timeline } from '../build/drain-timeline.ts'
import { incident, transition } from '../build/messages.ts'
import { seeded, testSeed } from '../build/random.ts'
import { proved } from './proof.ts'

const GROUPS = 5_000
const START = Date.UTC(2026, 0, 5)
const MINUTE = 60_000
/** Incidents that one message tells of at most. */
const TOGETHER_MAX = 250
/** Nothing else is evaluated meanwhile: far below the shortest slide that anybody would choose. */
const LOOK_MS_MAX = 500

test(`${GROUPS} groups fire at once: grouped, within the rate of each channel, no look at the outbox longer than ${LOOK_MS_MAX} ms`, {
  timeout: 240_000,
}, async (t) => {
  const sent = new Map<string, Array<{ readonly at: number; readonly incidents: readonly string[] }>>([
    ['chat', []],
    ['hook', []],
  ])
  const take = (row: Notification, now: number): Promise<Outcome> => {
    const { envelope } = row
    const messages =
      envelope.kind === 'group' ? envelope.messages : envelope.kind === 'message' ? [envelope.message] : []
    sent
      .get(envelope.channel)
      ?.push({ at: now, incidents: messages.map(({ incidentId, change }) => `${incidentId} ${change}`) })
    return Promise.resolve({ result: 'delivered' })
  }
  const plain: ChannelPolicy = { minSeverity: 'warning', rate: null, fallback: null, gathers: true }
  const rate = { everyMs: 1_000, burst: 5 }
  const line = timeline(t, {
    start: START,
    random: seeded(testSeed()),
    senders: new Map([...sent.keys()].map((name) => [name, take])),
    policies: new Map([
      ['chat', { ...plain, rate }],
      ['hook', plain],
    ]),
  })
  const grouping = { by: ['model'], above: 5, waitMs: 0, intervalMs: 0 } as const
  const routes: Route[] = [{ model: null, kind: null, severity: null, to: ['chat', 'hook'], grouping }]
  const all = (change: 'firing' | 'resolved', sequence: number) => (now: number) =>
    Array.from({ length: GROUPS }, (_, i) => {
      const one = incident({ id: `i${i}`, model: `model-${i}`, sequence })
      return planDelivery(
        transition({ incident: one, change }),
        { routes, retraining: new Map(), publicUrl: null },
        now,
      ).notifications
    }).flat()
  line.at(START, all('firing', 1))
  line.at(START + 2 * MINUTE, all('resolved', 2))
  await line.runUntil(START + 10 * MINUTE)

  assert.equal(line.store.views.queued(), 0)
  for (const [name, messages] of sent) {
    const told = messages.flatMap(({ incidents }) => incidents)
    assert.deepEqual([told.length, new Set(told).size], [2 * GROUPS, 2 * GROUPS], `${name} is told of each once`)
    assert.ok(messages.length <= 2 * (GROUPS / TOGETHER_MAX + 1), `${name}: ${messages.length} messages`)
  }
  const times = (sent.get('chat') ?? []).map(({ at }) => at)
  for (const [i, at] of times.entries())
    for (let j = i; j < times.length; j++)
      assert.ok(
        j - i + 1 <= rate.burst + Math.floor(((times[j] as number) - at) / rate.everyMs),
        `${j - i + 1} messages within ${(times[j] as number) - at} ms`,
      )
  const look = line.longestLookMs()
  console.log(`longest look: ${look.toFixed(0)} ms of processor time; ${times.length} messages to chat`)
  assert.ok(look <= LOOK_MS_MAX, `${look} ms`)
  proved({
    promise: 'G3',
    fault: '5,000 groups fire at once, and end at once',
    size: '2 channels, one of them at a message a second',
    outcome:
      'each told once, at most 250 in one message, never faster than the channel takes them; no look at the outbox takes half a second',
    test: 'test/faults/storm.test.ts',
  })
})
