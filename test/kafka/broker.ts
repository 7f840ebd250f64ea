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
  /** host:port */
  readonly address: string
  stop(): Promise<void>
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

/**
 * Starts a broker and waits until it answers.
 *
 * @param options.port 0 or left out: any free one
 * @param options.dataDir kept after the stop; left out: a temporary folder that is removed
 */
export async function startBroker(options: { port?: number; dataDir?: string } = {}): Promise<Broker> {
  fetchJars()
  const port = await freePort(options.port)
  const controllerPort = await freePort()
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'leeway-kafka-'))
  mkdirSync(dataDir, { recursive: true })
  const properties = join(dataDir, 'server.properties')
  writeFileSync(properties, propertiesOf({ port, controllerPort, logDir: join(dataDir, 'log') }))
  const java = (...args: string[]) => ['-cp', join(libsDir, '*'), ...args]
  if (!existsSync(join(dataDir, 'log', 'meta.properties'))) {
    const id = execFileSync('java', java('kafka.tools.StorageTool', 'random-uuid'), {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
      .trim()
      .split('\n')
      .at(-1) as string
    execFileSync('java', java('kafka.tools.StorageTool', 'format', '-t', id, '-c', properties), { stdio: 'ignore' })
  }
  const logFile = join(dataDir, 'broker.log')
  writeFileSync(logFile, '')
  const child = spawn('java', ['-Xms256m', '-Xmx512m', ...java('kafka.Kafka', properties)], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data) => writeFileSync(logFile, data, { flag: 'a' }))
  const address = `127.0.0.1:${port}`
  const stop = () => stopBroker(child, options.dataDir === undefined ? dataDir : undefined)
  try {
    await answers(address, child)
  } catch (error) {
    const log = readFileSync(logFile, 'utf8').slice(-4_000)
    await stop()
    throw new Error(`the broker did not start: ${error instanceof Error ? error.message : error}\n${log}`, {
      cause: error,
    })
  }
  return { address, stop }
}

function propertiesOf({
  port,
  controllerPort,
  logDir,
}: {
  port: number
  controllerPort: number
  logDir: string
}): string {
  return Object.entries({
    'node.id': 1,
    'process.roles': 'broker,controller',
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
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

async function stopBroker(child: ChildProcess, remove: string | undefined): Promise<void> {
  if (child.exitCode === null && child.pid !== undefined) {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    process.kill(-child.pid, 'SIGTERM')
    const force = setTimeout(() => child.kill('SIGKILL'), 10_000)
    await ended
    clearTimeout(force)
  }
  if (remove !== undefined) rmSync(remove, { recursive: true, force: true })
}

function kafkaOf(address: string): Kafka {
  return connectTo({ brokers: [address], clientId: 'test', ssl: false, sasl: null, log: () => {} })
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
    for (let from = 0; from < records.length; from += 5_000) {
      await producer.send({
        topic,
        messages: records.slice(from, from + 5_000).map(({ partition, value }) => ({ partition, value })),
      })
    }
  } finally {
    await producer.disconnect()
  }
}
