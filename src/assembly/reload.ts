// Another configuration while running: read and checked whole, then in force whole, or not at all.
//
// Everything that can fail comes first: the document, references, secrets, whether sources that are new can be read. Then sources
// that the new document lacks or reads from elsewhere are stopped, and in one step between two records what was applied is
// committed and a new pipeline is built from what is stored, as at a start of the process. When that cannot be done (the stored
// state does not fit), the stopped sources are started again and the old pipeline goes on. See ADR 19.

import type { Problem } from '../config/config-error.ts'
import { ConfigError } from '../config/config-error.ts'
import type { Document } from '../config/document.ts'
import type { SourceSettings } from '../config/source-settings.ts'
import type { ConfigurationView } from '../http/api.ts'
import type { ModelOptions } from '../monitors/watched-model.ts'
import type { Pipeline } from '../pipeline.ts'
import { cleaned, withoutSecrets } from '../secret.ts'
import type { Source } from '../sources/source.ts'
import { StoreError } from '../store/store-error.ts'
import type { Log } from '../telemetry/log.ts'
import type { Instant } from '../time.ts'
import type { Feed } from './feed.ts'
import { sourcesInUse } from './intakes.ts'
import type { Readers } from './readers.ts'
import { identityOf } from './sources.ts'

/** What a reload replaces. */
export interface InForce {
  document: Document
  pipeline: Pipeline
  since: Instant
}

export interface Reloaded {
  readonly models: Changed
  readonly sources: Changed
}

/** Names, sorted. */
export interface Changed {
  readonly added: readonly string[]
  readonly changed: readonly string[]
  readonly removed: readonly string[]
}

export type ReloadOutcome =
  | ({ readonly result: 'reloaded'; readonly hash: string } & Reloaded)
  | { readonly result: 'refused'; readonly because: string; readonly problems: readonly Problem[] }

type LastReload = NonNullable<ConfigurationView['lastReload']>

/** Puts what was prepared into force; or, should the reload be refused, it is discarded. */
export interface Prepared {
  (): void
  readonly discard?: () => void
}

export interface ReloadOptions {
  /** @throws ConfigError */
  readonly read: () => Document
  /** The document in force. */
  readonly document: () => Document
  readonly feed: Feed
  readonly readers: Readers
  /** Reads or learns what the models start with. */
  readonly models: (document: Document) => Promise<ModelOptions[]>
  /** Things beside the pipeline that follow the document: each prepares, may throw, and returns how to put it into force. */
  readonly followers: ReadonlyArray<(document: Document) => Prepared>
  /** @throws Error when the source cannot be read now */
  readonly checkSource: (source: SourceSettings) => Promise<void>
  /** Not started yet. */
  readonly makeSource: (source: SourceSettings) => Source
  readonly build: (document: Document, models: readonly ModelOptions[]) => Pipeline
  /** The document is in force now. */
  readonly inForce: (fresh: { document: Document; pipeline: Pipeline }, changes: Reloaded) => void
  /** Told of every end, for metrics. */
  readonly ended: (successful: boolean, at: Instant) => void
  /** The state is broken: the process must not go on. */
  readonly onFailure: (error: unknown) => void
  readonly log: Log
  /** For tests of exactness: build the new pipeline without a commit of the old one. */
  readonly uncommitted?: boolean
}

export class Reload {
  readonly #options: ReloadOptions
  #running: Promise<ReloadOutcome> | undefined
  #waiting: Promise<ReloadOutcome> | undefined
  #isStopped = false
  #last: LastReload | null = null

  constructor(options: ReloadOptions) {
    this.#options = options
  }

  get last(): LastReload | null {
    return this.#last
  }

