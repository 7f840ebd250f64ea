// What is watched, and how: the `models` of the document.

import { z } from 'zod'
import { className } from '../events/class-name.ts'
import type { EventMapping } from '../events/mapping.ts'
import type { InputFloors } from '../monitors/floors.ts'
import { usualFloors } from '../monitors/floors.ts'
import { defaultAlarms } from '../monitors/performance.ts'
import type { Floor, WatchSettings } from '../monitors/subject.ts'
import type { ColumnKind } from '../reference/columns.ts'
import type { Fault } from '../reference/comparison.ts'
import type { CostMatrix, MetricOptions } from '../reference/metric-options.ts'
import { usualMetricOptions } from '../reference/metric-options.ts'
import { defaultMetricsOf, metricsNamed, metricsOf, PINBALL } from '../reference/performance.ts'
import type { BaselineChoice } from '../reference/phases.ts'
import { baselineChoices } from '../reference/phases.ts'
import type { PresetSettings } from '../reference/preset.ts'
import { presetNamed } from '../reference/preset.ts'
import type { JointChoice } from '../reference/second-moments.ts'
import { JOINT_FEATURES_MAX } from '../reference/second-moments.ts'
import type { SegmentChoice } from '../reference/segments.ts'
import type { Task } from '../summaries/schema.ts'
import type { Millis } from '../time.ts'
import { formatDuration } from '../time.ts'
import type { WindowSpec } from '../windows/window.ts'
import { conceptDrift, resolveConceptDrift } from './concept-drift-settings.ts'
import { classLabel, column, filePath, modelName, positiveDuration, segmentColumn } from './forms.ts'
import { noData, staleLabels } from './liveness-settings.ts'
import { eventMapping, resolveMapping } from './source-settings.ts'

const tasks = ['binary', 'multiclass', 'multilabel', 'regression'] as const satisfies readonly Task[]
const columnKinds = ['numeric', 'categorical', 'embedding'] as const satisfies readonly ColumnKind[]
const metric = z.enum([...new Set(Object.values(metricsOf).flat())])
const amountForm = 'a number above 0, in the unit of the metric'
const amount = z.number(amountForm).positive(amountForm)
const shareForm = 'a share from 0 to 1'
const quantileForm = 'a quantile between 0 and 1, such as 0.9'
const topForm =
  'a number above 0: for a binary model a share of its rows such as 0.1, for a multiclass model a whole number of classes'
const costForm = 'costs by true class, then by predicted class, such as {bad: {good: 500}, good: {bad: 20}}'

const reference = z.union(
  [
    z.strictObject({
      file: filePath.describe('Rows of the period in which the model was good'),
      events: eventMapping.optional(),
    }),
    z.strictObject({ first: positiveDuration.describe('Learn from the first days of the stream') }),
    z.strictObject({ profile: filePath.describe('Built before by: leeway reference build') }),
  ],
  'one of {file: reference.parquet}, {first: 7d} or {profile: reference.json}',
)

const jointFeatures = z
  .array(column, 'a list of numeric features')
  .min(2, 'at least two features')
  .max(JOINT_FEATURES_MAX, `at most ${JOINT_FEATURES_MAX} features: each pair costs work with every row`)

/** Each column has panes and windows of its own. */
const SEGMENT_COLUMNS_MAX = 5

const window = z.strictObject({ size: positiveDuration, slide: positiveDuration })

const thresholdForm = 'a number above 0'
const distanceForm = 'a distance above 0, such as 0.1'
const riseForm = 'a share above 0, at most 1'
const floorOfDrift = z.number(distanceForm).positive(distanceForm)
const rise = z.number(riseForm).gt(0, riseForm).max(1, riseForm)
const driftMethod = z
  .string('leeway, or a preset such as evidently/default')
  .describe('leeway: by its own rule; or a preset of another tool, see docs/compatibility.md')
const driftThreshold = z.number(thresholdForm).positive(thresholdForm)
const driftChoice = {
  method: driftMethod.optional(),
  threshold: driftThreshold.optional().describe('Of the preset, in place of its own'),
  floor: floorOfDrift
    .optional()
    .describe(
      "Distance from which on drift matters, by Leeway's own rule: of PSI, shift (W1/sd) or total variation; 0.1",
    ),
}

