// Everything in dashboards/ and docs/ that is made here, by path from the root of the repository.

import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { metricDefinitions } from '../../src/telemetry/instruments.ts'
import { daemonDashboard } from './daemon.ts'
import { featureDashboard } from './feature.ts'
import { fleet } from './fleet.ts'
import { metricsReference } from './metrics-reference.ts'
import { modelDashboard } from './model.ts'

/** By the name of its file. */
export function dashboards(): ReadonlyMap<string, Dashboard> {
  return new Map([
    ['fleet', fleet()],
    ['model', modelDashboard()],
    ['feature', featureDashboard()],
    ['daemon', daemonDashboard()],
  ])
}

export function generatedFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  const pages = dashboards()
  for (const [name, dashboard] of pages) files.set(`dashboards/${name}.json`, jsonText(dashboard))
  files.set('docs/metrics.md', metricsReference(metricDefinitions(), pages))
  return files
}

function jsonText(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
