// The past of a model version: its evaluations, read from the store in the order in which they were made, a few at a time, and kept
// for the next question. What has been evaluated since is read when it is asked again.

import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Course } from '../incidents/history.ts'
import { History } from '../incidents/history.ts'
import type { Verdict } from '../monitors/verdict.ts'
import type { EvaluationHead, Views } from '../store/views.ts'
import type { Instant } from '../time.ts'
import type { WindowSpec } from '../windows/window.ts'

export interface PastQuery {
  readonly model: string
  readonly version: string
  /** Sizes that are configured; windows of others are left out. */
  readonly specs: readonly WindowSpec[]
  /** Windows that end at `from` or later, and before `to`. */
  readonly from: Instant
  readonly to: Instant
}

export type PastViews = Pick<Views, 'evaluationHeads' | 'newestEvaluation' | 'evaluation' | 'verdictIn'>
/** @param done of so many windows */
export type OnRead = (done: number, all: number) => void

/** Reading a window of 50 features takes some 0.3 ms: after so many, others have their turn. */
const READ_AT_ONCE = 12
/** Heads are many times as fast. */
const HEADS_AT_ONCE = 100
/** Rules whose verdicts are kept: of 20,000 windows some 8 MB each. */
const COURSES_MAX = 4

type Head = EvaluationHead & { readonly spec: WindowSpec }

export class Past {
  readonly history: History
  readonly #views: PastViews
  readonly #query: PastQuery
  /** By window of the history, where it lies in the store. */
  readonly #numbers: number[] = []
  /** The newest evaluation that was there when it was read. */
  #readTo = 0
  readonly #courses = new Map<string, Course>()

  constructor(views: PastViews, query: PastQuery) {
    this.#views = views
    this.#query = query
    this.history = new History(query)
  }

  /**
   * Reads what has been evaluated since the last call.
   *
   * @param monitors whose verdicts are going to be asked for: read at once, where nothing was read yet
   */
  async refresh(onRead: OnRead = () => {}, monitors: readonly string[] = []): Promise<void> {
    if (this.#numbers.length === 0) for (const monitor of monitors) this.#courses.set(monitor, new Map())
    // Heads are read in pages, between which others commit: what is newer than this may lie in a page that was read already, and
    // waits for the next call with all that came with it, so that nothing is passed over for good.
    const newest = this.#views.newestEvaluation()
    const last = this.#readTo
    const heads = (await readHeads(this.#views, this.#query)).filter(({ number }) => number > last && number <= newest)
    this.#readTo = newest
    for (const [i, { number, spec, news }] of heads.entries()) {
      const result = this.#views.evaluation(number)
      if (result !== undefined) {
        const window = this.history.add({ spec, result, news })
        this.#numbers[window] = number
        for (const [monitor, course] of this.#courses)
          addTo(course, window, { verdict: result.verdicts.find((one) => one.monitor === monitor), news })
      }
      if (i % READ_AT_ONCE !== READ_AT_ONCE - 1) continue
      onRead(i + 1, heads.length)
      await nextTurn()
    }
  }

  /** The verdicts of these rules. */
  async courses(monitors: readonly string[]): Promise<Course[]> {
    const missing = monitors.filter((monitor) => !this.#courses.has(monitor))
    if (missing.length > 0) await this.#read(missing)
    const courses = monitors.map((monitor) => this.#courses.get(monitor) ?? new Map())
    for (const monitor of this.#courses.keys())
      if (this.#courses.size > COURSES_MAX && !monitors.includes(monitor)) this.#courses.delete(monitor)
    return courses
  }

  async #read(monitors: readonly string[]): Promise<void> {
    const courses = new Map<string, Course>(monitors.map((monitor) => [monitor, new Map()]))
    for (const [window, number] of [...this.#numbers].entries()) {
      const { news } = this.history.windows[window] as { news: Head['news'] }
      for (const [monitor, course] of courses)
        addTo(course, window, { verdict: this.#views.verdictIn(number, monitor), news })
      if (window % READ_AT_ONCE === READ_AT_ONCE - 1) await nextTurn()
    }
    for (const [monitor, course] of courses) this.#courses.set(monitor, course)
  }
}

function addTo(
  course: Course,
  window: number,
  { verdict, news }: { verdict: Verdict | undefined; news: Head['news'] },
): void {
  if (verdict !== undefined && news.includes(verdict.kind)) course.set(window, slim(verdict))
}

/** Without what is only shown. */
function slim(verdict: Verdict): Verdict {
  if (verdict.status === 'insufficient') return verdict
  const { methods: _, pair: __, errors: ___, ...rest } = verdict
  return rest
}

async function readHeads(views: PastViews, { model, version, specs, from, to }: PastQuery): Promise<Head[]> {
  const heads: Head[] = []
  for (const spec of specs) {
    let next = from
    for (;;) {
      const limit = HEADS_AT_ONCE
      const page = views.evaluationHeads({ model, version, window: spec.name, from: next, to, limit })
      for (const head of page) heads.push({ ...head, spec })
      const last = page[page.length - 1]
      if (last === undefined) break
      next = last.end + 1
      await nextTurn()
    }
  }
  return heads.sort((a, b) => a.number - b.number)
}

/** How long a computation may go on before others have their turn. */
const SLICE_MS = 15

/** Drives what yields now and then, a few milliseconds at a time. */
export async function inSlices<Result>(work: Generator<unknown, Result>): Promise<Result> {
  let until = performance.now() + SLICE_MS
  for (;;) {
    const step = work.next()
    if (step.done === true) return step.value
    if (performance.now() < until) continue
    await nextTurn()
    until = performance.now() + SLICE_MS
  }
}
