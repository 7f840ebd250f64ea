// Exactness: every record counts exactly once and every message arrives, through SIGKILL at any moment, against a real broker.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LedgerEvent, StreamOptions } from '../build/ledger.ts'
import { Ledger } from '../build/ledger.ts'
import { seeded } from '../build/random.ts'
import { kill } from '../build/serve.ts'
import { dump } from '../build/state.ts'
import { skipWithoutKafka } from '../kafka/needs-kafka.ts'
import { effectFaults, incidentFaults, of, stateFaults, windowFaults } from './oracle.ts'
import { isFull, proved } from './proof.ts'
import type { Rig } from './rig.ts'
import { CHANNEL, LANES, readRest, rig } from './rig.ts'
import { withSeeds } from './seeds.ts'

const PARTITIONS = 3
const sizes = isFull ? { kills: 1_000, predictions: 2_550_000 } : { kills: 200, predictions: 1_020_000 }
/** Lives that are killed while they start, and between the start and the first commit. */
const EARLY_SHARE = 0.05
const BEFORE_COMMIT_SHARE = 0.15
const START_MS = 700
const READING_MS = 250

/**
 * Produces in pieces, and kills the daemon at a random moment while it reads each: from before the first batch to after the last
 * commit, and now and then while it starts. The next piece is produced meanwhile.
 *
 * @returns how often it was killed, and how long each life took to its first commit
 */
async function readUnderFire(
  set: Rig,
  ledger: Ledger,
  { seed, kills, faults = [] }: { seed: number; kills: number; faults?: readonly string[] },
): Promise<{ lives: number; starts: readonly number[] }> {
  const random = seeded(seed)
  const pieces = inPieces(ledger, kills)
  let next = pieces.next()
  let producing = next.done === true ? undefined : set.produce(next.value)
  let lives = 0
  const starts: number[] = []
  while (next.done !== true) {
    await producing
    next = pieces.next()
    producing = next.done === true ? undefined : set.produce(next.value)
    const startMs = await live(set, { random, faults })
    if (startMs !== undefined) starts.push(startMs)
    lives++
  }
  return { lives, starts }
}

/** @returns milliseconds from the start of the process to its first commit, unless it was killed before */
async function live(
  set: Rig,
  { random, faults }: { random: () => number; faults: readonly string[] },
): Promise<number | undefined> {
  const fate = random()
  const isEarly = fate < EARLY_SHARE
  const afterMs = random() * (isEarly ? START_MS : READING_MS)
  const serving = await set.start({
    faults,
    spawned: (child) => {
      if (isEarly) setTimeout(() => child.kill('SIGKILL'), afterMs)
    },
  })
  if (serving === undefined) return undefined
  // A store that is broken on purpose ends by itself, when it comes to what is broken.
  if (faults.length > 0) await Promise.race([new Promise((resolve) => setTimeout(resolve, 3_000)), serving.ended])
  else if (fate > EARLY_SHARE + BEFORE_COMMIT_SHARE) await serving.said('firstCommitMs')
  await Promise.race([new Promise((resolve) => setTimeout(resolve, afterMs)), serving.ended])
  await kill(serving, 'SIGKILL')
  const told = serving.log.find((line) => line.startsWith('{"firstCommitMs"'))
  return told === undefined ? undefined : (JSON.parse(told) as { firstCommitMs: number }).firstCommitMs
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[values.length >> 1]
}

/** The stream in about `count` pieces. */
function* inPieces(ledger: Ledger, count: number) {
  const size = Math.ceil((ledger.options.predictions * 2) / count)
  let piece: LedgerEvent[] = []
  for (const events of ledger.pieces()) {
    piece.push(...events)
    for (; piece.length >= size; piece = piece.slice(size)) yield piece.slice(0, size)
  }
  yield piece
}

function ledgerOf(options: Pick<StreamOptions, 'seed' | 'predictions' | 'episodes' | 'malformed'>): Ledger {
  return new Ledger({ ...options, partitions: PARTITIONS, hours: 48 })
}

test(
  `every event is counted once and every message arrives, through ${sizes.kills} SIGKILLs over ${2 * sizes.predictions} events`,
  {
    skip: skipWithoutKafka,
    timeout: isFull ? 14_400_000 : 1_800_000,
  },
  (t) =>
    withSeeds('kill', async (seed) => {
      const { predictions } = sizes
      const set = await rig(t, 'kill', { partitions: PARTITIONS })
      const ledger = ledgerOf({ seed, predictions, episodes: 6, malformed: 1_000 })
      const { lives: kills, starts } = await readUnderFire(set, ledger, { seed, kills: sizes.kills })
      assert.ok(kills >= sizes.kills, `${kills} kills`)
      assert.ok(ledger.records >= 2_000_000, `${ledger.records} events`)
      const wrong = await readRest(set, ledger.records, () => {
        const lines = dump(set.state)
        return [...windowFaults(ledger, lines, 280), ...incidentFaults(lines, CHANNEL)]
      })
      assert.deepEqual(wrong.slice(0, 5), [])
      const lines = dump(set.state)
      assert.deepEqual(stateFaults(ledger, lines, set.reference).slice(0, 5), [])
      const effects = effectFaults(lines, set.receiver.received, kills * LANES)
      assert.deepEqual(effects.wrong.slice(0, 5), [])
      const missing = new Set(of(lines, 'incident').flatMap(({ id, kind }) => (kind === 'quality' ? [id] : [])))
      const fired = of(lines, 'transition').filter(
        ({ incident, change }) => change === 'firing' && missing.has(incident),
      )
      assert.equal(fired.length, 6, 'each episode of missing values is told once')
      console.log(
        `${kills} kills, ${ledger.records} events, ${of(lines, 'incident').length} incidents, ${effects.duplicates} duplicates; ${median(starts)} ms from a start to the first commit (median of ${starts.length})`,
      )
      proved({
        promise: 'G1, G3',
        fault: 'SIGKILL at random moments',
        size: `${sizes.kills} kills over ${isFull ? '5,000,000' : '2,000,000'} events, 3 partitions`,
        outcome: '0 lost, 0 double, no incident twice, every message arrived, what came again came under its key',
        test: 'test/faults/kill.kafka.test.ts',
      })
    }),
)

test(
  'the same checks catch positions, and messages, that are written in a transaction of their own',
  {
    skip: skipWithoutKafka,
    timeout: 300_000,
  },
  (t) =>
    withSeeds('kill, broken', async (seed) => {
      for (const apart of ['positions', 'outbox'] as const) {
        const set = await rig(t, `broken-${apart}`, { partitions: PARTITIONS })
        const ledger = ledgerOf({ seed, predictions: 10_000, episodes: 6 })
        await readUnderFire(set, ledger, {
          seed,
          kills: 6,
          faults: ['--apart', apart, apart === 'positions' ? '2' : '1'],
        })
        await readRest(set, ledger.records)
        const lines = dump(set.state)
        const wrong = apart === 'positions' ? stateFaults(ledger, lines, set.reference) : incidentFaults(lines, CHANNEL)
        assert.ok(wrong.length > 0, `${apart} apart went unnoticed: the test of exactness proves nothing`)
      }
    }),
)
