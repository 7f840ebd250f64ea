// How a page keeps itself up to date, against a daemon that is played here.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError } from '../../src/ui/api.ts'
import type { Change } from '../../src/ui/changes.ts'
import { LiveLink } from '../../src/ui/live.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const hello = 'event: hello\ndata: {"at":"2026-11-26T00:00:00Z"}\n\n'
const change = (data: object) => `event: change\ndata: ${JSON.stringify(data)}\n\n`

/** A daemon whose connections a test holds in its hand, and a clock that goes on when it is told to. */
function played() {
  const connections: ReadableStreamDefaultController<Uint8Array>[] = []
  const waits: Array<{ readonly ms: number; readonly end: () => void }> = []
  const told: Change[] = []
  let isAway = false
  let tried = 0
  let refusal: ApiError | undefined
  const link = new LiveLink({
    api: {
      async stream(_, signal) {
        tried++
        if (refusal !== undefined) throw refusal
        if (isAway) throw new ApiError(0, 'away')
        return new ReadableStream<Uint8Array>({
          start(controller) {
            connections.push(controller)
            signal.addEventListener('abort', () => controller.error(new Error('aborted')))
          },
        })
      },
    },
    changes: { tell: (one) => told.push(one) },
    wait: (ms, signal) =>
      new Promise((resolve) => {
        const one = { ms, end: resolve }
        waits.push(one)
        signal.addEventListener('abort', () => {
          waits.splice(waits.indexOf(one), 1)
          resolve()
        })
      }),
    random: () => 1,
  })
  return {
    link,
    told,
    connections,
    say: (text: string) => connections.at(-1)?.enqueue(bytes(text)),
    tried: () => tried,
    refuse(error: ApiError | undefined) {
      refusal = error
    },
    leave(away: boolean) {
      isAway = away
    },
    /** Lets what is under way go on. */
    settled: async () => {
      for (let i = 0; i < 20; i++) await new Promise(setImmediate)
    },
    /** Waits that are for another try. */
    tries: () => waits.filter(({ ms }) => ms !== 45_000),
    waits,
  }
}

test('a change is told as the daemon tells it, in whatever pieces it comes; null and news of another kind mean any', async () => {
  const { link, told, connections, say, settled } = played()
  link.start()
  await settled()
  say(hello)
  const text = change({ models: ['ä'], incidents: null, retraining: [] })
  for (const byte of bytes(`: still here\n\n${text}`)) connections[0]?.enqueue(Uint8Array.of(byte))
  await settled()
  assert.equal(link.state, 'live')
  assert.deepEqual(told, [{}, { models: ['ä'], retraining: [] }])
  link.stop()
})

test('a connection that is lost is tried again, the longer the rarer, and then everything is read anew', async () => {
  const { link, told, connections, say, settled, leave, tries, waits } = played()
  const states: string[] = []
  link.listen((state) => states.push(state))
  link.start()
  await settled()
  say(hello)
  await settled()
  leave(true)
  connections[0]?.error(new Error('lost'))
  const waited: number[] = []
  for (let i = 0; i < 7; i++) {
    await settled()
    const [next] = tries()
    waited.push(next?.ms ?? 0)
    waits.splice(waits.indexOf(next as (typeof waits)[number]), 1)
    if (i === 6) leave(false)
    next?.end()
  }
  await settled()
  say(hello)
  await settled()
  assert.deepEqual(waited, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
  assert.deepEqual(
    [states, told],
    [
      ['live', 'reconnecting', 'live'],
      [{}, {}],
    ],
  )
  link.stop()
})

test('a connection on which nothing is heard for long is given up', async () => {
  const { link, say, settled, waits, tries } = played()
  link.start()
  await settled()
  say(hello)
  await settled()
  assert.equal(link.state, 'live')
  waits.find(({ ms }) => ms === 45_000)?.end()
  await settled()
  assert.deepEqual([link.state, tries().length], ['reconnecting', 1])
  link.stop()
})

test('paused, nothing moves until it goes on; and then what was missed is read', async () => {
  const { link, told, connections, say, settled } = played()
  link.start()
  await settled()
  say(hello)
  await settled()
  link.pause()
  await settled()
  assert.deepEqual([link.state, connections.length], ['paused', 1])
  link.start()
  await settled()
  say(hello)
  await settled()
  assert.deepEqual([link.state, connections.length, told], ['live', 2, [{}, {}]])
  link.stop()
})

test('a reload of the configuration may have changed anything', async () => {
  const { link, told, say, settled } = played()
  link.start()
  await settled()
  say(hello + change({ models: [], incidents: [], retraining: [], isReloaded: true }))
  await settled()
  assert.deepEqual(told, [{}, {}])
  link.stop()
})

test('a token that is not taken is not tried again until there is another', async () => {
  const { link, settled, refuse, tries, tried, say } = played()
  refuse(new ApiError(401, 'not known'))
  link.start()
  await settled()
  assert.deepEqual([link.isRefused, link.state, tries().length, tried()], [true, 'reconnecting', 0, 1])
  refuse(undefined)
  link.start()
  await settled()
  say(hello)
  await settled()
  assert.deepEqual([link.isRefused, link.state, tried()], [false, 'live', 2])
  link.stop()
})
