// A network that is slow, forgets connections, cuts answers in half and loses what is sent: it costs time, and no record.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createKafkaSource } from '../../src/sources/kafka.ts'
import type { LedgerEvent } from '../build/ledger.ts'
import { Ledger } from '../build/ledger.ts'
import { seeded, testSeed } from '../build/random.ts'
import type { Serving } from '../build/serve.ts'
import { kill, metric, until } from '../build/serve.ts'
import { dump } from '../build/state.ts'
import type { Broker } from '../kafka/broker.ts'
import { adminOf, createTopics, missingForBroker, produce, startBroker } from '../kafka/broker.ts'
import { stateFaults } from './oracle.ts'
import { isFull, proved } from './proof.ts'
import { TcpProxy } from './proxy.ts'
import type { Rig } from './rig.ts'
import { applied, readRest, rig } from './rig.ts'

const skip = missingForBroker() ?? false
const random = seeded(1)
const proxy = await TcpProxy.start({ random })
const broker: Broker | undefined = skip === false ? await startBroker({ proxyPort: proxy.port }) : undefined
if (broker !== undefined) proxy.toward(broker.behindProxy)
after(async () => {
  await proxy.close()
  await broker?.stop()
})

const file = 'test/faults/network.test.ts'
const sizes = isFull
  ? { times: 20, records: 400_000, weatherMs: 300_000 }
  : { times: 3, records: 40_000, weatherMs: 5_000 }
const connection = 'requestTimeout: 3s, stallTimeout: 60s'
const address = () => (broker as Broker).address
const turn = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

interface Run {
  readonly set: Rig
  readonly serving: Serving
  readonly ledger: Ledger
  readonly take: (share: number) => LedgerEvent[]
  produced: number
}

/** A daemon behind the proxy, and a stream of which shares are taken one after another. */
async function begin(t: Parameters<typeof rig>[0], name: string, predictions: number): Promise<Run> {
  proxy.clear()
  const set = await rig(t, name, {
    partitions: 3,
    broker: { address: address(), seenByDaemon: proxy.address },
    idleTimeout: '10m',
    connection,
  })
  const ledger = new Ledger({ seed: testSeed(), partitions: 3, predictions })
  const events = [...ledger.pieces()].flat()
  let from = 0
  const take = (share: number) => {
    const start = from
    from += Math.ceil(events.length * share)
    return events.slice(start, from)
  }
  return { set, serving: (await set.start()) as Serving, ledger, take, produced: 0 }
}

async function send(run: Run, events: readonly LedgerEvent[]): Promise<void> {
  await run.set.produce(events)
  run.produced += events.length
}

const allRead = (run: Run, what: string, timeoutMs = 120_000) =>
  until(run.serving, async () => (applied(run.set.state) === run.produced ? true : undefined), what, timeoutMs)

async function end(run: Run): Promise<void> {
  await send(run, run.take(1))
  await allRead(run, 'all records to be applied')
  await kill(run.serving, 'SIGTERM')
  const wrong = await readRest(run.set, run.produced, () =>
    stateFaults(run.ledger, dump(run.set.state), run.set.reference),
  )
  assert.deepEqual(wrong.slice(0, 5), [])
}

test('a connection that the network has forgotten is found within the time-out, and reading goes on over a new one', {
  skip,
  timeout: 3_600_000,
}, async (t) => {
  const run = await begin(t, 'half-open', 3_000 * sizes.times)
  for (let i = 0; i < sizes.times; i++) {
    await send(run, run.take(0.4 / sizes.times))
    await allRead(run, 'records in fair weather')
    assert.ok(proxy.strand() > 0)
    await send(run, run.take(0.4 / sizes.times))
    // A new connection is made because the old one is silent, not because somebody closed it.
    await allRead(run, 'records over a new connection', 30_000)
    const dead = run.serving.log.filter((line) => line.includes('is dead (no answer for'))
    assert.ok(dead.length > 0, 'nobody noticed')
  }
  await end(run)
  proved({
    promise: 'G1',
    fault: 'Half-open connections',
    size: `${sizes.times} times`,
    outcome: 'found within requestTimeout, exact',
    test: file,
  })
})

