// The reference a model's configuration names: learnt from a file, read from a profile, or left to be learnt from the stream.

import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { ConfigError } from '../config/config-error.ts'
import { slipOf, suggest } from '../config/explain.ts'
import type { ModelSettings } from '../config/model-settings.ts'
import type { EventSink, OutcomeValue, PredictionEvent, Rejection } from '../events/event.ts'
import { compileMapping } from '../events/mapping.ts'
import { partsOfSegment } from '../events/segment.ts'
import type { Rehearsal } from '../incidents/rehearsal.ts'
import { rehearse } from '../incidents/rehearsal.ts'
import type { ModelOptions } from '../monitors/watched-model.ts'
import { learnWithPeriod } from '../reference/learn.ts'
import { choiceOf } from '../reference/phases.ts'
import { isFor, presetNamed, presetNames } from '../reference/preset.ts'
import type { ReferenceRow } from '../reference/reading.ts'
import type { Reference } from '../reference/reference.ts'
import { deserialise } from '../reference/reference.ts'
import { isTextual, readRows } from '../sources/codecs/rows.ts'

/** What a model starts with: its reference, and where rows of its period are at hand, its alarm policy replayed on them. */
export interface Start {
  readonly reference: ModelOptions['reference']
  /** Driven a window at a time; null for profiles and for references learnt from the stream, which have no rows. */
  readonly rehearsal: Generator<number, Rehearsal> | null
}

/** The reference to start with. @throws Error that says what is wrong with the file, and where */
export async function referenceOf(model: ModelSettings): Promise<ModelOptions['reference']> {
  return (await startOf(model)).reference
}

/** The reference, and its rehearsal to come. @throws as `referenceOf` */
export async function startOf(model: ModelSettings): Promise<Start> {
  const { reference: from, watch } = model
  if (from.from === 'stream') return { reference: { firstMs: from.firstMs }, rehearsal: null }
  if (from.from === 'profile') {
    const reference = readProfile(model, from.profile)
    refuseSlipsInSegments(model, reference)
    refuseUnfitFloors(model, reference)
    refuseUnfitPresets(model, reference)
    return { reference, rehearsal: null }
  }
  const { reference, period } = await learnFromFile(model, from)
  refuseUnknownColumns(model, reference)
  refuseSlipsInSegments(model, reference)
  refuseUnfitFloors(model, reference)
  refuseUnfitPresets(model, reference)
  return { reference, rehearsal: rehearse(period, reference, watch) }
}

/** A type for a column that the reference does not have is a slip of the pen, or a column that could not be watched. */
function refuseUnknownColumns({ name, columnKinds }: ModelSettings, { columns, ignored }: Reference): void {
  const known = [...columns, ...ignored].map((column) => column.name)
  for (const column of Object.keys(columnKinds).filter((one) => !known.includes(one)))
    throw noSuchColumn(`models.${name}.columns.${column}`, column, known)
}

/**
 * A column by which no row of the reference is told apart, and whose name is one letter off that of one that is known, is a slip of the
 * pen. Any other may come with the events.
 *
 * @throws ConfigError
 */
export function refuseSlipsInSegments(
  { name, segments: choice, reference: from }: ModelSettings,
  reference: Reference,
): void {
  const { columns, ignored, segments } = reference
  const features = [...columns.filter(({ role }) => role === 'feature'), ...ignored].map((column) => column.name)
  const told = Object.keys(segments?.parts ?? {}).map((segment) => partsOfSegment(segment).column)
  const { segments: mapped = [] } = from.from === 'file' ? from.events : {}
  const known = [...new Set([...told, ...(Array.isArray(mapped) ? mapped : Object.keys(mapped)), ...features])]
  for (const [i, column] of (choice?.columns ?? []).entries()) {
    const meant = known.includes(column) ? undefined : slipOf(column, known)
    if (meant === undefined) continue
    const goOn =
      from.from === 'file'
        ? `list it under models.${name}.reference.events.segments, too`
        : 'build the profile from rows that have it, too'
    const message = `the reference has no such column; did you mean ${meant}? (columns: ${known.join(', ')}); if events do bring ${column}, ${goOn}`
    throw unfit(`models.${name}.segments[${i}]`, message)
  }
}

function noSuchColumn(at: string, column: string, known: readonly string[]): ConfigError {
  return unfit(at, `the reference has no such column${suggest(column, known)} (columns: ${known.join(', ')})`)
}

/** What the document says of a model does not fit its reference. */
function unfit(path: string, message: string): ConfigError {
  return new ConfigError([{ file: null, line: null, column: null, path, message }])
}

