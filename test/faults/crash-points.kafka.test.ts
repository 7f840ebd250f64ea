// SIGKILL at every moment of src/probe.ts: one partition, so that what is left must be byte for byte what an undisturbed run of the
// same topic leaves.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import type { Moment } from '../../src/probe.ts'
import { moments } from '../../src/probe.ts'
import { openDatabase } from '../../src/store/database.ts'
import { Ledger } from '../build/ledger.ts'
import { seeded } from '../build/random.ts'
import type { Serving } from '../build/serve.ts'
import { kill, until } from '../build/serve.ts'
import { dump } from '../build/state.ts'
import { skipWithoutKafka } from '../kafka/needs-kafka.ts'
import { effectFaults, incidentFaults } from './oracle.ts'
import { isFull, proved } from './proof.ts'
import type { Rig } from './rig.ts'
import { applied, CHANNEL, dumpExactly, LANES, rig } from './rig.ts'
import { withSeeds } from './seeds.ts'

const TIMES = isFull ? 20 : 5
/**
 * Ten thousand predictions a day, so that merging a day's runs takes more than one commit; an incident every twelve hours, which is
 * longer than the windows count as the same episode.
 */
const DAYS = isFull ? 48 : 16
/** Waited for a moment, before the test fails because it did not come. */
const WAIT_MS = 60_000

const isOfMigration = (moment: Moment) => moment.startsWith('migration: ')
/** What comes with a deed of a person, or a tick: `rebase.kafka.test.ts` and `handling.test.ts` end the process there. */
const isOfDeed = (moment: Moment) => /^(reference|handling|retraining): /.test(moment)
const mine = moments.filter((moment) => !isOfDeed(moment))
/** Only the first commit of all has it, and dies with it. */
const first: Moment = 'commit: streams written'

async function setUp(t: TestContext, name: string, seed: number, days: number) {
  const set = await rig(t, name, {
    partitions: 1,
    // Entries leave after a day, so that days are dropped all along; nothing falls idle, so that only records decide.
    horizon: '1d',
    windows: '[{size: 20m, slide: 10m}]',
    idleTimeout: '1h',
    env: { LEEWAY_COMMIT_RECORDS_MAX: '300', LEEWAY_COMMIT_INTERVAL_MS: '20' },
  })
  const ledger = new Ledger({
    seed,
    predictions: days * 10_000,
    partitions: 1,
    hours: days * 24,
    episodes: days * 2,
    malformed: days * 50,
    ballast: 'x'.repeat(800),
  })
  for (const events of inLargePieces(ledger)) await set.produce(events)
  return { set, records: ledger.records }
}

function* inLargePieces(ledger: Ledger) {
  const piece = []
  for (const events of ledger.pieces()) {
    piece.push(...events)
    if (piece.length >= 50_000) yield piece.splice(0)
  }
  yield piece
}

/** Lets the process end itself at the moment. @throws Error when the moment does not come */
async function dieAt(set: Rig, moment: Moment, { times = 1, state = set.state } = {}): Promise<void> {
  const serving = await set.start({ state, faults: ['--crash', moment, String(times)] })
  if (serving === undefined) return
  if (moment.startsWith('stop: ')) {
    await serving.said('firstCommitMs')
    serving.process.kill('SIGTERM')
  }
  const timer = setTimeout(() => serving.process.kill('SIGINT'), WAIT_MS)
  const { signal } = await serving.ended
  clearTimeout(timer)
  assert.equal(signal, 'SIGKILL', `"${moment}" did not come within ${WAIT_MS} ms`)
}

/** Reads a topic to its end, undisturbed. @returns the whole state */
async function readToEnd(set: Rig, records: number, state: string): Promise<string> {
  const serving = (await set.start({ state })) as Serving
  await until(serving, async () => (isDone(state, records) ? true : undefined), 'the end of the topic', 300_000)
  await kill(serving, 'SIGTERM')
  return dumpExactly(state)
}

/** Everything is applied, and every message is delivered. */
function isDone(state: string, records: number): boolean {
  if (applied(state) < records) return false
  const db = openDatabase(state, { readOnly: true })
  try {
    return db.prepare("SELECT 1 FROM outbox WHERE state = 'queued'").get() === undefined
  } finally {
    db.close()
  }
}

