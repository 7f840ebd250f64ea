// The pages of models in a running daemon: made when they are asked for, one at a time, and kept until something of the model changes.

import type { Document } from '../config/document.ts'
import type { ModelPages as Pages } from '../http/model-routes.ts'
import type { FeatureQuery, FeatureView } from '../overview/feature.ts'
import { featureView } from '../overview/feature.ts'
import type { ModelOverview, ModelQuery, ModelSource } from '../overview/model.ts'
import { modelOverview } from '../overview/model.ts'
import type { Pipeline } from '../pipeline.ts'
import type { News } from '../store/news.ts'
import type { Store } from '../store/store.ts'
import type { Clock } from '../time.ts'

export interface ModelPagesOptions {
  readonly store: Pick<Store, 'views'>
  readonly inForce: () => { readonly document: Document; readonly pipeline: Pipeline }
  readonly now: Clock
}

/** Some 50 KB each. */
const PAGES_MAX = 64

interface Page {
  readonly model: string
  readonly view: Promise<unknown>
}

export class ModelPages implements Pages {
  readonly #options: ModelPagesOptions
  /** Oldest use first. */
  readonly #pages = new Map<string, Page>()
  /** Two looks at once would only make both slower. */
  #reading: Promise<unknown> = Promise.resolve()
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

  async overview(model: string, query: ModelQuery): Promise<ModelOverview | undefined> {
    return this.#page(model, { overview: query }, (source) => modelOverview(source, query))
  }

  async feature(model: string, feature: string, query: FeatureQuery): Promise<FeatureView | undefined> {
    return this.#page(model, { feature, query }, (source) => featureView(source, feature, query))
  }

  async #page<View>(
    model: string,
    asked: object,
    make: (source: ModelSource) => Promise<View>,
  ): Promise<View | undefined> {
    if (this.#sourceOf(model) === undefined) return undefined
    const key = JSON.stringify([model, asked])
    const known = this.#pages.get(key)
    this.#pages.delete(key)
    const page = known ?? { model, view: this.#inTurn(() => this.#make(model, make)) }
    this.#pages.set(key, page)
    if (known === undefined) {
      page.view.catch(() => this.#pages.get(key) === page && this.#pages.delete(key))
      for (const oldest of this.#pages.keys()) if (this.#pages.size > PAGES_MAX) this.#pages.delete(oldest)
    }
    return (await page.view) as View | undefined
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
