// The Grafana dashboard of one model, as classic JSON.

import type { Panel } from './dashboard-rows.ts'
import { plain, rows } from './dashboard-rows.ts'

const datasource = { type: 'prometheus', uid: '$' + '{datasource}' }

/** The dashboard as Grafana reads it. */
export function modelOverview(): object {
  return {
    uid: 'leeway-model-overview',
    title: 'Leeway: model overview',
    description: 'Is the model all right? What moved, since when, and how is the daemon that says so.',
    tags: ['leeway'],
    schemaVersion: 42,
    version: 1,
    editable: false,
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-24h', to: 'now' },
    timezone: 'browser',
    annotations: { list: [] },
    links: [],
    templating: { list: variables() },
    panels: panels(),
  }
}

function variables(): object[] {
  const labels = (name: string, query: string, label: string) => ({
    type: 'query',
    name,
    label,
    datasource,
    query: { query, refId: name },
    definition: query,
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    allValue: '.*',
    current: { text: 'All', value: '$__all' },
  })
  return [
    { type: 'datasource', name: 'datasource', label: 'Data source', query: 'prometheus', refresh: 1, current: {} },
    labels('job', 'label_values(leeway_build_info, job)', 'Job'),
    labels('instance', 'label_values(leeway_build_info{job=~"$job"}, instance)', 'Instance'),
    labels('model', 'label_values(leeway_model_info{job=~"$job", instance=~"$instance"}, model)', 'Model'),
    labels('version', 'label_values(leeway_window_samples{model=~"$model"}, version)', 'Version'),
    labels('window', 'label_values(leeway_window_samples{model=~"$model"}, window)', 'Window'),
  ]
}

function panels(): object[] {
  const all: object[] = []
  let y = 0
  for (const row of rows) {
    all.push({
      id: all.length + 1,
      type: 'row',
      title: row.title,
      collapsed: false,
      gridPos: { x: 0, y, w: 24, h: 1 },
      panels: [],
    })
    y++
    let x = 0
    for (const panel of row.panels) {
      if (x + panel.width > 24) {
        x = 0
        y += row.height
      }
      all.push(panelJson(panel, all.length + 1, { x, y, w: panel.width, h: row.height }))
      x += panel.width
    }
    y += row.height
  }
  return all
}

function panelJson(
  { type, title, description, unit, targets, steps = plain, min, max }: Panel,
  id: number,
  gridPos: object,
): object {
  return {
    id,
    type,
    title,
    description,
    datasource,
    gridPos,
    targets: targets.map(({ expr, legend = '' }, i) => ({
      refId: String.fromCharCode(65 + i),
      datasource,
      expr,
      legendFormat: legend,
      instant: type === 'stat' || type === 'bargauge',
      range: type !== 'stat' && type !== 'bargauge',
    })),
    fieldConfig: {
      defaults: {
        unit,
        ...(min !== undefined && { min }),
        ...(max !== undefined && { max }),
        color: { mode: type === 'timeseries' ? 'palette-classic' : 'thresholds' },
        thresholds: { mode: 'absolute', steps },
      },
      overrides: [],
    },
    options:
      type === 'timeseries' ? { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi' } } : {},
  }
}
