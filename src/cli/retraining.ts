// What a daemon says of retraining, and what people do about it.

import Table from 'cli-table3'
import type { Command } from 'commander'
import { safeLine } from '../delivery/text-safety.ts'
import type { ApiOptions } from './api-client.ts'
import { apiClient, withApi } from './api-client.ts'
import { printLine, printText } from './options.ts'
import { plainTable } from './plain-table.ts'

/** As the API shows it. */
interface Request {
  readonly id: string
  readonly model: string
  readonly version: string
  readonly state: string
  readonly since: string
  readonly because: string
  readonly cause: { readonly text: string }
  readonly gates: ReadonlyArray<{ readonly gate: string; readonly passes: boolean; readonly because: string }>
  readonly run: { readonly id: string | null; readonly link: string | null; readonly tookSeconds: number | null } | null
  readonly outcome: { readonly verification: { readonly is: string; readonly because: string } } | null
}

interface Change {
  readonly at: string
  readonly change: string
  readonly because: string
  readonly by: string
}

interface Automation {
  readonly model: string
  readonly approval: string
  readonly stopped: { readonly by: string; readonly at: string } | null
}

interface ListOptions extends ApiOptions {
  readonly model?: string
  readonly state?: string
  readonly limit?: string
  readonly json?: true
}

interface ReasonOptions extends ApiOptions {
  readonly because?: string
}

export function register(program: Command): void {
  const retraining = program
    .command('retraining')
    .description('the retraining requests of a running daemon, and what people do about them')
    .addHelpText('after', '\nExample:\n  leeway retraining list --state "awaiting approval"')
  const command = (usage: string, description: string, example: string) =>
    withApi(retraining.command(usage))
      .description(description)
      .addHelpText('after', `\nExample:\n  leeway retraining ${example}`)
  const reason = (of: Command) => of.option('--because <text>', 'why; kept in the audit')
  command('list', 'print requests, newest first, and whose automation is stopped', 'list --model credit-risk')
    .option('--model <name>', 'only this model')
    .option('--state <state>', 'only in this state, such as "awaiting approval"')
    .option('--limit <count>', 'how many at most (default: 100)')
    .option('--json', 'print one line of JSON for each')
    .action(list)
  command('show <request>', 'print one request: its gates, its run, its history', 'show 9293c8b40a1a64c9')
    .option('--json', 'print it as JSON')
    .action(show)
  reason(
    command(
      'request <model>',
      'ask for a run of a model; the gates hold for it, too',
      'request credit-risk --because "a new vendor"',
    ),
  )
    .option('--incident <id>', 'the incident that it is about')
    .action((model: string, options: ReasonOptions & { incident?: string }) =>
      tell(`/api/v1/models/${encodeURIComponent(model)}/retraining`, options, {
        because: options.because ?? 'asked for on the command line',
        incident: options.incident ?? null,
      }),
    )
  command('approve <request>', 'say yes to a run', 'approve 9293c8b40a1a64c9').action(
    (id: string, options: ApiOptions) => tell(of(id, 'approve'), options),
  )
  for (const [name, description] of [
    ['refuse', 'say no to a run'],
    ['veto', 'say no to a run that would begin by itself after a delay'],
  ] as const)
    reason(command(`${name} <request>`, description, `${name} 9293c8b40a1a64c9 --because "bad labels"`)).action(
      (id: string, options: ReasonOptions) => tell(of(id, name), options, { because: options.because ?? '' }),
    )
  command(
    'resolve <request> <found>',
    'say what became of it, where that is unknown or waited for in vain: started, not-started or resend',
    'resolve 9293c8b40a1a64c9 started --run 17',
  )
    .option('--run <id>', 'the run that began, if it is known')
    .action((id: string, found: string, { run, ...options }: ApiOptions & { run?: string }) =>
      tell(of(id, 'resolve'), options, { found, run: run ?? null }),
    )
  reason(
    command(
      'stop <model>',
      'let no run of a model begin, but those that people ask for',
      'stop credit-risk --because "a release"',
    ),
  ).action((model: string, options: ReasonOptions) =>
    tell(automation(model, 'stop'), options, { because: options.because ?? '' }),
  )
  command('resume <model>', 'let runs of a model begin by themselves again', 'resume credit-risk').action(
    (model: string, options: ApiOptions) => tell(automation(model, 'resume'), options),
  )
}

function of(id: string, deed: string): string {
  return `/api/v1/retraining/${encodeURIComponent(id)}/${deed}`
}

function automation(model: string, deed: string): string {
  return `/api/v1/models/${encodeURIComponent(model)}/automation/${deed}`
}

async function tell(path: string, options: ApiOptions, body: object = {}): Promise<void> {
  const { detail } = (await apiClient(options).post(path, body)) as { readonly detail: string }
  printText(`${safeLine(detail)}\n`)
}

async function list({ json, model, state, limit, ...options }: ListOptions): Promise<void> {
  const found = (await apiClient(options).get('/api/v1/retraining', { model, state, limit })) as {
    readonly requests: readonly Request[]
    readonly automation: readonly Automation[]
  }
  if (json) {
    for (const request of found.requests) printLine({ type: 'retraining', ...request })
    for (const one of found.automation) printLine({ type: 'automation', ...one })
    return
  }
  const table = new Table({ head: ['request', 'model', 'version', 'state', 'since', 'because'], ...plainTable })
  for (const one of found.requests)
    table.push([one.id, safeLine(one.model), safeLine(one.version), one.state, one.since, safeLine(one.because)])
  printText(`${table.toString()}\n${found.automation.map(automationText).join('')}`)
}

function automationText({ model, approval, stopped }: Automation): string {
  const is = stopped === null ? 'goes on' : `is stopped by ${stopped.by} since ${stopped.at}`
  return `${safeLine(`automation of ${model} ${is}; approval: ${approval}`)}\n`
}

async function show(id: string, { json, ...options }: ApiOptions & { json?: true }): Promise<void> {
  const { request, history } = (await apiClient(options).get(`/api/v1/retraining/${encodeURIComponent(id)}`)) as {
    readonly request: Request
    readonly history: readonly Change[]
  }
  if (json) return printLine({ type: 'retraining', ...request, history })
  const { model, version, state, since, because, cause, gates, run, outcome } = request
  const lines = [
    `${model} ${version}: ${state} since ${since}`,
    `  asked for: ${cause.text}`,
    `  because:   ${because}`,
    ...gates.map(({ gate, passes, because: why }) => `  ${passes ? '✓' : '✗'} ${gate}: ${why}`),
    ...(run === null ? [] : [`  run ${run.id ?? '(unnamed)'} ${run.link ?? ''}${tookText(run.tookSeconds)}`]),
    ...(outcome === null ? [] : [`  outcome: ${outcome.verification.is}: ${outcome.verification.because}`]),
    ...history.map(({ at, change, because: why, by }) => `  ${at}  ${change}  (${by}) ${why}`),
  ]
  printText(`${lines.map(safeLine).join('\n')}\n`)
}

function tookText(seconds: number | null): string {
  return seconds === null ? '' : `, took ${Math.round(seconds / 6) / 10} min`
}
