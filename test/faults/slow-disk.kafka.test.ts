// A disk on which every commit takes seconds: reading falls behind and catches up, the client stays in its group, nothing is counted
// twice.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ledger } from '../build/ledger.ts'
import type { Serving } from '../build/serve.ts'
import { kill, metric, until } from '../build/serve.ts'
import { dump } from '../build/state.ts'
import { skipWithoutKafka } from '../kafka/needs-kafka.ts'
import { incidentFaults, stateFaults } from './oracle.ts'
import { isFull, proved } from './proof.ts'
import { applied, CHANNEL, rig } from './rig.ts'
import { withSeeds } from './seeds.ts'

const SLOW_MS = isFull ? 20_000 : 1_500
const PARTITIONS = 3
const PREDICTIONS = 15_000

test(
  `a disk on which each commit takes ${SLOW_MS / 1_000} s costs time and nothing else`,
  { skip: skipWithoutKafka, timeout: isFull ? 3_600_000 : 300_000 },
  (t) =>
    withSeeds('slow disk', async (seed) => {
      const set = await rig(t, 'slow-disk', { partitions: PARTITIONS })
      const ledger = new Ledger({ seed, predictions: PREDICTIONS, partitions: PARTITIONS, episodes: 2 })
      for (const piece of ledger.pieces()) await set.produce(piece)
      const serving = (await set.start({ faults: ['--slow-disk', String(SLOW_MS)] })) as Serving
      const replaced = () => metric(serving, 'leeway_source_reconnects_total{source="stream"}')
      let behind = 0
      const done = async () => {
        const records = applied(set.state)
        behind = Math.max(behind, records === 0 ? 0 : ledger.records - records)
        return records === ledger.records && incidentFaults(dump(set.state), CHANNEL).length === 0 ? true : undefined
      }
      await until(serving, done, 'everything to be applied', isFull ? 3_000_000 : 240_000)
      assert.equal((await replaced()) ?? 0, 0, 'the client was replaced')
      assert.ok(behind >= ledger.records / 2, `it was never far behind: ${behind} of ${ledger.records}`)
      await kill(serving, 'SIGTERM')
      assert.deepEqual(stateFaults(ledger, dump(set.state), set.reference).slice(0, 5), [])
      proved({
        promise: 'G1',
        fault: 'A slow disk',
        size: `${SLOW_MS / 1_000} s for each commit, 30,000 events`,
        outcome: '0 lost, 0 double, the client is never replaced',
        test: 'test/faults/slow-disk.kafka.test.ts',
      })
    }),
)
