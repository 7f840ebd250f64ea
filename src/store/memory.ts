// What a pipeline remembers from one start of the process to the next, beside panes and positions: small named documents.
//
//   clock              the time of the last commit, by the clock that was trusted
//   watermark/SOURCE   the source's watermark
//   stream/N           what a model version's windows have been through, and under which reference its panes were counted
//   policy/N           the recent past of its tests, and its open incidents
//   reference/MODEL    a reference that was learnt from the stream
//   segments/MODEL     the segments that its rows were told apart by, by number
//   held/MODEL/NUMBER  events held back while it is learnt; emptied afterwards

import type { PolicyState } from '../incidents/policy-state.ts'
import { emptyPolicy } from '../incidents/policy-state.ts'
import type { ModelOptions } from '../monitors/watched-model.ts'
import { WatchedModel } from '../monitors/watched-model.ts'
import type { WatchedStream } from '../monitors/watched-stream.ts'
import type { Reference } from '../reference/reference.ts'
import { deserialise, serialise } from '../reference/reference.ts'
import type { Instant } from '../time.ts'
import type { Stream } from '../windows/window.ts'
import type { Changes, StoredPane } from './changes.ts'
import type { Store } from './store.ts'

/** How a stream was counted, and what its windows have been through. */
interface SavedStream {
  readonly reference: string
  /** Left out by schema 1. */
  readonly cells?: string
  readonly paneMs: number
  readonly state: string
}

/** Names of segments by number: entries of the join know them by it. */
export interface SavedSegments {
  readonly names: readonly string[]
}

type Documents = Changes['documents'][number][]

export class Memory {
  readonly #store: Store
  /** Names of the documents that hold a learning model's events, and how many events they hold. */
  readonly #held = new Map<WatchedModel, { names: string[]; events: number }>()

  constructor(store: Store) {
    this.#store = store
  }

  #read<T>(name: string): T | undefined {
    const json = this.#store.document(name)
    return json === undefined ? undefined : (JSON.parse(json) as T)
  }

  /** The model with the reference that an earlier run learnt, or with the events that are held back for it. */
  model(options: ModelOptions): WatchedModel {
    const learnt = this.#read<{ reference: string; awaitsLabels: boolean }>(`reference/${options.name}`)
    const made = this.#store.references.inForce(options.name)
    const model = new WatchedModel(
      options,
      learnt && { ...learnt, reference: deserialise(learnt.reference) },
      new Map(made.map(({ version, profile }) => [version, deserialise(profile)])),
      this.#read<SavedSegments>(segmentsName(options.name))?.names,
    )
    const { learning } = model
    if (learning === undefined) return model
    const chunks = this.#store.documents(`held/${model.name}/`)
    for (const json of chunks) for (const event of JSON.parse(json)) learning.hold(event)
    this.#held.set(model, { names: chunks.map((_, i) => heldName(model, i)), events: learning.events.length })
    return model
  }

  /**
   * Puts a stream back to where it was.
   *
   * @returns the state of its alarm policy
   * @throws StateMismatch when its panes were counted under another configuration
   */
  stream(watched: WatchedStream): PolicyState {
    const { index } = watched.stream
    const saved = this.#read<SavedStream>(`stream/${index}`)
    if (saved === undefined) throw new StateMismatch(watched.stream, 'nothing is known of its windows')
    const { id, cells } = watched.subject.reference
    const { paneMs } = watched.inputs
    // Without cells it is of a version that knew whole references only: equal ones have equal cells.
    if (saved.cells === undefined ? saved.reference !== id : saved.cells !== cells) {
      throw new StateMismatch(
        watched.stream,
        `its panes were counted with the bins and classes of reference ${saved.reference}, the configuration now gives ${id}, which has others`,
      )
    }
    if (saved.paneMs !== paneMs) {
      throw new StateMismatch(
        watched.stream,
        `its panes are ${saved.paneMs} ms long, the configured windows need ${paneMs} ms`,
      )
    }
    watched.restore(saved.state)
    return this.#read<PolicyState>(`policy/${index}`) ?? emptyPolicy()
  }

  /** Everything to be remembered of what has changed. */
  documents(changed: {
    readonly now: Instant
    readonly watermarks: ReadonlyMap<string, Instant | undefined>
    readonly streams: Iterable<{ readonly watched: WatchedStream; readonly policy: PolicyState }>
    readonly models: Iterable<WatchedModel>
    readonly learnt: ReadonlySet<WatchedModel>
  }): Documents {
    const documents: Documents = []
    const write = (name: string, content: unknown) => documents.push({ name, json: JSON.stringify(content) })
    // 0 before a pipeline is told the time: what is known stays.
    if (changed.now > 0) write(CLOCK, changed.now)
    for (const [source, watermark] of changed.watermarks) write(`watermark/${source}`, watermark ?? null)
    for (const { watched, policy } of changed.streams) {
      documents.push(
        ...streamDocuments(watched, { reference: watched.subject.reference, state: watched.save(), policy }),
      )
    }
    for (const model of changed.models) {
      if (model.segments?.hasNews) write(segmentsName(model.name), { names: model.segments.names })
      if (model.learning !== undefined) this.#writeHeld(model, write)
      if (changed.learnt.has(model)) this.#writeLearnt(model, write)
    }
    return documents
  }

  #writeHeld(model: WatchedModel, write: (name: string, content: unknown) => void): void {
    const held = this.#held.get(model) ?? { names: [], events: 0 }
    const fresh = model.learning?.events.slice(held.events) ?? []
    if (fresh.length > 0) write(heldName(model, held.names.length), fresh)
  }

  #writeLearnt(model: WatchedModel, write: (name: string, content: unknown) => void): void {
    const { awaitsLabels } = model
    write(`reference/${model.name}`, { reference: serialise(model.reference as Reference), awaitsLabels })
    for (const name of this.#held.get(model)?.names ?? []) write(name, [])
  }

  /** Told after the commit: what was written then need not be written again. */
  committed(models: Iterable<WatchedModel>): void {
    for (const model of models) {
      model.segments?.saved()
      const held = this.#held.get(model) ?? { names: [], events: 0 }
      const events = model.learning?.events.length ?? 0
      if (events > held.events)
        this.#held.set(model, { names: [...held.names, heldName(model, held.names.length)], events })
    }
  }
}

