// References that a running daemon has made of production: shown, promoted, taken back, written as profiles.

import { writeFileSync } from 'node:fs'
import Table from 'cli-table3'
import type { Command } from 'commander'
import { safeLine } from '../delivery/text-safety.ts'
import type { ReferencesView } from '../http/reference-routes.ts'
import type { ApiOptions } from './api-client.ts'
import { apiClient, withApi } from './api-client.ts'
import { printLine, printText } from './options.ts'
import { plainTable } from './plain-table.ts'

interface Options extends ApiOptions {
  readonly json?: true
  readonly version?: string
  readonly note?: string
  readonly id?: string
  readonly from?: string
  readonly to?: string
  readonly output?: string
}

export function registerMade(reference: Command): void {
  withApi(reference.command('list'))
    .description('what a running daemon compares each model version with, and what was made of production')
    .option('--json', 'print one line of JSON')
    .addHelpText('after', '\nExample:\n  leeway reference list')
    .action(list)
  withApi(reference.command('promote <model>'))
    .description('give a model version a reference of its own, made of its production')
    .option('--version <version>', 'as events name it (default: where they name none)')
    .option('--from <time>', 'rows from then on count (default: all that are kept)')
    .option('--to <time>', 'rows before count')
    .option('--note <text>', 'why, for the audit')
    .addHelpText('after', '\nExample:\n  leeway reference promote credit-risk --version 8 --note "retrained"')
    .action((model: string, { version = '', from, to, note = '', ...options }: Options) =>
      act(options, 'promote', { model, version, note, ...(from && { from }), ...(to && { to }) }),
    )
  withApi(reference.command('revert <model>'))
    .description('take the newest reference that was made of production out of force: the one before is back')
    .requiredOption('--id <id>', 'which one is meant, as leeway reference list names it')
    .option('--version <version>', 'the own one of this version (default: that of all others)')
    .option('--note <text>', 'why, for the audit')
    .addHelpText('after', '\nExample:\n  leeway reference revert credit-risk --id 3f2a9c01d4e5b6a7 --note "a bug"')
    .action((model: string, { version, id, note = '', ...options }: Options) =>
      act(options, 'revert', { model, version: version ?? null, id, note }),
    )
  withApi(reference.command('profile <id>'))
    .description('write a reference that was made of production as a profile, for reference: {profile: …}')
    .requiredOption('-o, --output <file>', 'where to write the profile')
    .addHelpText('after', '\nExample:\n  leeway reference profile 3f2a9c01d4e5b6a7 -o credit-risk.json')
    .action(async (id: string, { output, ...options }: Options) => {
      const found = await apiClient(options).get(`/api/v1/references/${encodeURIComponent(id)}`)
      writeFileSync(output as string, JSON.stringify(found))
      printText(`${output}: reference ${safeLine(id)}\n`)
    })
}

async function act(options: ApiOptions, deed: 'promote' | 'revert', body: object): Promise<void> {
  const { detail } = (await apiClient(options).post(`/api/v1/references/${deed}`, body)) as { detail: string }
  printText(`${detail.replaceAll('; ', ';\n  ')}\n`)
}

async function list({ json, ...options }: Options): Promise<void> {
  const view = (await apiClient(options).get('/api/v1/references')) as ReferencesView
  if (json) return printLine({ type: 'references', ...view })
  const now = new Table({ head: ['model', 'version', 'compared with', 'whose', 'rows', 'from', 'to'], ...plainTable })
  for (const { name, versions } of view.models) {
    for (const { version, of, reference } of versions)
      now.push([name, version, reference.id, of, reference.rows, reference.from, reference.to])
  }
  const made = new Table({ head: ['id', 'model', 'version', 'what', 'by', 'at', 'rows', 'ended'], ...plainTable })
  for (const { id, model, version, kind, by, at, rows, ended } of view.history)
    made.push([id, model, version ?? '', kind, by, at, rows, ended === null ? '' : `${ended.at} by ${ended.by}`])
  printText(`${now.toString()}\n\nMade of production:\n${made.toString()}\n`)
}
