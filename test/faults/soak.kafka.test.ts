// Hours in short: 2,000 events a second with a fault every now and then. Memory and file descriptors stay flat, and at the end
// everything is exact. In the last stretch the process is made to leak, and the same judgement of its memory must notice.
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
import { medianOf, trendOf } from '../build/trend.ts'
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
/** Waiting for the last process when it starts: so many fill its cache of pages, 4,096 of them, which else would go on growing. */
const BACKLOG = 850_000
const SAMPLE_EVERY_S = 5
/** Over five minutes, growth of 10 MiB/h cannot be told from what still comes with compiled code: see the decision. */
const MIB_PER_HOUR_MAX = isFull ? 1 : 10
/** How well the slope must be known, so that the judgement is worth something. */
const PLUS_MINUS_MIB_PER_HOUR_MAX = isFull ? 2 : 10
/** From the first samples to the last, objects may have grown by half of what the leak would have kept. */
const LEAK_BYTES = 16
const LEAK_SECONDS = 60
const GROWTH_BYTES_PER_EVENT_MAX = LEAK_BYTES / 2
/** Compiled code and what belongs to it, which grows as long as a part runs hot for the first time. */
const CODE_MIB_MAX = 16
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
  /** Time that does not count: while the backlog is read. */
  stoodMs: number
}

/**
 * What happens, and at which share of the time. The last process lives from the second kill to the end. What a fault needs is
 * compiled and made when it comes for the first time, so each comes once before memory is looked at, and again while it is.
 */
const faults: ReadonlyArray<{
  readonly at: number
  readonly what: string
  readonly happen: (world: World) => unknown
}> = [
  { at: 0.06, what: 'SIGKILL', happen: restart },
  { at: 0.12, what: 'SIGKILL, and a backlog', happen: restartBehind },
  ...outages(0.38),
  ...outages(0.65),
]
const SAMPLES_FROM = 0.5

function outages(from: number) {
  return [
    { at: from, what: 'the receiver answers 503', happen: ({ receiver }: World) => (receiver.isOut = true) },
    { at: from + 0.02, what: 'every connection to Kafka is reset', happen: ({ proxy }: World) => proxy.reset() },
    { at: from + 0.04, what: 'Kafka is a black hole', happen: ({ proxy }: World) => proxy.set({ blackHole: true }) },
    { at: from + 0.06, what: 'Kafka answers again', happen: ({ proxy }: World) => fairWeather(proxy) },
    { at: from + 0.08, what: 'the receiver is back', happen: ({ receiver }: World) => (receiver.isOut = false) },
  ]
}

async function restart(world: World): Promise<void> {
  await kill(world.serving, 'SIGKILL')
  world.serving = await begin(world.set)
}

async function restartBehind(world: World): Promise<void> {
  const from = performance.now()
  await kill(world.serving, 'SIGKILL')
  await world.producer.send(BACKLOG, world.set)
  world.serving = await begin(world.set)
  await until(
    world.serving,
    async () => (applied(world.set.state) >= world.producer.sent ? true : undefined),
    'the backlog to be read',
    600_000,
  )
  world.stoodMs += performance.now() - from
}

