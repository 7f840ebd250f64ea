// The fleet of a running daemon: its board is filled from the state after the start, a little at a time, and kept up by the news of
// each transaction.

import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Document } from '../config/document.ts'
import type { WatchedModel } from '../monitors/watched-model.ts'
import type { FirstStep } from '../overview/first-steps.ts'
import { firstStep } from '../overview/first-steps.ts'
import type { FleetModel, FleetQuery, FleetView } from '../overview/fleet.ts'
import { coursesOf, fleetView, presents } from '../overview/fleet.ts'
import type { CourseKey, OpenIncident } from '../overview/fleet-board.ts'
import { COURSE_LENGTH, FleetBoard } from '../overview/fleet-board.ts'
import type { Pipeline } from '../pipeline.ts'
import type { News } from '../store/news.ts'
import type { Store } from '../store/store.ts'
import type { Clock, Instant } from '../time.ts'
import { sourcesInUse } from './intakes.ts'

/** A value that the model could have for each of its features. */
function featuresOf({ reference }: WatchedModel): Record<string, number | string> {
  const columns = reference?.columns.filter(({ role }) => role === 'feature') ?? []
  return Object.fromEntries(
    columns.flatMap((column) => {
      if (column.kind === 'embedding') return []
      return [[column.name, column.kind === 'numeric' ? 1.5 : (column.categories[0] ?? '')] as const]
    }),
  )
}

function predictionOf(task: string | undefined, { reference }: WatchedModel): number | string | null {
  if (task === 'regression') return 12.5
  return task === 'binary' || reference === undefined || !('classes' in reference)
    ? null
    : (reference.classes?.[0] ?? null)
}

export interface FleetOptions {
  readonly store: Pick<Store, 'handling' | 'views'>
  readonly inForce: () => { readonly document: Document; readonly pipeline: Pipeline }
  readonly now: Clock
  /** All that was stored has been read. */
  readonly filled: () => void
  /** The state cannot be read. */
  readonly onFailure: (error: unknown) => void
}

/** Reading a window of 50 features takes some 0.3 ms: after so many, others have their turn. */
const READ_AT_ONCE = 12
const INCIDENTS_AT_ONCE = 100

export class Fleet {
  readonly #options: FleetOptions
  readonly #board = new FleetBoard()
  #filling: Promise<void> | undefined
  /** Fulfilled when the newest window of each course, and the incidents, are there. */
  #newest: Promise<void> | undefined
  #hasIncidents = false
  /** Courses that the board was last told of. */
  #courses = 0
  #isStopped = false

  constructor(options: FleetOptions) {
    this.#options = options
  }

  /** Told after each transaction. */
  readonly take = (news: News): void => this.#board.take(news)

  async view(query: FleetQuery): Promise<FleetView> {
    const models = this.#models()
    await this.#fill(models)
    return fleetView(this.#board, models, { ...query, now: this.#options.now(), firstSteps: () => this.#firstSteps() })
  }

  /** Up to when what goes on has lasted, of a model by its name; undefined: up to now. */
  async present(): Promise<(model: string) => Instant | undefined> {
    const models = this.#models()
    await this.#fill(models)
    const now = this.#options.now()
    const of = presents(this.#board, models, now)
    return (model) => {
      const present = of(model)
      return present === now ? undefined : present
    }
  }

  /** Those that go on. */
  async openIncidents(): Promise<readonly OpenIncident[]> {
    await this.#fill(this.#models())
    return [...this.#board.incidents]
  }

  /** Reads what is not known yet, in the background. @returns fulfilled as soon as something can be shown */
  #fill(models: readonly FleetModel[]): Promise<void> {
    const courses = coursesOf(models)
    // A new version has its course before older ones have theirs.
    if (courses.length !== this.#courses) this.#keep(courses)
    const lacking = this.#board.lacks(courses)
    if (lacking.length === 0 && this.#hasIncidents) return Promise.resolve()
    if (this.#filling === undefined) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#newest = promise
      this.#filling = this.#read(lacking, resolve)
        .then(() => this.#options.filled())
        .catch((error) => this.#options.onFailure(error))
        .finally(() => {
          resolve()
          this.#filling = undefined
        })
    }
    return this.#newest as Promise<void>
  }

  async #read(keys: readonly CourseKey[], newestRead: () => void): Promise<void> {
    await this.#readIncidents()
    if (this.#isStopped) return
    await this.#readCourses(keys, 1)
    newestRead()
    if (!this.#isStopped) await this.#readCourses(keys, COURSE_LENGTH)
  }

  async #readIncidents(): Promise<void> {
    if (this.#hasIncidents) return
    const { handling } = this.#options.store
    const ids = handling.underWay()
    for (let from = 0; from < ids.length; from += INCIDENTS_AT_ONCE) {
      const some = ids.slice(from, from + INCIDENTS_AT_ONCE)
      for (const { incident } of handling.active(some)) this.#board.incident(incident)
      for (const state of handling.open(some)) this.#board.handled(state)
      await nextTurn()
      if (this.#isStopped) return
    }
    this.#hasIncidents = true
  }

  async #readCourses(keys: readonly CourseKey[], limit: number): Promise<void> {
    let read = 0
    for (const key of keys) {
      for (const result of this.#options.store.views.results({ ...key, order: 'newest', limit })) {
        this.#board.result(result)
        read++
      }
      if (limit > 1) this.#board.filled(key)
      if (read < READ_AT_ONCE) continue
      read = 0
      await nextTurn()
      if (this.#isStopped) return
    }
  }

  /** After the start, and after a reload. */
  follow(): void {
    const models = this.#models()
    this.#keep(coursesOf(models))
    void this.#fill(models)
  }

  #keep(courses: readonly CourseKey[]): void {
    this.#board.keep(courses)
    this.#courses = courses.length
  }

  #models(): FleetModel[] {
    const { document, pipeline } = this.#options.inForce()
    return pipeline.models().map(({ name, options, streams, learning }) => ({
      name,
      task: document.models.get(name)?.task ?? '',
      source: options.source,
      windows: options.settings.windows,
      versions: [...streams.keys()],
      learning: learning === undefined ? null : { until: Number.isFinite(learning.end) ? learning.end : null },
    }))
  }

  #firstSteps(): FirstStep[] {
    const { document, pipeline } = this.#options.inForce()
    const models = pipeline.models()
    return sourcesInUse(document).flatMap((source) => {
      const model = models.find(({ options }) => options.source === source.name)
      if (source.type === 'file' || model === undefined) return []
      const [format = 'canonical'] = source.topics.values()
      return firstStep({
        ...{ source: source.name, brokers: source.brokers, topics: [...source.topics.keys()], format },
        ...{ model: model.name, now: this.#options.now() },
        prediction: predictionOf(document.models.get(model.name)?.task, model),
        features: featuresOf(model),
      })
    })
  }

  /** Waits for the reading under way: nothing is read from the state after that. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#filling
  }
}