test('resets, answers cut in half, slices of a byte, latency, a slow line, a one-way loss and a black hole cost no record', {
  skip,
  timeout: 3_600_000,
}, async (t) => {
  const run = await begin(t, 'weather', sizes.records)
  const through = async (name: string, share: number, change: () => void, meanwhile?: () => Promise<void>) => {
    const startedAt = performance.now()
    const events = run.take(share)
    change()
    const producing = send(run, events)
    await meanwhile?.()
    await producing
    // Weather that lets nothing through has to pass.
    if (meanwhile !== undefined) proxy.clear()
    await allRead(run, `records through ${name}`)
    proxy.clear()
    t.diagnostic(`${name}: ${events.length} records in ${Math.round((performance.now() - startedAt) / 1_000)} s`)
  }
  const repeatedly = (act: () => void, everyMs: number) => async () => {
    for (const stopAt = performance.now() + sizes.weatherMs; performance.now() < stopAt; ) {
      await turn(everyMs)
      act()
    }
  }
  await through(
    'resets',
    0.2,
    () => {},
    repeatedly(() => proxy.reset(), 400),
  )
  // Each connection dies somewhere in the middle of an answer.
  await through(
    'answers that are cut',
    0.3,
    () => proxy.set({ cutAfterBytes: 40_000 }),
    repeatedly(() => proxy.set({ cutAfterBytes: 20_000 + Math.floor(random() * 2_000_000) }), 700),
  )
  await through('latency of 300 ms ± 200', 0.2, () => proxy.set({ latencyMs: 300, jitterMs: 200 }))
  await through('slices of one byte', isFull ? 0.01 : 0.005, () => proxy.set({ sliceBytes: 1 }))
  await through('64 KB/s', isFull ? 0.02 : 0.04, () => proxy.set({ bytesPerSecond: 64_000 }))
  for (const drop of [{ dropDown: true }, { dropUp: true }, { blackHole: true }])
    await through(
      `${Object.keys(drop)[0]}`,
      0.05,
      () => proxy.set(drop),
      () => turn(sizes.weatherMs),
    )
  assert.ok(((await metric(run.serving, 'leeway_source_reconnects_total{source="stream"}')) ?? 0) > 0)
  await end(run)
  proved({
    promise: 'G1',
    fault: 'Resets, answers cut in half, slices of 1 byte, 300 ms ± 200 latency, 64 KB/s, one-way loss, black hole',
    size: `${sizes.records.toLocaleString('en-US')} predictions`,
    outcome: '0 lost, 0 double',
    test: file,
  })
})

test('partitions that are added while the daemon runs are read from their first record', {
  skip,
  timeout: 300_000,
}, async (t) => {
  const run = await begin(t, 'partitions', 6_000)
  await send(run, run.take(0.3))
  await allRead(run, 'the first records')
  const admin = adminOf(address())
  await admin.connect()
  await admin.createPartitions({ topicPartitions: [{ topic: run.set.topic, count: 6 }] })
  await admin.disconnect()
  // They are not known yet: what moves event time on must not come from elsewhere meanwhile.
  await send(
    run,
    run.take(0.1).map((event, i) => ({ ...event, partition: 3 + (i % 3) })),
  )
  await allRead(run, 'records of partitions that were added')
  await end(run)
  proved({
    promise: 'G1',
    fault: 'Partitions added while running',
    size: '3 to 6',
    outcome: 'read from their first record, exact',
    test: file,
  })
})

test('a client that brings nothing is replaced, and one that stays so ends the process with a reason', {
  skip,
  timeout: 300_000,
}, async (t) => {
  // Replaced, which helps.
  const topic = `stuck-${Date.now()}`
  await createTopics(address(), [{ topic, partitions: 1 }])
  await produce(address(), topic, [{ partition: 0, value: '{}' }])
  let stuck = true
  const told: string[] = []
  const got = Promise.withResolvers<void>()
  const source = createKafkaSource({
    brokers: [address()],
    clientId: 'test',
    ssl: false,
    sasl: null,
    name: 'test',
    topics: [topic],
    stallTimeoutMs: 1_000,
    log: (level, message) => void (level === 'warn' && told.push(message)),
    onTrouble: () => {},
    onReconnect: () => {
      stuck = false
    },
    isStuck: () => stuck,
  })
  const running = source.run({
    assigned: (partitions) => partitions.map(() => undefined),
    batch: async ({ records }) => void (records.length > 0 && got.resolve()),
  })
  await got.promise
  await source.stop()
  await running
  assert.match(told.join('\n'), /brought none for 1 s: taking a new client/)

  // Replaced, which does not help.
  const set = await rig(t, 'stuck', {
    partitions: 3,
    broker: { address: address(), seenByDaemon: address() },
    connection: 'stallTimeout: 2s',
  })
  const ledger = new Ledger({ seed: testSeed(), partitions: 3, predictions: 5_000 })
  const [first = []] = ledger.pieces()
  const serving = (await set.start({ faults: ['--stuck'] })) as Serving
  await set.produce(first)
  await serving.said('firstCommitMs')
  await set.produce(first)
  const { code } = await serving.ended
  assert.equal(code, 1)
  const log = serving.log.join('\n')
  assert.match(log, /brought none for 2 s: taking a new client/)
  assert.match(log, /sources\.stream: there are records to read, .* a new client did not help/)
  proved({
    promise: 'G1',
    fault: 'A client that brings nothing',
    size: 'stallTimeout twice',
    outcome: 'replaced; the second time the process ends with a reason',
    test: file,
  })
})
