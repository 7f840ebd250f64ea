// What a schema cannot see in a model: whether its settings fit each other and the sources.

import { tooShortFor } from '../reference/phases.ts'
import { presetNamed, presetNames, takesThreshold, unavailablePresets } from '../reference/preset.ts'
import { checkConceptDrift } from './concept-drift-settings.ts'
import type { Path } from './explain.ts'
import { listNames, slipOf, suggest } from './explain.ts'
import { checkMapping } from './mapping-checks.ts'
import type { ModelInput } from './model-settings.ts'
import { faultKeys, modelSettings, OWN_METHOD } from './model-settings.ts'
import { checkMetricOptions, checkMetrics } from './performance-checks.ts'
import type { Finding } from './schema-problems.ts'
import type { MappingInput, SourceInput } from './source-settings.ts'
import { sharedFormat } from './source-settings.ts'
import { checkWindows } from './window-checks.ts'

export interface Sources {
  /** Names of all sources, also of those with faults. */
  readonly names: readonly string[]
  readonly valid: ReadonlyMap<string, SourceInput>
}

/** A commit writes all segments of a window at once: with so many, and 50 features, it takes about 0.15 s. */
const SEGMENTS_MAX = 1_000

/** What can be read of a model; a setting with a fault of its own is left out, so that it does not hide the others. */
export type ValidParts = Partial<ModelInput>

/** Reads each setting of a model by itself. */
export function validParts(model: unknown): ValidParts | undefined {
  if (typeof model !== 'object' || model === null || Array.isArray(model)) return undefined
  const written = model as Record<string, unknown>
  const parts = Object.entries(modelSettings.shape).map(([key, schema]) => [key, schema.safeParse(written[key]).data])
  return Object.fromEntries(parts) as ValidParts
}

interface Surroundings {
  readonly sources: Sources
  /** Values of a segment column that are told apart. */
  readonly segmentsMax: number
}

/** Everything that does not fit in one model. */
export function checkModel(name: string, model: ValidParts, { sources, segmentsMax }: Surroundings): Finding[] {
  const checks = [
    checkSource(model, sources),
    checkReference(model, sources),
    checkBaseline(model),
    checkClasses(model),
    checkMetrics(model),
    checkMetricOptions(model),
    checkDrift(model),
    checkQuality(model),
    checkSegments(model, sources),
    checkNumberOfSegments(model, segmentsMax),
    checkConceptDrift(model.conceptDrift),
  ]
  const findings = [...checks.flat(), ...checkWindows(model.windows ?? [])]
  return findings.map(({ path, message }) => ({ path: ['models', name, ...path], message }))
}

function checkSource({ source }: ValidParts, { names }: Sources): Finding[] {
  if (source === undefined || names.includes(source)) return []
  const message = `there is no source called ${source}${suggest(source, names)} (sources: ${names.join(', ')})`
  return [{ path: ['source'], message }]
}

function checkReference({ source, reference }: ValidParts, { valid }: Sources): Finding[] {
  if (reference === undefined || !('file' in reference)) return []
  if (reference.events !== undefined) {
    const path = ['reference', 'events']
    return [...checkMapping(path, reference.events), ...checkTime(path, reference.events)]
  }
  const input = source === undefined ? undefined : valid.get(source)
  if (input === undefined) return []
  const format = sharedFormat(input)
  if (format !== undefined && format !== 'canonical') return checkTime(['reference'], format)
  const why = format === undefined ? 'have formats of their own by topic' : 'are canonical'
  const message = `the events of ${source} ${why}, so the columns of this file must be named here: events: {id: …, time: …, label: …}`
  return [{ path: ['reference'], message }]
}

function checkTime(path: Path, { time }: { time?: string | undefined }): Finding[] {
  if (time !== undefined) return []
  return [{ path, message: 'a reference is made of predictions, and its columns lack their time: name it in time' }]
}

function checkBaseline({ reference, baseline = 'pooled' }: ValidParts): Finding[] {
  if (reference === undefined || !('first' in reference)) return []
  const lack = tooShortFor(baseline, reference.first)
  if (lack === null) return []
  return [{ path: ['reference', 'first'], message: `${lack}; learn from more days, or set baseline: pooled` }]
}

function checkClasses({ task, positiveClass, classes }: ValidParts): Finding[] {
  const findings: Finding[] = []
  const fault = (key: string, message: string) => findings.push({ path: [key], message })
  if (positiveClass !== undefined && task !== undefined && task !== 'binary') {
    fault('positiveClass', `a ${task} model has no positive class; leave it out, or set task: binary`)
  }
  if (classes === undefined || task === undefined) return findings
  const listed = classes.join(', ')
  if (task === 'regression') fault('classes', 'a regression has no classes; leave them out')
  else if (new Set(classes).size < classes.length) fault('classes', `a class is listed twice: ${listed}`)
  else if (task === 'binary' && classes.length !== 2) {
    fault(
      'classes',
      `a binary model has two classes, found ${classes.length}: ${listed}; set task: multiclass for more`,
    )
  }
  if (task === 'binary' && positiveClass !== undefined && !classes.includes(positiveClass)) {
    fault(
      'positiveClass',
      `${positiveClass} is not one of the classes ${listNames(classes)}${suggest(positiveClass, classes)}`,
    )
  }
  return findings
}

