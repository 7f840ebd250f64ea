// A real Kafka broker for tests and development: one JVM, KRaft, jars from Maven Central in a cached folder.

import type { ChildProcess } from 'node:child_process'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Kafka } from 'kafkajs'
import { connectTo } from '../../src/sources/kafka-client.ts'

const KAFKA_VERSION = '4.4.0'
const cacheDir = join(import.meta.dirname, '..', '..', '.cache', 'kafka')
const libsDir = join(cacheDir, 'libs')

export interface Broker {
  /** host:port of the listener that tests talk to. */
  readonly address: string
  /** Where a proxy must connect to, so that whoever comes through it stays behind it. */
  readonly behindProxy: number
  /** Where a listener of the options answers. */
  portOf(listener: string): number
  /** Ends it in order; the data folder goes, unless it was given. */
  stop(): Promise<void>
  /** SIGKILL: nothing is flushed, nobody is told. */
  kill(): Promise<void>
  /** Ends it in order, and keeps its data. */
  halt(): Promise<void>
  /** Starts it again on the same data and ports, after `kill` or `halt`. */
  start(): Promise<void>
}

/** A further listener, such as one that wants a password. */
export interface Listener {
  /** In capitals. */
  readonly name: string
  readonly protocol: 'PLAINTEXT' | 'SSL' | 'SASL_SSL' | 'SASL_PLAINTEXT'
  /** Settings of this listener, without their prefix: `ssl.keystore.location`. A function is asked at every start. */
  readonly settings: Record<string, string> | (() => Record<string, string>)
}

export interface BrokerOptions {
  /** 0 or left out: any free one. */
  readonly port?: number
  /** Kept after the stop; left out: a temporary folder that is removed. */
  readonly dataDir?: string
  /** Port of a proxy: a second listener says that it answers there, so that clients that come through the proxy stay behind it. */
  readonly proxyPort?: number
  readonly listeners?: readonly Listener[]
  /** Users who log in with SCRAM. */
  readonly scramUsers?: ReadonlyArray<{ readonly name: string; readonly password: string }>
}

/** What a machine lacks for a broker, in words; null when it lacks nothing. */
export function missingForBroker(): string | null {
  if (spawnSync('java', ['-version']).error !== undefined)
    return 'Java 17 or newer is not installed (Debian: apt-get install openjdk-17-jre-headless)'
  if (!existsSync(join(libsDir, 'complete')) && spawnSync('mvn', ['--version']).error !== undefined) {
    return 'Maven, which fetches the broker once, is not installed (Debian: apt-get install maven)'
  }
  return null
}

function fetchJars(): void {
  if (existsSync(join(libsDir, 'complete'))) return
  mkdirSync(libsDir, { recursive: true })
  const dependency = `<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${KAFKA_VERSION}</version></dependency>`
  writeFileSync(
    join(cacheDir, 'pom.xml'),
    `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>leeway</groupId><artifactId>test-broker</artifactId><version>1</version><dependencies>${dependency}</dependencies></project>\n`,
  )
  execFileSync(
    'mvn',
    ['-q', '-B', 'dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${libsDir}`],
    { cwd: cacheDir, stdio: ['ignore', 'inherit', 'inherit'] },
  )
  writeFileSync(join(libsDir, 'complete'), KAFKA_VERSION)
}

/** A TCP port that nobody uses now: any, or the one that is named. @throws Error if that one is taken */
export function freePort(port = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', (cause) =>
      reject(
        new Error(`port ${port} is taken, perhaps by another broker; set LEEWAY_KAFKA_PORT to a free one`, { cause }),
      ),
    )
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

/** Starts a broker and waits until it answers. */
export async function startBroker(options: BrokerOptions = {}): Promise<Broker> {
  fetchJars()
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'leeway-kafka-'))
  mkdirSync(dataDir, { recursive: true })
  const ports = new Map<string, number>()
  ports.set('PLAINTEXT', await freePort(options.port))
  for (const name of ['CONTROLLER', 'PROXIED', ...(options.listeners ?? []).map((listener) => listener.name)])
    ports.set(name, await freePort())
  const portOf = (listener: string) => {
    const port = ports.get(listener)
    if (port === undefined) throw new Error(`the broker has no listener ${listener}`)
    return port
  }
  const address = `127.0.0.1:${portOf('PLAINTEXT')}`
  const properties = join(dataDir, 'server.properties')
  const writeProperties = () =>
    writeFileSync(properties, propertiesOf({ portOf, options, logDir: join(dataDir, 'log') }))
  writeProperties()
  if (!existsSync(join(dataDir, 'log', 'meta.properties'))) format(properties, options.scramUsers ?? [])
  const logFile = join(dataDir, 'broker.log')
  writeFileSync(logFile, '')
  let child: ChildProcess | undefined
  const end = async (signal: NodeJS.Signals) => {
    if (child !== undefined) await endProcess(child, signal)
    child = undefined
  }
  const stop = async () => {
    await end('SIGTERM')
    if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true })
  }
  const start = async () => {
    writeProperties()
    child = spawn('java', ['-Xms256m', '-Xmx512m', ...java('kafka.Kafka', properties)], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (data) => {
        // What is said while the folder goes is lost with it.
        if (existsSync(dataDir)) writeFileSync(logFile, data, { flag: 'a' })
      })
    try {
      await answers(address, child)
    } catch (error) {
      const log = readFileSync(logFile, 'utf8').slice(-4_000)
      await stop()
      throw new Error(`the broker did not start: ${error instanceof Error ? error.message : error}\n${log}`, {
        cause: error,
      })
    }
  }
  await start()
  return {
    address,
    behindProxy: portOf('PROXIED'),
    portOf,
    stop,
    kill: () => end('SIGKILL'),
    halt: () => end('SIGTERM'),
    start,
  }
}

