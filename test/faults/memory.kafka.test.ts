// Memory that runs short pauses reading; memory that is spent ends the process in order, to be started again. Nothing is lost.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { expectedPanes, makeStream } from '../build/ledger.ts'
import { committedRecords, read } from '../build/positions.ts'
import { testSeed } from '../build/random.ts'
import { kill, metric, serve, until } from '../build/serve.ts'
import { dump, panesOf } from '../build/state.ts'
import { skipWithoutKafka } from '../kafka/needs-kafka.ts'
import { isFull, proved } from './proof.ts'
import { rig } from './rig.ts'

const script = join(import.meta.dirname, '..', 'build', 'hungry-serve.ts')
const ROUNDS = isFull ? 10 : 2

test('a process that runs short of memory pauses, ends with code 75 when it is spent, and counts each record once', {
  skip: skipWithoutKafka,
  timeout: 600_000,
}, async (t) => {
  // Pieces are half a day of events each: a partition that fell idle between two of them would let the others close its windows.
  const set = await rig(t, 'memory', { partitions: 3, idleTimeout: '1h' })
  const { events, rows, labels } = makeStream({ seed: testSeed(), predictions: 10_000 * ROUNDS, partitions: 3 })
  const env = { LEEWAY_MEMORY_LIMIT_MIB: '640', LEEWAY_COMMIT_INTERVAL_MS: '50' }
  const piece = Math.ceil(events.length / (2 * ROUNDS))
  let produced = 0
  const produceMore = async () => {
    await set.produce(events.slice(produced, produced + piece))
    produced = Math.min(events.length, produced + piece)
  }
  for (let round = 0; round < ROUNDS; round++) {
    const short = await serve({ ...set, script, env: { ...env, HUNGRY_SHARE: '0.76' } })
    t.after(() => short.process.kill('SIGKILL'))
    const isPaused = (wanted: number) => async () =>
      (await metric(short, 'leeway_reading_paused{because="memory"}')) === wanted ? true : undefined
    short.process.kill('SIGUSR2')
    await until(short, isPaused(1), 'reading to pause')
    const before = committedRecords(set.state)
    await produceMore()
    // It pauses for ten seconds at most; producing takes a fraction of that, unless the machine is very busy.
    if ((await isPaused(1)()) === true) assert.equal(committedRecords(set.state), before, 'nothing is read meanwhile')
    short.process.kill('SIGUSR2')
    await until(short, isPaused(0), 'reading to go on')
    await read(short, { state: set.state, records: produced, timeoutMs: 60_000 })
    await kill(short, 'SIGTERM')

    const spent = await serve({ ...set, script, env: { ...env, HUNGRY_SHARE: '0.95' } })
    t.after(() => spent.process.kill('SIGKILL'))
    await produceMore()
    spent.process.kill('SIGUSR2')
    assert.deepEqual(await spent.ended, { code: 75, signal: null })
    assert.ok(spent.log.some((line) => line.includes('memory is spent')))
  }
  const last = await serve({ ...set, env })
  t.after(() => last.process.kill('SIGKILL'))
  await read(last, { state: set.state, records: events.length, timeoutMs: 60_000 })
  await kill(last, 'SIGTERM')
  const lines = dump(set.state)
  const counter = (name: string) => lines.find((line) => line.type === 'counter' && line['name'] === name)?.['value']
  assert.deepEqual([counter('predictions'), counter('labels')], [rows.length, labels])
  const found = panesOf(lines, set.reference)
  for (const [start, pane] of expectedPanes(rows)) {
    const got = found.get(start)
    assert.deepEqual({ ...got, jobs: { ...got?.jobs } }, pane)
  }
  proved({
    promise: 'bounds',
    fault: 'Memory runs short, and is spent, while reading',
    size: `${ROUNDS} times each`,
    outcome: 'reading paused and went on; the process ended with code 75 after a commit; every record counted once',
    test: 'test/faults/memory.kafka.test.ts',
  })
})