function checkSegments({ segments = [], source }: ValidParts, { valid }: Sources): Finding[] {
  const input = source === undefined ? undefined : valid.get(source)
  const format = input === undefined ? undefined : sharedFormat(input)
  const told = format === undefined || format === 'canonical' ? undefined : namesIn(format)
  return segments.flatMap((column, i) => {
    const path = ['segments', i]
    if (segments.indexOf(column) !== i)
      return [{ path, message: `${column} is listed twice; each column is written once` }]
    if (told === undefined || told.names.includes(column)) return []
    if (!told.areAll && slipOf(column, told.names) === undefined) return []
    const nearest = suggest(column, told.names)
    const known = told.names.length === 0 ? 'none' : told.names.join(', ')
    const message = `the events of ${source} have no such segment or feature${nearest} (they name: ${known}); if their records do have it, list it under events.segments there`
    return [{ path, message }]
  })
}

function checkNumberOfSegments({ segments = [] }: ValidParts, valuesMax: number): Finding[] {
  const count = segments.length * valuesMax
  if (count <= SEGMENTS_MAX) return []
  const most = Math.floor(SEGMENTS_MAX / segments.length)
  const message = `${segments.length} columns of up to ${valuesMax} values (limits.segments) are ${count} segments, and a model may have ${SEGMENTS_MAX}; set limits.segments to ${most} at most, or name fewer columns`
  return [{ path: ['segments'], message }]
}

/** Segments and features that a mapping names, and whether its records can bring others. */
function namesIn({ segments = [], features }: MappingInput): { names: readonly string[]; areAll: boolean } {
  const namesOf = (columns: readonly string[] | Readonly<Record<string, string>>) =>
    Array.isArray(columns) ? columns : Object.keys(columns)
  return { names: [...namesOf(segments), ...namesOf(features ?? [])], areAll: features !== undefined }
}

function checkQuality({ quality }: ValidParts): Finding[] {
  return Object.entries(quality?.columns ?? {}).flatMap(([name, rises]) =>
    Object.values(rises).some((rise) => rise !== undefined)
      ? []
      : [
          {
            path: ['quality', 'columns', name],
            message: `say what is another for this column, such as {missing: 0.1} (known here: ${Object.keys(faultKeys).join(', ')})`,
          },
        ],
  )
}

function checkDrift({ drift }: ValidParts): Finding[] {
  if (drift === undefined) return []
  const { columns, ...all } = drift
  const choices = Object.entries(columns).map(([name, choice]) => ({ path: ['drift', 'columns', name], ...choice }))
  return [
    ...[{ path: ['drift'], ...all }, ...choices].flatMap(checkPreset),
    ...choices.flatMap((choice) => checkColumn(choice, all.method ?? OWN_METHOD)),
  ]
}

/** @param ofAll the method of columns that name none */
function checkColumn({ path, method, threshold, floor }: Choice, ofAll: string): Finding[] {
  if (method === undefined && floor === undefined)
    return threshold === undefined
      ? [{ path, message: 'say what is another for this column: {floor: 0.2} or {method: …}' }]
      : []
  const used = method ?? ofAll
  if (floor === undefined || used === OWN_METHOD) return []
  return [
    {
      path: [...path, 'floor'],
      message: `this column is judged by ${used}, which has a threshold of its own; leave floor out, or set method: ${OWN_METHOD}`,
    },
  ]
}

interface Choice {
  readonly path: Path
  readonly method?: string | undefined
  readonly threshold?: number | undefined
  readonly floor?: number | undefined
}

function checkPreset(choice: Choice): Finding[] {
  const { path, method = OWN_METHOD, threshold } = choice
  const known = [OWN_METHOD, ...presetNames]
  const unavailable = unavailablePresets.get(method)
  if (unavailable !== undefined) {
    return [{ path: [...path, 'method'], message: `${method} is not available: ${unavailable}` }]
  }
  if (!known.includes(method)) {
    const message = `there is no method ${method}${suggest(method, known)} (methods: ${known.join(', ')})`
    return [{ path: [...path, 'method'], message }]
  }
  if (threshold === undefined) return []
  const own = method === OWN_METHOD ? 'follows falseAlarmBudget' : 'has thresholds of its own'
  if (method !== OWN_METHOD && takesThreshold(presetNamed(method))) return []
  return [
    {
      path: [...path, 'threshold'],
      message: `${method} ${own}; leave threshold out, or name a single method of a tool`,
    },
  ]
}
