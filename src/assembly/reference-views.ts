// What the API tells of references: what each model version is compared with, and what was made of production.

import type { ReferenceDeeds, ReferencesView } from '../http/reference-routes.ts'
import { referenceActionRoutes, referenceReadRoutes } from '../http/reference-routes.ts'
import type { Route } from '../http/route.ts'
import type { ReferenceFacts } from '../overview/references.ts'
import { compareReferences, referencesOverview } from '../overview/references.ts'
import type { Pipeline } from '../pipeline.ts'
import type { Reference } from '../reference/reference.ts'
import { deserialise } from '../reference/reference.ts'
import type { Store } from '../store/store.ts'
import { formatInstant } from '../time.ts'

export function referenceRoutes(deeds: ReferenceDeeds, store: Store, pipeline: () => Pipeline): readonly Route[] {
  const kept = new Map<string, Reference>()
  return [
    ...referenceReadRoutes({
      references: () => referencesView(pipeline(), store),
      overview: (model) => {
        const facts = factsOf(pipeline(), store, kept, model)
        return facts && referencesOverview(facts)
      },
      compare(model, ids) {
        const facts = factsOf(pipeline(), store, kept, model)
        return facts && compareReferences(facts, ids)
      },
      profile: (id) => store.references.profile(id),
    }),
    ...referenceActionRoutes(deeds),
  ]
}

/** Reading a profile takes some ten milliseconds; what it says never changes, for its id is the hash of it. */
const PROFILES_KEPT = 8

function factsOf(
  pipeline: Pipeline,
  { references }: Pick<Store, 'references'>,
  kept: Map<string, Reference>,
  name: string,
): ReferenceFacts | undefined {
  const model = pipeline.models().find((one) => one.name === name)
  if (model === undefined) return undefined
  const streams = [...model.streams.values()]
  const inMemory = new Map(
    [
      ...streams.map(({ subject }) => subject.reference),
      ...(model.reference === undefined ? [] : [model.reference]),
    ].map((reference) => [reference.id, reference] as const),
  )
  const stored = (id: string): Reference | undefined => {
    const known = kept.get(id)
    if (known !== undefined) return known
    const text = references.profile(id)
    if (text === undefined) return undefined
    const [oldest] = kept.keys()
    if (kept.size >= PROFILES_KEPT && oldest !== undefined) kept.delete(oldest)
    const read = deserialise(text)
    kept.set(id, read)
    return read
  }
  const { metrics, metricOptions } = model.options.settings
  return {
    ...{ model: name, metrics, metricOptions },
    configured: model.reference ?? null,
    versions: streams.map(({ stream: { version }, subject }) => ({
      ...{ version, of: model.comparedWith(version).of, id: subject.reference.id },
    })),
    made: references.list().filter((one) => one.model === name),
    profile: (id) => inMemory.get(id) ?? stored(id),
  }
}

function referencesView(pipeline: Pipeline, { references }: Store): ReferencesView {
  return {
    models: pipeline.models().map((model) => ({
      name: model.name,
      configured: model.reference === undefined ? null : referenceView(model.reference),
      versions: [...model.streams.values()].map(({ stream: { version }, subject }) => ({
        version,
        of: model.comparedWith(version).of,
        reference: referenceView(subject.reference),
      })),
      setAside: model.setAside.map(({ id }) => id),
    })),
    history: references.list().map(({ number: _, deed: __, from, to, at, ended, ...rest }) => ({
      ...rest,
      from: formatInstant(from),
      to: formatInstant(to),
      at: formatInstant(at),
      ended: ended === null ? null : { ...ended, at: formatInstant(ended.at) },
    })),
  }
}

function referenceView({ id, source, rows, labelled, from, to, noise }: Reference) {
  return {
    id,
    source,
    rows,
    labelled,
    from: formatInstant(from),
    to: formatInstant(to),
    calibrated: Object.fromEntries(Object.entries(noise).map(([window, { calibrated }]) => [window, calibrated])),
  }
}
