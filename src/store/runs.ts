// Waiting entries on disk: immutable sorted runs with Bloom filters, merged in bounded steps.
//
// Each commit writes what came since the last one, as one run per day. A new id has to be looked for in every run, so a day is
// kept at no more than about RUNS_MAX of them: then its youngest runs, and all older ones up to twice as large as those
// together, become one (each entry is rewritten four to thirteen times in its life, measured with 150 to 86,400 commits a day).
// A day that is no longer written to is merged further, into one or two runs.
// No run is made larger than ENTRIES_MAX. A merge writes a bounded number of pages a commit. Its inputs stay readable until it is
// complete and are then removed, again so many pages a commit; a merge cut short by a crash starts anew, and what it left behind is
// removed in the same way.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { IdHash } from '../join/waiting.ts'
import type { Probe } from '../probe.ts'
import { Bloom } from './bloom.ts'
import type { Memtable } from './memtable.ts'
import { Merge } from './merge.ts'
import { PageCache } from './page-cache.ts'
import type { Run } from './run.ts'
import { pageFor, pagesOf, RUN_PAGES_MAX, RunWriter } from './run.ts'
import { RunFilters } from './run-filters.ts'
import { entriesIn, findInPage, highAt, lowAt, PageWriter, startOf } from './run-page.ts'
import { isWhole, sealOf } from './seal.ts'
import { damagedRow } from './store-error.ts'

const RUNS_MAX = 8
/** A larger run is not made: its filter and its list of pages are written in one piece. */
const ENTRIES_MAX = 2 ** 19
const BUSY_RATIO = 2
/** Commits without an entry of a day after which the day counts as quiet. */
const QUIET_COMMITS = 50
const QUIET_RATIO = 16
/** Pages that merging writes in a commit: a few of its own, and some for each page of new entries, so that it keeps up. */
const MERGE_PAGES = { own: 64, perNewPage: 5 }
/** Words of filters that are laid side by side in a commit: about 4 ms. */
const FILTER_WORDS = 2 ** 16

export class Runs {
  readonly #db: DatabaseSync
  readonly #probe: Probe
  readonly #cache: PageCache
  readonly #insertPage: StatementSync
  readonly #insertRun: StatementSync
  readonly #page = new PageWriter()
  /** Runs by day, youngest first. */
  #days = new Map<number, Run[]>()
  /** The latest day first, and of each day the youngest run. */
  #inOrder: Run[] = []
  #garbage: number[] = []
  #merge: Merge | undefined
  #nextId = 1
  #nextAge = 1
  #commits = 0
  readonly #writtenAt = new Map<number, number>()
  /** Days before it are dropped with the next commit, and are not found any more. */
  #firstDay = Number.NEGATIVE_INFINITY
  /** Runs that the next commit drops to keep the budget; not found any more. */
  readonly #evicted = new Set<number>()
  readonly #filters = new RunFilters()
  /** The last look-up, for the `put` that follows a `get`. */
  readonly #last = { high: -1, low: -1, day: undefined as number | undefined }

  constructor(db: DatabaseSync, probe: Probe = () => {}) {
    this.#db = db
    this.#probe = probe
    this.#insertPage = db.prepare('INSERT INTO run_pages (id, data, seal) VALUES (?, ?, ?)')
    this.#insertRun = db.prepare(
      'INSERT OR REPLACE INTO runs (id, day, age, entries, state, bloom, first_hashes, seal) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    )
    this.#cache = new PageCache(db)
    this.#load()
  }

  #load(): void {
    for (const row of this.#db.prepare('SELECT * FROM runs ORDER BY age DESC').iterate()) {
      if (!isWhole('runs', row)) throw damagedRow(this.#db.location() ?? '', 'runs')
      const id = row['id'] as number
      this.#nextId = Math.max(this.#nextId, id + 1)
      this.#nextAge = Math.max(this.#nextAge, (row['age'] as number) + 1)
      if (this.#evicted.has(id)) continue
      if (row['state'] === 'complete') this.#runsOf(row['day'] as number).push(this.#withFilter(runOf(row)))
      else this.#garbage.push(id)
    }
    this.#arrange(Number.POSITIVE_INFINITY)
  }

  /** A run of a state from before its filter was made this way (migration 5) is given one. */
  #withFilter(run: Run): Run {
    if (run.bloom.words.length > 0) return run
    const bloom = new Bloom(run.entries)
    for (let page = 0; page < pagesOf(run); page++) {
      const bytes = this.#cache.read(run.id * RUN_PAGES_MAX + page)
      for (let i = 0; i < entriesIn(bytes); i++)
        bloom.add(highAt(bytes, startOf(bytes, i)), lowAt(bytes, startOf(bytes, i)))
    }
    return { ...run, bloom }
  }