/** From where on drift matters, and which columns are not judged by Leeway's own rule. */
const drift = z.strictObject({
  ...driftChoice,
  columns: z
    .record(column, z.strictObject(driftChoice), 'methods and floors by column')
    .default({})
    .describe('Columns that are judged otherwise: features by name, the output as score or prediction'),
})

/** As the document calls what may be wrong with a value. */
export const faultKeys = {
  missing: 'missing',
  typeError: 'type-error',
  unseen: 'unseen',
  outOfRange: 'out-of-range',
} as const satisfies Record<string, Fault>

const quality = z.strictObject({
  rise: rise.optional().describe('By how much the share of bad values of a feature must rise to matter; 0.05'),
  columns: z
    .record(
      column,
      z.strictObject({
        missing: rise.optional(),
        typeError: rise.optional(),
        unseen: rise.optional(),
        outOfRange: rise.optional(),
      }),
      'rises by feature, such as {income: {missing: 0.1}}',
    )
    .default({})
    .describe('Features with a rise of their own, by what is wrong: missing, typeError, unseen, outOfRange'),
})

const volume = z.strictObject({
  fall: rise.optional().describe("Share of the reference's rows that must be lacking in a window to matter; 0.5"),
})

export const modelSettings = z.strictObject({
  source: z.string('the name of a source').describe('Name of the source that brings its events'),
  task: z.enum(tasks),
  positiveClass: classLabel.optional().describe('Of a binary model: the class that the score is the probability of'),
  classes: z.array(classLabel, 'a list of classes').min(2, 'at least two classes').optional(),
  reference: reference.describe('What production is compared with'),
  windows: z.array(window, 'a list of windows such as [{size: 1h, slide: 5m}]').min(1, 'at least one window'),
  labels: z
    .strictObject({
      horizon: positiveDuration.prefault('30d').describe('How long after a prediction its label is waited for'),
      minCoverage: z
        .number(shareForm)
        .min(0, shareForm)
        .max(1, shareForm)
        .default(0.8)
        .describe('Share of labelled predictions below which performance is provisional'),
    })
    .prefault({}),
  falseAlarmBudget: z
    .number('a number above 0')
    .positive('a number above 0')
    .default(1)
    .describe('Expected false alarms of this model in 30 days'),
  minSamples: z
    .int('a whole number of at least 1')
    .min(1, 'a whole number of at least 1')
    .default(100)
    .describe('Rows below which a window is not judged'),
  noData,
  staleLabels,
  estimation: z
    .boolean('true or false')
    .default(true)
    .describe('Estimate performance from scores while labels are late; estimates warn and never alarm'),
  baseline: z
    .enum(baselineChoices)
    .default('pooled')
    .describe('Compare a window with the whole reference, or with what it says of the same hours (UTC) of day or week'),
  columns: z
    .record(column, z.enum(columnKinds), 'column types by name')
    .default({})
    .describe('Types of columns, where the reference does not show them'),
  drift: drift
    .optional()
    .describe(
      'From which distance on drift matters; or judge it as another tool would: to compare it with Leeway while moving, for presets are noisy',
    ),
  quality: quality.optional().describe('From where on bad values matter'),
  volume: volume.optional().describe('From where on lacking rows matter'),
  segments: z
    .array(segmentColumn, 'a list of columns such as [country]')
    .max(SEGMENT_COLUMNS_MAX, `at most ${SEGMENT_COLUMNS_MAX} columns`)
    .default([])
    .describe('Columns whose values are watched apart: of segments of the events, or features by name'),
  multivariate: z
    .union([z.boolean(), z.strictObject({ features: jointFeatures })], 'true, false or {features: [age, income]}')
    .default(true)
    .describe('Whether numeric features are also watched together, and which; left out: up to 50 of them'),
  performance: z
    .strictObject({
      metrics: z.array(metric, 'a list of metrics').min(1, 'at least one metric').optional(),
      alarm: z
        .partialRecord(
          metric,
          z.union([z.strictObject({ drop: amount }), z.strictObject({ rise: amount })], '{drop: 0.03} or {rise: 0.1}'),
        )
        .optional()
        .describe('Metrics that may alarm, each with how much worse it must get; left out: all, each with its default'),
      top: z
        .number(topForm)
        .positive(topForm)
        .optional()
        .describe(
          'What counts as the top: of a binary model the share of rows for lift and gain, of a multiclass model the classes',
        ),
      quantiles: z
        .array(z.number(quantileForm).gt(0, quantileForm).lt(1, quantileForm), 'a list of quantiles such as [0.1, 0.9]')
        .min(1, 'at least one quantile')
        .optional()
        .describe('Of a regression: quantiles whose pinball loss is told'),
      cost: z
        .record(z.string(), z.record(z.string(), z.number('a number'), costForm), costForm)
        .optional()
        .describe(
          'What each decision costs, by true and by predicted class; a gain is below 0. Its metric is business_value',
        ),
    })
    .prefault({}),
  conceptDrift: conceptDrift.optional().describe('How the share of wrong predictions is watched, pane by pane'),
})
export const models = z.record(modelName, modelSettings, 'models by name')
export type ModelInput = z.output<typeof modelSettings>

