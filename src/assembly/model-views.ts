// What the API tells of the models under watch.

import type { Document } from '../config/document.ts'
import type { ModelView } from '../http/api.ts'
import type { WatchedModel } from '../monitors/watched-model.ts'
import type { Pipeline } from '../pipeline.ts'
import { formatInstant } from '../time.ts'

export function modelViews(pipeline: Pipeline, document: Document): ModelView[] {
  return pipeline.models().map((model) => viewOf(model, document))
}

function viewOf(model: WatchedModel, document: Document): ModelView {
  const { name, options, streams } = model
  // What is in force for versions without one of their own, which may be made of production: /api/v1/references tells all.
  const reference = model.reference && model.comparedWith(null).reference
  return {
    name,
    task: document.models.get(name)?.task ?? '',
    source: options.source,
    windows: options.settings.windows.map((window) => window.name),
    versions: [...streams.keys()],
    estimates: [...streams.values()].flatMap(({ stream, subject, calibration }) =>
      subject.estimated.map((metric) => ({
        version: stream.version,
        metric,
        calibration: calibration.broken[metric] === undefined ? ('sound' as const) : ('broken' as const),
        because: calibration.broken[metric] ?? null,
      })),
    ),
    reference:
      reference === undefined
        ? null
        : {
            id: reference.id,
            source: reference.source,
            rows: reference.rows,
            labelled: reference.labelled,
            from: formatInstant(reference.from),
            to: formatInstant(reference.to),
          },
  }
}
