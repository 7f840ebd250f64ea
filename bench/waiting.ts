// What remembering ids costs: each row is looked for and put, as the join does it, with random ids in commits as large as the daemon's.
//
//   node bench/waiting.ts [ROWS]      figures at 100 thousand, 1, 3 and 10 million rows, up to ROWS
//
// The log is written back to the file (checkpoint) apart from the commits here, to tell the two apart. CPU is that of the thread: on a
// machine that does other work too, wall time says more about that work.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { IdHash, Waiting } from '../src/join/waiting.ts'
import type { Changes } from '../src/store/changes.ts'
import { openDatabase } from '../src/store/database.ts'
import { storeOn } from '../src/store/store.ts'

const COMMIT_ROWS = 10_000
/** As long as a packed prediction with one score. */
const ENTRY_BYTES = 46
const GETS = 50_000
/** Ids put this recently are asked for as recent ones. */
const RECENT_ROWS = 200_000
/** Event time is spread so that the rows fall on several days, as predictions awaiting labels do. */
const ROWS_PER_DAY = 300_000
const DAY_MS = 86_400_000

const nothing: Changes = {
  positions: [],
  streams: [],
  panes: [],
  results: [],
  incidents: [],
  transitions: [],
  notifications: [],
  triggers: [],
  quarantine: [],
  counters: [],
  documents: [],
  dropPanes: [],
  dropInputsBefore: null,
  dropOutcomesBefore: null,
  dropResultsBefore: null,
  dropEndedBefore: null,
}

/** The id of a row: random, and known again from the row's number. */
function idInto(out: IdHash, row: number, salt: number): void {
  out.high = mix(row ^ salt)
  out.low = mix(out.high + row)
}

function mix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

const id: IdHash = { high: 0, low: 0 }
const KNOWN = 0x1234567
const UNKNOWN = 0x7654321

function getsPerSecond(waiting: Waiting, rowOf: (i: number) => number, salt: number): number {
  let found = 0
  const startedAt = performance.now()
  for (let i = 0; i < GETS; i++) {
    idInto(id, rowOf(i), salt)
    if (waiting.get(id) !== undefined) found++
  }
  const seconds = (performance.now() - startedAt) / 1000
  if (found !== (salt === KNOWN ? GETS : 0)) throw new Error(`${found} of ${GETS} ids were found`)
  return GETS / seconds
}

interface Steps {
  readonly commitCpuMs: number[]
  readonly commitMs: number[]
  readonly checkpointMs: number[]
}

/** Middle, 99.9th percentile and longest. */
function spread(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]?.toFixed(0)
  return `${at(0.5)} / ${at(0.999)} / ${at(1)} ms`
}

const k = (perSecond: number) => `${Math.round(perSecond / 1000)} k/s`

function report(
  waiting: Waiting,
  rows: number,
  { perSecond, steps, sizeBytes }: { perSecond: { wall: number; cpu: number }; steps: Steps; sizeBytes: number },
): void {
  const anywhere = (from: number) => (i: number) => from + (mix(i) % (rows - from))
  const recent = getsPerSecond(waiting, anywhere(Math.max(0, rows - RECENT_ROWS)), KNOWN)
  const any = getsPerSecond(waiting, anywhere(0), KNOWN)
  const unknown = getsPerSecond(waiting, anywhere(0), UNKNOWN)
  console.log(
    `${rows} rows: new ids looked for and put ${k(perSecond.wall)} (${k(perSecond.cpu)} CPU); gets: recent ${k(recent)}, any ${k(any)}, unknown ${k(unknown)}; ` +
      `${(sizeBytes / rows).toFixed(0)} B a row, RSS ${(process.memoryUsage.rss() / 2 ** 20).toFixed(0)} MiB\n` +
      `  median / 99.9 % / longest: commit ${spread(steps.commitCpuMs)} CPU, ${spread(steps.commitMs)} wall; checkpoint ${spread(steps.checkpointMs)}`,
  )
}

function threadMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

const rowsMax = Number(process.argv[2] ?? 3_000_000)
const stops = new Set([100_000, 1_000_000, 3_000_000, 10_000_000, rowsMax].filter((rows) => rows <= rowsMax))
const directory = mkdtempSync(join(tmpdir(), 'leeway-bench-'))
const db = openDatabase(directory)
db.exec('PRAGMA wal_autocheckpoint = 0')
const store = storeOn(db)
const fresh = (): Steps => ({ commitCpuMs: [], commitMs: [], checkpointMs: [] })

/** Time of a piece of work, added to the totals of the rows since the last stop. */
function timed(total: { wall: number; cpu: number }, work: () => void): { wall: number; cpu: number } {
  const [wallAt, cpuAt] = [performance.now(), threadMs()]
  work()
  const spent = { wall: performance.now() - wallAt, cpu: threadMs() - cpuAt }
  total.wall += spent.wall
  total.cpu += spent.cpu
  return spent
}

try {
  const entry = new Uint8Array(ENTRY_BYTES)
  let steps = fresh()
  let total = { wall: 0, cpu: 0 }
  let since = 0
  for (let row = 0; row < rowsMax; ) {
    const to = Math.min(rowsMax, row + COMMIT_ROWS)
    timed(total, () => {
      for (; row < to; row++) {
        idInto(id, row, KNOWN)
        if (store.waiting.get(id) !== undefined) throw new Error(`row ${row} was there before`)
        entry[row % ENTRY_BYTES] = row
        store.waiting.put(id, entry, Math.floor(row / ROWS_PER_DAY) * DAY_MS)
      }
    })
    const commit = timed(total, () => store.commit(nothing))
    steps.commitMs.push(commit.wall)
    steps.commitCpuMs.push(commit.cpu)
    steps.checkpointMs.push(timed(total, () => db.exec('PRAGMA wal_checkpoint(PASSIVE)')).wall)
    if (!stops.has(row)) continue
    const perSecond = { wall: ((row - since) / total.wall) * 1000, cpu: ((row - since) / total.cpu) * 1000 }
    report(store.waiting, row, { perSecond, steps, sizeBytes: store.sizeBytes() })
    steps = fresh()
    total = { wall: 0, cpu: 0 }
    since = row
  }
} finally {
  db.close()
  rmSync(directory, { recursive: true })
}
