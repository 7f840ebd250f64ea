// Waiting entries on disk: immutable sorted runs with Bloom filters, merged in bounded steps.
//
// Each commit writes what came since the last one as a run per day. Of two entries of one id the younger run's counts (`age`
// grows with each run). When a day has MERGE_RUNS runs of a level, its oldest ones are merged into one of the next level: a
// merge writes at most PAGES_PER_STEP pages a commit, the old runs stay readable until the new one is complete, and a merge cut
// short by a crash starts again. Merged runs are removed page by page as well, so that no commit ever stalls.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { IdHash } from '../join/waiting.ts'
import { Bloom } from './bloom.ts'
import type { MemEntry } from './memtable.ts'
import { PageCache } from './page-cache.ts'
import type { PageEntry } from './run-page.ts'
import { entriesIn, entryAt, findInPage, PageWriter } from './run-page.ts'

const MERGE_RUNS = 8
const PAGES_PER_STEP = 400
const PAGES_REMOVED_PER_STEP = 2_000
const RUN_PAGES_MAX = 2 ** 24

interface Run {
  readonly id: number
  readonly day: number
  readonly level: number
  readonly age: number
  entries: number
  bloom: Bloom
  /** high, low of the first entry of each page */
  firsts: Uint32Array
}

interface Merge {
  readonly inputs: readonly Run[]
  readonly output: RunWriter
  readonly cursors: Cursor[]
}

export class Runs {
  readonly #db: DatabaseSync
  readonly #cache: PageCache
  readonly #insertPage: StatementSync
  /** Youngest first. */
  #runs: Run[] = []
  #garbage: number[] = []
  #merge: Merge | undefined
  #nextId = 1
  #nextAge = 1

  constructor(db: DatabaseSync) {
    this.#db = db
    this.#insertPage = db.prepare('INSERT INTO run_pages (id, data) VALUES (?, ?)')
    this.#cache = new PageCache(db)
    this.#load()
  }

  #load(): void {
    for (const row of this.#db.prepare('SELECT * FROM runs').all()) {
      const id = row['id'] as number
      this.#nextId = Math.max(this.#nextId, id + 1)
      this.#nextAge = Math.max(this.#nextAge, (row['age'] as number) + 1)
      if (row['state'] !== 'complete') this.#garbage.push(id)
      else this.#runs.push(runOf(row))
    }
    this.#runs.sort((a, b) => b.age - a.age)
  }

  get entries(): number {
    return this.#runs.reduce((sum, run) => sum + run.entries, 0)
  }

  find(id: IdHash): Uint8Array | undefined {
    const runs = this.#runs
    for (let i = 0; i < runs.length; i++) {
      const run = runs[i] as Run
      if (!run.bloom.mayHave(id)) continue
      const page = pageOf(run.firsts, id.high, id.low)
      const found = page < 0 ? undefined : findInPage(this.#cache.page(run.id * RUN_PAGES_MAX + page), id.high, id.low)
      if (found !== undefined) return found
    }
    return undefined
  }

  /** Writes the entries of one day as a new run. Inside the commit's transaction. */
  write(day: number, entries: readonly MemEntry[]): void {
    const writer = new RunWriter(this.#insertPage, this.#nextId++, entries.length)
    for (const entry of entries) writer.add(entry)
    this.#complete(writer, { day, level: 0, age: this.#nextAge++ })
  }

  #complete(writer: RunWriter, { day, level, age }: { day: number; level: number; age: number }): void {
    const { id, bloom, entries } = writer.finish()
    const firsts = writer.firsts()
    this.#db
      .prepare("INSERT INTO runs (id, day, level, age, entries, state, bloom, first_hashes) VALUES (?, ?, ?, ?, ?, 'complete', ?, ?) ON CONFLICT (id) DO UPDATE SET entries = excluded.entries, age = excluded.age, state = 'complete', bloom = excluded.bloom, first_hashes = excluded.first_hashes")
      .run(id, day, level, age, entries, bloom.bytes, new Uint8Array(firsts.buffer))
    this.#runs.push({ id, day, level, age, entries, bloom, firsts })
    this.#runs.sort((a, b) => b.age - a.age)
  }

  /** A bounded step of merging and of removing what was merged. Inside the commit's transaction. */
  tidy(): void {
    this.#merge ??= this.#startMerge()
    if (this.#merge !== undefined && step(this.#merge)) {
      const { inputs, output } = this.#merge
      const [youngest] = inputs as [Run]
      this.#discard(inputs)
      this.#complete(output, { day: youngest.day, level: youngest.level + 1, age: Math.max(...inputs.map(({ age }) => age)) })
      this.#merge = undefined
    }
    this.#removeGarbage()
  }

  #startMerge(): Merge | undefined {
    const groups = new Map<string, Run[]>()
    for (const run of this.#runs) {
      const key = `${run.day}/${run.level}`
      const group = groups.get(key) ?? []
      group.push(run)
      groups.set(key, group)
    }
    for (const group of groups.values()) {
      if (group.length < MERGE_RUNS) continue
      const inputs = group.slice(-MERGE_RUNS)
      const [{ day, level }] = inputs as [Run]
      const id = this.#nextId++
      const entries = inputs.reduce((sum, run) => sum + run.entries, 0)
      this.#db.prepare("INSERT INTO runs VALUES (?, ?, ?, 0, 0, 'growing', x'', x'')").run(id, day, level + 1)
      return { inputs, output: new RunWriter(this.#insertPage, id, entries), cursors: inputs.map((run) => new Cursor(run, this.#cache)) }
    }
    return undefined
  }

  /** Drops the runs of days before `day`, whole. */
  dropDaysBefore(day: number): void {
    const old = this.#runs.filter((run) => run.day < day)
    if (old.length === 0) return
    if (this.#merge?.inputs.some((run) => run.day < day)) {
      this.#discardIds([this.#merge.output.id])
      this.#merge = undefined
    }
    this.#discard(old)
  }

  #discard(runs: readonly Run[]): void {
    this.#runs = this.#runs.filter((run) => !runs.includes(run))
    this.#discardIds(runs.map(({ id }) => id))
  }

  #discardIds(ids: readonly number[]): void {
    const mark = this.#db.prepare("UPDATE runs SET state = 'garbage', bloom = x'', first_hashes = x'' WHERE id = ?")
    for (const id of ids) {
      mark.run(id)
      this.#cache.forget(id * RUN_PAGES_MAX, (id + 1) * RUN_PAGES_MAX)
      this.#garbage.push(id)
    }
  }

  #removeGarbage(): void {
    const id = this.#garbage[0]
    if (id === undefined) return
    const { changes } = this.#db
      .prepare('DELETE FROM run_pages WHERE id IN (SELECT id FROM run_pages WHERE id >= ? AND id < ? LIMIT ?)')
      .run(id * RUN_PAGES_MAX, (id + 1) * RUN_PAGES_MAX, PAGES_REMOVED_PER_STEP)
    if (Number(changes) === PAGES_REMOVED_PER_STEP) return
    this.#db.prepare('DELETE FROM runs WHERE id = ?').run(id)
    this.#garbage.shift()
  }

  /** After a commit that failed: forgets what memory knows beyond the disk. */
  reload(): void {
    this.#runs = []
    this.#garbage = []
    this.#merge = undefined
    this.#cache.clear()
    this.#load()
  }
}

