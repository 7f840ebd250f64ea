// Damaged files: noticed, or without effect; never counted on with.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  closeSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { examine } from '../../src/store/doctor/examine.ts'
import { openStore } from '../../src/store/store.ts'
import { StoreError } from '../../src/store/store-error.ts'
import { writeConfiguration } from '../build/ledger.ts'
import { rowsDue } from '../build/outbox.ts'
import { seeded, testSeed } from '../build/random.ts'
import { bin } from '../build/state.ts'
import { changes, incident, notification, result } from '../store/changes.ts'
import { cellsFor, idOf } from '../store/ledger-of-commits.ts'
import { isFull, proved } from './proof.ts'

const SEEDS = isFull ? 1_000 : 50
const DAMAGE_BYTES = 64
const RECORDS = 3_000
const PANES = 60

/** A state of a few hundred KB with something in each table that counts. */
function makeState(directory: string): void {
  const store = openStore(directory)
  for (let commit = 0; commit < 6; commit++) {
    const part = Array.from({ length: RECORDS / 6 }, (_, i) => commit * (RECORDS / 6) + i)
    for (const offset of part) store.waiting.put(idOf(offset), cellsFor(offset), 0)
    store.commit(
      changes({
        positions: [{ source: 's', topic: 't', partition: commit, nextOffset: RECORDS, highestTime: 1, last: null }],
        streams: [{ index: commit, model: `m${commit}`, version: '1' }],
        panes: Array.from({ length: PANES / 6 }, (_, i) => ({
          stream: commit,
          segment: '',
          part: 'inputs' as const,
          start: i,
          cells: new Uint8Array(1_500).fill(i),
        })),
        counters: [{ name: `c${commit}`, model: '', version: '', value: commit }],
        documents: [{ name: `d${commit}`, json: JSON.stringify('x'.repeat(3_000)) }],
        incidents: [incident({ id: `i${commit}` })],
        results: [result({ end: commit })],
        notifications: [notification({ key: `k${commit}`, lane: `l${commit}` })],
      }),
    )
  }
  store.close()
}

/** Everything that counts or is sent, as the daemon would read it. */
function readAll(directory: string): string {
  const store = openStore(directory)
  try {
    const waiting: unknown[] = []
    for (let offset = 0; offset < RECORDS; offset++) waiting.push(store.waiting.get(idOf(offset))?.join())
    const panes = store
      .streams()
      .map(({ index }) =>
        store.paneStarts(index, '', 'inputs').map((start) => store.pane(index, '', 'inputs', start)?.join()),
      )
    const views = [
      store.views.incidents({ limit: 99 }),
      store.views.results({ limit: 99 }),
      rowsDue(store.outbox, 1e15),
    ]
    return JSON.stringify([
      ...[store.positions(), store.streams(), store.counters(), store.documents('d')],
      ...[panes, waiting, store.waiting.size, views],
    ])
  } finally {
    store.close()
  }
}

function overwrite(file: string, random: () => number): void {
  const bytes = Buffer.from(Array.from({ length: DAMAGE_BYTES }, () => Math.floor(random() * 256)))
  const at = Math.floor(random() * (statSync(file).size - DAMAGE_BYTES))
  const opened = openSync(file, 'r+')
  writeSync(opened, bytes, 0, bytes.length, at)
  closeSync(opened)
}

