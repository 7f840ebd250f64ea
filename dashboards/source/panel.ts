// The kinds of panels, each with what it takes to say it here: title, description, unit, queries.

import { PanelBuilder as BarGauge } from '@grafana/grafana-foundation-sdk/bargauge'
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog'
import {
  BarGaugeDisplayMode,
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  ScaleDistribution,
  ScaleDistributionConfigBuilder,
  SortOrder,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import type {
  DashboardLink,
  DynamicConfigValue,
  Panel,
  Threshold,
  ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard'
import {
  DashboardLinkBuilder,
  FieldColorBuilder,
  FieldColorModeId,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder as Stat } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as StatusHistory } from '@grafana/grafana-foundation-sdk/statushistory'
import { PanelBuilder as Table } from '@grafana/grafana-foundation-sdk/table'
import { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries'
import { alarm, muted, overThreshold, plain, reference } from './look.ts'

/** A variable of Grafana as it stands in a query or an address. */
const variable = (name: string, format?: string) => `\${${format === undefined ? name : `${name}:${format}`}}`

/** The value of a variable, as a part of an address. */
export const inAddress = (name: string) => variable(name, 'percentencode')

export const datasource = { type: 'prometheus', uid: variable('datasource') }

export interface Target {
  readonly expr: string
  readonly legend?: string
  /** What the line is: where the value may alarm, what it was in the reference, of the whole among its parts, the ends of its interval. */
  readonly as?: 'threshold' | 'reference' | 'whole' | 'low' | 'high'
}

interface Common {
  readonly title: string
  readonly description: string
  /** Of Grafana's names of units. */
  readonly unit: string
  /** Of 24. */
  readonly width: number
  readonly targets: readonly Target[]
  readonly links?: ReadonlyArray<Builder<DashboardLink>>
}

/** A panel, but for its place. */
export interface PlacedPanel {
  readonly panel: Panel
  readonly width: number
}

const refIdOf = (i: number) => String.fromCharCode(65 + i)

function queries(targets: readonly Target[], kind: 'instant' | 'range' | 'table'): Array<Builder<Dataquery>> {
  return targets.map(({ expr, legend = '' }, i) => {
    const query = new DataqueryBuilder().refId(refIdOf(i)).datasource(datasource).expr(expr).legendFormat(legend)
    if (kind === 'table') return query.instant().format(PromQueryFormat.Table)
    return kind === 'instant' ? query.instant() : query.range()
  })
}

function thresholds(list: readonly Threshold[]): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([...list])
}

const byThreshold = () => new FieldColorBuilder().mode(FieldColorModeId.Thresholds)

export interface NumberOptions extends Common {
  readonly colours?: readonly Threshold[]
  readonly words?: ValueMapping[]
  readonly decimals?: number
  /** The name of the series is what is shown. */
  readonly isName?: boolean
}

/** One number, or one word. */
export function number(options: NumberOptions): PlacedPanel {
  const {
    title,
    description,
    unit,
    targets,
    width,
    colours = plain,
    words,
    decimals,
    isName = false,
    links = [],
  } = options
  const stat = new Stat()
    .title(title)
    .description(description)
    .unit(unit)
    .datasource(datasource)
    .targets(queries(targets, 'instant'))
    .thresholds(thresholds(colours))
    .colorScheme(byThreshold())
    .colorMode(BigValueColorMode.Value)
    .graphMode(BigValueGraphMode.None)
    .textMode(isName ? BigValueTextMode.Name : BigValueTextMode.Auto)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .noValue('–')
  if (words !== undefined) stat.mappings(words)
  if (decimals !== undefined) stat.decimals(decimals)
  if (links.length > 0) stat.dataLinks([...links])
  return { panel: stat.build(), width }
}

export interface LinesOptions extends Common {
  readonly min?: number
  readonly max?: number
  readonly isLogarithmic?: boolean
  /** Up to here on an even scale, beyond it by powers of ten: what is just over its threshold shows beside what is far over it. */
  readonly evenTo?: number
  /** The axis reaches at least as far, so that nothing at all does not look like much. */
  readonly atLeastTo?: number
  /** A line at this value: beyond it there may be an alarm. */
  readonly limit?: number
}

/** Values over time. Where there is nothing, there is a gap. */
export function lines(options: LinesOptions): PlacedPanel {
  const { title, description, unit, targets, width, min, max, isLogarithmic = false, limit, links = [] } = options
  const { evenTo, atLeastTo } = options
  const panel = new TimeSeries()
    .title(title)
    .description(description)
    .unit(unit)
    .datasource(datasource)
    .targets(queries(targets, 'range'))
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassicByName))
    .lineWidth(1)
    .fillOpacity(0)
    .showPoints(VisibilityMode.Auto)
    .pointSize(3)
    .spanNulls(false)
    .legend(legend())
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .thresholds(
      thresholds(
        limit === undefined
          ? plain
          : [
              { value: null, color: muted },
              { value: limit, color: alarm },
            ],
      ),
    )
  if (limit !== undefined)
    panel.thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed))
  if (min !== undefined) panel.min(min)
  if (max !== undefined) panel.max(max)
  if (isLogarithmic) panel.scaleDistribution(new ScaleDistributionConfigBuilder().type(ScaleDistribution.Log).log(10))
  if (evenTo !== undefined)
    panel.scaleDistribution(
      new ScaleDistributionConfigBuilder().type(ScaleDistribution.Symlog).log(10).linearThreshold(evenTo),
    )
  if (atLeastTo !== undefined) panel.axisSoftMax(atLeastTo)
  if (links.length > 0) panel.dataLinks([...links])
  for (const [i, { as }] of targets.entries()) if (as !== undefined) panel.overrideByQuery(refIdOf(i), drawn[as])
  return { panel: panel.build(), width }
}

