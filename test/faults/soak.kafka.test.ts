// Hours in short: 2,000 events a second with a fault every now and then. Memory and file descriptors stay flat, and at the end
// everything is exact.
//
// How memory is measured is told in docs/adr/0013-the-fault-rig.md.

import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import type { LedgerEvent } from '../build/ledger.ts'
import { Ledger } from '../build/ledger.ts'
import type { Serving } from '../build/serve.ts'
import { kill, until } from '../build/serve.ts'
import { dump } from '../build/state.ts'
import { startBroker } from '../kafka/broker.ts'
import { skipWithoutKafka } from '../kafka/needs-kafka.ts'
import { effectFaults, incidentFaults, recordFaults, windowFaults } from './oracle.ts'
import { isFull, proved } from './proof.ts'
import { TcpProxy } from './proxy.ts'
import type { Rig } from './rig.ts'
import { applied, CHANNEL, readRest, rig } from './rig.ts'
import { withSeeds } from './seeds.ts'

const MINUTES = isFull ? 30 : 5
const EVENTS_PER_SECOND = 2_000
const WARM_UP_S = 60
/** Waiting for the last process when it starts: so many fill its cache of pages, 4,096 of them, which else would go on growing. */
const BACKLOG = 850_000
const SAMPLE_EVERY_S = 5
const MIB_PER_HOUR_MAX = 1
/** What a slope can be told from. Over three minutes 1 MiB/h is less than what garbage collection leaves over; 40 MiB/h are six bytes an event. */
const RESOLUTION_MIB_PER_HOUR_MAX = isFull ? 2 : 40
/** The cache of pages of waiting entries, 16 MiB, and what is under way. */
const BUFFERS_MIB_MAX = 28
const FILES_MORE_MAX = 6
const MIB = 2 ** 20

interface World {
  readonly set: Rig
  readonly proxy: TcpProxy
  readonly receiver: { isOut: boolean }
  readonly producer: Producer
  serving: Serving
  kills: number
}

/** What happens, and at which share of the time. The last process lives from the second kill to the end. */
const faults: ReadonlyArray<{
  readonly at: number
  readonly what: string
  readonly happen: (world: World) => unknown
}> = [
  { at: 0.06, what: 'SIGKILL', happen: restart },
  { at: 0.12, what: 'SIGKILL, and a backlog', happen: restartBehind },
  { at: 0.4, what: 'the receiver answers 503', happen: ({ receiver }) => (receiver.isOut = true) },
  { at: 0.5, what: 'the receiver is back', happen: ({ receiver }) => (receiver.isOut = false) },
  { at: 0.6, what: 'every connection to Kafka is reset', happen: ({ proxy }) => proxy.reset() },
  { at: 0.7, what: 'Kafka is a black hole', happen: ({ proxy }) => proxy.set({ blackHole: true }) },
  { at: 0.72, what: 'Kafka answers again', happen: ({ proxy }) => fairWeather(proxy) },
  { at: 0.8, what: 'every connection to Kafka is reset', happen: ({ proxy }) => proxy.reset() },
]

async function restart(world: World): Promise<void> {
  await kill(world.serving, 'SIGKILL')
  world.kills++
  world.serving = await begin(world.set)
}

async function restartBehind(world: World): Promise<void> {
  await kill(world.serving, 'SIGKILL')
  world.kills++
  await world.producer.send(BACKLOG, world.set)
  world.serving = await begin(world.set)
  await until(
    world.serving,
    async () => (applied(world.set.state) >= world.producer.sent ? true : undefined),
    'the backlog to be read',
    300_000,
  )
}

/** Connections that lay in the black hole are broken. */
function fairWeather(proxy: TcpProxy): void {
  proxy.clear()
  proxy.reset()
}

async function begin(set: Rig): Promise<Serving> {
  return (await set.start({ faults: ['--heap'] })) as Serving
}