  /** One at a time: whoever asks while one runs, which may have read the file already, gets the outcome of the next. */
  reload(): Promise<ReloadOutcome> {
    if (this.#running === undefined) return this.#begin()
    this.#waiting ??= this.#running.then(() => {
      this.#waiting = undefined
      return this.#begin()
    })
    return this.#waiting
  }

  #begin(): Promise<ReloadOutcome> {
    const running = this.#attempt().finally(() => {
      this.#running = undefined
    })
    this.#running = running
    return running
  }

  /** Nothing is reloaded any more. Waits for what is under way. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#running
  }

  async #attempt(): Promise<ReloadOutcome> {
    const { log, ended, onFailure } = this.#options
    try {
      const outcome = await this.#reload()
      this.#last = { successful: true, at: Date.now(), because: null }
      ended(true, Date.now())
      const { models, sources } = outcome
      log.info({ hash: outcome.hash, models, sources }, 'the configuration was reloaded')
      return outcome
    } catch (error) {
      if (error instanceof StoreError && error.kind !== 'full') onFailure(error)
      // It is served, written into the audit and logged; a library may repeat what it was given.
      const because = withoutSecrets(error instanceof Error ? error.message : String(error))
      this.#last = { successful: false, at: Date.now(), because }
      ended(false, Date.now())
      const problems = error instanceof ConfigError ? cleaned(error.problems) : []
      log.error({ because, problems }, 'the configuration was not reloaded; the one before stays in force')
      return { result: 'refused', because, problems }
    }
  }

  async #reload(): Promise<Extract<ReloadOutcome, { result: 'reloaded' }>> {
    const { read, followers, readers, inForce } = this.#options
    if (this.#isStopped) throw new Error('leeway is stopping')
    const before = this.#options.document()
    const document = read()
    const models = await this.#options.models(document)
    const applies: Prepared[] = []
    const sources = difference(readers.identities, identities(sourcesInUse(document), identityOf))
    let swapped: { fresh: readonly Source[]; pipeline: Pipeline }
    try {
      for (const prepare of followers) applies.push(prepare(document))
      swapped = await this.#swap(document, { before, models, sources })
    } catch (error) {
      for (const { discard } of applies) discard?.()
      throw error
    }
    for (const apply of applies) apply()
    const changes = { models: difference(texts(before), texts(document)), sources }
    inForce({ document, pipeline: swapped.pipeline }, changes)
    for (const source of swapped.fresh) readers.start(source)
    return { result: 'reloaded', hash: document.hash, ...changes }
  }

  /** From the sources and the pipeline of the document before to those of this one. */
  async #swap(
    document: Document,
    { before, models, sources }: { before: Document; models: readonly ModelOptions[]; sources: Changed },
  ): Promise<{ fresh: readonly Source[]; pipeline: Pipeline }> {
    const { feed, readers, build, uncommitted = false } = this.#options
    const fresh = await this.#newSources(document, sources)
    const stopping = [...sources.removed, ...sources.changed]
    // Without a source to stop it may be what ends the pause: a channel that is mended, a higher limit.
    if (stopping.length > 0 && feed.held !== null)
      throw new Error(
        `${feed.held}: ${stopping.join(', ')} cannot be stopped or changed until that has passed; what else has changed can be reloaded without it`,
      )
    await Promise.all(stopping.map((name) => readers.stop(name)))
    let pipeline: Pipeline | undefined
    try {
      feed.swap(() => (pipeline = build(document, models)), { commit: !uncommitted })
    } catch (error) {
      this.#startAgain(before, stopping)
      throw error
    }
    return { fresh, pipeline: pipeline as Pipeline }
  }

  async #newSources(document: Document, { added, changed }: Changed): Promise<Source[]> {
    const { checkSource, makeSource } = this.#options
    const settings = named(document, [...added, ...changed])
    for (const one of settings) await checkSource(one)
    return settings.map(makeSource)
  }

  #startAgain(before: Document, stopped: readonly string[]): void {
    const { makeSource, readers, onFailure } = this.#options
    try {
      for (const settings of named(before, stopped)) readers.start(makeSource(settings))
    } catch (error) {
      onFailure(error)
    }
  }
}

function named(document: Document, names: readonly string[]): SourceSettings[] {
  return sourcesInUse(document).filter(({ name }) => names.includes(name))
}

function texts({ models }: Document): ReadonlyMap<string, string> {
  return identities([...models.values()], (model) => JSON.stringify(model))
}

function identities<T extends { readonly name: string }>(
  list: readonly T[],
  identity: (one: T) => string,
): ReadonlyMap<string, string> {
  return new Map(list.map((one) => [one.name, identity(one)]))
}

function difference(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): Changed {
  const kept = [...after.keys()].filter((name) => before.has(name))
  return {
    added: [...after.keys()].filter((name) => !before.has(name)).sort(),
    changed: kept.filter((name) => before.get(name) !== after.get(name)).sort(),
    removed: [...before.keys()].filter((name) => !after.has(name)).sort(),
  }
}
