// Older states through the real pipeline: a restored backup, and what a power cut leaves, read on and are exact.

import assert from 'node:assert/strict'
import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { backupState } from '../../src/store/backup.ts'
import { Ledger } from '../build/ledger.ts'
import { seeded, testSeed } from '../build/random.ts'
import type { Serving } from '../build/serve.ts'
import { kill, serve, until } from '../build/serve.ts'
import { dump } from '../build/state.ts'
import { skipWithoutKafka } from '../kafka/needs-kafka.ts'
import { incidentFaults, of, stateFaults, windowFaults } from './oracle.ts'
import { cutLog, snapshot } from './power-loss.ts'
import { isFull, proved } from './proof.ts'
import { applied, CHANNEL, readRest, rig } from './rig.ts'

const PARTITIONS = 3
const PREDICTIONS = isFull ? 200_000 : 12_000
const CUTS = isFull ? 30 : 3

/** Records that a state has applied; none when even its tables were lost. */
function heldBy(state: string): number {
  try {
    return applied(state)
  } catch (error) {
    if (error instanceof Error && error.message.includes('no such table')) return 0
    throw error
  }
}

test(`a backup made under load, and ${CUTS} logs cut by a power loss, are older states that read on and are exact`, {
  skip: skipWithoutKafka,
  timeout: isFull ? 3_600_000 : 400_000,
}, async (t) => {
  const seed = testSeed()
  const random = seeded(seed)
  const set = await rig(t, 'restore', { partitions: PARTITIONS, env: { LEEWAY_COMMIT_RECORDS_MAX: '500' } })
  const ledger = new Ledger({ seed, predictions: PREDICTIONS, partitions: PARTITIONS, hours: 48, episodes: 2 })
  await set.produce([...ledger.pieces()].flat())
  const serving = (await set.start()) as Serving
  t.after(() => serving.process.kill('SIGKILL'))
  await until(serving, async () => (applied(set.state) > 0 ? true : undefined), 'a first commit')

  const file = join(set.folder, 'backup.db')
  await backupState(set.state, file)
  const snapshots: string[] = []
  for (let i = 0; i < CUTS; i++) {
    const before = applied(set.state)
    const to = join(set.folder, `snapshot-${i}`)
    await snapshot(serving.process, set.state, to)
    snapshots.push(to)
    const moved = async () => {
      const now = applied(set.state)
      return now > before || now === ledger.records ? true : undefined
    }
    await until(serving, moved, 'another commit')
  }
  await kill(serving, 'SIGKILL')

  const readOn = async (what: string) => {
    const older = heldBy(set.state)
    const wrong = await readRest(set, ledger.records, () => {
      const lines = dump(set.state)
      return [
        ...stateFaults(ledger, lines, set.reference),
        ...windowFaults(ledger, lines, 200),
        ...incidentFaults(lines, CHANNEL),
      ]
    })
    assert.deepEqual(wrong.slice(0, 5), [], what)
    return older
  }
  const replace = (put: () => void) => {
    rmSync(set.state, { recursive: true })
    put()
  }
  replace(() => {
    mkdirSync(set.state)
    renameSync(file, join(set.state, 'leeway.db'))
  })
  const positions = [await readOn('the restored backup')]
  for (const [i, from] of snapshots.entries()) {
    replace(() => cutLog(from, set.state, random))
    positions.push(await readOn(`cut ${i}`))
  }
  console.log(`older states held ${positions.join(', ')} of ${ledger.records} records`)
  assert.ok(
    positions.some((held) => held < ledger.records),
    'no state was older: this proves nothing',
  )
  proved({
    promise: 'G1',
    fault: 'A backup made under load is restored; the log is cut by a power loss, and read on from Kafka',
    size: `1 backup and ${CUTS} cuts, ${(2 * PREDICTIONS).toLocaleString('en')} events`,
    outcome: 'older states, and exact after the replay',
    test: 'test/faults/restore.kafka.test.ts',
  })
})