const fixed = (color: string): DynamicConfigValue => ({ id: 'color', value: { mode: 'fixed', fixedColor: color } })
const dashed: DynamicConfigValue = { id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 6] } }
const thin: DynamicConfigValue[] = [
  { id: 'custom.lineWidth', value: 0 },
  { id: 'custom.showPoints', value: 'never' },
  { id: 'custom.hideFrom', value: { legend: true, tooltip: false, viz: false } },
]
const drawn: Readonly<Record<NonNullable<Target['as']>, DynamicConfigValue[]>> = {
  threshold: [fixed(alarm), dashed, { id: 'custom.showPoints', value: 'never' }],
  reference: [fixed(reference), dashed, { id: 'custom.showPoints', value: 'never' }],
  whole: [fixed(reference), { id: 'custom.lineWidth', value: 3 }],
  low: [fixed(muted), ...thin],
  high: [fixed(muted), ...thin, { id: 'custom.fillBelowTo', value: 'low' }, { id: 'custom.fillOpacity', value: 25 }],
}

function legend(): VizLegendOptionsBuilder {
  return new VizLegendOptionsBuilder()
    .displayMode(LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom)
    .showLegend(true)
}

/** Rows by time, one cell a look: what is shown is a status in words. */
export function cells(options: Common & { readonly words: ValueMapping[] }): PlacedPanel {
  const { title, description, unit, targets, width, words, links = [] } = options
  const panel = new StatusHistory()
    .title(title)
    .description(description)
    .unit(unit)
    .datasource(datasource)
    .targets(queries(targets, 'range'))
    .mappings(words)
    .thresholds(thresholds(plain))
    .colorScheme(byThreshold())
    .fillOpacity(85)
    .showValue(VisibilityMode.Never)
    .legend(legend())
    // More cells than this cannot be told from one another.
    .maxDataPoints(96)
  if (links.length > 0) panel.dataLinks([...links])
  return { panel: panel.build(), width }
}

/** A few values side by side, the largest first. */
export function bars(options: Common & { readonly colours?: readonly Threshold[] }): PlacedPanel {
  const { title, description, unit, targets, width, colours = overThreshold, links = [] } = options
  const panel = new BarGauge()
    .title(title)
    .description(description)
    .unit(unit)
    .datasource(datasource)
    .targets(queries(targets, 'instant'))
    .min(0)
    .thresholds(thresholds(colours))
    .colorScheme(byThreshold())
    .orientation(VizOrientation.Horizontal)
    .displayMode(BarGaugeDisplayMode.Basic)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
  if (links.length > 0) panel.dataLinks([...links])
  return { panel: panel.build(), width }
}

export interface Column extends Target {
  readonly name: string
  readonly unit: string
  readonly colours?: readonly Threshold[]
  readonly words?: ValueMapping[]
  readonly decimals?: number
}

/** One row for each set of `labels`; one column for each query, of which all have exactly these labels. */
export function table(options: {
  readonly title: string
  readonly description: string
  readonly width: number
  readonly labels: ReadonlyArray<readonly [label: string, heading: string]>
  readonly columns: readonly Column[]
  /** Of the first label's cells. */
  readonly links: ReadonlyArray<Builder<DashboardLink>>
  readonly sortBy: string
}): PlacedPanel {
  const { title, description, width, labels, columns, links } = options
  const value = (i: number) => `Value #${refIdOf(i)}`
  const panel = new Table()
    .title(title)
    .description(description)
    .datasource(datasource)
    .unit('none')
    .targets(queries(columns, 'table'))
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true },
        indexByName: Object.fromEntries(
          [...labels.map(([label]) => label), ...columns.map((_, i) => value(i))].map((name, i) => [name, i]),
        ),
        renameByName: Object.fromEntries([...labels, ...columns.map(({ name }, i) => [value(i), name] as const)]),
      },
    })
    .withTransformation({ id: 'sortBy', options: { sort: [{ field: options.sortBy, desc: true }] } })
    .noValue('–')
  const [first] = labels
  if (first !== undefined) panel.overrideByName(first[1], [{ id: 'links', value: links.map((link) => link.build()) }])
  // The column is called what the variable says; the override is not, and asks for the field.
  for (const [i, { name, unit, colours, words, decimals }] of columns.entries())
    panel.overrideByName(name.includes('$') ? value(i) : name, [
      { id: 'unit', value: unit },
      ...(decimals === undefined ? [] : [{ id: 'decimals', value: decimals }]),
      ...(words === undefined ? [] : [{ id: 'mappings', value: words }]),
      ...(colours === undefined ? [] : [{ id: 'thresholds', value: { mode: 'absolute', steps: colours } }]),
      ...(words === undefined && colours === undefined
        ? []
        : [{ id: 'custom.cellOptions', value: { type: 'color-text' } }]),
    ])
  return { panel: panel.build(), width }
}

/** A link of a value to a page of the UI. @param path with variables of Grafana, each written for an address */
export function toUi(title: string, path: string): Builder<DashboardLink> {
  return new DashboardLinkBuilder(title).url(`${variable('ui')}/ui/${path}`).targetBlank(true)
}

/** A link of a value to another dashboard, which shows the same time. @param variables of that one */
export function toDashboard(
  title: string,
  uid: string,
  variables: Readonly<Record<string, string>>,
): Builder<DashboardLink> {
  const chosen = [
    ...['datasource', 'job', 'instance'].map((name) => variable(name, 'queryparam')),
    variable('__url_time_range'),
  ]
  return new DashboardLinkBuilder(title).url(
    `/d/${uid}?${[...chosen, ...Object.entries(variables).map(([name, value]) => `var-${name}=${value}`)].join('&')}`,
  )
}
