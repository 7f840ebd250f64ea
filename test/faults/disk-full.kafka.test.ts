// A disk that is full, and one that fails, under a daemon that reads from the broker.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { CleanUps } from '../../src/assembly/clean-ups.ts'
import { openDatabase } from '../../src/store/database.ts'
import type { LedgerEvent } from '../build/ledger.ts'
import { Ledger } from '../build/ledger.ts'
import { testSeed } from '../build/random.ts'
import type { Serving } from '../build/serve.ts'
import { getJson, kill, metric, serve, until } from '../build/serve.ts'
import { dump } from '../build/state.ts'
import { skipWithoutKafka } from '../kafka/needs-kafka.ts'
import { effectFaults, incidentFaults, stateFaults, windowFaults } from './oracle.ts'
import { isFull, proved } from './proof.ts'
import type { Rig } from './rig.ts'
import { applied, CHANNEL, readRest, rig } from './rig.ts'

const PARTITIONS = 3
const sizes = isFull ? { times: 10, predictions: 200_000 } : { times: 2, predictions: 30_000 }

/** A small file system of its own. @returns false where this machine mounts nothing */
function mountSmall(parts: CleanUps, directory: string): boolean {
  mkdirSync(directory)
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', directory]).status !== 0) return false
  parts.add('the small file system', () => void spawnSync('umount', [directory]))
  return true
}

/** Fills the file system to the last byte. */
function fill(file: string): void {
  const opened = openSync(file, 'a')
  for (let bytes = 2 ** 20; bytes >= 512; bytes /= 2) {
    try {
      while (writeSync(opened, Buffer.alloc(bytes)) === bytes);
    } catch {
      // No room for a piece of this size: smaller ones may fit.
    }
  }
  closeSync(opened)
}

async function readiness({ address }: Serving): Promise<string> {
  const answer = await fetch(`${address}/readyz`)
  return `${answer.status} ${await answer.text()}`
}

/** The events in so many pieces, in their order. */
function pieces(ledger: Ledger, count: number): LedgerEvent[][] {
  const events = [...ledger.pieces()].flat()
  const size = Math.ceil(events.length / count)
  return Array.from({ length: count }, (_, i) => events.slice(i * size, (i + 1) * size))
}

function allFaults(set: Rig, ledger: Ledger): string[] {
  const lines = dump(set.state)
  return [
    ...stateFaults(ledger, lines, set.reference),
    ...windowFaults(ledger, lines, 200),
    ...incidentFaults(lines, CHANNEL),
  ]
}

