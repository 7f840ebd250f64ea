// What the API tells of the models under watch.

import type { Document } from '../config/document.ts'
import type { ModelView } from '../http/api.ts'
import type { Pipeline } from '../pipeline.ts'
import { formatInstant } from '../time.ts'

export function modelViews(pipeline: Pipeline, document: Document): ModelView[] {
  return pipeline.models().map(({ name, options, streams, reference }) => ({
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
  }))
}