/** What is kept of a model version beside its panes: under which reference it goes on, and with which past. */
export function streamDocuments(
  { stream, inputs }: WatchedStream,
  {
    reference: { id: reference, cells },
    state,
    policy,
  }: {
    readonly reference: Reference
    readonly state: string
    readonly policy: PolicyState
  },
): Documents {
  const saved: SavedStream & { readonly cells: string } = { reference, cells, paneMs: inputs.paneMs, state }
  return [
    { name: `stream/${stream.index}`, json: JSON.stringify(saved) },
    { name: `policy/${stream.index}`, json: JSON.stringify(policy) },
  ]
}

const CLOCK = 'clock'

/** When the last commit was made, by the clock that was trusted then. */
export function lastClock(store: Store): Instant | undefined {
  const json = store.document(CLOCK)
  return json === undefined ? undefined : JSON.parse(json)
}

/** The source's watermark at the last commit. */
export function lastWatermark(store: Store, source: string): Instant | undefined {
  const json = store.document(`watermark/${source}`)
  return json === undefined ? undefined : (JSON.parse(json) ?? undefined)
}

export function segmentsName(model: string): string {
  return `segments/${model}`
}

function heldName(model: WatchedModel, number: number): string {
  return `held/${model.name}/${String(number).padStart(9, '0')}`
}

/** The panes of a stream that have changed since the last commit. */
export function* unsavedPanes({ stream, inputs, outcomes, segments }: WatchedStream): Iterable<StoredPane> {
  const whole = [
    { segment: '', part: 'inputs', panes: inputs },
    { segment: '', part: 'outcomes', panes: outcomes },
  ] as const
  for (const { segment, part, panes } of [...whole, ...(segments?.panes() ?? [])]) {
    for (const { start, cells } of panes.unsaved()) yield { stream: stream.index, segment, part, start, cells }
  }
}

/** The state on disk was made under another configuration, and counting on would mix what must not be added. */
export class StateMismatch extends Error {
  constructor({ model, version }: Stream, because: string) {
    super(
      `the stored state of ${version === '' ? model : `${model} ${version}`} does not fit the configuration: ${because}; restore the configuration, or start with a new state directory (--state DIR)`,
    )
    this.name = 'StateMismatch'
  }
}
