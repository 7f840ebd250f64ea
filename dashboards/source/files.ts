// Everything in dashboards/ and docs/ that is made here, by path from the root of the repository.

import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { metricDefinitions } from '../../src/telemetry/instruments.ts'
import { alertsReference } from './alerts-reference.ts'
import { daemonDashboard } from './daemon.ts'
import { daemonRules } from './daemon-rules.ts'
import { featureDashboard } from './feature.ts'
import { fleet } from './fleet.ts'
import { metricsReference } from './metrics-reference.ts'
import { modelDashboard } from './model.ts'
import { modelRules } from './model-rules.ts'
import { dataSourcesText, providersText } from './provisioning.ts'
import type { Group } from './rule.ts'
import { rulesText, ruleTestsText } from './rule-files.ts'

/** By the name of its file. */
export function dashboards(): ReadonlyMap<string, Dashboard> {
  return new Map([
    ['fleet', fleet()],
    ['model', modelDashboard()],
    ['feature', featureDashboard()],
    ['daemon', daemonDashboard()],
  ])
}

interface RuleFile {
  readonly groups: readonly Group[]
  /** What stands on top of it. */
  readonly comment: string
}

export const ruleFiles: ReadonlyMap<string, RuleFile> = new Map([
  [
    'leeway.rules.yml',
    {
      groups: daemonRules,
      comment: `Leeway itself: does it read, judge, tell, and has it room? For whoever is to hear of it when Leeway cannot tell.
The job is called leeway; what each alert means and what to do is in docs/operations.md.`,
    },
  ],
  [
    'leeway-models.rules.yml',
    {
      groups: modelRules,
      comment: `Models, for those who are told by Alertmanager. Leeway tells people by itself: load this file, or configure channels, not both
for the same people (docs/grafana.md). The recordings do no harm in either case.`,
    },
  ],
])
const aboutTests =
  'promtool test rules leeway.rules.test.yml: every alert fires where it should, and does not where it should not.'

export function generatedFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  const pages = dashboards()
  for (const [name, dashboard] of pages) files.set(`dashboards/${name}.json`, jsonText(dashboard))
  for (const [name, { groups, comment }] of ruleFiles)
    files.set(`dashboards/prometheus/${name}`, rulesText(groups, comment))
  const groupsOf = new Map([...ruleFiles].map(([name, { groups }]) => [name, groups]))
  files.set('dashboards/prometheus/leeway.rules.test.yml', ruleTestsText(groupsOf, aboutTests))
  files.set('dashboards/provisioning/datasources/leeway.yaml', dataSourcesText)
  files.set('dashboards/provisioning/dashboards/leeway.yaml', providersText)
  files.set('docs/alerts.md', alertsReference(groupsOf))
  files.set('docs/metrics.md', metricsReference(metricDefinitions(), pages))
  return files
}

function jsonText(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