/** The first lines that two states do not share. */
function difference(a: string, b: string): string[] {
  const [left, right] = [a.split('\n'), b.split('\n')]
  const i = left.findIndex((line, at) => line !== right[at])
  if (i < 0 && left.length === right.length) return []
  return [`line ${i}`, left[i]?.slice(0, 1_000) ?? 'the end', right[i]?.slice(0, 1_000) ?? 'the end']
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

/** The tables of a state, as they were declared. */
function schemaIn(state: string): unknown[] {
  const db = openDatabase(state, { readOnly: true })
  try {
    const version = db.prepare('PRAGMA user_version').all()
    return [version, db.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY type, name').all()]
  } finally {
    db.close()
  }
}

/** A start that follows one which was killed while it made the schema ends with the schema of one that was not. */
async function checkMigrations(set: Rig, schema: unknown[]): Promise<number> {
  const steps = (schema[0] as Array<{ user_version: number }>)[0]?.user_version as number
  let kills = 0
  for (const moment of moments.filter(isOfMigration)) {
    for (let i = 0; i < TIMES; i++) {
      const state = join(set.folder, `${moment}-${i}`)
      // Numbers of schemas have gaps: a step that is not there leaves the start alone.
      const serving = await set.start({ state, faults: ['--crash', moment, String(1 + (i % 2))] })
      assert.equal(serving, undefined, `"${moment}" did not come among ${steps} steps`)
      kills++
      await kill((await set.start({ state })) as Serving, 'SIGTERM')
      assert.deepEqual(schemaIn(state), schema)
    }
  }
  return kills
}

test(
  `killed ${TIMES} times at each of ${mine.length} moments, the state is byte for byte that of an undisturbed run`,
  {
    skip: skipWithoutKafka,
    timeout: isFull ? 14_400_000 : 1_800_000,
  },
  (t) =>
    withSeeds('crash points', async (seed) => {
      const random = seeded(seed)
      const { set, records } = await setUp(t, 'points', seed, DAYS)
      const fates = mine.filter((moment) => !isOfMigration(moment) && moment !== first)
      const times = (moment: Moment) => Array.from({ length: TIMES }, () => moment)
      // A merge or a drop of a day is rare: killed there, it comes again, so its kills follow each other.
      const groups = fates.flatMap((moment) =>
        moment.startsWith('runs: ') ? [times(moment)] : times(moment).map((one) => [one]),
      )
      const plan = [...times(first), ...shuffled(groups, random).flat()]
      for (const moment of plan)
        await dieAt(set, moment, {
          times: moment.startsWith('commit: ') && moment !== first ? 1 + Math.floor(random() * 3) : 1,
        })
      const killed = await readToEnd(set, records, set.state)
      const lines = dump(set.state)
      assert.deepEqual(incidentFaults(lines, CHANNEL).slice(0, 5), [])
      const effects = effectFaults(lines, set.receiver.received, plan.length * LANES)
      assert.deepEqual(effects.wrong.slice(0, 5), [])
      const undisturbed = await readToEnd(set, records, join(set.folder, 'undisturbed'))
      assert.deepEqual(difference(killed, undisturbed), [])
      const migrations = await checkMigrations(set, schemaIn(set.state))
      console.log(
        `${plan.length + migrations} kills, ${effects.duplicates} duplicates, ${killed.split('\n').length} lines are equal`,
      )
      proved({
        promise: 'G1, G3',
        fault: 'SIGKILL at each moment of a commit, a message, an assignment, a start and a stop',
        size: `${mine.length} moments, ${TIMES} times each`,
        outcome: 'the state is byte for byte that of an undisturbed run; every message arrived',
        test: 'test/faults/crash-points.kafka.test.ts',
      })
    }),
)

test(
  'the same comparison catches positions that are written in a transaction of their own',
  {
    skip: skipWithoutKafka,
    timeout: 300_000,
  },
  (t) =>
    withSeeds('crash points, broken', async (seed) => {
      const { set, records } = await setUp(t, 'points-broken', seed, 1)
      const broken = await set.start({ faults: ['--apart', 'positions', '5'] })
      await broken?.ended
      const killed = await readToEnd(set, records, set.state)
      const undisturbed = await readToEnd(set, records, join(set.folder, 'undisturbed'))
      assert.notDeepEqual(difference(killed, undisturbed), [])
    }),
)
