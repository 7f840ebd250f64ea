// What a daemon says of its incidents, and what people do about them.

import Table from 'cli-table3'
import type { Command } from 'commander'
import type { ApiOptions } from './api-client.ts'
import { apiClient, withApi } from './api-client.ts'
import { registerAccept } from './incident-accept.ts'
import { printLine, printText } from './options.ts'
import { plainTable } from './plain-table.ts'

/** As the API shows it. */
interface Incident {
  readonly id: string
  readonly model: string
  readonly version: string
  readonly kind: string
  readonly severity: string
  readonly state: string
  readonly since: string
}

interface ListOptions extends ApiOptions {
  readonly model?: string
  readonly kind?: string
  readonly state?: string
  readonly limit?: string
  readonly json?: true
}

export function register(program: Command): void {
  const incidents = program
    .command('incidents')
    .description('the incidents of a running daemon, and what people do about them')
    .addHelpText('after', '\nExamples:\n  leeway incidents list --state firing')
  withApi(incidents.command('list'))
    .description('print incidents, newest first')
    .option('--model <name>', 'only this model')
    .option('--kind <kind>', 'drift, performance, estimated, quality or volume')
    .option('--state <state>', 'pending, firing or resolved')
    .option('--limit <count>', 'how many at most (default: 100)')
    .option('--json', 'print one line of JSON for each')
    .action(list)
  registerAccept(incidents)
}

async function list({ json, model, kind, state, limit, ...options }: ListOptions): Promise<void> {
  const found = (await apiClient(options).get('/api/v1/incidents', { model, kind, state, limit })) as {
    readonly incidents: readonly Incident[]
  }
  if (json) for (const incident of found.incidents) printLine({ type: 'incident', ...incident })
  else printText(`${tableOf(found.incidents)}\n`)
}

function tableOf(incidents: readonly Incident[]): string {
  const table = new Table({ head: ['id', 'model', 'version', 'kind', 'severity', 'state', 'since'], ...plainTable })
  for (const { id, model, version, kind, severity, state, since } of incidents)
    table.push([id, model, version, kind, severity, state, since])
  return table.toString()
}
