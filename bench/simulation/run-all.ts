// Runs jobs on a few threads, and keeps each result as one line of a file, so that an interrupted run goes on where it stopped.

import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, globSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Cell, Lengths } from './cells.ts'
import type { CellResult, Job } from './run-cell.ts'

/** One line of the state file. */
interface Line {
  /** Of the code that made it: results of other code are left alone. */
  readonly code: string
  readonly cell: string
  readonly repeat: number
  readonly seed: number
  readonly lengths: Lengths
  readonly result: CellResult
}

export interface RunOptions {
  readonly cells: readonly Cell[]
  readonly seed: number
  readonly lengths: Lengths
  readonly workers: number
  /** File that keeps the results. */
  readonly state: string
  /** Whether nothing is run, and only what the file has is told. */
  readonly onlyKnown?: boolean
  readonly onProgress: (done: number, total: number, job: string) => void
}

/** Results by cell, each with one entry per repeat, in order. */
export type Results = ReadonlyMap<string, readonly CellResult[]>

/** Runs what is still missing. Cells without any result are left out. */
export async function runAll(options: RunOptions): Promise<Results> {
  const { cells, seed, lengths, state } = options
  const code = fingerprint()
  const isOurs = (line: Line) =>
    line.code === code &&
    line.seed === seed &&
    line.lengths.referenceDays === lengths.referenceDays &&
    line.lengths.monthDays === lengths.monthDays
  const known = new Map(
    readLines(state)
      .filter(isOurs)
      .map((line) => [`${line.cell}#${line.repeat}`, line.result]),
  )
  // One repeat of every cell before the next, so that a run that is stopped has something to say of all of them.
  const jobs = cells
    .flatMap((cell) => Array.from({ length: cell.repeats }, (_, repeat): Job => ({ cell, repeat, seed, lengths })))
    .sort((a, b) => a.repeat - b.repeat)
  const waiting = options.onlyKnown ? [] : jobs.filter(({ cell, repeat }) => !known.has(`${cell.name}#${repeat}`))
  let done = jobs.length - waiting.length
  mkdirSync(dirname(state), { recursive: true })
  // The last line of a run that was stopped may be cut: what comes next must not be part of it.
  if (existsSync(state) && !readFileSync(state, 'utf8').endsWith('\n')) appendFileSync(state, '\n')
  await onThreads(waiting, options.workers, (job, result) => {
    const line: Line = { code, cell: job.cell.name, repeat: job.repeat, seed, lengths, result }
    appendFileSync(state, `${JSON.stringify(line)}\n`)
    known.set(`${job.cell.name}#${job.repeat}`, result)
    options.onProgress(++done, jobs.length, job.cell.name)
  })
  return new Map(
    cells.flatMap(({ name, repeats }) => {
      const results = Array.from({ length: repeats }, (_, repeat) => known.get(`${name}#${repeat}`))
      const finished = results.filter((result) => result !== undefined)
      return finished.length === 0 ? [] : [[name, finished] as const]
    }),
  )
}

/** A hash of the rooms whose behaviour is measured, and of the simulation itself. */
function fingerprint(): string {
  const root = join(import.meta.dirname, '../..')
  const hash = createHash('sha256')
  const rooms = 'src/{statistics,summaries,reference,monitors,incidents,windows}/**/*.ts'
  for (const file of globSync([rooms, 'bench/simulation/*.ts'], { cwd: root }).sort()) {
    // How results are told does not change them.
    if (!/(report|page)\.ts$/.test(file)) hash.update(file).update(readFileSync(join(root, file)))
  }
  return hash.digest('hex').slice(0, 12)
}

function readLines(state: string): Line[] {
  if (!existsSync(state)) return []
  return readFileSync(state, 'utf8')
    .split('\n')
    .flatMap((text) => {
      try {
        return [JSON.parse(text) as Line]
      } catch {
        // The line that was being written when an earlier run was stopped.
        return []
      }
    })
}

async function onThreads(
  jobs: readonly Job[],
  workers: number,
  finished: (job: Job, result: CellResult) => void,
): Promise<void> {
  const waiting = [...jobs]
  await Promise.all(
    Array.from({ length: Math.min(workers, jobs.length) }, async () => {
      const worker = new Worker(new URL('./worker.ts', import.meta.url))
      try {
        for (let job = waiting.shift(); job !== undefined; job = waiting.shift())
          finished(job, await answer(worker, job))
      } finally {
        await worker.terminate()
      }
    }),
  )
}

function answer(worker: Worker, job: Job): Promise<CellResult> {
  return new Promise((resolve, reject) => {
    const failed = (error: unknown) => reject(new Error(`${job.cell.name}, repeat ${job.repeat}`, { cause: error }))
    worker.once('error', failed)
    worker.once('message', (result: CellResult) => {
      worker.off('error', failed)
      resolve(result)
    })
    worker.postMessage(job)
  })
}