async function setUp(t: TestContext, seed: number) {
  const proxy = await TcpProxy.start()
  t.after(() => proxy.close())
  const broker = await startBroker({ proxyPort: proxy.port })
  t.after(() => broker.stop())
  proxy.toward(broker.behindProxy)
  const receiver = { isOut: false }
  const set = await rig(t, 'soak', {
    partitions: 3,
    broker: { address: broker.address, seenByDaemon: proxy.address },
    // What is remembered reaches its full size within the warm-up: a day of event time passes in 36 seconds.
    windows: '[{size: 1h, slide: 10m}]',
    horizon: '2h',
    // A pause of this test, on a busy machine, is no silence: it would make the rest of a partition late.
    idleTimeout: '30s',
    env: { LEEWAY_COMMIT_INTERVAL_MS: '500', LEEWAY_COMMIT_RECORDS_MAX: '20000' },
    answer: (response) => {
      if (receiver.isOut) response.statusCode = 503
      response.end()
    },
  })
  const predictions = (MINUTES * 60 * EVENTS_PER_SECOND + BACKLOG) / 2
  const ledger = new Ledger({
    seed,
    predictions,
    partitions: 3,
    hours: MINUTES * 40,
    episodes: MINUTES * 4,
    malformed: predictions / 200,
  })
  return { set, proxy, ledger, receiver }
}

interface Sample {
  readonly hours: number
  readonly mib: number
  /** Memory of arrays of bytes and numbers, which lies outside of the heap. */
  readonly buffersMib: number
  readonly files: number
}

/** The heap in use after a garbage collection, and open files. */
async function sampleOf({ process: child, said, log }: Serving, hours: number): Promise<Sample> {
  const number = (lastSample(log)?.sample ?? 0) + 1
  child.kill('SIGUSR2')
  await said(`"sample":${number},`)
  const { heapUsed = 0, arrayBuffers = 0 } = lastSample(log) ?? {}
  const files = readdirSync(`/proc/${child.pid}/fd`).length
  return { hours, mib: heapUsed / MIB, buffersMib: arrayBuffers / MIB, files }
}

function lastSample(log: readonly string[]) {
  const line = log.findLast((one) => one.startsWith('{"sample"'))
  return line === undefined
    ? undefined
    : (JSON.parse(line) as { sample: number; heapUsed: number; arrayBuffers: number })
}

/** The median slope of all pairs (Theil and Sen), and how far off chance could have put it (95 %), from the pairs' own spread. */
function slopeOf(samples: readonly Sample[]): { slope: number; plusMinus: number } {
  const slopes = samples
    .flatMap((a, i) => samples.slice(i + 1).map((b) => (b.mib - a.mib) / (b.hours - a.hours)))
    .sort((a, b) => a - b)
  const n = samples.length
  // Half of the confidence interval of Sen's slope by Kendall's statistic without ties.
  const reach = (1.96 * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18)) / 2
  const at = (rank: number) => slopes[Math.min(slopes.length - 1, Math.max(0, Math.round(rank)))] as number
  const middle = (slopes.length - 1) / 2
  return { slope: at(middle), plusMinus: (at(middle + reach) - at(middle - reach)) / 2 }
}

/** Sends what is due by now, each second; the stream is made as it is sent. */
class Producer {
  readonly #pieces: Iterator<LedgerEvent[]>
  #ready: LedgerEvent[] = []
  #paced = 0
  sent = 0
  isDone = false

  constructor(ledger: Ledger) {
    this.#pieces = ledger.pieces()[Symbol.iterator]()
  }

  async sendUpTo(seconds: number, set: Rig): Promise<void> {
    const wanted = Math.floor(seconds * EVENTS_PER_SECOND) - this.#paced
    this.#paced += wanted
    await this.send(wanted, set)
  }

  async send(wanted: number, set: Rig): Promise<void> {
    while (this.#ready.length < wanted && !this.isDone) {
      const next = this.#pieces.next()
      if (next.done === true) this.isDone = true
      else this.#ready.push(...next.value)
    }
    const events = this.#ready.splice(0, this.isDone ? this.#ready.length : wanted)
    if (events.length > 0) await set.produce(events)
    this.sent += events.length
  }
}

