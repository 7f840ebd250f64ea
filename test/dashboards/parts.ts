// What a dashboard asks Prometheus for, and what Grafana makes of it.

import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard'
import { metricDefinitions } from '../../src/telemetry/instruments.ts'

export interface Query {
  /** Dashboard, and what it stands in. */
  readonly place: string
  readonly expr: string
  readonly legend: string
}

/** Panels that show something, those of folded rows as well. */
export function panelsOf({ panels = [] }: Dashboard): Panel[] {
  return panels.flatMap((panel) => ('collapsed' in panel ? panel.panels : [panel]))
}

interface PrometheusTarget {
  readonly refId: string
  readonly expr: string
  readonly legendFormat?: string
  readonly instant?: boolean
  readonly datasource?: object
}

export const targetsOf = ({ targets = [] }: Panel) => targets as unknown as PrometheusTarget[]

/** Of panels, annotations and variables. */
export function queriesOf(dashboard: Dashboard): Query[] {
  const { title = '', annotations, templating } = dashboard
  const ofPanels = panelsOf(dashboard).flatMap((panel) =>
    targetsOf(panel).map(({ refId, expr, legendFormat = '' }) => ({
      place: `${title} / ${panel.title} ${refId}`,
      expr,
      legend: legendFormat,
    })),
  )
  const ofAnnotations = (annotations.list ?? []).map(({ name, target, titleFormat = '', textFormat = '' }) => ({
    place: `${title} / mark ${name}`,
    expr: (target as unknown as PrometheusTarget).expr,
    legend: `${titleFormat} ${textFormat}`,
  }))
  const ofVariables = (templating.list ?? [])
    .filter(({ type }) => type === 'query')
    .map(({ name, definition = '' }) => {
      const [, selector = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(definition) ?? []
      return { place: `${title} / variable ${name}`, expr: `count by (${label}) (${selector})`, legend: `{{${label}}}` }
    })
  return [...ofPanels, ...ofAnnotations, ...ofVariables]
}

/** With the values of variables, as Grafana fills them in; for those that are not given, all: of versions also none. */
export function filled(expr: string, values: Readonly<Record<string, string>> = {}): string {
  return expr
    .replaceAll('$__rate_interval', values['__rate_interval'] ?? '1m')
    .replace(/(=~?)"\$(\w+)"/g, (_, _operator: string, name: string) => {
      const value = values[name]
      return value === undefined ? `=~"${name === 'version' ? '.*' : '.+'}"` : `="${value}"`
    })
}

const processLabels: Readonly<Record<string, readonly string[]>> = {
  up: [],
  process_start_time_seconds: [],
  process_cpu_seconds_total: [],
  nodejs_eventloop_lag_p99_seconds: [],
}

/** The labels of every series that may be asked for, by name. */
export function knownSeries(): ReadonlyMap<string, ReadonlySet<string>> {
  const scraped = ['job', 'instance']
  const known = new Map(
    Object.entries(processLabels).map(([name, labels]) => [name, new Set([...labels, ...scraped])] as const),
  )
  for (const { name, type, labels } of metricDefinitions()) {
    const names = type === 'histogram' ? [`${name}_sum`, `${name}_count`] : [name]
    for (const series of names) known.set(series, new Set([...labels, ...scraped]))
    if (type === 'histogram') known.set(`${name}_bucket`, new Set([...labels, ...scraped, 'le']))
  }
  return known
}

/** Metrics with the labels that are asked of them; those that rules record are left out. */
export function selectorsOf(expr: string): Array<{ metric: string; labels: string[] }> {
  const recorded = /\b\w+:\w+:\w+\b/g
  return [
    ...expr
      .replace(recorded, '')
      .matchAll(/\b([a-z]\w*)\{([^}]*)\}|\b(leeway_\w+|up|process_\w+|nodejs_\w+)\b(?![{(])/g),
  ].map(([, name, inside = '', bare]) => ({
    metric: name ?? bare ?? '',
    labels: [...inside.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label]) => label as string),
  }))
}
