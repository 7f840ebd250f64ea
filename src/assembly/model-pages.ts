// The pages of models in a running daemon: made when they are asked for, one at a time, and kept until something of the model changes.

import type { Document } from '../config/document.ts'
import type { ModelPages as Pages } from '../http/model-routes.ts'
import { TooManyPages } from '../http/model-routes.ts'
import type { FeatureQuery, FeatureView } from '../overview/feature.ts'
import { featureView } from '../overview/feature.ts'
import type { IncidentShown, ModelOverview, ModelQuery, ModelSource } from '../overview/model.ts'
import { modelOverview } from '../overview/model.ts'
import type { Pipeline } from '../pipeline.ts'
import type { News } from '../store/news.ts'
import type { Store } from '../store/store.ts'
import type { Clock, Instant } from '../time.ts'
import { SECOND } from '../time.ts'

export interface ModelPagesOptions {
  readonly store: Pick<Store, 'views'>
  readonly inForce: () => { readonly document: Document; readonly pipeline: Pipeline }
  readonly now: Clock
}

/** Some 50 KB each. */
const PAGES_MAX = 64

/** Pages that wait to be made: at some tenths of a second each, whoever comes behind so many has long given up. */
const WAITING_MAX = 32
/** How long a page tells how long something has not come. */
const LIFE_MS = 30 * SECOND

interface Page {
  readonly model: string
  readonly view: Promise<unknown>
  /** Who waits for it. */
  readers: number
  /** From when on it is to be made anew; null: when something of the model changes. */
  staleFrom: Instant | null
}

export class ModelPages implements Pages {
  readonly #options: ModelPagesOptions
  /** Oldest use first. */
  readonly #pages = new Map<string, Page>()
  /** Two looks at once would only make both slower. */
  #reading: Promise<unknown> = Promise.resolve()
  /** Not begun yet. */
  readonly #waiting = new Set<Page>()
  #isStopped = false

  constructor(options: ModelPagesOptions) {
    this.#options = options
  }

  /** Told after each transaction. */
  readonly take = ({ results, incidents, retraining, forgottenBefore }: News): void => {
    if (this.#pages.size === 0) return
    if (forgottenBefore !== null) return this.forget()
    const changed = new Set([...results, ...incidents].map(({ model }) => model).concat(retraining))
    // What is the matter with a source is told of its models.
    if (incidents.some(({ silence }) => silence !== undefined)) return this.forget()
    for (const [key, page] of this.#pages) if (changed.has(page.model)) this.#pages.delete(key)
  }

  /** After a reload nothing is as it was. */
  forget(): void {
    this.#pages.clear()
  }

  async overview(model: string, query: ModelQuery, gone?: AbortSignal): Promise<ModelOverview | undefined> {
    return this.#page(model, { overview: query }, gone, (source) => modelOverview(source, query))
  }

  async feature(
    model: string,
    feature: string,
    query: FeatureQuery,
    gone?: AbortSignal,
  ): Promise<FeatureView | undefined> {
    return this.#page(model, { feature, query }, gone, (source) => featureView(source, feature, query))
  }

  async #page<View extends Pick<ModelOverview, 'incidents'>>(
    model: string,
    asked: object,
    gone: AbortSignal | undefined,
    make: (source: ModelSource) => Promise<View>,
  ): Promise<View | undefined> {
    if (this.#sourceOf(model) === undefined) return undefined
    const key = JSON.stringify([model, asked])
    const kept = this.#kept(key)
    const page = kept ?? this.#begin(model, key, make)
    this.#pages.delete(key)
    this.#pages.set(key, page)
    for (const oldest of this.#pages.keys()) if (this.#pages.size > PAGES_MAX) this.#pages.delete(oldest)
    page.readers++
    const leave = () => this.#left(key, page)
    gone?.addEventListener('abort', leave, { once: true })
    try {
      return (await page.view) as View | undefined
    } finally {
      gone?.removeEventListener('abort', leave)
    }
  }

  #kept(key: string): Page | undefined {
    const page = this.#pages.get(key)
    return page === undefined || (page.staleFrom !== null && this.#options.now() >= page.staleFrom) ? undefined : page
  }

  /** @throws TooManyPages */
  #begin<View extends Pick<ModelOverview, 'incidents'>>(
    model: string,
    key: string,
    make: (source: ModelSource) => Promise<View>,
  ): Page {
    if (this.#waiting.size >= WAITING_MAX)
      throw new TooManyPages(
        `${WAITING_MAX} pages of models wait to be read already: ask again in a moment, with fewer pages open or fewer requests at once`,
      )
    const page: Page = {
      ...{ model, readers: 0, staleFrom: null },
      view: this.#inTurn(async () => {
        this.#waiting.delete(page)
        if (page.readers === 0) return undefined
        const view = await this.#make(model, make)
        if (view?.incidents.some(lasts)) page.staleFrom = this.#options.now() + LIFE_MS
        return view
      }),
    }
    this.#waiting.add(page)
    page.view.catch(() => this.#pages.get(key) === page && this.#pages.delete(key))
    return page
  }

  /** One that nobody waits for any more is not made. */
  #left(key: string, page: Page): void {
    page.readers--
    if (page.readers > 0 || !this.#waiting.delete(page)) return
    if (this.#pages.get(key) === page) this.#pages.delete(key)
  }

  async #make<View>(model: string, make: (source: ModelSource) => Promise<View>): Promise<View | undefined> {
    const source = this.#isStopped ? undefined : this.#sourceOf(model)
    return source === undefined ? undefined : make(source)
  }

  #inTurn<T>(read: () => Promise<T>): Promise<T> {
    const turn = this.#reading.then(read)
    this.#reading = turn.catch(() => {})
    return turn
  }

  #sourceOf(name: string): ModelSource | undefined {
    const { store, inForce, now } = this.#options
    const { document, pipeline } = inForce()
    const model = pipeline.models().find((one) => one.name === name)
    if (model === undefined) return undefined
    return {
      model,
      task: document.models.get(name)?.task ?? '',
      views: store.views,
      counters: pipeline.counters(),
      now: now(),
    }
  }

  /** Waits for the reading under way: nothing is read from the state after that. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#reading
  }
}

/** It is told with how long it has lasted by now. */
function lasts({ kind, isActive }: IncidentShown): boolean {
  return isActive && (kind === 'no_data' || kind === 'stale_labels')
}
