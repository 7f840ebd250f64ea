// A broker that dies, restarts, and stays away: nothing is lost or counted twice, and the daemon waits in peace.

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { after, test } from 'node:test'
import { Ledger } from '../build/ledger.ts'
import { seeded, testSeed } from '../build/random.ts'
import type { Serving } from '../build/serve.ts'
import { kill, metric, until } from '../build/serve.ts'
import { dump } from '../build/state.ts'
import type { Broker } from '../kafka/broker.ts'
import { missingForBroker, startBroker } from '../kafka/broker.ts'
import { stateFaults } from './oracle.ts'
import { isFull, proved } from './proof.ts'
import { applied, readRest, rig } from './rig.ts'

const skip = missingForBroker() ?? false
const broker: Broker | undefined = skip === false ? await startBroker() : undefined
after(() => broker?.stop())

const file = 'test/faults/broker.test.ts'
const sizes = isFull ? { kills: 30, halts: 30, awayS: 300 } : { kills: 10, halts: 1, awayS: 20 }
const PREDICTIONS_A_PIECE = 10_000

test(`a broker that is killed ${sizes.kills} times and restarted in order ${sizes.halts} times under load costs no record`, {
  skip,
  timeout: 3_600_000,
}, async (t) => {
  const seed = testSeed()
  const random = seeded(seed)
  const { address, kill: killBroker, halt, start } = broker as Broker
  const lives = sizes.kills + sizes.halts
  const set = await rig(t, 'restarts', {
    partitions: 3,
    broker: { address, seenByDaemon: address },
    idleTimeout: '10m',
  })
  const ledger = new Ledger({ seed, partitions: 3, predictions: lives * PREDICTIONS_A_PIECE })
  const serving = (await set.start()) as Serving
  let life = 0
  let produced = 0
  const pieces = [...ledger.pieces()]
  const size = Math.ceil(pieces.length / lives)
  for (; life < lives; life++) {
    for (const events of pieces.slice(life * size, (life + 1) * size)) {
      await set.produce(events)
      produced += events.length
    }
    // It is reading what has just been written.
    const before = applied(set.state)
    await new Promise((resolve) => setTimeout(resolve, random() * 300))
    if (life % Math.ceil(lives / sizes.halts) === 1) await halt()
    else await killBroker()
    await start()
    await until(
      serving,
      async () => (before >= produced || applied(set.state) > before ? true : undefined),
      'reading to go on after the broker is back',
    )
  }
  await until(serving, async () => (applied(set.state) === produced ? true : undefined), 'all records to be applied')
  assert.ok(produced >= lives * PREDICTIONS_A_PIECE * 1.9, `${produced} records`)
  assert.ok(((await metric(serving, 'leeway_source_reconnects_total{source="stream"}')) ?? 0) >= lives / 2)
  await kill(serving, 'SIGTERM')
  assert.deepEqual(
    serving.log.filter((line) => line.includes('TimeoutNegativeWarning')),
    [],
  )
  const wrong = await readRest(set, produced, () => stateFaults(ledger, dump(set.state), set.reference))
  assert.deepEqual(wrong.slice(0, 5), [])
  proved({
    promise: 'G1',
    fault: 'Broker killed (SIGKILL) and restarted in order, under load',
    size: `${sizes.kills} kills and ${sizes.halts} ${sizes.halts === 1 ? 'restart' : 'restarts'} over ${thousands(lives * PREDICTIONS_A_PIECE * 1.9)}+ events`,
    outcome: '0 lost, 0 double',
    test: file,
  })
})

