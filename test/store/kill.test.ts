import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { openStore } from '../../src/store/store.ts'
import { StoreError } from '../../src/store/store-error.ts'
import { seeded, testSeed } from '../build/random.ts'
import { checkState } from './ledger-of-commits.ts'
import { stateDirectory } from './state-directory.ts'

const KILLS = 8

function start(...args: string[]): ChildProcess {
  return spawn(process.execPath, [join(import.meta.dirname, 'commit-until-killed.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

/** Runs until the process has told of so many commits, and kills it wherever it then is. */
async function killAfter(child: ChildProcess, commits: number): Promise<void> {
  const exited = once(child, 'exit')
  let told = 0
  for await (const _ of createInterface({ input: child.stdout! })) if (++told === commits) child.kill('SIGKILL')
  const [, signal] = await exited
  assert.equal(signal, 'SIGKILL')
}

test('a process killed in the middle of its commits leaves each commit whole or not there', async (t) => {
  const random = seeded(testSeed())
  const directory = stateDirectory(t)
  let commits = 0
  for (let kill = 0; kill < KILLS; kill++) {
    const more = 1 + Math.floor(random() * 20)
    await killAfter(start(directory), more)
    const held = checkState(directory)
    assert.ok(
      held >= commits + more,
      `${held} commits are held, ${commits} were held before and ${more} more were told of`,
    )
    commits = held
  }
})

test('negative control: with positions in a transaction of their own, the same check notices', async (t) => {
  const directory = stateDirectory(t)
  await killAfter(start(directory, 'apart', '7'), Number.POSITIVE_INFINITY)
  assert.throws(() => checkState(directory), /the pane holds the records below the position/)
})

test('the state of a running process is refused to another one, and free as soon as that process is killed', async (t) => {
  const directory = stateDirectory(t)
  const child = start(directory)
  const exited = once(child, 'exit')
  await once(child.stdout!, 'data')
  assert.throws(
    () => openStore(directory),
    (error) => error instanceof StoreError && error.kind === 'locked' && error.message.includes(directory),
  )
  child.kill('SIGKILL')
  await exited
  openStore(directory).close()
})
