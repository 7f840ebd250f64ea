// What a fleet is shown from: of each model version and window size the digests of its last windows, and the incidents that go on.
//
// A little of what is stored, kept in memory: reading the wide rows of a few hundred models for each look would take seconds. It is
// filled from the state after a start (`lacks` says what is not there yet), and kept up by the news of each transaction, so that it
// never says what is not stored. See ADR 30.

import { headlineOf, listed } from '../delivery/message.ts'
import type { HandlingState } from '../handling/state.ts'
import type { Incident, Silence } from '../incidents/incident.ts'
import { isActive } from '../incidents/incident.ts'
import type { WindowResult } from '../monitors/window-result.ts'
import type { News } from '../store/news.ts'
import type { Instant } from '../time.ts'
import type { WindowDigest } from './window-digest.ts'
import { digestOf } from './window-digest.ts'

/** Windows of a course: what a sparkline shows. */
export const COURSE_LENGTH = 24
/** Courses that are kept, some 6 KB each; versions beyond are shown without. */
const COURSES_MAX = 10_000

/** The windows of one size of a model version. */
export interface CourseKey {
  readonly model: string
  readonly version: string
  readonly window: string
}

/** An incident that people have been told of, and that is not over. */
export interface OpenIncident
  extends Pick<Incident, 'id' | 'model' | 'version' | 'kind' | 'severity' | 'state' | 'since'> {
  /** '' where it is about something that does not come: how long is told at the moment of the look. */
  readonly says: string
  /** The metric that it is about, if it is about one. */
  readonly metric: string | null
  readonly silence: Silence | null
}

/** Oldest first. */
type Course = readonly WindowDigest[]

export class FleetBoard {
  readonly #courses = new Map<string, Course>()
  readonly #known = new Set<string>()
  readonly #incidents = new Map<string, OpenIncident>()
  readonly #acknowledged = new Map<string, string>()
  readonly #coursesMax: number
  /** Those that there is room for; undefined: it was not said yet what there is. */
  #places: ReadonlySet<string> | undefined
  #forgottenBefore: Instant = Number.NEGATIVE_INFINITY

  /** @param coursesMax for tests */
  constructor(coursesMax = COURSES_MAX) {
    this.#coursesMax = coursesMax
  }

  /** What a transaction has changed. */
  take({
    results,
    incidents,
    handling,
    forgottenBefore,
  }: Pick<News, 'results' | 'incidents' | 'handling' | 'forgottenBefore'>): void {
    for (const result of results) this.result(result)
    for (const incident of incidents) this.incident(incident)
    for (const state of handling) this.handled(state)
    if (forgottenBefore !== null) this.#forgottenBefore = forgottenBefore
  }

  /** A window, in any order; of one window the newest revision counts. */
  result(result: WindowResult): void {
    if (result.segment !== '') return
    const key = keyOf(result)
    const course = this.#courses.get(key)
    if (course === undefined && this.#courses.size >= this.#coursesMax) return
    const next = added(course ?? [], result)
    if (next !== undefined) this.#courses.set(key, next)
  }

  incident(incident: Incident): void {
    const { id, model, version, kind, severity, state, since, features, evidence, silence = null } = incident
    if (!isActive(incident)) {
      this.#incidents.delete(id)
      this.#acknowledged.delete(id)
      return
    }
    const [worst] = evidence
    const explained = kind === 'performance' && features.length > 0 ? `, which ${listed(features)} may explain` : ''
    this.#incidents.set(id, {
      ...{ id, model, version, kind, severity, state, since, silence },
      says: silence === null ? `${headlineOf(incident)}${explained}` : '',
      metric: kind === 'performance' && worst !== undefined && worst.errors === undefined ? worst.metric : null,
    })
  }

  handled({ incident, acknowledgedBy }: Pick<HandlingState, 'incident' | 'acknowledgedBy'>): void {
    if (acknowledgedBy === null) this.#acknowledged.delete(incident)
    else if (this.#incidents.has(incident)) this.#acknowledged.set(incident, acknowledgedBy)
  }

  /** Of what is asked for, what was not read from the state yet; what there is no room for is not read. */
  lacks(keys: readonly CourseKey[]): CourseKey[] {
    return keys.filter((key) => !this.#known.has(keyOf(key)) && this.hasRoom(key))
  }

  /** The stored windows of this course have been told. */
  filled(key: CourseKey): void {
    this.#known.add(keyOf(key))
  }

  hasRoom(key: CourseKey): boolean {
    return this.#places?.has(keyOf(key)) ?? true
  }

  /** What is not among these is not watched any more; where there is no room for all, the first have it. */
  keep(keys: readonly CourseKey[]): void {
    const places = new Set(keys.slice(0, this.#coursesMax).map(keyOf))
    for (const key of this.#courses.keys()) if (!places.has(key)) this.#courses.delete(key)
    for (const key of this.#known) if (!places.has(key)) this.#known.delete(key)
    // A version that comes later, of which nothing was said here, may have what room is left.
    this.#places = keys.length > this.#coursesMax ? places : undefined
  }

  /** Oldest first, at most `COURSE_LENGTH`; those that are being forgotten are left out. */
  course(key: CourseKey): Course {
    const course = this.#courses.get(keyOf(key)) ?? []
    const first = course[0]?.end ?? Number.POSITIVE_INFINITY
    return first >= this.#forgottenBefore ? course : course.filter(({ end }) => end >= this.#forgottenBefore)
  }

  get incidents(): Iterable<OpenIncident> {
    return this.#incidents.values()
  }

  acknowledgedBy(incident: string): string | null {
    return this.#acknowledged.get(incident) ?? null
  }
}

function keyOf({ model, version, window }: CourseKey): string {
  return `${window}|${version}|${model}`
}

/** undefined: nothing new in it. */
function added(course: Course, result: WindowResult): Course | undefined {
  const { end, revision } = result
  const [oldest] = course
  if (oldest !== undefined && course.length >= COURSE_LENGTH && end < oldest.end) return undefined
  let at = course.length
  while (at > 0 && (course[at - 1] as WindowDigest).end > end) at--
  const same = course[at - 1]
  const isKnown = same?.end === end
  if (isKnown && same.revision > revision) return undefined
  return [...course.slice(0, isKnown ? at - 1 : at), digestOf(result), ...course.slice(at)].slice(-COURSE_LENGTH)
}
