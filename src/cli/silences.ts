// Silences of a running daemon: for a while nobody is told of incidents of some kind.

import Table from 'cli-table3'
import type { Command } from 'commander'
import type { Matchers } from '../handling/silence.ts'
import { matcherNames } from '../handling/silence.ts'
import type { ApiOptions } from './api-client.ts'
import { apiClient, withApi } from './api-client.ts'
import { timeOf } from './incidents.ts'
import { printLine, printText } from './options.ts'
import { plainTable } from './plain-table.ts'

interface Silence {
  readonly id: string
  readonly phase: string
  readonly matchers: Readonly<Record<string, string>>
  readonly start: string
  readonly end: string
  readonly author: string
  readonly reason: string
}

interface Options extends ApiOptions {
  readonly json?: true
}

interface ListOptions extends Options {
  readonly phase?: string
}

type AddOptions = Options &
  Partial<Record<Exclude<keyof Matchers, 'version'> | 'modelVersion', string>> & {
    readonly for?: string
    readonly until?: string
    readonly from?: string
    readonly reason: string
  }

export function register(program: Command): void {
  const silences = program
    .command('silences')
    .description('silences of a running daemon: for a while nobody is told of incidents of some kind')
    .addHelpText(
      'after',
      '\nExamples:\n  leeway silences list\n  leeway silences add --model credit-risk --for 4h --reason campaign',
    )
  withApi(silences.command('list'))
    .description('print silences that have not ended, or within 30 days')
    .option('--phase <phase>', 'only those that are waiting, active or ended')
    .option('--json', 'print one line of JSON for each')
    .addHelpText('after', '\nExample:\n  leeway silences list --phase active')
    .action(list)
  withApi(silences.command('add'))
    .description('add a silence; in a name * stands for any letters, and ? for one')
    .option('--model <name>', 'of this model')
    .option('--model-version <version>', 'of this version of it')
    .option('--kind <kind>', 'of this kind: drift, performance, quality, …')
    .option('--severity <severity>', 'of this severity: warning, alarm or critical')
    .option('--feature <name>', 'all of whose features match')
    .option('--for <duration>', 'how long, such as 4h')
    .option('--until <time>', 'until when')
    .option('--from <time>', 'from when on (default: now)')
    .requiredOption('--reason <text>', 'why')
    .option('--json', 'print one line of JSON')
    .addHelpText(
      'after',
      '\nExample:\n  leeway silences add --model "credit-*" --kind drift --for 4h \\\n    --reason "a campaign brings other people"',
    )
    .action(add)
  withApi(silences.command('end'))
    .argument('<id>', 'id of the silence: leeway silences list shows it')
    .description('end a silence before its time; what it kept back and still fires is told')
    .option('--json', 'print one line of JSON')
    .addHelpText('after', '\nExample:\n  leeway silences end s41c9d330')
    .action(end)
}

async function list({ json, phase, ...options }: ListOptions): Promise<void> {
  const { silences } = (await apiClient(options).get('/api/v1/silences', { phase })) as {
    readonly silences: readonly Silence[]
  }
  if (json) for (const silence of silences) printLine({ type: 'silence', ...silence })
  else printText(`${tableOf(silences)}\n`)
}

function tableOf(silences: readonly Silence[]): string {
  const table = new Table({ head: ['id', 'phase', 'of', 'from', 'until', 'by', 'reason'], ...plainTable })
  for (const { id, phase, matchers, start, end: until, author, reason } of silences)
    table.push([id, phase, inWords(matchers), start, until, author, reason.replaceAll('\n', ' ')])
  return table.toString()
}

function inWords(matchers: Silence['matchers']): string {
  return Object.entries(matchers)
    .map(([name, pattern]) => `${name}=${pattern}`)
    .join(', ')
}

async function add({ json, for: duration, until, from, reason, ...rest }: AddOptions): Promise<void> {
  const start = from === undefined ? undefined : timeOf(from, '--from')
  const { address, tokenFile, ...given } = rest
  // `--version` is the program's own.
  const wanted = { ...given, version: given.modelVersion }
  const matchers = Object.fromEntries(matcherNames.flatMap((name) => (wanted[name] ? [[name, wanted[name]]] : [])))
  const body = {
    matchers,
    ...(start !== undefined && { start }),
    end: endOf({ duration, until, start }),
    reason,
  }
  const options = { ...(address !== undefined && { address }), ...(tokenFile !== undefined && { tokenFile }) }
  const done = (await apiClient(options).post('/api/v1/silences', body)) as { id: string; detail: string }
  if (json) printLine({ type: 'silence', ...done })
  else printText(`${done.detail}\n`)
}

/** `--for` counts from the start. */
function endOf(given: { duration: string | undefined; until: string | undefined; start: string | undefined }): string {
  const { duration, until, start } = given
  const [text, place] = duration === undefined ? [until, '--until'] : [duration, '--for']
  const end = timeOf(text ?? '', text === undefined ? '--for' : place)
  if (duration === undefined || start === undefined) return end
  return new Date(Date.parse(start) + Date.parse(end) - Date.now()).toISOString()
}

async function end(id: string, { json, ...options }: Options): Promise<void> {
  const path = `/api/v1/silences/${encodeURIComponent(id)}/end`
  const done = (await apiClient(options).post(path, {})) as { detail: string }
  if (json) printLine({ type: 'silence', id, ...done })
  else printText(`${done.detail}\n`)
}