test(`${DAMAGE_BYTES} random bytes overwritten, ${SEEDS} times: noticed or without effect, and what was noticed is told by the doctor`, {
  timeout: 900_000,
}, async (t) => {
  const random = seeded(testSeed())
  const folder = mkdtempSync(join(tmpdir(), 'leeway-damage-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const whole = join(folder, 'whole')
  makeState(whole)
  const before = readAll(whole)
  let noticed = 0
  for (let i = 0; i < SEEDS; i++) {
    const directory = join(folder, 'damaged')
    cpSync(whole, directory, { recursive: true })
    overwrite(join(directory, 'leeway.db'), random)
    const hurt = readFileSync(join(directory, 'leeway.db'))
    try {
      assert.equal(readAll(directory), before, 'damage went unnoticed')
    } catch (error) {
      assert.ok(error instanceof StoreError, `not an error of storage: ${error}`)
      assert.match(error.message, /leeway\.db: .*; .*(restore a backup|leeway doctor|another directory)/)
      noticed++
      writeFileSync(join(directory, 'leeway.db'), hurt)
      for (const end of ['-wal', '-shm']) rmSync(join(directory, `leeway.db${end}`), { force: true })
      const findings = await examine(directory, { freeMinBytes: 0 })
      assert.ok(
        findings.some(({ severity, advice }) => severity === 'broken' && (advice?.length ?? 0) > 20),
        `the doctor finds nothing where a start says: ${error.message}`,
      )
    }
    rmSync(directory, { recursive: true })
  }
  console.log(`${noticed} of ${SEEDS} were noticed, the others had no effect`)
  assert.ok(noticed > SEEDS / 3, 'the damage hits nothing: this proves nothing')
  proved({
    promise: 'G1',
    fault: `${DAMAGE_BYTES} random bytes of the state overwritten`,
    size: `${SEEDS.toLocaleString('en')} times`,
    outcome: 'noticed and told, by the daemon and by leeway doctor, or without effect; never counted on with',
    test: 'test/faults/damage.test.ts',
  })
})

/** Runs `leeway serve` to its end, and hears what it says. */
function serveInVain(config: string, state: string): { status: number | null; said: string } {
  const args = [bin, 'serve', '-c', config, '--state', state, '--port', '0']
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 })
  return { status, said: stderr.split('\n').find((line) => line.startsWith('leeway: ')) ?? stderr }
}

test('a second process on a state is refused before it reads anything, and told who has it', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-damage-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const state = join(folder, 'state')
  const store = openStore(state)
  t.after(() => store.close())
  // Nobody answers at this address: were it to read before it locks, it would wait for a broker.
  const outcome = serveInVain(writeConfiguration(folder, { brokers: '127.0.0.1:1', topic: 'none' }), state)
  assert.equal(outcome.status, 1)
  assert.match(
    outcome.said,
    new RegExp(`another process \\(pid ${process.pid} on .*\\) is using this state; stop it, or`),
  )
  proved({
    promise: 'G1',
    fault: 'A second process on one state',
    size: 'once',
    outcome: 'refused at the lock, before reading, and told the pid of the first',
    test: 'test/faults/damage.test.ts',
  })
})

test('a state that is no state ends leeway serve with 1 and says what to do, and so does a directory mounted for reading only', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-damage-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const config = writeConfiguration(folder, { brokers: '127.0.0.1:1', topic: 'none' })
  const serve = (state: string) => serveInVain(config, state)
  const damages: ReadonlyArray<readonly [string, (file: string) => void, RegExp]> = [
    ['truncated', (file) => truncateSync(file, 40_000), /damaged.*restore a backup/],
    ['emptied', (file) => truncateSync(file, 0), /is empty, and was not.*restore a backup, or remove it/],
    ['replaced', (file) => writeFileSync(file, 'a note, put in the wrong place\n'), /is not a database.*restore/],
  ]
  for (const [name, damage, said] of damages) {
    const state = join(folder, name)
    makeState(state)
    damage(join(state, 'leeway.db'))
    const outcome = serve(state)
    assert.equal(outcome.status, 1, name)
    assert.match(outcome.said, said)
    assert.ok(outcome.said.includes(join(state, 'leeway.db')), outcome.said)
  }
  const readOnly = join(folder, 'read-only')
  mkdirSync(readOnly)
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', readOnly]).status === 0
  if (mounted) {
    t.after(() => spawnSync('umount', [readOnly]))
    makeState(readOnly)
    spawnSync('mount', ['-o', 'remount,ro', readOnly])
    const outcome = serve(readOnly)
    assert.equal(outcome.status, 1)
    assert.match(outcome.said, /read-only\/.* failed: .*make the directory and its files writable/)
    spawnSync('umount', [readOnly])
  } else console.error('!! a read-only file system cannot be mounted here: that part is skipped')
  proved({
    promise: 'G1',
    fault: 'State truncated, emptied, replaced by text, mounted for reading only',
    size: mounted ? 'each once' : 'each once, but for the mount, which this machine refuses',
    outcome: 'ends with 1, and says what, where and what to do',
    test: 'test/faults/damage.test.ts',
  })
})
