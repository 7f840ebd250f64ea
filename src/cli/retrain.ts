import { setTimeout as pause } from 'node:timers/promises'
import type { Command } from 'commander'
import { orchestratorOf } from '../assembly/orchestrators.ts'
import { ConfigError } from '../config/config-error.ts'
import type { Document } from '../config/document.ts'
import { suggest } from '../config/explain.ts'
import { loadDocument } from '../config/load.ts'
import type { RetrainingSettings } from '../config/retraining-settings.ts'
import { loadSettings } from '../config/settings.ts'
import { safeLine } from '../delivery/text-safety.ts'
import { createOutbound } from '../outbound/outbound.ts'
import type { Launch, Lookable, Run, RunRequest, RunState } from '../retraining/orchestrator.ts'
import { runKey } from '../retraining/orchestrator.ts'
import type { Millis } from '../time.ts'
import { formatDuration, MINUTE, parseDuration } from '../time.ts'
import { printLine, printText, withConfig } from './options.ts'

interface Options {
  readonly config?: string
  readonly model: string
  readonly launch?: boolean
  readonly wait?: string
  readonly json?: boolean
}

const WAIT_MS = 15 * MINUTE
/** Whoever watches a test wants to see it move. */
const LOOK_EVERY_MS_MAX = 5_000
const EXIT_FAILURE = 1
const EXIT_UNREACHABLE = 4

export function register(program: Command): void {
  const retrain = program.command('retrain').helpCommand(false).description('what has to do with retraining, from here')
  withConfig(
    retrain
      .command('test')
      .description('look whether the orchestrator of a model can be reached, knows who asks, and has the job'),
  )
    .requiredOption('--model <name>', 'the model whose retraining target is tested')
    .option('--launch', 'also start a run, marked as a test, and follow it to its end')
    .option('--wait <duration>', `how long a run is followed (default: ${formatDuration(WAIT_MS)})`)
    .option('--json', 'print one line of JSON for each step')
    .addHelpText(
      'after',
      '\nWithout --launch nothing is started. A run of --launch has the cause `test` and\nno evidence; what it trains is up to the job.\n\nExits with 0 when all is well, 1 when the orchestrator refuses or the run fails,\n4 when the orchestrator cannot be reached.\n\nExample:\n  leeway retrain test --model credit-risk --launch',
    )
    .action(test)
}

async function test(options: Options): Promise<void> {
  const document = loadDocument(loadSettings({ flags: { config: options.config } }).config)
  const settings = targetOf(document, options.model)
  const waitMs = options.wait === undefined ? WAIT_MS : parseDuration(options.wait)
  if (waitMs === undefined) throw usage(document, '--wait', 'expected a duration such as 10m')
  const outbound = createOutbound(document.network)
  const orchestrator = orchestratorOf(options.model, settings.target, { outbound, clock: Date.now })
  const tell = teller(options, settings)
  const stopping = new AbortController()
  process.once('SIGINT', () => stopping.abort())
  try {
    const check = await orchestrator.check(stopping.signal)
    tell('check', check.result, 'detail' in check ? check.detail : check.because)
    if (check.result !== 'ready') {
      process.exitCode = check.result === 'unreachable' ? EXIT_UNREACHABLE : EXIT_FAILURE
      return
    }
    if (options.launch === true) process.exitCode = await launch(orchestrator, { options, waitMs, tell, stopping })
  } finally {
    await orchestrator.close()
  }
}

interface Trial {
  readonly options: Options
  readonly waitMs: Millis
  readonly tell: Tell
  readonly stopping: AbortController
}

/** @returns the exit code */
async function launch(orchestrator: Lookable, trial: Trial): Promise<number> {
  const { options, tell, stopping } = trial
  const request = requestOf(options.model)
  const launched = await orchestrator.launch(request, stopping.signal)
  const run = 'run' in launched ? (launched.run ?? (await found(orchestrator, request, stopping.signal))) : null
  tell('launch', launched.result, wordsOf(launched), run)
  if (launched.result === 'retry') return EXIT_UNREACHABLE
  if (launched.result === 'refused' || launched.result === 'unknown') return EXIT_FAILURE
  if (run === null || orchestrator.poll === undefined) {
    tell('run', 'not followed', 'the orchestrator does not say how a run stands')
    return 0
  }
  return follow(orchestrator, run, request, trial)
}

/** @returns the exit code */
async function follow(orchestrator: Lookable, first: Run, request: RunRequest, trial: Trial): Promise<number> {
  const { tell, waitMs, stopping } = trial
  const until = performance.now() + waitMs
  let run = first
  let last = ''
  while (performance.now() < until && !stopping.signal.aborted) {
    const state = await orchestrator.poll?.(run, request, stopping.signal)
    if (state === undefined) return 0
    if ('run' in state && state.run !== undefined) run = state.run
    const words = 'because' in state ? state.because : state.detail
    if (`${state.state} ${words}` !== last) tell('run', state.state, words, run, outputOf(state))
    last = `${state.state} ${words}`
    if (state.state === 'succeeded') return 0
    if (state.state === 'failed' || state.state === 'cancelled' || state.state === 'lost') return EXIT_FAILURE
    await pause(Math.min(orchestrator.pollEveryMs, LOOK_EVERY_MS_MAX), undefined, { signal: stopping.signal }).catch(
      () => {},
    )
  }
  tell('run', 'not ended', `not followed any longer; ${formatDuration(waitMs)} are over, or it was called off`, run)
  return EXIT_FAILURE
}

async function found(orchestrator: Lookable, request: RunRequest, signal: AbortSignal): Promise<Run | null> {
  const answer = await orchestrator.find?.(request, signal)
  return answer?.result === 'found' ? answer.run : null
}

function requestOf(model: string): RunRequest {
  const at = Date.now()
  return {
    key: runKey(model, `test${at.toString(36)}`, 1),
    model,
    version: 'test',
    cause: 'test',
    reason: 'a test of the connection, asked for by: leeway retrain test --launch',
    at,
    incident: null,
    features: [],
    evidence: [],
    reference: null,
    links: {},
    parameters: {},
  }
}

function wordsOf(launch: Launch): string {
  return 'because' in launch ? launch.because : launch.detail
}

function outputOf(state: RunState): Readonly<Record<string, string>> {
  return 'output' in state ? state.output : {}
}

type Tell = (
  step: 'check' | 'launch' | 'run',
  result: string,
  words: string,
  run?: Run | null,
  output?: Readonly<Record<string, string>>,
) => void

function teller({ json, model }: Options, { target }: RetrainingSettings): Tell {
  return (step, result, words, run, output = {}) => {
    if (json)
      return printLine({ type: step, model, target: target.name, result, detail: words, run: run ?? null, output })
    const where = run === undefined || run === null ? '' : ` (${safeLine(run.link ?? run.id, 500)})`
    const gave = Object.entries(output).map(([name, value]) => `; ${safeLine(`${name} ${value}`, 500)}`)
    printText(`${step.padEnd(7)} ${result}: ${safeLine(words, 500)}${where}${gave.join('')}\n`)
  }
}

/** @throws ConfigError when the model has no target */
function targetOf(document: Document, model: string): RetrainingSettings {
  const settings = document.retraining.get(model)
  if (settings !== undefined) return settings
  const names = [...document.retraining.keys()]
  const known = names.length === 0 ? 'there is none' : `there are ${names.join(', ')}`
  throw usage(document, `retraining.${model}`, `no retraining target for this model${suggest(model, names)}; ${known}`)
}

function usage({ file }: Document, path: string, message: string): ConfigError {
  return new ConfigError([{ file, line: null, column: null, path, message }])
}
