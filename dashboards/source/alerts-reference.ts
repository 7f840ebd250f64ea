// docs/alerts.md: every alert, and every recording.

import type { Alert, Group, Recording } from './rule.ts'

const head = `# Alerts

Rules for Prometheus in \`dashboards/prometheus\`, made by \`npm run dashboards\` with tests for \`promtool\`; \`leeway dashboards export DIR\` writes them. They expect the job to be called \`leeway\`. How they are loaded, and who is told by whom: [Grafana and Prometheus](grafana.md#alerts).
`

/** @param files groups by the name of their file */
export function alertsReference(files: ReadonlyMap<string, readonly Group[]>): string {
  const sections = [...files].map(([file, groups]) => {
    const alerts = groups.flatMap((group) => group.alerts)
    const recordings = groups.flatMap((group) => group.recordings ?? [])
    return `\n## ${file}\n${alertTable(alerts)}\n${recordingTable(recordings)}`
  })
  return head + sections.join('')
}

function alertTable(alerts: readonly Alert[]): string {
  const rows = alerts.map(({ alert, severity, for: held = '0m', summary, description, runbook }) => {
    const said = `${inWords(summary)}. ${inWords(description)}`
    return `| [${alert}](operations.md#${runbook}) | ${severity} | ${held} | ${said} |\n`
  })
  return `| alert, and what to do | severity | after | what it says |\n|---|---|---|---|\n${rows.join('')}`
}

function recordingTable(recordings: readonly Recording[]): string {
  const rows = recordings.map(({ record, expr }) => `| \`${record}\` | \`${expr.replace(/\s+/g, ' ')}\` |\n`)
  return `| recorded | as |\n|---|---|\n${rows.join('')}`
}

/** `{{ $labels.model }}` as *model*, and a value as *value*. */
function inWords(template: string): string {
  return template.replace(
    /\{\{ (.*?) \}\}/g,
    (_, code: string) => `*${/^\$labels\.(\w+)$/.exec(code)?.[1] ?? 'value'}*`,
  )
}