test(
  `${MINUTES} minutes at ${EVENTS_PER_SECOND} events/s with faults: memory and files stay flat, and the end is exact`,
  {
    skip: skipWithoutKafka,
    timeout: (MINUTES + 5) * 60_000,
  },
  (t) =>
    withSeeds('soak', async (seed) => {
      const { set, proxy, ledger, receiver } = await setUp(t, seed)
      const producer = new Producer(ledger)
      const world: World = { set, proxy, receiver, producer, serving: await begin(set), kills: 0 }
      const startedAt = performance.now()
      const seconds = () => (performance.now() - startedAt) / 1_000
      const coming = [...faults]
      let warmAt = WARM_UP_S
      let samples: Sample[] = []
      while (!producer.isDone) {
        await producer.sendUpTo(seconds(), set)
        for (let next = coming[0]; next !== undefined && seconds() >= next.at * MINUTES * 60; next = coming[0]) {
          console.log(`${Math.round(seconds())} s: ${next.what}`)
          const killsBefore = world.kills
          await next.happen(world)
          if (world.kills > killsBefore) [warmAt, samples] = [seconds() + WARM_UP_S, []]
          coming.shift()
        }
        if (seconds() >= warmAt) {
          samples.push(await sampleOf(world.serving, seconds() / 3_600))
          warmAt = seconds() + SAMPLE_EVERY_S
        }
        await new Promise((resolve) => setTimeout(resolve, 250))
      }
      assert.deepEqual(coming, [], 'every fault has come')
      await kill(world.serving, 'SIGTERM')
      const { slope, plusMinus } = slopeOf(samples)
      const files = samples.map((sample) => sample.files)
      const buffersMib = Math.max(...samples.map((sample) => sample.buffersMib))
      console.log(
        `${samples.length} samples: ${samples[0]?.mib.toFixed(1)} to ${samples.at(-1)?.mib.toFixed(1)} MiB, ${slope.toFixed(2)} ± ${plusMinus.toFixed(2)} MiB/h; buffers up to ${buffersMib.toFixed(1)} MiB; files ${files[0]} to ${files.at(-1)}`,
      )
      assert.ok(plusMinus <= RESOLUTION_MIB_PER_HOUR_MAX, `a slope is only known to ± ${plusMinus} MiB/h`)
      assert.ok(slope - plusMinus <= MIB_PER_HOUR_MAX, `memory grows by ${slope} ± ${plusMinus} MiB/h`)
      assert.ok(buffersMib <= BUFFERS_MIB_MAX, `${buffersMib} MiB of buffers`)
      assert.ok((files.at(-1) as number) <= (files[0] as number) + FILES_MORE_MAX, `open files: ${files.join(' ')}`)
      const wrong = await readRest(set, ledger.records, () => {
        const lines = dump(set.state)
        return [...windowFaults(ledger, lines, MINUTES * 230), ...incidentFaults(lines, CHANNEL)]
      })
      assert.deepEqual(wrong.slice(0, 5), [])
      const lines = dump(set.state)
      assert.deepEqual(recordFaults(ledger, lines).slice(0, 5), [])
      // A message that was refused is tried again under its key, and its receiver had no effect of it.
      assert.deepEqual(effectFaults(lines, set.receiver.received, Number.POSITIVE_INFINITY).wrong.slice(0, 5), [])
      proved({
        promise: 'G1, G3, bounds',
        fault: 'A soak: SIGKILL, a receiver that is out, resets and black holes towards Kafka, malformed records',
        size: `${MINUTES} minutes at ${EVENTS_PER_SECOND.toLocaleString('en')} events/s`,
        outcome: `exact; open files flat; no growth of memory beyond ${MIB_PER_HOUR_MAX} MiB/h that could be told from chance (± ${RESOLUTION_MIB_PER_HOUR_MAX} MiB/h)`,
        test: 'test/faults/soak.kafka.test.ts',
      })
    }),
)
