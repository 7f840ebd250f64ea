// Real orchestrators for tests: each in a Python environment of its own, made once from a list of exact versions.

import type { ChildProcess } from 'node:child_process'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { orchestratorFrom } from '../build/orchestrator.ts'

export type Counterpart = 'airflow' | 'prefect' | 'dagster' | 'mlflow' | 'moto'

const cacheDir = join(import.meta.dirname, '..', '..', '.cache', 'orchestrators')
const STOP_WAIT_MS = 15_000
const LOG_LINES = 60

/** What a machine lacks, in words; null when it lacks nothing. */
export function missingForCounterparts(): string | null {
  const venv = spawnSync('python3', ['-c', 'import venv, ensurepip'])
  return venv.status === 0 ? null : 'Python 3 with venv is not installed (Debian: apt-get install python3-venv)'
}

/** The folder of its programs; installed when they are not there, or of other versions. */
export function installed(name: Counterpart): string {
  const list = join(import.meta.dirname, 'requirements', `${name}.txt`)
  const wanted = createHash('sha256').update(readFileSync(list)).digest('hex')
  const folder = join(cacheDir, name)
  const mark = join(folder, 'installed')
  if (!existsSync(mark) || readFileSync(mark, 'utf8') !== wanted) {
    mkdirSync(cacheDir, { recursive: true })
    rmSync(folder, { recursive: true, force: true })
    execFileSync('python3', ['-m', 'venv', folder], { stdio: 'inherit' })
    execFileSync(join(folder, 'bin', 'pip'), ['install', '--quiet', '--disable-pip-version-check', '-r', list], {
      stdio: 'inherit',
    })
    writeFileSync(mark, wanted)
  }
  return join(folder, 'bin')
}

export interface Program {
  readonly bin: string
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly cwd: string
}

/** Starts a program, and ends it with all its children after the test; what it wrote is printed when the test fails. */
export function startProgram(t: TestContext, { bin, command, args, env = {}, cwd }: Program): ChildProcess {
  // Not in its own folder, which goes first.
  const log = join(cacheDir, `${basename(dirname(bin))}-${command}.log`)
  const out = openSync(log, 'w')
  const child = spawn(join(bin, command), args, {
    cwd,
    env: { ...process.env, PATH: `${bin}:${process.env['PATH']}`, DO_NOT_TRACK: '1', NO_PROXY: '*', ...env },
    stdio: ['ignore', out, out],
    // A process group of its own: what it starts ends with it.
    detached: true,
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  t.after(async () => {
    endGroup(child, 'SIGTERM')
    await Promise.race([ended, pause(STOP_WAIT_MS, undefined, { ref: false })])
    endGroup(child, 'SIGKILL')
    await ended
    if (!t.passed)
      console.error(
        `\n${command}, the end of its log:\n${readFileSync(log, 'utf8').split('\n').slice(-LOG_LINES).join('\n')}`,
      )
  })
  return child
}

function endGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // It has ended.
  }
}

const PATIENCE_MS = 180_000

/** Asks until the answer is right. @param program whose end is the end of waiting */
export async function until<T>(what: string, ask: () => Promise<T | undefined>, program?: ChildProcess): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS
  let last = ''
  while (performance.now() < deadline) {
    if (program !== undefined && (program.exitCode !== null || program.signalCode !== null))
      throw new Error(`${what}: the program has ended (${program.exitCode ?? program.signalCode})`)
    try {
      const answer = await ask()
      if (answer !== undefined) return answer
    } catch (error) {
      last = String(error)
    }
    await pause(250)
  }
  throw new Error(`${what}: not within ${PATIENCE_MS / 1_000} s${last === '' ? '' : `; last: ${last}`}`)
}

/** Waits until an address answers with success. */
export function answers(url: string, program: ChildProcess): Promise<true> {
  return until(`${url} answers`, async () => ((await fetch(url)).ok ? true : undefined), program)
}

/** A folder for what a program keeps. */
export function workFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-orchestrator-'))
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

/** An orchestrator of these settings, with secrets as they would stand in files. */
export function connected(
  t: TestContext,
  settings: Readonly<Record<string, unknown>>,
  secrets: Readonly<Record<string, string>> = {},
) {
  const folder = workFolder(t)
  const files = Object.entries(secrets).map(([name, secret]) => {
    const file = join(folder, name)
    writeFileSync(file, secret)
    return [name, file] as const
  })
  return orchestratorFrom({ ...settings, ...Object.fromEntries(files) })
}