test(`a disk that is full ${sizes.times} times under load costs time and no record, and what was known can be read meanwhile`, {
  skip: skipWithoutKafka,
  timeout: 900_000,
}, async (t) => {
  const set = await rig(t, 'full', { partitions: PARTITIONS })
  await using parts = new CleanUps()
  if (!mountSmall(parts, set.state)) {
    console.error('!! no file system can be mounted here: the test of a full disk is skipped')
    return t.skip('no file system can be mounted here')
  }
  const ledger = new Ledger({
    seed: testSeed(),
    predictions: sizes.predictions,
    partitions: PARTITIONS,
    hours: 48,
    episodes: 4,
  })
  const [first = [], ...rest] = pieces(ledger, sizes.times + 1)
  await set.produce(first)
  const serving = (await set.start()) as Serving
  parts.add('the daemon', () => kill(serving, 'SIGKILL'))
  await until(serving, async () => (applied(set.state) > 0 ? true : undefined), 'a first commit')
  const filler = join(set.state, 'filler')
  for (const piece of rest) {
    fill(filler)
    await set.produce(piece)
    const full = async () => {
      const said = await readiness(serving)
      return said.startsWith('503') && said.includes('the disk is full') ? true : undefined
    }
    await until(serving, full, 'readiness to say that the disk is full')
    const before = applied(set.state)
    const nothingFree = async () => ((await metric(serving, 'leeway_state_free_bytes')) === 0 ? true : undefined)
    await until(serving, nothingFree, 'the metric of free space to say 0')
    const { models } = await getJson<{ models: unknown[] }>(serving, '/api/v1/models')
    assert.equal(models.length, 1)
    const tries = serving.log.filter((line) => line.includes('the disk is full')).length
    const again = async () =>
      serving.log.filter((line) => line.includes('the disk is full')).length > tries ? true : undefined
    await until(serving, again, 'the commit to be tried again')
    assert.equal(applied(set.state), before, 'something was committed to a disk that is full')
    rmSync(filler)
    const ready = async () => ((await readiness(serving)).startsWith('200') ? true : undefined)
    await until(serving, ready, 'readiness after space was freed')
  }
  await until(serving, async () => (applied(set.state) === ledger.records ? true : undefined), 'all records')
  let wrong: string[] = []
  const agrees = async () => {
    wrong = allFaults(set, ledger)
    return wrong.length === 0 ? true : undefined
  }
  await until(serving, agrees, 'a state that agrees with the ledger', 60_000).catch(() => {})
  await kill(serving, 'SIGTERM')
  assert.deepEqual(wrong.slice(0, 5), [])
  const lines = dump(set.state)
  const effects = effectFaults(lines, set.receiver.received, 0)
  assert.deepEqual(effects.wrong, [])
  proved({
    promise: 'G1, G3',
    fault: 'Disk full under load, then freed',
    size: `${sizes.times} times over ${(2 * sizes.predictions).toLocaleString('en')} events`,
    outcome:
      'readiness says so, API and metrics answer, nothing is committed; then 0 lost, 0 double, every message once',
    test: 'test/faults/disk-full.kafka.test.ts',
  })
})

test('a disk that fails ends the process with 1 and what to do, and the next start is exact', {
  skip: skipWithoutKafka,
  timeout: 300_000,
}, async (t) => {
  const set = await rig(t, 'failing', { partitions: PARTITIONS })
  const ledger = new Ledger({ seed: testSeed(), predictions: 10_000, partitions: PARTITIONS, hours: 48, episodes: 2 })
  const [first = [], second = []] = pieces(ledger, 2)
  await set.produce(first)
  const start = () => serve({ config: set.config, state: set.state, env: { LEEWAY_COMMIT_INTERVAL_MS: '50' } })
  const serving = await start()
  t.after(() => serving.process.kill('SIGKILL'))
  await until(serving, async () => (applied(set.state) > 0 ? true : undefined), 'a first commit')
  // A limit on the size of files makes the device answer with an error in the middle of its work.
  const limited = spawnSync('prlimit', ['--pid', String(serving.process.pid), '--fsize=1:1'])
  assert.equal(limited.status, 0, 'prlimit (util-linux) is needed')
  await set.produce(second)
  const { code } = await serving.ended
  assert.equal(code, 1)
  assert.match(
    serving.log.join('\n'),
    /^leeway: .*leeway\.db: a commit failed: disk I\/O error; .*leeway doctor says what is whole/m,
  )
  const wrong = await readRest(set, ledger.records, () => allFaults(set, ledger))
  assert.deepEqual(wrong.slice(0, 5), [])
  // Damage that only somebody at the API comes upon ends the process too.
  const db = openDatabase(set.state)
  db.exec(
    "UPDATE results SET verdicts = replace(verdicts, 'ok', 'no') WHERE window_end = (SELECT min(window_end) FROM results)",
  )
  db.close()
  const damaged = await start()
  t.after(() => damaged.process.kill('SIGKILL'))
  const answer = await fetch(`${damaged.address}/api/v1/windows?order=oldest&limit=10000`)
  assert.equal(answer.status, 500)
  assert.equal((await damaged.ended).code, 1)
  assert.match(damaged.log.join('\n'), /^leeway: .*a row of the table results is not what was written/m)
  proved({
    promise: 'G1',
    fault: 'Writes to the state fail with an I/O error (EFBIG); a damaged row is read by the API',
    size: 'once each, 20,000 events',
    outcome: 'ends with 1 and what to do; the next start is exact',
    test: 'test/faults/disk-full.kafka.test.ts',
  })
})