export type ReferenceSettings =
  | { readonly from: 'file'; readonly file: string; readonly events: EventMapping }
  | { readonly from: 'stream'; readonly firstMs: Millis }
  | { readonly from: 'profile'; readonly profile: string }

export interface ModelSettings {
  readonly name: string
  /** Name of the source that brings its events. */
  readonly source: string
  readonly task: Task
  readonly positiveClass: string | null
  readonly classes: readonly string[] | null
  readonly reference: ReferenceSettings
  readonly watch: WatchSettings
  /** How long after a prediction its label is waited for. */
  readonly horizonMs: Millis
  /** Types that the document sets, by column. Null prototype: columns may have any name. */
  readonly columnKinds: Readonly<Record<string, ColumnKind>>
  /** Which numeric features are watched together. */
  readonly multivariate: JointChoice
  /** What of the reference windows are compared with. */
  readonly baseline: BaselineChoice
  /** Columns that tell segments apart, and how many values of each; left out: none do. */
  readonly segments?: SegmentChoice
}

export interface ModelContext {
  /** Values of a segment column that are told apart. */
  readonly segmentsMax: number
  /** Makes a path absolute against the folder of the document. */
  readonly absolute: (path: string) => string
  /** The mapping that a file reference uses when it has none of its own. */
  readonly sourceMapping: EventMapping | undefined
}

/** Fills in what was left out. The input has passed all checks. */
export function resolveModel(name: string, input: ModelInput, context: ModelContext): ModelSettings {
  const options = metricOptions(input)
  const metrics = reportedMetrics(input, options)
  const watch: WatchSettings = {
    windows: input.windows.map(windowSpec),
    falseAlarmBudget: input.falseAlarmBudget,
    minSamples: input.minSamples,
    minCoverage: input.labels.minCoverage,
    ...(input.drift !== undefined && namesMethods(input.drift) && { presets: presetSettings(input.drift) }),
    ...floorsOf(input),
    estimation: input.estimation,
    metrics,
    metricOptions: options,
    multivariate: input.multivariate !== false,
    alarms: alarmsOf(input, options) ?? defaultAlarms(metrics),
    conceptDrift: resolveConceptDrift(input, alarmsOf(input, options)),
  }
  return {
    name,
    source: input.source,
    task: input.task,
    positiveClass: input.positiveClass ?? null,
    classes: input.classes ?? null,
    reference: resolveReference(input.reference, context),
    watch,
    horizonMs: input.labels.horizon,
    columnKinds: Object.assign(Object.create(null), input.columns),
    multivariate: typeof input.multivariate === 'boolean' ? input.multivariate : input.multivariate.features,
    baseline: input.baseline,
    ...(input.segments.length > 0 && { segments: { columns: input.segments, valuesMax: context.segmentsMax } }),
  }
}

function metricOptions({ task, performance: { top, quantiles, cost } }: ModelInput): MetricOptions {
  const usual = usualMetricOptions
  return {
    top: task === 'binary' ? usual.top : (top ?? usual.top),
    topShare: task === 'binary' ? (top ?? usual.topShare) : usual.topShare,
    quantiles: quantiles ?? usual.quantiles,
    cost: cost === undefined ? usual.cost : costByClass(cost),
  }
}

