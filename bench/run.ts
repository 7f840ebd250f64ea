// `npm run bench`: the whole path against the floor (the same client consuming and JSON.parse, nothing else), in one run, on a
// real broker. Read the ratios: the absolute numbers are the machine's.
//
//   node bench/run.ts [EVENTS]      default 400,000 for speed; memory is measured at 100,000 and 1,000,000

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Table from 'cli-table3'
import { createTopics, missingForBroker, produce, startBroker } from '../test/kafka/broker.ts'
import { makeEvents, writeConfiguration } from './events.ts'

const events = Number(process.argv[2] ?? 400_000)
const rounds = 3

interface Measured {
  readonly kind: string
  readonly records: number
  readonly seconds: number
  readonly cpuSeconds: number
  readonly peakRssMb: number
}

const lacking = missingForBroker()
if (lacking !== null) {
  console.error(`no broker can be started: ${lacking}`)
  process.exit(4)
}
const broker = await startBroker()
const folder = mkdtempSync(join(tmpdir(), 'leeway-bench-'))
let runs = 0

async function fill(topic: string, count: number, withLabels: boolean): Promise<void> {
  await createTopics(broker.address, [{ topic, partitions: 8 }])
  let chunk: Array<{ partition: number; value: string }> = []
  for (const event of makeEvents(count, withLabels)) {
    chunk.push(event)
    if (chunk.length === 20_000) {
      await produce(broker.address, topic, chunk)
      chunk = []
    }
  }
  await produce(broker.address, topic, chunk)
}

function measure(kind: 'floor' | 'whole', topic: string, count: number): Measured {
  const here = join(folder, `run-${runs++}`)
  const config = writeConfiguration(here, { brokers: broker.address, topic })
  const out = execFileSync(
    process.execPath,
    [join(import.meta.dirname, 'reader.ts'), kind, broker.address, topic, String(count), config, join(here, 'state')],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  )
  rmSync(here, { recursive: true, force: true })
  return JSON.parse(out.trim().split('\n').at(-1) as string)
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number

try {
  const table = new Table({
    head: ['path', 'events', 'events/s', '× floor (time)', 'µs CPU an event', '× floor (CPU)', 'peak RSS MB'],
  })
  for (const [name, withLabels] of [
    ['predictions only', false],
    ['labels joined', true],
  ] as const) {
    const topic = `speed-${withLabels}`
    await fill(topic, events, withLabels)
    // Interleaved, so that what else the machine does meets both alike.
    const pairs = Array.from(
      { length: rounds },
      () => [measure('floor', topic, events), measure('whole', topic, events)] as const,
    )
    const rate = (which: 0 | 1) => median(pairs.map((pair) => pair[which].records / pair[which].seconds))
    const cpu = (which: 0 | 1) => median(pairs.map((pair) => (pair[which].cpuSeconds / pair[which].records) * 1e6))
    const rss = (which: 0 | 1) => median(pairs.map((pair) => pair[which].peakRssMb))
    table.push([`floor: ${name}`, events, Math.round(rate(0)), '1', cpu(0).toFixed(2), '1', Math.round(rss(0))])
    table.push([
      `whole path: ${name}`,
      events,
      Math.round(rate(1)),
      (rate(1) / rate(0)).toFixed(2),
      cpu(1).toFixed(2),
      (cpu(0) / cpu(1)).toFixed(2),
      Math.round(rss(1)),
    ])
  }
  const memory = []
  for (const count of [100_000, 1_000_000]) {
    const topic = `memory-${count}`
    await fill(topic, count, true)
    memory.push(measure('whole', topic, count))
  }
  console.log(table.toString())
  const [small, large] = memory as [Measured, Measured]
  console.log(
    `peak RSS with labels joined: ${Math.round(small.peakRssMb)} MB at 100,000 events, ${Math.round(large.peakRssMb)} MB at 1,000,000 (× ${(large.peakRssMb / small.peakRssMb).toFixed(2)})`,
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
  await broker.stop()
}