/** A floor is of a column that is watched. */
function refuseUnfitFloors({ name, watch: { floors } }: ModelSettings, { columns }: Reference): void {
  const known = columns.map((column) => column.name)
  const features = columns.flatMap((column) => (column.role === 'feature' ? column.name : []))
  for (const column of Object.keys(floors?.driftOf ?? {}))
    if (!known.includes(column)) throw noSuchColumn(`models.${name}.drift.columns.${column}`, column, known)
  for (const column of Object.keys(floors?.riseOf ?? {}))
    if (!features.includes(column)) throw noSuchColumn(`models.${name}.quality.columns.${column}`, column, features)
}

/** What the choice of presets says of columns can only be held against a reference. */
function refuseUnfitPresets({ name, watch: { presets } }: ModelSettings, reference: Reference): void {
  if (presets === undefined) return
  const columns = new Map(reference.columns.map((column) => [column.name, column]))
  for (const [column, choice] of Object.entries(presets.columns)) {
    const at = `models.${name}.drift.columns.${column}`
    const found = columns.get(column)
    if (found === undefined) throw noSuchColumn(at, column, [...columns.keys()])
    if (choice !== null && !isFor(choice.preset, found.kind)) {
      const fitting = presetNames.filter((preset) => isFor(presetNamed(preset), found.kind))
      throw unfit(`${at}.method`, `it is not for ${found.kind} columns; use one of ${fitting.join(', ')}`)
    }
  }
  if (reference.presetThresholds === undefined) {
    throw unfit(
      `models.${name}.reference`,
      `the profile was built without models.${name}.drift, and lacks the bins that other tools make; build it again with: leeway reference build`,
    )
  }
}

function readProfile(model: ModelSettings, path: string): Reference {
  let reference: Reference
  try {
    reference = deserialise(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new Error(
      `models.${model.name}.reference.profile: ${path}: ${error instanceof Error ? error.message : error}`,
      { cause: error },
    )
  }
  if (reference.task !== model.task) {
    throw new Error(
      `models.${model.name}.reference.profile: ${path} is of a ${reference.task} model, but ${model.name} is ${model.task}`,
    )
  }
  const built = choiceOf(reference.phases)
  if (built !== model.baseline) {
    throw new Error(
      `models.${model.name}.baseline: it is ${model.baseline}, but ${path} was built with ${built}; build it again with: leeway reference build`,
    )
  }
  return reference
}

async function learnFromFile(
  model: ModelSettings,
  { file, events }: { file: string; events: Parameters<typeof compileMapping>[0] },
): Promise<ReturnType<typeof learnWithPeriod>> {
  const textual = isTextual(file)
  const rows = new RowCollector()
  const decoder = compileMapping(events, {
    model: model.name,
    textual,
    regression: model.task === 'regression',
    multilabel: model.task === 'multilabel',
  })
  let read = 0
  for await (const chunk of readRows(file)) {
    for (const row of chunk) {
      read++
      decoder.decode(row, rows.sink)
    }
  }
  if (rows.predictions.size === 0) {
    const why =
      rows.firstRejection === undefined ? '' : `; the first that could not be read: ${rows.firstRejection.detail}`
    throw new Error(`models.${model.name}.reference: none of the ${read} rows of ${file} could be used${why}`)
  }
  try {
    return learnWithPeriod(rows.joined(), {
      model: model.name,
      task: model.task,
      positiveClass: model.positiveClass,
      classes: model.classes,
      columnKinds: model.columnKinds,
      multivariate: model.multivariate,
      baseline: model.baseline,
      textual,
      source: `file ${basename(file)}${rows.rejected > 0 ? `, without ${rows.rejected} rows that could not be read` : ''}`,
      windows: model.watch.windows,
      minSamples: model.watch.minSamples,
      presets: model.watch.presets,
      estimation: model.watch.estimation,
      metricOptions: model.watch.metricOptions,
      segments: model.segments,
    })
  } catch (error) {
    if (error instanceof Error) throw unfit(`models.${model.name}`, error.message)
    throw error
  }
}

/** Gathers the rows of a reference file; the first prediction of an id counts, and its last label. */
class RowCollector {
  readonly predictions = new Map<string, PredictionEvent>()
  readonly #labels = new Map<string, OutcomeValue>()
  rejected = 0
  firstRejection: Rejection | undefined

  readonly sink: EventSink = {
    prediction: (event) => {
      if (!this.predictions.has(event.id)) this.predictions.set(event.id, event)
    },
    label: ({ id, label }) => {
      if (label === null) this.#labels.delete(id)
      else this.#labels.set(id, label)
    },
    rejected: (rejection) => {
      this.rejected++
      this.firstRejection ??= rejection
    },
  }

  joined(): ReferenceRow[] {
    return [...this.predictions.values()].map((event) => ({ event, label: this.#labels.get(event.id) ?? null }))
  }
}