test(`a broker that is away for ${sizes.awayS} s is told once, waited for without memory or work, and read on from`, {
  skip,
  timeout: 1_200_000,
}, async (t) => {
  const seed = testSeed()
  const { address, kill: killBroker, start } = broker as Broker
  const set = await rig(t, 'away', { partitions: 3, broker: { address, seenByDaemon: address }, idleTimeout: '10m' })
  writeFileSync(
    set.config,
    readFileSync(set.config, 'utf8').replace('labels: {', 'noData: {after: 12s}\n    labels: {'),
  )
  const ledger = new Ledger({ seed, partitions: 3, predictions: 20_000 })
  const [first = [], ...rest] = ledger.pieces()
  const serving = (await set.start()) as Serving
  await set.produce(first)
  await until(serving, async () => (applied(set.state) === first.length ? true : undefined), 'the first records')
  const idle = await cpuShare(serving, 5_000)
  t.diagnostic(`idle, connected: ${(idle * 100).toFixed(1)} % of a core`)
  await killBroker()
  const reading = () => metric(serving, 'leeway_source_reading{source="stream"}')
  await until(serving, async () => ((await reading()) === 0 ? true : undefined), 'the trouble to be seen')
  const ready = await fetch(`${serving.address}/readyz?verbose`)
  assert.equal(ready.status, 503)
  assert.match(await ready.text(), /sources\.stream: .*127\.0\.0\.1:\d+.*is the broker running/)
  const told = () =>
    serving.log.filter((line) => line.includes('"level":"warn"') && line.includes('sources.stream')).length
  await new Promise((resolve) => setTimeout(resolve, 5_000))
  const [toldBefore, memoryBefore] = [told(), memory(serving)]
  const away = await cpuShare(serving, sizes.awayS * 1_000)
  t.diagnostic(
    `broker away: ${(away * 100).toFixed(1)} % of a core, ${memoryBefore} MiB before and ${memory(serving)} MiB after`,
  )
  assert.equal(serving.process.exitCode, null)
  assert.ok(told() - toldBefore <= Math.ceil(sizes.awayS / 60), `${told() - toldBefore} lines while nothing changed`)
  assert.ok(memory(serving) <= memoryBefore * 1.1 + 10, 'memory grows while nothing happens')
  assert.ok(away < 0.25, 'it does not wait in peace')
  await start()
  for (const events of rest) await set.produce(events)
  const all = first.length + rest.flat().length
  await until(serving, async () => (applied(set.state) === all ? true : undefined), 'reading to go on')
  assert.equal(await reading(), 1)
  assert.ok(serving.log.some((line) => line.includes('reading again, after')))
  // People are told once that the source is away, and nothing of a model that may be well.
  const people = () =>
    set.receiver.received.flatMap(({ body }) =>
      body.includes('no_data') ? (/"title":"([^"]*)/.exec(body)?.[1] ?? body) : [],
    )
  await until(serving, async () => (people().length >= 2 ? true : undefined), 'people to be told')
  assert.match(
    people().join('\n'),
    /^source stream: nothing can be read for \d+ seconds\nsource stream: it can be read again$/,
  )
  await kill(serving, 'SIGTERM')
  const wrong = await readRest(set, all, () => stateFaults(ledger, dump(set.state), set.reference))
  assert.deepEqual(wrong.slice(0, 5), [])
  proved({
    promise: 'G1',
    fault: 'Broker away',
    size: `${sizes.awayS} s`,
    outcome:
      'process alive, not ready with its reason, one message that it is away and one that it is back, memory flat, exact afterwards',
    test: file,
  })
})

function thousands(count: number): string {
  return Math.round(count).toLocaleString('en-US')
}

/** In MiB. */
function memory({ process }: Serving): number {
  const status = readFileSync(`/proc/${process.pid}/status`, 'utf8')
  return Math.round(Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024)
}

/** Of one core, over so long. */
async function cpuShare({ process }: Serving, ms: number): Promise<number> {
  // Hundredths of a second in user and kernel mode.
  const ticks = () => {
    const fields = readFileSync(`/proc/${process.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return Number(fields[11]) + Number(fields[12])
  }
  const before = ticks()
  await new Promise((resolve) => setTimeout(resolve, ms))
  return ((ticks() - before) * 10) / ms
}
