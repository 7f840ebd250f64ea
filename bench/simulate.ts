// `npm run simulate`: what the false-alarm policy does to models to which nothing happens, and to changes that are worth an alarm.
//
//   npm run simulate                             all cells; prints the tables and writes docs/false-alarms.md
//   npm run simulate -- --quick                  a few cells with a reference of 7 days and months of 10, in under a minute
//   npm run simulate -- --only 'quiet/iid|change' cells whose name matches; --list prints the names
//   npm run simulate -- --months 12              models per cell instead of its own number (4 or 8)
//   npm run simulate -- --seed 7                 other models (default 1): same seed and code, same numbers
//   npm run simulate -- --workers 2              threads (default 1)
//   npm run simulate -- --state FILE             where results are kept (default .cache/simulation.jsonl)
//   npm run simulate -- --report                 run nothing, tell what the state file has (a run that was stopped, or still goes on)
//   npm run simulate -- --out FILE               write the page there; without it only a full run writes docs/false-alarms.md
//
// Each finished model is one line of the state file; a run that was stopped goes on where it was, as long as the code that is
// measured has not changed.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ParseArgsConfig } from 'node:util'
import { parseArgs } from 'node:util'
import { Presets, SingleBar } from 'cli-progress'
import Table from 'cli-table3'
import { allCells, fullLengths, quickCells, quickLengths } from './simulation/cells.ts'
import { pageOf } from './simulation/page.ts'
import type { TableText } from './simulation/report.ts'
import { aimsTable, changeTable, culpritTable, quietTable } from './simulation/report.ts'
import { runAll } from './simulation/run-all.ts'

const LINE_EVERY_MS = 5_000
const root = join(import.meta.dirname, '..')

const { values: options } = readArguments({
  options: {
    help: { type: 'boolean', default: false },
    only: { type: 'string' },
    months: { type: 'string' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: '1' },
    state: { type: 'string', default: join(root, '.cache/simulation.jsonl') },
    out: { type: 'string' },
    quick: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    report: { type: 'boolean', default: false },
  },
})
if (options.help) {
  console.log(usage())
  process.exit(0)
}

const months = options.months === undefined ? undefined : wholeNumber('months', options.months)
const pattern = new RegExp(options.only ?? '')
const chosen = (options.quick ? quickCells() : allCells())
  .filter(({ name }) => pattern.test(name))
  .map((cell) => ({ ...cell, repeats: months ?? cell.repeats }))
const lengths = options.quick ? quickLengths : fullLengths
const seed = wholeNumber('seed', options.seed)
const isFull = options.only === undefined && !options.quick

/** The text at the top of this file. */
function usage(): string {
  const [top = ''] = readFileSync(import.meta.filename, 'utf8').split('\n\n')
  return top.replace(/^\/\/ ?/gm, '')
}

function readArguments<const T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config)
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage()}`)
    process.exit(2)
  }
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1) return value
  console.error(`--${name}: "${text}" is not a whole number of at least 1`)
  process.exit(2)
}

function showProgress(): { onProgress: (done: number, total: number, job: string) => void; stop: () => void } {
  if (process.stderr.isTTY) {
    const bar = new SingleBar(
      {
        format: '{bar} {value}/{total} models, {eta_formatted} left: {job}',
        stream: process.stderr,
        clearOnComplete: true,
      },
      Presets.shades_classic,
    )
    let started = false
    return {
      onProgress(done, total, job) {
        if (!started) bar.start(total, done, { job })
        started = true
        bar.update(done, { job })
      },
      stop: () => bar.stop(),
    }
  }
  let toldAt = performance.now()
  return {
    onProgress(done, total, job) {
      if (performance.now() - toldAt < LINE_EVERY_MS && done < total) return
      toldAt = performance.now()
      process.stderr.write(`${done} of ${total} models: ${job}\n`)
    },
    stop() {},
  }
}

function print(title: string, { head, rows }: TableText): void {
  if (rows.length === 0) return
  const table = new Table({ head: [...head], style: { head: [], border: [] } })
  for (const row of rows) table.push([...row])
  console.log(`\n${title}\n${table.toString()}`)
}

if (options.list) {
  for (const { name, repeats } of chosen) console.log(`${name}  × ${repeats}`)
  process.exit(0)
}
if (chosen.length === 0) {
  console.error(`--only ${options.only}: no cell has such a name; --list prints the names`)
  process.exit(2)
}
const progress = showProgress()
try {
  const workers = wholeNumber('workers', options.workers)
  const results = await runAll({
    cells: chosen,
    seed,
    lengths,
    workers,
    state: options.state,
    onlyKnown: options.report,
    onProgress: progress.onProgress,
  })
  progress.stop()
  const cells = chosen.filter(({ name }) => results.has(name))
  print('Nothing happens', quietTable(cells, results))
  print('What fired on nothing', culpritTable(cells, results))
  print('One column changes', changeTable(cells, results))
  print('Aims', aimsTable(cells, results))
  const out = options.out ?? (isFull ? join(root, 'docs/false-alarms.md') : undefined)
  if (out !== undefined) writeFileSync(out, pageOf({ cells, results, seed, lengths }))
} finally {
  progress.stop()
}
