// The files that Prometheus and promtool read.

import { stringify } from 'yaml'
import type { Alert, Group } from './rule.ts'

/** Before the anchor of a runbook: `leeway dashboards export --docs` puts another address there. */
const RUNBOOKS = 'docs/operations.md'

function yamlText(comment: string, value: object): string {
  return `${comment.replace(/^/gm, '# ')}\n${stringify(value, { lineWidth: 0 })}`
}

/** @param comment what stands on top of the file */
export function rulesText(groups: readonly Group[], comment: string): string {
  return yamlText(comment, {
    groups: groups.map(({ name, recordings = [], alerts }) => ({
      name,
      rules: [...recordings, ...alerts.map(ruleOf)],
    })),
  })
}

function ruleOf({ alert, expr, for: held, severity, summary, description, runbook }: Alert): object {
  return {
    alert,
    expr,
    ...(held !== undefined && { for: held }),
    labels: { severity },
    annotations: { summary, description, runbook_url: `${RUNBOOKS}#${runbook}` },
  }
}

/** @param files groups by the name of their file, beside this one. Tests for promtool: every alert fires where it should, says what it should, and does not fire where it should not. */
export function ruleTestsText(files: ReadonlyMap<string, readonly Group[]>, comment: string): string {
  return yamlText(comment, {
    rule_files: [...files.keys()],
    // There is a value a minute, and every fifth is looked at: hours are long.
    evaluation_interval: '5m',
    tests: [...files.values()].flat().flatMap(({ alerts }) => alerts.flatMap((alert) => [firing(alert), quiet(alert)])),
  })
}

function inputs(series: Alert['quiet']['series']): object[] {
  return Object.entries(series).map(([name, values]) => ({ series: name, values }))
}

function firing({ alert, severity, summary, description, runbook, fires }: Alert): object {
  const { series, at, labels, value } = fires
  const said = (template: string) => filledIn(template, labels, value)
  const expected = {
    exp_labels: { severity, ...labels },
    exp_annotations: {
      summary: said(summary),
      description: said(description),
      runbook_url: `${RUNBOOKS}#${runbook}`,
    },
  }
  return {
    name: `${alert} fires`,
    interval: '1m',
    input_series: inputs(series),
    alert_rule_test: [{ eval_time: at, alertname: alert, exp_alerts: [expected] }],
  }
}

function quiet({ alert, quiet: { series, at } }: Alert): object {
  return {
    name: `${alert} does not fire`,
    interval: '1m',
    input_series: inputs(series),
    alert_rule_test: [{ eval_time: at, alertname: alert, exp_alerts: [] }],
  }
}

/** @throws Error when the text asks for a label or a value that the case does not have */
function filledIn(template: string, labels: Readonly<Record<string, string>>, value: string | undefined): string {
  return template.replace(/\{\{ (.*?) \}\}/g, (_, code: string) => {
    const [, label] = /^\$labels\.(\w+)$/.exec(code) ?? []
    const text = label === undefined ? value : labels[label]
    if (text === undefined) throw new Error(`"${template}" asks for ${code}, which the case does not say`)
    return text
  })
}
