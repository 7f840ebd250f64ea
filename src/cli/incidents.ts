// What a daemon says of its incidents, and what people do about them.

import Table from 'cli-table3'
import type { Command } from 'commander'
import { ConfigError } from '../config/config-error.ts'
import { formatInstant, parseDuration, parseInstant } from '../time.ts'
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
  readonly features: readonly string[]
}

interface Handling {
  readonly acknowledgedBy: string | null
  readonly assignee: string | null
  readonly snoozedUntil: string | null
}

interface Shown {
  readonly incident: Incident
  readonly handling: Handling
  readonly transitions: ReadonlyArray<{ readonly at: string; readonly change: string; readonly because: string }>
  readonly deeds: ReadonlyArray<{
    readonly at: string
    readonly kind: string
    readonly by: string
    readonly detail: string
  }>
  readonly comments: ReadonlyArray<{ readonly at: string; readonly by: string; readonly text: string }>
  readonly deliveries: ReadonlyArray<{
    readonly channel: string
    readonly state: string
    readonly detail: string
    readonly queuedAt: string
  }>
}

interface DeedOptions extends ApiOptions {
  readonly json?: true
}

interface ListOptions extends DeedOptions {
  readonly model?: string
  readonly kind?: string
  readonly state?: string
  readonly limit?: string
}

const idHelp = 'id of the incident: leeway incidents list shows it'

export function register(program: Command): void {
  const incidents = program
    .command('incidents')
    .description('the incidents of a running daemon, and what people do about them')
    .addHelpText(
      'after',
      '\nExamples:\n  leeway incidents list --state firing\n  leeway incidents ack a41c9d3300000001',
    )
  withApi(incidents.command('list'))
    .description('print incidents, newest first')
    .option('--model <name>', 'only this model')
    .option('--kind <kind>', 'drift, performance, estimated, quality, volume, …')
    .option('--state <state>', 'pending, firing, clearing or resolved')
    .option('--limit <count>', 'how many at most (default: 100)')
    .option('--json', 'print one line of JSON for each')
    .addHelpText('after', '\nExample:\n  leeway incidents list --state firing')
    .action(list)
  withApi(incidents.command('show'))
    .argument('<id>', idHelp)
    .description('print one incident: what happened, what people did, who was told')
    .option('--json', 'print one line of JSON')
    .addHelpText('after', '\nExample:\n  leeway incidents show a41c9d3300000001')
    .action(show)
  deed(incidents, 'ack', 'acknowledge', 'say that you look after it: no more reminders, and nobody else is called in')
  deed(incidents, 'unack', 'unacknowledge', 'say that nobody looks after it any more')
  deed(incidents, 'assign', 'assign', 'say whose it is', {
    argument: ['[name]', 'whose; left out: nobody any more'],
    example: 'anna',
    body: (name) => ({ to: name ?? null }),
  })
  deed(incidents, 'snooze', 'snooze', 'tell nobody of it for a while; then it is told again, if it still fires', {
    argument: ['<time>', 'for how long, such as 4h, or until when'],
    example: '4h',
    body: (until) => ({ until: timeOf(until as string, '<time>') }),
  })
  deed(incidents, 'comment', 'comments', 'add a comment', {
    argument: ['<text>', 'the comment'],
    example: '"the import was late"',
    body: (text) => ({ text }),
  })
  registerAccept(incidents)
}

interface More {
  readonly argument: readonly [name: string, description: string]
  readonly example: string
  body(value: string | undefined): object
}

function deed(incidents: Command, name: string, path: string, description: string, more?: More): void {
  const command = withApi(incidents.command(name)).argument('<id>', idHelp)
  if (more !== undefined) command.argument(...more.argument)
  const example = `leeway incidents ${name} a41c9d3300000001${more === undefined ? '' : ` ${more.example}`}`
  command
    .description(description)
    .option('--json', 'print one line of JSON')
    .addHelpText('after', `\nExample:\n  ${example}`)
    .action(async (id: string, ...rest: unknown[]) => {
      const value = more === undefined ? undefined : (rest[0] as string | undefined)
      const { json, ...options } = rest[more === undefined ? 0 : 1] as DeedOptions
      const body = more?.body(value) ?? {}
      const client = apiClient(options)
      const done = (await client.post(`/api/v1/incidents/${encodeURIComponent(id)}/${path}`, body)) as {
        detail: string
      }
      if (json) printLine({ type: 'deed', incident: id, deed: path, ...done })
      else printText(`${id}: ${done.detail}\n`)
    })
}