const java = (...args: string[]) => ['-cp', join(libsDir, '*'), ...args]

/** Makes the data folder. */
function format(properties: string, users: NonNullable<BrokerOptions['scramUsers']>): void {
  const tool = (...args: string[]) =>
    execFileSync('java', java('kafka.tools.StorageTool', ...args), {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  const id = tool('random-uuid').trim().split('\n').at(-1) as string
  const scram = users.flatMap(({ name, password }) =>
    [256, 512].flatMap((bits) => ['--add-scram', `SCRAM-SHA-${bits}=[name=${name},password=${password}]`]),
  )
  tool('format', '-t', id, '-c', properties, ...scram)
}

function propertiesOf({
  portOf,
  options: { proxyPort, listeners = [] },
  logDir,
}: {
  portOf: (listener: string) => number
  options: BrokerOptions
  logDir: string
}): string {
  const host = '127.0.0.1'
  const advertised = new Map<string, string>([['PLAINTEXT', `${host}:${portOf('PLAINTEXT')}`]])
  if (proxyPort !== undefined) advertised.set('PROXIED', `${host}:${proxyPort}`)
  // Certificates are for a name.
  for (const { name } of listeners) advertised.set(name, `localhost:${portOf(name)}`)
  const protocols = new Map<string, string>([
    ['CONTROLLER', 'PLAINTEXT'],
    ['PLAINTEXT', 'PLAINTEXT'],
    ['PROXIED', 'PLAINTEXT'],
  ])
  for (const { name, protocol } of listeners) protocols.set(name, protocol)
  const own = listeners.flatMap(({ name, settings }) =>
    Object.entries(typeof settings === 'function' ? settings() : settings).map(
      ([key, value]) => [`listener.name.${name.toLowerCase()}.${key}`, value] as const,
    ),
  )
  return Object.entries({
    'node.id': 1,
    'process.roles': 'broker,controller',
    'controller.quorum.voters': `1@${host}:${portOf('CONTROLLER')}`,
    listeners: [...advertised.keys(), 'CONTROLLER'].map((name) => `${name}://${host}:${portOf(name)}`).join(','),
    'advertised.listeners': [...advertised].map(([name, at]) => `${name}://${at}`).join(','),
    'listener.security.protocol.map': [...protocols].map(([name, protocol]) => `${name}:${protocol}`).join(','),
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': logDir,
    'offsets.topic.num.partitions': 4,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    'auto.create.topics.enable': false,
    ...Object.fromEntries(own),
  })
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')
}

/** Waits until the broker answers a request; its death ends the wait. */
async function answers(address: string, child: ChildProcess): Promise<void> {
  const admin = adminOf(address)
  const deadline = performance.now() + 60_000
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the process ended with code ${child.exitCode}`)
    try {
      await admin.connect()
      await admin.listTopics()
      return await admin.disconnect()
    } catch (error) {
      if (performance.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
}

async function endProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  process.kill(-child.pid, signal)
  const force = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await ended
  clearTimeout(force)
}

function kafkaOf(address: string): Kafka {
  return connectTo({ brokers: [address], clientId: 'test', ssl: false, sasl: null, log: () => {} }, { retries: 8 })
}

export function adminOf(address: string) {
  return kafkaOf(address).admin()
}

/** Creates topics; those that exist stay as they are. */
export async function createTopics(
  address: string,
  topics: ReadonlyArray<{ topic: string; partitions: number }>,
): Promise<void> {
  const admin = adminOf(address)
  await admin.connect()
  try {
    const present = new Set(await admin.listTopics())
    const wanted = topics.filter(({ topic }) => !present.has(topic))
    if (wanted.length > 0)
      await admin.createTopics({
        topics: wanted.map(({ topic, partitions }) => ({ topic, numPartitions: partitions })),
        waitForLeaders: true,
      })
  } finally {
    await admin.disconnect()
  }
}

/** A broker takes batches up to 1 MiB. */
const SEND_MAX = { records: 5_000, bytes: 900_000 }

function endOfSend(records: ReadonlyArray<{ value: string | Buffer | null }>, from: number): number {
  let to = from
  for (let bytes = 0; to < records.length && to - from < SEND_MAX.records; to++) {
    bytes += 64 + (records[to]?.value?.length ?? 0)
    if (bytes > SEND_MAX.bytes && to > from) break
  }
  return to
}

/** Writes records, in the given order within each partition. */
export async function produce(
  address: string,
  topic: string,
  records: ReadonlyArray<{ partition: number; value: string | Buffer | null }>,
): Promise<void> {
  const producer = kafkaOf(address).producer({
    createPartitioner:
      () =>
      ({ message }) =>
        message.partition ?? 0,
    idempotent: true,
    maxInFlightRequests: 1,
  })
  await producer.connect()
  try {
    for (let from = 0; from < records.length; ) {
      const to = endOfSend(records, from)
      await producer.send({
        topic,
        messages: records.slice(from, to).map(({ partition, value }) => ({ partition, value })),
      })
      from = to
    }
  } finally {
    await producer.disconnect()
  }
}
