// Power loss: what was not synced of the write-ahead log is gone from any byte on.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { seeded, testSeed } from '../build/random.ts'
import { checkState } from '../store/ledger-of-commits.ts'
import { cutLog, snapshot } from './power-loss.ts'
import { isFull, proved } from './proof.ts'

const SNAPSHOTS = 5
const CUTS = isFull ? 1_000 : 100

/** Copies of a state that is being committed to. @returns their folders */
async function snapshots(folder: string, random: () => number, ...args: string[]) {
  const directory = join(folder, 'state')
  const script = join(import.meta.dirname, '..', 'store', 'commit-until-killed.ts')
  const child = spawn(process.execPath, [script, directory, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  let told = 0
  createInterface({ input: child.stdout }).on('line', () => told++)
  const taken: string[] = []
  for (let i = 0; i < SNAPSHOTS; i++) {
    const until = told + 1 + Math.floor(random() * 8)
    while (told < until) await once(child.stdout, 'data')
    const to = join(folder, `snapshot-${i}`)
    await snapshot(child, directory, to)
    taken.push(to)
  }
  child.kill('SIGKILL')
  await exited
  return taken
}

test(`a log that is cut at any of ${CUTS} places gives an older state, whole`, { timeout: 600_000 }, async (t) => {
  const random = seeded(testSeed())
  const folder = mkdtempSync(join(tmpdir(), 'leeway-power-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const taken = await snapshots(folder, random)
  const held = new Set<number>()
  for (let i = 0; i < CUTS; i++) {
    const directory = join(folder, 'cut')
    cutLog(taken[i % taken.length] as string, directory, random)
    held.add(checkState(directory))
    rmSync(directory, { recursive: true })
  }
  assert.ok(held.size > SNAPSHOTS, `the cuts gave only ${held.size} different states: they prove nothing`)
  proved({
    promise: 'G1',
    fault: 'Power loss: the log is cut at a random byte behind what was synced',
    size: `${CUTS.toLocaleString('en')} cuts`,
    outcome: 'opens always, an older state in which positions, panes, counters, messages and waiting entries agree',
    test: 'test/faults/torn-log.test.ts',
  })
})

test('the same check catches a store that writes positions in a transaction of their own', async (t) => {
  const random = seeded(testSeed())
  const folder = mkdtempSync(join(tmpdir(), 'leeway-power-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const taken = await snapshots(folder, random, 'apart', '1e9')
  let caught = 0
  for (let i = 0; i < 60; i++) {
    const directory = join(folder, 'cut')
    cutLog(taken[i % taken.length] as string, directory, random)
    try {
      checkState(directory)
    } catch {
      caught++
    }
    rmSync(directory, { recursive: true })
  }
  assert.ok(caught > 0, 'the broken store went unnoticed')
})
