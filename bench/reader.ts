// One measured process: reads a topic to its end, either as the floor (consume and JSON.parse) or by the whole path, and prints
// what it took as one line of JSON. Time runs from the first batch to the last commit.

import { loadDocument } from '../src/config/load.ts'
import { loadSettings } from '../src/config/settings.ts'
import { startDaemon } from '../src/daemon.ts'
import { createKafkaSource } from '../src/sources/kafka.ts'
import { createLog } from '../src/telemetry/log.ts'

const [kind, brokers, topic, expected, config, state] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
  string,
]
const records = Number(expected)
let first: { at: number; cpu: NodeJS.CpuUsage } | undefined
const begin = () => {
  first ??= { at: performance.now(), cpu: process.cpuUsage() }
}
const finished = Promise.withResolvers<void>()

async function floor(): Promise<void> {
  let seen = 0
  const source = createKafkaSource({
    name: 'floor',
    topics: [topic],
    brokers: [brokers],
    clientId: 'bench',
    ssl: false,
    sasl: null,
    log: () => {},
    onTrouble: () => {},
  })
  void source.run({
    assigned: (partitions) => partitions.map(() => undefined),
    async batch(batch) {
      if (batch.records.length === 0) return
      begin()
      for (const { value } of batch.records) JSON.parse((value as Buffer).toString())
      seen += batch.records.length
      if (seen >= records) finished.resolve()
    },
  })
  await finished.promise
  report()
  await source.stop()
}

async function whole(): Promise<void> {
  const daemon = await startDaemon({
    document: loadDocument(config),
    settings: loadSettings({ flags: { stateDir: state, port: 0 } }),
    log: createLog('warn'),
    version: 'bench',
    write: () => {},
    mode: 'live',
    deliver: true,
    onCommit: (positions) => {
      if (positions.reduce((sum, { nextOffset }) => sum + nextOffset, 0) >= records) finished.resolve()
    },
  })
  // The clock starts when the first record is in.
  const timer = setInterval(() => {
    if (daemon.pipeline.uncommitted > 0 || first !== undefined) {
      begin()
      clearInterval(timer)
    }
  }, 1)
  void daemon.run()
  await finished.promise
  report()
  await daemon.stop()
}

function report(): void {
  const { at, cpu } = first as NonNullable<typeof first>
  const used = process.cpuUsage(cpu)
  const seconds = (performance.now() - at) / 1000
  console.log(
    JSON.stringify({
      kind,
      records,
      seconds,
      cpuSeconds: (used.user + used.system) / 1e6,
      peakRssMb: process.resourceUsage().maxRSS / 1024,
    }),
  )
}

await (kind === 'floor' ? floor() : whole())
process.exit(0)
