// Puts a reference that is made of production into force, and takes it out again: in one step between two records, as a reload does,
// whole or not at all. See ADR 28.
//
// What was applied is committed; the reference is made of the panes as they are then; one transaction writes it, how the model's
// versions go on under it, the ends of incidents that were held against the one before, their messages, and the audit; and a new
// pipeline is built from what is stored, as at a start of the process. A kill leaves the one reference or the other, never half.

import type { Effect, Person } from '../handling/deeds.ts'
import type { Incident, Transition } from '../incidents/incident.ts'
import type { WatchedModel } from '../monitors/watched-model.ts'
import type { Observer, Pipeline, PipelineOptions } from '../pipeline.ts'
import type { RebaseQuestion } from '../reference/rebase.ts'
import { rebase } from '../reference/rebase.ts'
import type { Reference } from '../reference/reference.ts'
import { deserialise, serialise } from '../reference/reference.ts'
import type { Promoted, Promotion } from '../retraining/promotion.ts'
import type { AuditEntry } from '../store/audit.ts'
import { lastWatermark } from '../store/memory.ts'
import type { MadeReference, NewReference, ReferenceChange, ReferenceKind } from '../store/model-references.ts'
import type { Store } from '../store/store.ts'
import { StoreError } from '../store/store-error.ts'
import type { Log } from '../telemetry/log.ts'
import type { Instant } from '../time.ts'
import { formatInstant } from '../time.ts'
import type { Feed } from './feed.ts'
import { goOn, isOfPerformance } from './going-on.ts'
import type { Span } from './span-of-panes.ts'
import { panesIn, segmentsIn } from './span-of-panes.ts'

export interface ReferenceDeskOptions {
  readonly store: Store
  readonly feed: Pick<Feed, 'swap'>
  readonly pipeline: () => Pipeline
  /** Another pipeline on the same store, with the models of the present one. */
  readonly build: () => Pipeline
  /** It is in force now. */
  readonly inForce: (pipeline: Pipeline, model: string) => void
  /** What is to be sent for an incident that ends. */
  readonly plan: PipelineOptions['plan']
  readonly observer: Observer
  readonly now: () => Instant
  /** The state is broken, or memory does not agree with it: the process must not go on. */
  readonly onFailure: (error: unknown) => void
  readonly log: Log
}

/** Why nothing is done, in words for whoever asked. */
class Refused extends Error {
  /** Whether more rows, more labels or more room on the disk would help. */
  readonly isEarly: boolean

  constructor(because: string, { isEarly = false } = {}) {
    super(because)
    this.isEarly = isEarly
  }
}

/** The columns of the audit that say who, what and to what. */
type Who = Pick<AuditEntry, 'request' | 'actor' | 'role' | 'remote' | 'action' | 'target'>

/** A reference to be made. */
interface Wish extends Who {
  readonly deed: string
  readonly kind: ReferenceKind
  /** Of the rows of this version. */
  readonly of: string
  /** For this version; null: for all without one of their own. */
  readonly version: string | null
  readonly incident: string
  readonly span: Span
  readonly performance: RebaseQuestion['performance']
  readonly note: string
  /** What its incidents end with; null: they go on until evidence ends them. */
  readonly because: string | null
}

type Answer =
  | { readonly is: 'done'; readonly detail: string; readonly id: string; readonly isOld?: true }
  | { readonly is: 'refused'; readonly by: Refused }

export class ReferenceDesk {
  readonly #options: ReferenceDeskOptions

  constructor(options: ReferenceDeskOptions) {
    this.#options = options
  }

