// Which alarms the rules would have raised on past data: replayed from a file, or from the windows that a daemon has stored.

import type { Command } from 'commander'
import { ConfigError } from '../config/config-error.ts'
import type { BacktestView } from '../overview/backtest.ts'
import { BacktestRefusal } from '../overview/backtest.ts'
import { parseInstant } from '../time.ts'
import type { ApiOptions } from './api-client.ts'
import { withApi } from './api-client.ts'
import type { Asked, PastData } from './backtest-data.ts'
import { ofDaemon, ofFile, ofState } from './backtest-data.ts'
import { writeBacktest } from './backtest-file.ts'
import { comparisonText, viewText } from './backtest-text.ts'
import { printLine, printText, withConfig } from './options.ts'

interface Options extends ApiOptions {
  readonly config?: string
  readonly source?: string
  readonly state?: string
  readonly model?: string
  readonly modelVersion?: string
  readonly rule?: string
  readonly threshold?: string
  readonly window?: string
  readonly from?: string
  readonly to?: string
  readonly set?: readonly string[]
  readonly output?: string
  readonly failOnAlarm?: true
  readonly json?: true
}

export function register(program: Command): void {
  withApi(withConfig(program.command('backtest')))
    .description(
      'say which alarms each rule would have raised on past data, as it is, with another threshold, or with a changed configuration',
    )
    .option('--source <name>', 'replay this file source instead of the one that the models name')
    .option('--state <dir>', 'read the windows of this state instead, also while a daemon uses it; nothing is written')
    .option('--model <name>', 'only this model (default: all of them)')
    .option('--model-version <version>', 'this version of it (default: the one that was evaluated last)')
    .option('--rule <monitor>', 'look at one rule, such as performance/roc_auc or drift/income, at many thresholds')
    .option('--threshold <number>', 'of the rule, in its unit: what it would have raised with it')
    .option('--from <time>', 'windows that end then or later')
    .option('--to <time>', 'windows that end before')
    .option(
      '--set <path=value>',
      'replay a second time with this value in the configuration, and compare; as often as needed',
      (value: string, before: readonly string[] | undefined) => [...(before ?? []), value],
    )
    .option('-o, --output <file>', 'draw it: an .html page, or of one rule an .svg')
    .option('--window <size>', 'the size of the windows that are drawn, such as 1h (default: the first)')
    .option('--fail-on-alarm', 'exit with 3 when there is an alarm')
    .option('--json', 'print one line of JSON for each alarm, rule and threshold, and a summary')
    .addHelpText(
      'after',
      `
Past data is, in this order: the state of --state, the daemon at --address (or
LEEWAY_ADDRESS), or a file source, which is replayed as leeway replay does.

Examples:
  leeway backtest -c examples/california/leeway.yaml
  leeway backtest --state ./state --model credit-risk --rule drift/income \\
    --threshold 0.2
  leeway backtest --address http://127.0.0.1:9464 --json
  leeway backtest --state ./state --model credit-risk \\
    --rule performance/roc_auc -o tune.html
  leeway backtest -c examples/california/leeway.yaml \\
    --set models.california.performance.alarm.roc_auc.drop=0.05`,
    )
    .action(backtest)
}

async function backtest(options: Options): Promise<void> {
  const asked = askedBy(options)
  const data = dataOf(options)
  const views = await data.views(asked).catch((error: unknown) => {
    throw error instanceof BacktestRefusal ? usage('', error.message) : error
  })
  const { output } = options
  if (output !== undefined)
    await writeBacktest(
      views.map(({ view }) => view),
      output,
    )
  for (const { view, changed } of views) {
    if (options.json === true) for (const line of linesOf(view, changed)) printLine(line)
    else printText(`${viewText(view)}${changed === undefined ? '' : comparisonText(view, changed)}\n`)
  }
  if (output !== undefined && options.json !== true) printText(`drawn into ${output}\n`)
  const alarmed = views.some(({ view, changed }) =>
    (changed ?? view).alarms.some(({ severity }) => severity !== 'warning'),
  )
  if (options.failOnAlarm === true && alarmed) process.exitCode = 3
}

function askedBy({ rule, threshold, window, from, to, model, modelVersion, output }: Options): Asked {
  if (output !== undefined && !/\.(svg|html)$/.test(output))
    throw usage('--output', `${JSON.stringify(output)} is no drawing; name a file that ends in .svg or .html`)
  if (output?.endsWith('.svg') === true && rule === undefined)
    throw usage('--output', 'an .svg is one drawing, of one rule: name it with --rule, or write .html')
  if (threshold !== undefined && rule === undefined)
    throw usage('--threshold', 'it is of one rule; name it with --rule, such as --rule performance/roc_auc')
  const number = threshold === undefined ? undefined : Number(threshold)
  if (number !== undefined && !(Number.isFinite(number) && number > 0))
    throw usage('--threshold', `${JSON.stringify(threshold)} is not a number above 0`)
  return {
    ...{ model, version: modelVersion, monitor: rule, threshold: number, window },
    from: timeAt('--from', from),
    to: timeAt('--to', to),
  }
}

function timeAt(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const time = parseInstant(text)
  if (time === undefined) throw usage(option, `${JSON.stringify(text)} is not a time such as 2026-11-23T08:00:00Z`)
  return time
}

function dataOf(options: Options): PastData {
  const { state, address, source, set = [], config } = options
  const usesDaemon = state === undefined && (address ?? process.env['LEEWAY_ADDRESS']) !== undefined
  if (set.length > 0 && (state !== undefined || usesDaemon))
    throw usage(
      '--set',
      'what it changes may need the rows, and stored windows hold none; replay a file source (leave --state and --address out), or move the threshold of a rule with --rule and --threshold',
    )
  if (source !== undefined && (state !== undefined || usesDaemon))
    throw usage(
      '--source',
      'a source is replayed; leave it out to read stored windows, or leave --state and --address out',
    )
  if (state !== undefined) return ofState({ state, config })
  return usesDaemon ? ofDaemon(options) : ofFile({ config, source, set })
}

function usage(path: string, message: string): ConfigError {
  return new ConfigError([{ file: null, line: null, column: null, path, message }])
}

/** What happened, then what each rule did, then the summary. */
function* linesOf(view: BacktestView, changed: BacktestView | undefined): Iterable<object> {
  const { model, version, alarms, rules, tuning, from, to, evaluated, differences, verdict } = view
  const of = { model, version }
  for (const alarm of alarms) yield { type: 'alarm', ...of, by: 'all rules', ...alarm }
  for (const rule of rules) yield { type: 'rule', ...of, ...rule }
  if (tuning !== null) {
    const { monitor, threshold, sweep, would, known, together, notes, yaml } = tuning
    for (const { floor, known: found, ...point } of sweep)
      yield { type: 'threshold', ...of, monitor, threshold: floor, ...point, ...found }
    for (const alarm of would) yield { type: 'alarm', ...of, by: monitor, threshold, ...alarm }
    for (const alarm of together.would) yield { type: 'alarm', ...of, by: 'changed rules', ...alarm }
    yield { type: 'tuning', ...of, monitor, threshold, verdict: tuning.verdict, ...known, notes, yaml }
  }
  if (changed !== undefined)
    for (const alarm of changed.alarms) yield { type: 'alarm', ...of, by: 'changed rules', ...alarm }
  yield {
    ...{ type: 'summary', ...of, from, to, evaluated, alarms: alarms.length },
    ...(changed !== undefined && { alarmsChanged: changed.alarms.length }),
    ...{ verdict, differences },
  }
}