/** A duration from now on, or a time. @throws ConfigError */
export function timeOf(text: string, place: string): string {
  const duration = parseDuration(text)
  const instant = duration === undefined ? parseInstant(text) : Date.now() + duration
  if (instant !== undefined) return formatInstant(instant)
  const message = `${JSON.stringify(text)} is neither a duration such as 4h nor a time such as 2026-11-23T08:00:00Z`
  throw new ConfigError([{ file: null, line: null, column: null, path: place, message }])
}

async function list({ json, model, kind, state, limit, ...options }: ListOptions): Promise<void> {
  const { incidents } = (await apiClient(options).get('/api/v1/incidents', { model, kind, state, limit })) as {
    readonly incidents: ReadonlyArray<Incident & { readonly handling: Handling }>
  }
  if (json) for (const incident of incidents) printLine({ type: 'incident', ...incident })
  else printText(`${tableOf(incidents)}\n`)
}

function tableOf(incidents: ReadonlyArray<Incident & { readonly handling: Handling }>): string {
  const head = ['id', 'model', 'version', 'kind', 'severity', 'state', 'since', 'handling']
  const table = new Table({ head, ...plainTable })
  for (const { id, model, version, kind, severity, state, since, handling } of incidents)
    table.push([id, model, version, kind, severity, state, since, inWords(handling)])
  return table.toString()
}

function inWords({ acknowledgedBy, assignee, snoozedUntil }: Handling): string {
  return [
    ...(acknowledgedBy === null ? [] : [`acknowledged by ${acknowledgedBy}`]),
    ...(assignee === null ? [] : [`assigned to ${assignee}`]),
    ...(snoozedUntil === null ? [] : [`snoozed until ${snoozedUntil}`]),
  ].join(', ')
}

async function show(id: string, { json, ...options }: DeedOptions): Promise<void> {
  const shown = (await apiClient(options).get(`/api/v1/incidents/${encodeURIComponent(id)}`)) as Shown
  if (json) return printLine({ type: 'incident', ...shown })
  printText(`${textOf(shown)}\n`)
}

function textOf({ incident, handling, transitions, deeds, comments, deliveries }: Shown): string {
  const { id, model, version, kind, severity, state, since, features } = incident
  const head = [`${id}: ${[model, version].join(' ').trim()}, ${kind} (${severity}), ${state} since ${since}`]
  if (features.length > 0) head.push(`features: ${features.slice(0, 5).join(', ')}`)
  const handled = inWords(handling)
  if (handled !== '') head.push(handled)
  const events = [
    ...transitions.map(({ at, change, because }) => [at, change, because]),
    ...deeds.map(({ at, kind: what, by, detail }) => [at, what, `by ${by}${detail === '' ? '' : `: ${detail}`}`]),
    ...comments.map(({ at, by, text }) => [at, 'comment', `by ${by}: ${text}`]),
  ]
  const told = deliveries.map(({ queuedAt, channel, state: what, detail }) => [queuedAt, channel, what, detail])
  return [...head, '', section(['at', 'what', ''], events), '', section(['queued', 'channel', 'state', ''], told)].join(
    '\n',
  )
}

function section(head: string[], rows: ReadonlyArray<readonly string[]>): string {
  const table = new Table({ head, ...plainTable })
  for (const row of [...rows].sort((a, b) => ((a[0] as string) < (b[0] as string) ? -1 : 1)))
    table.push(row.map((cell) => cell.replaceAll('\n', ' ')))
  return table.toString()
}