function runOf(row: Record<string, unknown>): Run {
  const firsts = row['first_hashes'] as Uint8Array
  return {
    id: row['id'] as number,
    day: row['day'] as number,
    level: row['level'] as number,
    age: row['age'] as number,
    entries: row['entries'] as number,
    bloom: new Bloom(row['bloom'] as Uint8Array),
    firsts: new Uint32Array(firsts.slice().buffer),
  }
}

/** The page that would hold a hash: the last one that starts at or before it; −1 when the run starts after it. */
function pageOf(firsts: Uint32Array, high: number, low: number): number {
  let from = 0
  let to = firsts.length / 2 - 1
  while (from <= to) {
    const middle = (from + to) >> 1
    const order = (firsts[2 * middle] as number) - high || (firsts[2 * middle + 1] as number) - low
    if (order <= 0) from = middle + 1
    else to = middle - 1
  }
  return to
}

class RunWriter {
  readonly id: number
  readonly #insert: StatementSync
  readonly #bloom: Bloom
  readonly #page = new PageWriter()
  readonly #firsts: number[] = []
  pages = 0
  #entries = 0

  constructor(insert: StatementSync, id: number, entries: number) {
    this.#insert = insert
    this.id = id
    this.#bloom = new Bloom(entries)
  }

  add(entry: PageEntry): void {
    if (!this.#page.add(entry)) {
      this.#flush()
      this.#page.add(entry)
    }
    this.#bloom.add(entry.high, entry.low)
    this.#entries++
  }

  #flush(): void {
    const { data, first } = this.#page.take()
    this.#insert.run(this.id * RUN_PAGES_MAX + this.pages, data)
    this.#firsts.push(first.high, first.low)
    this.pages++
  }

  finish(): { id: number; bloom: Bloom; entries: number } {
    if (!this.#page.isEmpty) this.#flush()
    return { id: this.id, bloom: this.#bloom, entries: this.#entries }
  }

  firsts(): Uint32Array {
    return Uint32Array.from(this.#firsts)
  }
}

/** Walks the entries of a run in order. */
class Cursor {
  readonly run: Run
  readonly #cache: PageCache
  #page = 0
  #index = 0
  #data: Uint8Array
  entry: PageEntry | undefined

  constructor(run: Run, cache: PageCache) {
    this.run = run
    this.#cache = cache
    this.#data = cache.read(run.id * RUN_PAGES_MAX)
    this.entry = entryAt(this.#data, 0)
  }

  next(): void {
    if (++this.#index === entriesIn(this.#data)) {
      this.#index = 0
      if (++this.#page === this.run.firsts.length / 2) {
        this.entry = undefined
        return
      }
      this.#data = this.#cache.read(this.run.id * RUN_PAGES_MAX + this.#page)
    }
    this.entry = entryAt(this.#data, this.#index)
  }
}

/** Moves a merge on by a bounded number of pages. @returns true when it is complete */
function step({ cursors, output }: Merge): boolean {
  const until = output.pages + PAGES_PER_STEP
  while (output.pages < until) {
    let least: Cursor | undefined
    for (const cursor of cursors) {
      if (cursor.entry === undefined) continue
      if (least === undefined || compare(cursor.entry, least.entry as PageEntry) < 0) least = cursor
      // The youngest of equal hashes counts; cursors are in order of age, youngest first, so the first one found stays.
    }
    if (least === undefined) return true
    const entry = least.entry as PageEntry
    output.add(entry)
    for (const cursor of cursors) if (cursor.entry !== undefined && compare(cursor.entry, entry) === 0) cursor.next()
  }
  return false
}

function compare(a: PageEntry, b: PageEntry): number {
  return a.high - b.high || a.low - b.low
}