/** Nothing is under way: records that are, and their number is chance, are megabytes. Given up after a while, for Kafka may be away. */
async function isCaughtUp({ set, producer }: World): Promise<boolean> {
  const deadline = performance.now() + 3_000
  while (applied(set.state) < producer.sent) {
    if (performance.now() > deadline) return false
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return true
}

/** Connections that lay in the black hole are broken. */
function fairWeather(proxy: TcpProxy): void {
  proxy.clear()
  proxy.reset()
}

async function begin(set: Rig): Promise<Serving> {
  return (await set.start({ faults: ['--heap', '--leak', String(LEAK_BYTES)] })) as Serving
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
  const predictions = ((MINUTES * 60 + LEAK_SECONDS) * EVENTS_PER_SECOND + BACKLOG) / 2
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
  readonly seconds: number
  /** Records sent until then. */
  readonly records: number
  /** In use by objects. */
  readonly mib: number
  /** In use by compiled code and what belongs to it. */
  readonly codeMib: number
  /** Memory of arrays of bytes and numbers, which lies outside of the heap. */
  readonly buffersMib: number
  readonly files: number
}

/** What a process tells of its heap, in bytes by space. */
type Told = Readonly<Record<string, number>> & { readonly arrayBuffers: number }

const OBJECT_SPACES = ['new_space', 'old_space', 'new_large_object_space', 'large_object_space']
const CODE_SPACES = ['code_space', 'code_large_object_space', 'trusted_space', 'trusted_large_object_space']

/** Takes samples of one process. */
class Sampler {
  readonly #serving: Serving
  #taken = 0

  constructor(serving: Serving) {
    this.#serving = serving
  }

  /** The heap in use after a garbage collection, and open files. */
  async take(): Promise<Omit<Sample, 'seconds' | 'records'>> {
    const { process: child, said, log } = this.#serving
    const start = `{"sample":${++this.#taken},`
    child.kill('SIGUSR2')
    await said(start)
    const told = JSON.parse(log.findLast((line) => line.startsWith(start)) as string) as Told
    const mibOf = (spaces: readonly string[]) => spaces.reduce((sum, space) => sum + (told[space] as number), 0) / MIB
    return {
      mib: mibOf(OBJECT_SPACES),
      codeMib: mibOf(CODE_SPACES),
      buffersMib: told.arrayBuffers / MIB,
      files: readdirSync(`/proc/${child.pid}/fd`).length,
    }
  }
}

/** How the objects of a process have grown, and what is wrong with that, in words. */
function growthOf(samples: readonly Sample[]): { slope: number; plusMinus: number; said: string; wrong: string[] } {
  const { slope, plusMinus } = trendOf(samples.map(({ seconds, mib }) => ({ at: seconds / 3_600, value: mib })))
  const edge = Math.ceil(samples.length / 6)
  const middle = (some: readonly Sample[]) => medianOf(some.map(({ mib }) => mib))
  const grown = middle(samples.slice(-edge)) - middle(samples.slice(0, edge))
  const records = (samples.at(-edge) as Sample).records - (samples[0] as Sample).records
  const grownMax = (records * GROWTH_BYTES_PER_EVENT_MAX) / MIB
  const said = `${samples.length} samples: objects ${samples[0]?.mib.toFixed(2)} to ${samples.at(-1)?.mib.toFixed(2)} MiB, ${slope.toFixed(2)} ± ${plusMinus.toFixed(2)} MiB/h, grown by ${grown.toFixed(2)} MiB of ${grownMax.toFixed(2)} allowed`
  const wrong = []
  if (slope - plusMinus > MIB_PER_HOUR_MAX) wrong.push(`memory grows too fast (${said})`)
  if (grown > grownMax) wrong.push(`memory has grown too much (${said})`)
  return { slope, plusMinus, said, wrong }
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
    timeout: (MINUTES + 12) * 60_000,
  },
  (t) =>
    withSeeds('soak', async (seed) => {
      const { set, proxy, ledger, receiver } = await setUp(t, seed)
      const producer = new Producer(ledger)
      const world: World = { set, proxy, receiver, producer, serving: await begin(set), stoodMs: 0 }
      const startedAt = performance.now()
      const seconds = () => (performance.now() - startedAt - world.stoodMs) / 1_000
      const coming = [...faults]
      const samples: { flat: Sample[]; leaking: Sample[] } = { flat: [], leaking: [] }
      let sampler: Sampler | undefined
      let nextAt = SAMPLES_FROM * MINUTES * 60
      let isLeaking = false
      while (!producer.isDone) {
        await producer.sendUpTo(seconds(), set)
        for (let next = coming[0]; next !== undefined && seconds() >= next.at * MINUTES * 60; next = coming[0]) {
          console.log(`${Math.round(seconds())} s: ${next.what}`)
          await next.happen(world)
          coming.shift()
        }
        if (!isLeaking && seconds() >= MINUTES * 60) isLeaking = world.serving.process.kill('SIGWINCH')
        if (seconds() >= nextAt && (await isCaughtUp(world))) {
          nextAt = seconds() + SAMPLE_EVERY_S
          sampler ??= new Sampler(world.serving)
          const sample = { seconds: seconds(), records: producer.sent, ...(await sampler.take()) }
          samples[isLeaking ? 'leaking' : 'flat'].push(sample)
        }
        await new Promise((resolve) => setTimeout(resolve, 250))
      }
      assert.deepEqual(coming, [], 'every fault has come')
      await kill(world.serving, 'SIGTERM')
      const { flat, leaking } = samples
      const { said, plusMinus, wrong: grows } = growthOf(flat)
      const files = flat.map((sample) => sample.files)
      const buffersMib = Math.max(...flat.map((sample) => sample.buffersMib))
      const codeMib = Math.max(...flat.map((sample) => sample.codeMib))
      console.log(
        `${said}; code up to ${codeMib.toFixed(1)} MiB; buffers up to ${buffersMib.toFixed(1)} MiB; files ${files[0]} to ${files.at(-1)}`,
      )
      console.log(`with a leak of ${LEAK_BYTES} bytes an event: ${growthOf(leaking).said}`)
      assert.deepEqual(grows, [])
      assert.ok(plusMinus <= PLUS_MINUS_MIB_PER_HOUR_MAX, `a slope is only known to ± ${plusMinus} MiB/h`)
      assert.equal(growthOf(leaking).wrong.length, 2, 'a leak is noticed by both judgements')
      assert.ok(codeMib <= CODE_MIB_MAX, `${codeMib} MiB of compiled code`)
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
        outcome: `exact; open files flat; no growth of memory beyond ${MIB_PER_HOUR_MAX} MiB/h, known to ± ${PLUS_MINUS_MIB_PER_HOUR_MAX} MiB/h; a leak of ${LEAK_BYTES} bytes an event noticed`,
        test: 'test/faults/soak.kafka.test.ts',
      })
    }),
)
