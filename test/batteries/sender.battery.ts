// What every sender over HTTP makes of what a receiver does.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Notification } from '../../src/delivery/notification.ts'
import type { Outcome, Sender } from '../../src/delivery/sender.ts'
import { receiver } from '../build/receivers.ts'

const TIMEOUT_MS = 300
const table: ReadonlyArray<readonly [status: number, result: Outcome['result']]> = [
  [200, 'delivered'],
  [202, 'delivered'],
  [301, 'refused'],
  [400, 'refused'],
  [401, 'refused'],
  [404, 'refused'],
  [408, 'retry'],
  [410, 'refused'],
  [425, 'retry'],
  [429, 'retry'],
  [500, 'retry'],
  [502, 'retry'],
  [503, 'retry'],
]

export function senderBattery(
  name: string,
  make: (options: { url: string; timeoutMs: number }) => Sender,
  row: Notification,
  secret: string,
  /** What the receiver says of its success; how many requests an answer leads to within one attempt. */
  {
    says = 'said so',
    requests = () => 1,
  }: { readonly says?: string; readonly requests?: (status: number) => number } = {},
): void {
  const signal = AbortSignal.timeout(60_000)

  for (const [status, result] of table) {
    test(`${name}: ${status} means ${result}`, async () => {
      const target = await receiver((_, response) =>
        response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end(says),
      )
      const outcome = await make({ url: target.url, timeoutMs: TIMEOUT_MS }).send(row, signal)
      await target.close()
      assert.equal(outcome.result, result)
      assert.equal(target.received.length, requests(status))
    })
  }

  test(`${name}: the wait that a receiver asks for is respected`, async () => {
    const target = await receiver((_, response) => response.writeHead(429, { 'retry-after': '17' }).end())
    const outcome = await make({ url: target.url, timeoutMs: TIMEOUT_MS }).send(row, signal)
    await target.close()
    assert.deepEqual(outcome.result === 'retry' && outcome.retryAfterMs, 17_000)
  })

  test(`${name}: a receiver that hangs, resets or is not there is tried again, and no secret is told`, async () => {
    const hanging = await receiver(() => {})
    const resetting = await receiver((_, response) => response.destroy())
    for (const url of [hanging.url, resetting.url, 'http://127.0.0.1:1/']) {
      const outcome = await make({ url, timeoutMs: TIMEOUT_MS }).send(row, signal)
      assert.equal(outcome.result, 'retry')
      assert.ok(!JSON.stringify(outcome).includes(secret))
    }
    await hanging.close()
    await resetting.close()
  })
}
