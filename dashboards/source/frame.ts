// What all dashboards have in common: variables, annotations, links to one another and to the UI, rows on Grafana's grid.

import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import type {
  AnnotationQuery,
  Dashboard,
  Panel,
  RowPanel,
  VariableModel,
} from '@grafana/grafana-foundation-sdk/dashboard'
import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus'
import type { PlacedPanel } from './panel.ts'
import { datasource } from './panel.ts'

export interface Row {
  readonly title: string
  /** Of its panels, in units of Grafana's grid (30 pixels). */
  readonly height: number
  /** Folded until somebody opens it. */
  readonly isFolded?: boolean
  readonly panels: readonly PlacedPanel[]
}

export interface Frame {
  readonly uid: string
  readonly title: string
  readonly description: string
  readonly variables: ReadonlyArray<Builder<VariableModel>>
  readonly annotations: ReadonlyArray<Builder<AnnotationQuery>>
  /** The page of the UI that shows the same, under `/ui/`. */
  readonly page: string
  readonly rows: readonly Row[]
}

export function dashboard({ uid, title, description, variables, annotations, page, rows }: Frame): Dashboard {
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(['leeway'])
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .refresh('30s')
    .time({ from: 'now-24h', to: 'now' })
    .timezone('browser')
    .version(1)
    .variables([dataSource(), ...variables])
    .annotations([...annotations])
    .link(
      new DashboardLinkBuilder('Dashboards')
        .type(DashboardLinkType.Dashboards)
        .tags(['leeway'])
        .asDropdown(true)
        .includeVars(true)
        .keepTime(true),
    )
    .link(
      new DashboardLinkBuilder('Open in Leeway')
        .type(DashboardLinkType.Link)
        .icon('external link')
        .tooltip('The same in the UI of Leeway: evidence in words, and what to do')
        .url(`\${ui}/ui/${page}`)
        .targetBlank(true),
    )
  place(rows, builder)
  return builder.build()
}

/** Panels from left to right and from top to bottom, numbered in this order. */
function place(rows: readonly Row[], builder: DashboardBuilder): void {
  let id = 0
  let y = 0
  for (const { title, height, isFolded = false, panels } of rows) {
    const row = new RowBuilder(title).id(++id).gridPos({ x: 0, y: y++, w: 24, h: 1 }).collapsed(isFolded)
    const top = y
    let x = 0
    for (const { panel, width } of panels) {
      if (x + width > 24) {
        x = 0
        y += height
      }
      panel.id = ++id
      panel.gridPos = { x, y, w: width, h: height }
      x += width
      if (isFolded) row.withPanel(built(panel))
    }
    builder.withRow(built(row.build()))
    if (isFolded) y = top
    else {
      for (const { panel } of panels) builder.withPanel(built(panel))
      y += height
    }
  }
}

function built<T extends Panel | RowPanel>(panel: T): Builder<T> {
  return { build: () => panel }
}

function dataSource(): Builder<VariableModel> {
  return new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus')
}

interface VariableOptions {
  readonly label: string
  /** What the values are read from: a selector, and the label. */
  readonly from: readonly [selector: string, label: string]
  /** Several may be chosen, and all are to begin with. */
  readonly isMany: boolean
  /** Series without the label are among all. */
  readonly mayLack?: boolean
  readonly description?: string
}

function variable(
  name: string,
  { label, from, isMany, mayLack = false, description = '' }: VariableOptions,
): Builder<VariableModel> {
  const definition = `label_values(${from.join(', ')})`
  const builder = new QueryVariableBuilder(name)
    .label(label)
    .description(description)
    .datasource(datasource)
    .query(definition)
    .definition(definition)
    // The models, versions and features of the time that is looked at.
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.NaturalAsc)
  if (!isMany) return builder
  return builder
    .multi(true)
    .includeAll(true)
    .allValue(mayLack ? '.*' : '.+')
    .current({ text: 'All', value: '$__all' })
}

const daemons = 'job=~"$job", instance=~"$instance"'

/** Which daemons, and where their UI is. */
export function daemonVariables(): Array<Builder<VariableModel>> {
  return [
    variable('job', { label: 'Job', from: ['leeway_build_info', 'job'], isMany: true }),
    variable('instance', { label: 'Instance', from: ['leeway_build_info{job=~"$job"}', 'instance'], isMany: true }),
    variable('ui', {
      label: 'UI',
      from: [`leeway_ui_info{${daemons}}`, 'url'],
      isMany: false,
      description:
        'Where links into the UI of Leeway lead: the daemon says it (LEEWAY_PUBLIC_URL). Another can be typed.',
    }),
  ]
}

export function modelVariable(isMany: boolean): Builder<VariableModel> {
  return variable('model', { label: 'Model', from: [`leeway_model_info{${daemons}}`, 'model'], isMany })
}

export function windowVariable(isMany: boolean): Builder<VariableModel> {
  const models = isMany ? 'model=~"$model"' : 'model="$model"'
  return variable('window', {
    label: 'Window',
    from: [`leeway_window_samples{${daemons}, ${models}}`, 'window'],
    isMany,
  })
}

/** Of the one model that is chosen. */
export function ofModel(name: 'version' | 'metric' | 'feature' | 'segment'): Builder<VariableModel> {
  const { label, metric } = {
    version: { label: 'Version', metric: 'leeway_window_samples' },
    metric: { label: 'Metric', metric: 'leeway_performance_reference' },
    feature: { label: 'Feature', metric: 'leeway_feature_drift_status' },
    segment: { label: 'Segment', metric: 'leeway_segment_samples' },
  }[name]
  // Events without a version give series without one.
  const isVersion = name === 'version'
  const from = [`${metric}{${daemons}, model="$model"}`, name] as const
  return variable(name, { label, from, isMany: isVersion || name === 'segment', mayLack: isVersion })
}

/** What is marked on the axis of time. The queries need no token: Prometheus knows all of it. */
export function annotation(
  name: string,
  options: {
    readonly color: string
    readonly expr: string
    readonly title: string
    readonly text: string
    readonly isTime?: boolean
  },
): Builder<AnnotationQuery> {
  const { color, expr, title, text, isTime = false } = options
  return new AnnotationQueryBuilder()
    .name(name)
    .datasource(datasource)
    .enable(true)
    .iconColor(color)
    .target(new DataqueryBuilder().refId('Anno').expr(expr).range())
    .titleFormat(title)
    .textFormat(text)
    .useValueForTime(isTime)
}
