// What the API tells of references: what each model version is compared with, and what was made of production.

import type { ReferenceDeeds, ReferencesView } from '../http/reference-routes.ts'
import { referenceActionRoutes, referenceReadRoutes } from '../http/reference-routes.ts'
import type { Route } from '../http/route.ts'
import type { Pipeline } from '../pipeline.ts'
import type { Reference } from '../reference/reference.ts'
import type { Store } from '../store/store.ts'
import { formatInstant } from '../time.ts'

export function referenceRoutes(deeds: ReferenceDeeds, store: Store, pipeline: () => Pipeline): readonly Route[] {
  return [
    ...referenceReadRoutes({
      references: () => referencesView(pipeline(), store),
      profile: (id) => store.references.profile(id),
    }),
    ...referenceActionRoutes(deeds),
  ]
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