function costByClass(cost: CostMatrix): CostMatrix {
  const byClass = <T>(costs: Readonly<Record<string, T>>) =>
    Object.entries(costs).map(([name, value]) => [className(name), value] as const)
  return Object.fromEntries(byClass(cost).map(([truth, costs]) => [truth, Object.fromEntries(byClass(costs))]))
}

/** The metrics that are named; else the task's usual ones, those that the options are for, and those that may alarm. */
function reportedMetrics({ task, performance }: ModelInput, options: MetricOptions): readonly string[] {
  const { metrics, alarm, quantiles, cost } = performance
  const names = metrics ?? [
    ...defaultMetricsOf[task],
    ...(quantiles === undefined ? [] : [PINBALL]),
    ...(cost === undefined ? [] : ['business_value']),
    ...Object.keys(alarm ?? {}),
  ]
  return [...new Set(names.flatMap((name) => metricsNamed(name, options)))]
}

function alarmsOf({ performance }: ModelInput, options: MetricOptions): Record<string, Floor> | undefined {
  const alarm = performance.alarm as Record<string, Floor> | undefined
  if (alarm === undefined) return undefined
  return Object.fromEntries(
    Object.entries(alarm).flatMap(([name, floor]) => metricsNamed(name, options).map((metric) => [metric, floor])),
  )
}

/** Left out where all are the usual ones: what is learnt anew when the settings change stays. */
function floorsOf({ drift, quality, volume }: ModelInput): Pick<WatchSettings, 'floors'> {
  const driftOf = byColumn(drift?.columns ?? {}, ({ floor }) => floor)
  const riseOf = byColumn(quality?.columns ?? {}, (rises) => {
    const named = Object.entries(faultKeys).flatMap(([key, fault]) => {
      const own = rises[key as keyof typeof faultKeys]
      return own === undefined ? [] : [[fault, own] as const]
    })
    return named.length === 0 ? undefined : Object.fromEntries(named)
  })
  const floors: InputFloors = {
    drift: drift?.floor ?? usualFloors.drift,
    driftOf,
    rise: quality?.rise ?? usualFloors.rise,
    riseOf,
    fall: volume?.fall ?? usualFloors.fall,
  }
  const isUsual = JSON.stringify(floors) === JSON.stringify(usualFloors)
  return isUsual ? {} : { floors }
}

/** What is said of columns, without those of which nothing is. Null prototype: columns may have any name. */
function byColumn<Input, Output>(
  columns: Readonly<Record<string, Input>>,
  resolve: (input: Input) => Output | undefined,
): Record<string, Output> {
  const resolved: Record<string, Output> = Object.create(null)
  for (const [name, input] of Object.entries(columns)) {
    const output = resolve(input)
    if (output !== undefined) resolved[name] = output
  }
  return resolved
}

/** The method that is Leeway's own. */
export const OWN_METHOD = 'leeway'

/** Floors alone make no preset of anything. */
function namesMethods({ method, columns }: NonNullable<ModelInput['drift']>): boolean {
  return method !== undefined || Object.values(columns).some((choice) => choice.method !== undefined)
}

function presetSettings({ method, threshold, columns }: NonNullable<ModelInput['drift']>): PresetSettings {
  return {
    all: method === undefined ? null : presetChoice({ method, threshold }),
    // A column with a floor alone is judged by the method of all.
    columns: byColumn(columns, (choice) =>
      choice.method === undefined ? undefined : presetChoice({ ...choice, method: choice.method }),
    ),
  }
}

function presetChoice({ method, threshold = null }: { method: string; threshold?: number | null | undefined }) {
  return method === OWN_METHOD ? null : { preset: presetNamed(method), threshold }
}

function windowSpec({ size, slide }: ModelInput['windows'][number]): WindowSpec {
  return { name: formatDuration(size), sizeMs: size, slideMs: slide }
}

function resolveReference(
  input: ModelInput['reference'],
  { absolute, sourceMapping }: ModelContext,
): ReferenceSettings {
  if ('first' in input) return { from: 'stream', firstMs: input.first }
  if ('profile' in input) return { from: 'profile', profile: absolute(input.profile) }
  const events = input.events === undefined ? sourceMapping : resolveMapping(input.events)
  if (events === undefined)
    throw new TypeError(`the reference ${input.file} has no mapping: the checks should have said so`)
  return { from: 'file', file: absolute(input.file), events }
}