  /**
   * What the model does now is what it is compared with from here on: made of its rows since the incident began.
   *
   * @param from event time from which on rows count; left out: since the first window that the incident is about
   */
  acceptAsNormal(incidentId: string, by: Person, note: string, from?: Instant): Effect {
    const answer = this.#attempt(() => {
      const incident = this.#open(incidentId)
      if ('acceptedBefore' in incident) return incident.acceptedBefore
      const { id, model: name, version, kind, sequence, since } = incident
      const isAboutIt = isOfPerformance(kind)
      if (isAboutIt === undefined)
        throw new Refused(`${kind} is held against no reference: there is nothing to accept; see to it, or silence it`)
      const model = this.#model(name)
      return this.#make(model, {
        ...whoIs(by, 'incident accept', id),
        deed: `accept:${id}:${sequence}`,
        kind: 'accepted',
        of: version,
        version: model.comparedWith(version).of === 'version' ? version : null,
        incident: id,
        span: { from: from ?? since, to: null },
        performance: isAboutIt ? 'needed' : 'kept',
        note,
        because: `accepted as the new normal by ${by.name}`,
      })
    })
    return effectOf(answer)
  }

  #open(id: string): Incident | { readonly acceptedBefore: Extract<Answer, { is: 'done' }> } {
    const { views, references } = this.#options.store
    const incident = views.incident(id)?.incident
    if (incident === undefined) throw new Refused(`there is no incident ${id}`)
    if (incident.state !== 'resolved') return incident
    const before = references.list().find((one) => one.incident === id)
    if (before === undefined) throw new Refused('it has ended: there is nothing to accept any more')
    const detail = `${before.by} accepted it before, at ${formatInstant(before.at)}`
    return { acceptedBefore: { is: 'done', detail, id: before.id, isOld: true } }
  }

  /** A version gets a reference of its own. Asked again with the same key, it says that it is done. */
  promote({ key, model: name, version, from, to, needsLabels, by, note }: Promotion): Promoted {
    const deed = `promote:${key}`
    const before = this.#options.store.references.list().find((one) => one.deed === deed)
    if (before !== undefined)
      return { outcome: 'done', detail: `done before, at ${formatInstant(before.at)}`, reference: before.id }
    const target = nameOf(name, version)
    const answer = this.#attempt(() =>
      this.#make(this.#model(name), {
        ...{ request: key, actor: by.name, role: by.role, remote: by.remote, action: 'reference promote', target },
        deed,
        kind: 'promoted',
        of: version,
        version,
        incident: '',
        span: { from, to },
        performance: needsLabels ? 'needed' : 'wanted',
        note,
        because: null,
      }),
    )
    if (answer.is === 'done') return { outcome: 'done', detail: answer.detail, reference: answer.id }
    return { outcome: answer.by.isEarly ? 'waiting' : 'refused', detail: answer.by.message }
  }

  /**
   * Takes the newest reference that was made for a version (null: for all others) out of force: the one before is back. It is named,
   * so that of two people, or of a request that is sent again, the second takes nothing back that nobody meant.
   */
  revert(of: Pick<MadeReference, 'model' | 'version' | 'id'>, by: Person, note: string): Effect {
    const { model: name, version, id } = of
    const target = nameOf(name, version)
    const answer = this.#attempt(() => {
      const model = this.#model(name)
      const { references } = this.#options.store
      const made = references
        .list()
        .filter((one) => one.model === name && one.version === version && one.ended === null)
      const [newest, previous] = made
      if (newest?.id !== id) {
        const before = references.list().find((one) => one.model === name && one.version === version && one.id === id)
        if (before?.ended) {
          const detail = `${before.ended.by} took it back before, at ${formatInstant(before.ended.at)}`
          return { is: 'done', detail, id, isOld: true }
        }
      }
      if (newest === undefined)
        throw new Refused(`${target} is compared with what the configuration says: there is nothing to take back`)
      if (newest.id !== id)
        throw new Refused(
          `${target} is compared with reference ${newest.id}, ${newest.kind} by ${newest.by} at ${formatInstant(newest.at)}, and not with ${id}: name that one to take it back`,
        )
      const profile = previous && references.profile(previous.id)
      const reference = profile === undefined ? null : deserialise(profile)
      const because = `what ${newest.by} had ${newest.kind} was taken back by ${by.name}`
      const detail = this.#swap(model, { version, reference }, because, (ends) => {
        const says = `reference ${newest.id} is out of force${inWords(ends)}`
        return {
          detail: says,
          change: {
            made: null,
            ended: { number: newest.number, at: this.#options.now(), by: by.name, because: note },
            audit: this.#done(whoIs(by, 'reference revert', target), says, note),
          },
        }
      })
      return { is: 'done', detail, id: newest.id }
    })
    return effectOf(answer)
  }

  #make(model: WatchedModel, wish: Wish): Extract<Answer, { is: 'done' }> {
    const { of, version, span, performance, note, kind, incident, deed, actor } = wish
    const { store, now } = this.#options
    const before = model.comparedWith(of).reference
    const watched = model.streams.get(of)
    const watermark = lastWatermark(store, model.options.source)
    if (watched === undefined || watermark === undefined)
      throw new Refused(`no row of ${nameOf(model.name, of)} has come yet`, { isEarly: true })
    const { settings } = model.options
    const held = panesIn(watched, span, watermark)
    const made = rebase({
      before,
      ...held,
      segments: () => segmentsIn(watched, held, settings.minCoverage),
      ...settings,
      paneMs: watched.inputs.paneMs,
      source: `${kind} by ${actor} on ${formatInstant(now()).slice(0, 10)}`,
      performance,
    })
    if (made.is === 'refused') throw new Refused(made.because, { isEarly: made.rows !== undefined })
    const { reference, says } = made
    const detail = this.#swap(model, { version, reference }, wish.because, (ends) => {
      const all = [`reference ${reference.id} is in force for ${nameOf(model.name, version)}${inWords(ends)}`, ...says]
      const late = settings.windows.filter(({ sizeMs }) => reference.from + sizeMs > watermark)
      for (const { name, sizeMs } of late)
        all.push(`windows of ${name} are judged again from ${formatInstant(reference.from + sizeMs)} on`)
      const row: NewReference = {
        ...{ deed, model: model.name, version, id: reference.id, kind, incident, before: before.id, says, note },
        ...{ source: reference.source, rows: reference.rows, labelled: reference.labelled },
        ...{ from: reference.from, to: reference.to, at: now(), by: actor, profile: serialise(reference) },
      }
      return {
        detail: all.join('; '),
        change: { made: row, ended: null, audit: this.#done(wish, all.join('; '), note) },
      }
    })
    return { is: 'done', detail, id: reference.id }
  }

  #done({ request, actor, role, remote, action, target }: Who, detail: string, note: string): AuditEntry {
    const said = note === '' ? detail : `${note}; ${detail}`
    return { at: this.#options.now(), request, actor, role, remote, action, target, outcome: 'done', detail: said }
  }

  /** @param describe what else is written, once it is known which incidents end */
  #swap(
    model: WatchedModel,
    instead: { readonly version: string | null; readonly reference: Reference | null },
    because: string | null,
    describe: (ends: readonly Transition[]) => {
      detail: string
      change: Pick<ReferenceChange, 'made' | 'ended' | 'audit'>
    },
  ): string {
    const { store, feed, pipeline, build, inForce, plan, observer, now, onFailure, log } = this.#options
    const at = lastWatermark(store, model.options.source) ?? now()
    let [detail, ends]: [string, Transition[]] = ['', []]
    let fresh: Pipeline | undefined
    feed.swap(() => {
      const next = (version: string) => model.comparedWith(version, instead).reference
      const { documents, transitions } = goOn(
        pipeline().standing(model),
        next,
        because === null ? null : { at, because },
      )
      const described = describe(transitions)
      const notifications = transitions.flatMap((transition) => plan(transition, now()).notifications)
      store.references.put({ ...described.change, documents, transitions, notifications })
      detail = described.detail
      ends = transitions
      try {
        fresh = build()
        return fresh
      } catch (error) {
        onFailure(error)
        throw error
      }
    })
    inForce(fresh as Pipeline, model.name)
    for (const transition of ends) observer.transition?.(transition)
    log.info({ model: model.name, version: instead.version }, `another reference is in force: ${detail}`)
    return detail
  }

  #model(name: string): WatchedModel {
    const models = this.#options.pipeline().models()
    const model = models.find((one) => one.name === name)
    if (model === undefined)
      throw new Refused(`no model ${name} is watched; there is: ${models.map((one) => one.name).join(', ')}`)
    if (model.reference === undefined)
      throw new Refused(`the reference of ${name} is still being learnt from the stream`, { isEarly: true })
    return model
  }

  #attempt(act: () => Extract<Answer, { is: 'done' }>): Answer {
    try {
      return act()
    } catch (error) {
      if (error instanceof Refused) return { is: 'refused', by: error }
      if (error instanceof StoreError && error.kind === 'full')
        return { is: 'refused', by: new Refused(error.message, { isEarly: true }) }
      if (error instanceof StoreError) this.#options.onFailure(error)
      throw error
    }
  }
}

function whoIs({ request, name, role, remote }: Person, action: string, target: string): Who {
  return { request, actor: name, role, remote, action, target }
}

function nameOf(model: string, version: string | null): string {
  return version === null || version === '' ? model : `${model} ${version}`
}

function inWords(ends: readonly Transition[]): string {
  if (ends.length === 0) return ''
  return `; ended with the one before: ${ends.map(({ incident }) => `${incident.kind} ${incident.id}`).join(', ')}`
}

function effectOf(answer: Answer): Effect {
  if (answer.is === 'refused') return { outcome: 'refused', detail: answer.by.message }
  return { outcome: 'done', detail: answer.detail, ...(answer.isOld !== true && { isAudited: true }) }
}
