// How each source's records are read and timed, from the document.

import type { Document, Limits } from '../config/document.ts'
import type { ModelSettings } from '../config/model-settings.ts'
import type { EventFormat, SourceSettings } from '../config/source-settings.ts'
import type { Decoder } from '../events/decode.ts'
import { canonicalDecoder } from '../events/decode.ts'
import { usualRecordLimits } from '../events/json-record.ts'
import { compileMapping } from '../events/mapping.ts'
import type { IntakeOptions } from '../intake.ts'
import type { ColumnKind } from '../reference/columns.ts'
import type { Reference } from '../reference/reference.ts'
import { isTextual } from '../sources/codecs/rows.ts'

/** The sources that models of the document read from. */
export function sourcesInUse(document: Document): readonly SourceSettings[] {
  const used = new Set([...document.models.values()].map(({ source }) => source))
  return [...document.sources.values()].filter(({ name }) => used.has(name))
}

/** @param references by model, where they are known: they say which text cells are numbers */
export function intakeOf(
  source: SourceSettings,
  document: Document,
  references: ReadonlyMap<string, Reference>,
): IntakeOptions {
  const models = [...document.models.values()].filter((model) => model.source === source.name)
  const decoder = (format: EventFormat) => decoderOf(format, models, source, { references, limits: document.limits })
  const byTopic = new Map<string, Decoder>()
  if (source.type === 'kafka') for (const [topic, format] of source.topics) byTopic.set(topic, decoder(format))
  const only = source.type === 'file' ? decoder(source.events) : undefined
  return {
    source: source.name,
    outOfOrdernessMs: source.outOfOrdernessMs,
    idleTimeoutMs: source.idleTimeoutMs,
    maxFutureSkewMs: source.maxFutureSkewMs,
    allowedLatenessMs: source.allowedLatenessMs,
    decoderOf: (topic) => {
      const found = only ?? byTopic.get(topic)
      if (found === undefined) throw new Error(`sources.${source.name}: no events are configured for topic ${topic}`)
      return found
    },
  }
}

/** The decoder of one format. Events without a model name belong to the one model of the source. */
export function decoderOf(
  format: EventFormat,
  models: readonly ModelSettings[],
  source: SourceSettings,
  { references, limits: { keys } }: { references: ReadonlyMap<string, Reference>; limits: Limits },
): Decoder {
  const limits = { bytes: source.type === 'kafka' ? source.maxRecordBytes : usualRecordLimits.bytes, keys }
  const only = models.length === 1 ? models[0] : undefined
  if (format === 'canonical') return canonicalDecoder({ defaultModel: only?.name ?? null, limits })
  if (only === undefined)
    throw new Error(
      `sources.${source.name}: mapped events carry no model name, so exactly one model can read them; it has ${models.length}`,
    )
  return compileMapping(format, {
    model: only.name,
    textual: source.type === 'file' && isTextual(source.path),
    regression: only.task === 'regression',
    multilabel: only.task === 'multilabel',
    columnKinds: columnKindsOf(only, references.get(only.name)),
    limits,
  })
}

function columnKindsOf(
  { columnKinds }: ModelSettings,
  reference: Reference | undefined,
): ReadonlyMap<string, ColumnKind> {
  const kinds = new Map<string, ColumnKind>(Object.entries(columnKinds))
  for (const { name, kind, role } of reference?.columns ?? []) if (role === 'feature') kinds.set(name, kind)
  return kinds
}
