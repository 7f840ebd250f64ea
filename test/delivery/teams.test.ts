import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTeamsSender } from '../../src/delivery/channels/teams.ts'
import type { Notification } from '../../src/delivery/notification.ts'
import { Secret } from '../../src/secret.ts'
import { senderBattery } from '../batteries/sender.battery.ts'
import { digest, group, notification, told } from '../build/messages.ts'
import { receiver, toThisMachine } from '../build/receivers.ts'

const signature = 'sig-canary-0a1b2c3d4e5f'
const signal = AbortSignal.timeout(30_000)
const BYTES_MAX = 28 * 1024

senderBattery(
  'Teams',
  ({ url, timeoutMs }) =>
    createTeamsSender('team', { url: () => new Secret(`${url}?sig=${signature}`), outbound: toThisMachine, timeoutMs }),
  notification('team'),
  signature,
)

interface Block {
  readonly type: string
  readonly inlines: ReadonlyArray<{ readonly type: string; readonly text: string; readonly color?: string }>
}
interface Card {
  readonly type: string
  readonly body: readonly Block[]
  readonly actions: ReadonlyArray<{ readonly type: string; readonly url: string }>
}

/** What a workflow that posts cards makes of a row: the card that it would show. */
async function shown(row: Notification) {
  const workflow = await receiver((_, response) => response.writeHead(202).end())
  const sender = createTeamsSender('team', { url: () => new Secret(workflow.url), outbound: toThisMachine })
  const outcome = await sender.send(row, signal)
  await workflow.close()
  if (outcome.result !== 'delivered') return { outcome, card: undefined, lines: [] }
  const [{ body }] = workflow.received as unknown as [{ body: string }]
  assert.ok(Buffer.byteLength(body) <= BYTES_MAX, `${Buffer.byteLength(body)} bytes`)
  const { type, attachments } = JSON.parse(body)
  assert.equal(type, 'message')
  assert.equal(attachments.length, 1)
  assert.equal(attachments[0].contentType, 'application/vnd.microsoft.card.adaptive')
  const card = attachments[0].content as Card
  assert.equal(card.type, 'AdaptiveCard')
  for (const block of card.body) assert.equal(block.type, 'RichTextBlock', 'text that could be a format')
  return { outcome, card, lines: card.body.map(({ inlines }) => inlines.map(({ text }) => text).join('')) }
}

test('a message is a card: what, since when, which features, where to look, and its key', async () => {
  const { card, lines } = await shown(told('team', { link: 'https://leeway.example.org/i/1' }))
  assert.match(lines[0] ?? '', /ROC AUC 0\.908/)
  assert.match(lines.join('\n'), /4,210 labelled of 5,210 rows[\s\S]*• income/)
  assert.equal(lines.at(-1), 'a41c9d3300000001:2:team')
  assert.deepEqual(card?.actions, [
    { type: 'Action.OpenUrl', title: 'Open in Leeway', url: 'https://leeway.example.org/i/1' },
  ])
  assert.equal(card?.body[0]?.inlines[0]?.color, 'Attention')
  const { card: resolved } = await shown(told('team', { change: 'resolved' }))
  assert.equal(resolved?.body[0]?.inlines[0]?.color, 'Default')
})

test('however many incidents a group has, the card fits, and says how many it leaves out', async () => {
  for (const count of [3, 100, 5_000]) {
    const { lines } = await shown(group('team', count))
    const named = lines.filter((line) => /incident \d+$/.test(line)).length
    const rest = Number(/and (\d+) more/.exec(lines.join('\n'))?.[1] ?? 0)
    assert.equal(named + rest, count)
    assert.ok(named >= Math.min(count, 90), `${named} of ${count}`)
  }
})

test('long texts of a message fit, too', async () => {
  const features = Array.from({ length: 5 }, () => ({ name: 'é'.repeat(5_000), detail: 'é'.repeat(5_000) }))
  const paragraphs = Array.from({ length: 30 }, () => '字'.repeat(4_000))
  const { lines } = await shown(told('team', { features, paragraphs, title: '字'.repeat(2_000) }))
  assert.ok(lines.length > 2)
})

test('a digest is a card', async () => {
  const { lines } = await shown(digest('team'))
  assert.match(lines.join('\n'), /all is well[\s\S]*12,345 predictions[\s\S]*figure 0: 0\.90/)
})
