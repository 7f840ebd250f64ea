// A model whose predictions stop, with a daemon that is killed again and again: the silence is told once, and so is its end.

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { openDatabase } from '../../src/store/database.ts'
import { makeStream } from '../build/ledger.ts'
import { seeded, testSeed } from '../build/random.ts'
import type { Serving } from '../build/serve.ts'
import { kill, until } from '../build/serve.ts'
import { skipWithoutKafka } from '../kafka/needs-kafka.ts'
import { isFull, proved } from './proof.ts'
import { applied, rig } from './rig.ts'

const KILLS = isFull ? 40 : 4
const AFTER_MS = 3_000

interface Told {
  readonly id: string
  readonly change: string
  readonly sequence: number
}

/** What the state says of silences, in the order in which they were told. */
function silences(state: string): Told[] {
  const db = openDatabase(state, { readOnly: true })
  try {
    const sql = `SELECT incident AS id, change, sequence FROM transitions JOIN incidents ON incidents.id = incident
      WHERE kind = 'no_data' ORDER BY transitions.at, sequence`
    return db.prepare(sql).all() as unknown as Told[]
  } finally {
    db.close()
  }
}

test('a silence is told once, and its end once, however often the daemon is killed', {
  skip: skipWithoutKafka,
}, async (t) => {
  const seed = testSeed()
  const random = seeded(seed)
  const { config, state, start, produce, receiver } = await rig(t, 'silence', { partitions: 2 })
  const silent = `noData: {after: ${AFTER_MS / 1_000}s}\n    labels: {`
  writeFileSync(config, readFileSync(config, 'utf8').replace('labels: {', silent))
  const { events } = makeStream({ seed, predictions: 600, partitions: 2 })
  const half = Math.floor(events.length / 2)
  const keys = () => {
    const told = receiver.received.filter(({ body }) => body.includes('no_data'))
    return new Set(told.map(({ headers }) => headers['webhook-id'] as string))
  }
  const killed = async () => {
    for (let i = 0; i < KILLS; i++) {
      const serving = await start()
      if (serving === undefined) continue
      await pause(random() * 2 * AFTER_MS)
      await kill(serving, 'SIGKILL')
    }
  }

  await produce(events.slice(0, half))
  await killed()
  const before = (await start()) as Serving
  await until(before, async () => (silences(state).length > 0 ? true : undefined), 'a silence', 60_000)
  await kill(before, 'SIGKILL')
  await killed()
  assert.equal(applied(state), half)
  assert.deepEqual(
    silences(state).map(({ change, sequence }) => [change, sequence]),
    [['firing', 1]],
  )

  await produce(events.slice(half))
  const after = (await start()) as Serving
  await until(after, async () => (silences(state).length > 1 ? true : undefined), 'its end', 60_000)
  await kill(after, 'SIGKILL')
  await killed()
  const last = (await start()) as Serving
  await until(last, async () => (keys().size === silences(state).length ? true : undefined), 'the messages', 60_000)
  await kill(last, 'SIGKILL')
  const [first] = silences(state)
  const ofFirst = silences(state).filter(({ id }) => id === first?.id)
  assert.deepEqual(
    ofFirst.map(({ change, sequence }) => [change, sequence]),
    [
      ['firing', 1],
      ['resolved', 2],
    ],
  )
  // What does not come any more after its end is another silence, told once, too.
  assert.ok(silences(state).length <= 3, JSON.stringify(silences(state)))
  proved({
    promise: 'G3',
    fault: 'SIGKILL while a model is silent',
    size: `${3 * KILLS} kills around the moments at which a silence and its end are told`,
    outcome: 'each told once',
    test: 'test/faults/silence.kafka.test.ts',
  })
})