  #runsOf(day: number): Run[] {
    let runs = this.#days.get(day)
    if (runs === undefined) {
      runs = []
      this.#days.set(day, runs)
    }
    return runs
  }

  /** To be called after every change of `#days`. */
  #arrange(filterWordsMax: number): void {
    for (const [day, runs] of this.#days) if (runs.length === 0) this.#days.delete(day)
    this.#inOrder = [...this.#days].sort(([a], [b]) => b - a).flatMap(([, runs]) => runs)
    this.#filters.arrange(this.#inOrder, filterWordsMax)
    this.#last.high = -1
  }

  dropCaches(): void {
    this.#cache.clear()
  }

  get entries(): number {
    return this.#inOrder.reduce((sum, run) => sum + run.entries, 0)
  }

  /** The newest entry of an id. The latest day that has one has the newest: see `StoredWaiting.put`. */
  find({ high, low }: IdHash): Uint8Array | undefined {
    const last = this.#last
    last.high = high
    last.low = low
    last.day = undefined
    if (!this.#filters.mayAnyHave(high, low)) return undefined
    const runs = this.#inOrder
    for (let i = 0; i < runs.length; i++) {
      const run = runs[i] as Run
      if (run.day < this.#firstDay) return undefined
      if (!this.#filters.mayHave(run)) continue
      const page = pageFor(run, high, low)
      const found = page < 0 ? undefined : findInPage(this.#cache.page(run.id * RUN_PAGES_MAX + page), high, low)
      if (found !== undefined) {
        last.day = run.day
        return found
      }
    }
    return undefined
  }

  /** The latest day that has an entry of the id. */
  dayOf(id: IdHash): number | undefined {
    if (this.#last.high !== id.high || this.#last.low !== id.low) this.find(id)
    return this.#last.day
  }

  /** Entries of days before `day` are gone; the disk follows with the next commit. */
  dropDaysBefore(day: number): void {
    this.#firstDay = Math.max(this.#firstDay, day)
    this.#last.high = -1
  }

  /**
   * Drops the oldest runs of the oldest days until at least so many entries are gone, or none is left; the disk follows with
   * the next commit.
   *
   * @returns how many entries are gone
   */
  evict(entries: number): number {
    let gone = 0
    while (gone < entries) {
      const day = Math.min(...this.#days.keys())
      const run = this.#days.get(day)?.pop()
      if (run === undefined) break
      this.#evicted.add(run.id)
      gone += run.entries
      this.#arrange(0)
    }
    return gone
  }

  /** Writes new entries, drops what is to be dropped, and moves merging on. Inside the transaction of a commit. */
  flush(entries: Memtable): void {
    this.#commits++
    this.#dropOldDays()
    const newPages = this.#write(entries)
    const pagesMax = MERGE_PAGES.own + MERGE_PAGES.perNewPage * newPages
    this.#moveMergesOn(pagesMax)
    this.#removeGarbage(pagesMax)
    this.#arrange(FILTER_WORDS)
  }

  /** What `flush` wrote is on disk. */
  committed(): void {
    this.#firstDay = Number.NEGATIVE_INFINITY
    this.#evicted.clear()
  }

  #write(entries: Memtable): number {
    let writer: RunWriter | undefined
    let pages = 0
    const finish = () => {
      if (writer === undefined) return
      const run = this.#complete(writer, this.#nextAge++)
      this.#runsOf(run.day).unshift(run)
      this.#writtenAt.set(run.day, this.#commits)
      pages += writer.pages
    }
    entries.forEachDay({
      day: (day, entriesMax) => {
        finish()
        writer = this.#newRun(day, entriesMax, this.#page)
      },
      entry: (high, low, source, start, end) => (writer as RunWriter).add(high, low, source, start, end),
    })
    finish()
    return pages
  }

  #newRun(day: number, entriesMax: number, page: PageWriter): RunWriter {
    return new RunWriter({ id: this.#nextId++, day, entriesMax, insertPage: this.#insertPage, page })
  }

  #complete(writer: RunWriter, withAge: number): Run {
    const run = writer.finish(withAge)
    const { id, day, age, entries, bloom, firsts } = run
    this.#putRun([id, day, age, entries, 'complete', bloom.bytes, new Uint8Array(firsts.buffer)])
    return run
  }

  #putRun(values: [number, number, number, number, 'complete' | 'growing' | 'garbage', Uint8Array, Uint8Array]): void {
    this.#insertRun.run(...values, sealOf(values))
  }

  #moveMergesOn(pagesMax: number): void {
    for (let left = pagesMax; left > 0; ) {
      this.#merge ??= this.#startMerge()
      if (this.#merge === undefined) return
      const { inputs, output } = this.#merge
      const writtenBefore = output.pages
      if (!this.#merge.step(left)) return this.#probe('runs: merging')
      const [youngest] = inputs as [Run]
      const runs = this.#runsOf(youngest.day)
      runs.splice(runs.indexOf(youngest), inputs.length, this.#complete(output, youngest.age))
      this.#discard(inputs.map(({ id }) => id))
      this.#merge = undefined
      this.#probe('runs: merged')
      left -= output.pages - writtenBefore
    }
  }

  #startMerge(): Merge | undefined {
    const inputs = this.#mergeable()
    if (inputs === undefined) return undefined
    const [{ day }] = inputs as [Run]
    const entriesMax = inputs.reduce((sum, run) => sum + run.entries, 0)
    const output = this.#newRun(day, entriesMax, new PageWriter())
    this.#putRun([output.id, day, 0, 0, 'growing', new Uint8Array(), new Uint8Array()])
    return new Merge(inputs, output, this.#cache)
  }

  /** Runs that are to become one: of the day with the most of them, else of a day that has fallen quiet. */
  #mergeable(): Run[] | undefined {
    let fullest: Run[] | undefined
    let quiet: Run[] | undefined
    for (const [day, all] of this.#days) {
      const grown = all.findIndex(({ entries }) => entries > ENTRIES_MAX / 2)
      const runs = grown < 0 ? all : all.slice(0, grown)
      if (runs.length >= RUNS_MAX && runs.length > (fullest?.length ?? 0)) fullest = runs
      if (runs.length < 2 || this.#commits - (this.#writtenAt.get(day) ?? 0) < QUIET_COMMITS) continue
      const youngest = youngestOf(runs, QUIET_RATIO)
      if (youngest.length > 1) quiet = youngest
    }
    return fullest === undefined ? quiet : youngestOf(fullest, BUSY_RATIO, 2)
  }

  #dropOldDays(): void {
    const isGone = (run: Run) => run.day < this.#firstDay || this.#evicted.has(run.id)
    const dropped = [...this.#days].filter(([day]) => day < this.#firstDay)
    if (this.#merge?.inputs.some(isGone)) {
      this.#discard([this.#merge.output.id])
      this.#merge = undefined
    }
    this.#discard([...this.#evicted])
    for (const [day, runs] of dropped) {
      this.#discard(runs.map(({ id }) => id))
      this.#days.delete(day)
      this.#writtenAt.delete(day)
    }
    if (dropped.length > 0) this.#probe('runs: day dropped')
  }

  #discard(ids: readonly number[]): void {
    for (const id of ids) {
      this.#putRun([id, 0, 0, 0, 'garbage', new Uint8Array(), new Uint8Array()])
      this.#garbage.push(id)
    }
  }

  #removeGarbage(pagesMax: number): void {
    for (let left = pagesMax; left > 0; ) {
      const id = this.#garbage[0]
      if (id === undefined) return
      const { changes } = this.#db
        .prepare('DELETE FROM run_pages WHERE id IN (SELECT id FROM run_pages WHERE id >= ? AND id < ? LIMIT ?)')
        .run(id * RUN_PAGES_MAX, (id + 1) * RUN_PAGES_MAX, left)
      left -= Number(changes)
      if (left === 0) return
      this.#db.prepare('DELETE FROM runs WHERE id = ?').run(id)
      this.#garbage.shift()
      this.#probe('runs: garbage removed')
    }
  }

  /** After a commit that failed: forgets what memory knows beyond the disk. */
  reload(): void {
    this.#days = new Map()
    this.#garbage = []
    this.#merge = undefined
    this.#load()
  }
}

/** The youngest runs, at least `least`, and all that follow while each has at most `ratio` times the entries of those before it. */
function youngestOf(runs: readonly Run[], ratio: number, least = 1): Run[] {
  let entries = 0
  let count = 0
  for (const { entries: next } of runs) {
    if (count >= Math.max(1, least) && (next > ratio * entries || entries + next > ENTRIES_MAX)) break
    entries += next
    count++
  }
  return runs.slice(0, count)
}

export function runOf(row: Record<string, unknown>): Run {
  const firsts = row['first_hashes'] as Uint8Array
  return {
    id: row['id'] as number,
    day: row['day'] as number,
    age: row['age'] as number,
    entries: row['entries'] as number,
    bloom: new Bloom(row['bloom'] as Uint8Array),
    firsts: new Uint32Array(firsts.slice().buffer),
  }
}
