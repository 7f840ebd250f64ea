// What remembering ids costs: puts and gets of random ids, in commits as large as the daemon's.
//
//   node bench/waiting.ts [ROWS]      one line of figures at 100 thousand, 1 million and 3 million rows, up to ROWS

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { IdHash, Waiting } from '../src/join/waiting.ts'
import type { Changes } from '../src/store/changes.ts'
import { openStore } from '../src/store/store.ts'

const COMMIT_ROWS = 20_000
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

function report(
  waiting: Waiting,
  rows: number,
  { putSeconds, stalls, sizeBytes }: { putSeconds: number; stalls: number[]; sizeBytes: number },
): void {
  const anywhere = (from: number) => (i: number) => from + (mix(i) % (rows - from))
  const k = (perSecond: number) => `${Math.round(perSecond / 1000)} k/s`.padStart(9)
  const recent = getsPerSecond(waiting, anywhere(Math.max(0, rows - RECENT_ROWS)), KNOWN)
  const any = getsPerSecond(waiting, anywhere(0), KNOWN)
  const unknown = getsPerSecond(waiting, anywhere(0), UNKNOWN)
  const sorted = stalls.toSorted((a, b) => a - b)
  console.log(
    `${String(rows).padStart(9)} rows  puts ${k(rows / putSeconds)}  gets: recent ${k(recent)}  any ${k(any)}  unknown ${k(unknown)}  ` +
      `commit median ${sorted[sorted.length >> 1]?.toFixed(0)} ms, longest ${sorted.at(-1)?.toFixed(0)} ms  ` +
      `${(sizeBytes / rows).toFixed(0)} B a row, RSS ${(process.memoryUsage.rss() / 2 ** 20).toFixed(0)} MiB`,
  )
}

const rowsMax = Number(process.argv[2] ?? 3_000_000)
const checkpoints = new Set([100_000, 1_000_000, 3_000_000, 10_000_000, rowsMax].filter((rows) => rows <= rowsMax))
const directory = mkdtempSync(join(tmpdir(), 'leeway-bench-'))
const store = openStore(directory)
try {
  const entry = new Uint8Array(ENTRY_BYTES)
  const stalls: number[] = []
  let putMs = 0
  let startedAt = performance.now()
  for (let row = 0; row < rowsMax; ) {
    idInto(id, row, KNOWN)
    entry[row % ENTRY_BYTES] = row
    store.waiting.put(id, entry, Math.floor(row / ROWS_PER_DAY) * DAY_MS)
    if (++row % COMMIT_ROWS !== 0 && row !== rowsMax) continue
    const commitAt = performance.now()
    store.commit(nothing)
    stalls.push(performance.now() - commitAt)
    putMs += performance.now() - startedAt
    if (checkpoints.has(row))
      report(store.waiting, row, { putSeconds: putMs / 1000, stalls, sizeBytes: store.sizeBytes() })
    startedAt = performance.now()
  }
} finally {
  store.close()
  rmSync(directory, { recursive: true })
}