/** In the middle of the last of three episodes: its incident fires when the volume is lost. */
const LAST_EPISODE = 0.875

/** What two states of the same past have in common: the newest revision of each window, and incidents with what became of them. */
function past(state: string): { firing: string[]; json: string } {
  const lines = dump(state)
  const windows = new Map<string, unknown>()
  for (const { revision: _, ...line } of of(lines, 'result'))
    windows.set(`${line['window']} ${line['window_end']}`, line)
  const incidents = of(lines, 'incident').map(({ id, kind, state: now }) => ({ id, kind, state: now }))
  const transitions = of(lines, 'transition').map(({ incident, change }) => `${incident} ${change}`)
  const firing = incidents.filter((one) => one.state === 'firing').map(({ id }) => id as string)
  return { firing, json: JSON.stringify([[...windows], incidents, transitions], null, 1) }
}

test('a volume that is lost is rebuilt from Kafka: the same windows and incidents, and only what still fires is told again', {
  skip: skipWithoutKafka,
  timeout: 400_000,
}, async (t) => {
  const set = await rig(t, 'rebuild', { partitions: 1 })
  const ledger = new Ledger({ seed: testSeed(), predictions: 8_000, partitions: 1, hours: 48, episodes: 3 })
  const events = [...ledger.pieces()].flat()
  const records = Math.floor(events.length * LAST_EPISODE)
  await set.produce(events.slice(0, records))
  const start = async (env: Record<string, string> = {}) => {
    const serving = await serve({
      config: set.config,
      state: set.state,
      env: { LEEWAY_COMMIT_RECORDS_MAX: '500', ...env },
    })
    t.after(() => serving.process.kill('SIGKILL'))
    return serving
  }
  const all = async () => (applied(set.state) === records ? true : undefined)

  const first = await start()
  await until(first, all, 'all records')
  let [looks, before] = [0, past(set.state)]
  const unchanged = async () => {
    const now = past(set.state)
    looks = now.json === before.json && now.firing.length > 0 ? looks + 1 : 0
    before = now
    return looks === 8 ? true : undefined
  }
  await until(first, unchanged, 'a past that does not change any more')
  const told = () => set.receiver.received.map(({ headers }) => headers['webhook-id'] as string)
  const toldBefore = new Set(told())
  await kill(first, 'SIGKILL')

  rmSync(set.state, { recursive: true })
  const killed = await start({ LEEWAY_REBUILD: 'true' })
  await until(killed, async () => (applied(set.state) > 0 ? true : undefined), 'a first commit')
  await kill(killed, 'SIGKILL')
  const messages = set.receiver.received.length
  const second = await start()
  await until(second, all, 'all records')
  await until(second, async () => (past(set.state).json === before.json ? true : undefined), 'the same past').catch(
    () => {},
  )
  assert.equal(past(set.state).json, before.json)
  const isTold = async () => (told().length >= messages + before.firing.length ? true : undefined)
  await until(second, isTold, 'messages of what still fires')
  await kill(second, 'SIGTERM')

  const again = told().slice(messages)
  assert.equal(messages, toldBefore.size, 'something was told before the present was reached')
  assert.deepEqual(again.map((key) => key.split(':')[0]).sort(), [...before.firing].sort())
  for (const key of again) assert.ok(toldBefore.has(key), `message ${key} has another key than before`)
  console.log(`${toldBefore.size} messages before, ${again.length} again, ${before.firing.length} incidents fire`)
  assert.ok(toldBefore.size > again.length)
  proved({
    promise: 'G6',
    fault: 'The volume is lost; rebuilt from Kafka with --rebuild, under a SIGKILL',
    size: '14,000 events, 3 episodes, the last one firing',
    outcome:
      'the same final windows, incidents and ids; one message again for what fires, under its key, none for what has passed',
    test: 'test/faults/restore.kafka.test.ts',
  })
})
