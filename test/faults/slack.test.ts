// Slack fails in all of its ways while incidents come and go: limits, errors, silence, connections cut before and after the effect.
// In the end each incident is one message that shows how it stands, with its story in the thread.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSlackSender } from '../../src/delivery/channels/slack/bot.ts'
import type { Message, Notification } from '../../src/delivery/notification.ts'
import { Secret } from '../../src/secret.ts'
import { message, notification } from '../build/messages.ts'
import { seeded, testSeed } from '../build/random.ts'
import { toThisMachine } from '../build/receivers.ts'
import type { SlackMessage, Trouble } from '../build/slack.ts'
import { slackServer } from '../build/slack.ts'
import { isFull, proved } from './proof.ts'

const INCIDENTS = isFull ? 400 : 60
const STORY = ['firing', 'update', 'handled', 'resolved'] as const
const TROUBLED = 0.15
const troubles: readonly Trouble[] = [
  { status: 429, retryAfter: 1 },
  { status: 503 },
  { status: 502, page: '<html>bad gateway</html>' },
  { error: 'internal_error' },
  { error: 'ratelimited' },
  'hang',
  'reset',
  'reset after the effect',
]
const secret = new Secret('xoxb-canary-token')

function row(incident: number, step: number): Notification {
  const change = STORY[step] as (typeof STORY)[number]
  const about: Message = {
    ...message(),
    incidentId: `incident-${incident}`,
    change,
    title: `model-${incident}: ${change}`,
  }
  return {
    ...notification('slack'),
    key: `${incident}:${step}:slack`,
    envelope: { kind: 'message', channel: 'slack', message: about },
  }
}

/** Sends all, each incident in its order, as the outbox does: what is to be tried again is; a receipt goes with what follows. */
async function tellAll(random: () => number, options: { readonly keepsThreads: boolean }) {
  const ambiguous = new Map<string, number>()
  let faults = 0
  let current = ''
  const server = await slackServer({
    trouble: () => {
      if (random() >= TROUBLED) return undefined
      const trouble = troubles[Math.floor(random() * troubles.length)]
      faults++
      if (trouble === 'reset after the effect') ambiguous.set(current, (ambiguous.get(current) ?? 0) + 1)
      return trouble
    },
  })
  const bot = createSlackSender('ml-team', {
    token: () => secret,
    outbound: toThisMachine,
    channel: '#ml-alerts',
    apiUrl: server.apiUrl,
    timeoutMs: 150,
  })
  for (let incident = 0; incident < INCIDENTS; incident++) {
    let thread: string | undefined
    for (let step = 0; step < STORY.length; step++) {
      const one = row(incident, step)
      current = one.key
      for (;;) {
        const sent = { ...one, ...(thread !== undefined && options.keepsThreads && { thread }) }
        const outcome = await bot.send(sent, AbortSignal.timeout(60_000))
        if (outcome.result === 'retry') continue
        assert.equal(outcome.result, 'delivered', JSON.stringify(outcome))
        thread ??= outcome.result === 'delivered' ? outcome.receipt : undefined
        break
      }
    }
  }
  await server.close()
  return { messages: server.messages, ambiguous, faults }
}

const keyOf = ({ form }: SlackMessage) => String(JSON.parse(form.get('metadata') ?? '{}').event_payload?.key ?? '')

/** What is wrong with what stands in Slack. */
function* wrongs({ messages, ambiguous }: Awaited<ReturnType<typeof tellAll>>): Iterable<string> {
  for (let incident = 0; incident < INCIDENTS; incident++) {
    const first = messages.filter(
      ({ edits, form, thread }) =>
        thread === null && keyOf({ form: edits[0] ?? form } as SlackMessage) === `${incident}:0:slack`,
    )
    const allowed = 1 + (ambiguous.get(`${incident}:0:slack`) ?? 0)
    if (first.length < 1 || first.length > allowed) yield `incident ${incident} has ${first.length} parents`
    const shown = first.filter(({ form }) => form.get('text') === `✓ model-${incident}: resolved`)
    if (shown.length !== 1) yield `incident ${incident} is shown as resolved ${shown.length} times`
    for (let step = 1; step < STORY.length; step++) {
      const key = `${incident}:${step}:slack`
      const replies = messages.filter((one) => one.thread !== null && keyOf(one) === key)
      if (replies.length < 1 || replies.length > 1 + (ambiguous.get(key) ?? 0))
        yield `${key} is told ${replies.length} times`
      if (replies.some(({ thread }) => thread !== shown[0]?.ts)) yield `${key} is told in another thread`
    }
  }
}

test('through every failure of Slack each incident stays one message that shows how it stands, with all of its story', async () => {
  const seed = testSeed()
  const told = await tellAll(seeded(seed), { keepsThreads: true })
  assert.deepEqual([...wrongs(told)], [], `LEEWAY_TEST_SEED=${seed}`)
  assert.ok(told.faults > INCIDENTS / 2, `${told.faults} faults`)
  const forgetful = await tellAll(seeded(seed), { keepsThreads: false })
  assert.ok([...wrongs(forgetful)].length > 0, 'a sender that forgets its threads is not caught')
  proved({
    promise: 'G3',
    fault: "Slack's rate limits, errors, pages of gateways, silence, connections cut before and after the effect",
    size: `15 % of all calls, ${INCIDENTS} incidents of ${STORY.length} messages`,
    outcome:
      'each incident is one message that shows its last state, every change told in its thread; told twice only when an answer was lost, under the same key; forgotten threads are caught',
    test: 'test/faults/slack.test.ts',
  })
})
