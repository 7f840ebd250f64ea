// Six hours without a receiver, by a clock of the test: afterwards people are told what happened, and how it stands, once.

import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { createWebhookSender } from '../../src/delivery/channels/webhook.ts'
import { Secret } from '../../src/secret.ts'
import { timeline } from '../build/drain-timeline.ts'
import { seeded, testSeed } from '../build/random.ts'
import type { Received } from '../build/receivers.ts'
import { receiver, toThisMachine } from '../build/receivers.ts'
import { isFull, proved } from './proof.ts'
import { CHANNEL, markOf, rowOf, story } from './told-story.ts'

const HOUR = 3_600_000
const START = Date.UTC(2026, 0, 5)
const OUTAGE = { from: START + HOUR, to: START + 7 * HOUR }
const INCIDENTS = 15
/** What may be under way, and fail, before the breaker opens. */
const UNDER_WAY_MAX = 8
const HANGS_MS = 30

/** What becomes of requests during the outage. Whoever cannot connect is told in another way: see below. */
const troubles = {
  'nothing listens': undefined,
  '429 with Retry-After': (response: ServerResponse) => response.writeHead(429, { 'retry-after': '90' }).end(),
  '500': (response: ServerResponse) => response.writeHead(500).end(),
  hangs: () => {},
  'resets after the effect': (response: ServerResponse) => response.socket?.resetAndDestroy(),
} as const
type Trouble = keyof typeof troubles
const kinds = Object.keys(troubles) as Trouble[]

/** @returns messages that arrived, those of the outage apart */
async function sixHours(t: TestContext, choose: () => Trouble, random: () => number) {
  const during: Received[] = []
  const after: Received[] = []
  let trouble: Trouble | null = null
  const hook = await receiver((request, response) => {
    if (trouble === null) {
      after.push(request)
      return void response.end()
    }
    if (trouble === 'resets after the effect') during.push(request)
    troubles[trouble]?.(response)
  })
  t.after(() => hook.close())
  const secret = new Secret(`whsec_${Buffer.alloc(24, 7).toString('base64')}`)
  const to = (url: string, timeoutMs: number) =>
    createWebhookSender(CHANNEL, { url, secret: () => secret, outbound: toThisMachine, clock: Date.now, timeoutMs })
  const senders = {
    sound: to(hook.url, 10_000),
    hangs: to(hook.url, HANGS_MS),
    nowhere: to('http://127.0.0.1:9/', 10_000),
  }
  const line = timeline(t, {
    start: START,
    random,
    policies: new Map([[CHANNEL, { minSeverity: 'warning', rate: null, fallback: null, gathers: true }]]),
    senders: new Map([
      [
        CHANNEL,
        (row, now) => {
          trouble = now >= OUTAGE.from && now < OUTAGE.to ? choose() : null
          const by = trouble === 'nothing listens' ? 'nowhere' : trouble === 'hangs' ? 'hangs' : 'sound'
          return senders[by].send(row, new AbortController().signal)
        },
      ],
    ]),
  })
  for (let incident = 0; incident < INCIDENTS; incident++) {
    let time = OUTAGE.from + random() * HOUR
    for (const step of story.keys()) {
      line.at(time, (now) => [rowOf(incident, step, now)])
      time += (0.5 + random()) * HOUR
    }
  }
  await line.runUntil(OUTAGE.to + HOUR)
  return { line, during, after }
}

/** Checks what was told of each incident. @returns how many messages told of it, by incident */
function check({ line, during, after }: Awaited<ReturnType<typeof sixHours>>): number[] {
  assert.deepEqual(
    line.store.views.deliveries(999).filter(({ state }) => state !== 'delivered'),
    [],
  )
  const bodies = new Map<string, string>()
  for (const { headers, body } of [...during, ...after]) {
    const key = String(headers['webhook-id'])
    assert.equal(bodies.get(key) ?? body, body, `${key} says the same whenever it comes`)
    bodies.set(key, body)
  }
  return Array.from({ length: INCIDENTS }, (_, incident) => {
    const own = [...new Set(after.map(({ headers }) => String(headers['webhook-id'])))].filter((key) =>
      bodies.get(key)?.includes(`incident ${incident} `),
    )
    for (const step of story.keys())
      assert.ok(
        own.some((key) => bodies.get(key)?.includes(markOf(incident, step))),
        `${incident}/${step} is told`,
      )
    assert.ok(own.filter((key) => key.includes('>')).length <= 1, `one combined message about ${incident}`)
    return own.length
  })
}

for (const kind of isFull ? kinds : (['nothing listens'] as const)) {
  test(`six hours of an outage: ${kind}`, { timeout: 600_000 }, async (t) => {
    const told = check(await sixHours(t, () => kind, seeded(testSeed())))
    const twice = told.filter((count) => count > 1).length
    // What the receiver surely did not take is not told by itself any more.
    const isPlain = kind === 'nothing listens' || kind === '429 with Retry-After'
    assert.ok(isPlain ? twice === 0 : twice <= UNDER_WAY_MAX, `${twice} incidents are told of in two messages`)
  })
}

test('six hours in which everything goes wrong that can, one way after the other', { timeout: 600_000 }, async (t) => {
  const random = seeded(testSeed())
  const result = await sixHours(t, () => kinds[Math.floor(random() * kinds.length)] as Trouble, random)
  const told = check(result)
  const twice = told.filter((count) => count > 1).length
  assert.ok(twice <= UNDER_WAY_MAX, `${twice} incidents are told of in two messages`)
  console.log(`${result.after.length} messages after the outage, ${twice} incidents told of in two`)
  proved({
    promise: 'G3',
    fault: 'A receiver away for six hours: nothing listens, 429 with Retry-After, 500, hanging, reset after the effect',
    size: isFull ? '15 incidents, each kind by itself and all mixed' : '15 incidents, all kinds mixed',
    outcome:
      '0 lost; at most one combined message an incident afterwards; what had been tried before comes again under its key, saying the same',
    test: 'test/faults/outage.test.ts',
  })
})
