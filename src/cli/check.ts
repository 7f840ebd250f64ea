import type { Command } from 'commander'
import type { Problem } from '../config/config-error.ts'
import { ConfigError } from '../config/config-error.ts'
import type { Document } from '../config/document.ts'
import { loadDocument } from '../config/load.ts'
import { exposedSecrets } from '../config/secret-places.ts'
import { loadSettings, settingsSchema } from '../config/settings.ts'
import { rehearsalText, rehearseAll, tooNoisy } from './check-rehearsal.ts'
import { missingFiles, summaryOf, summaryText } from './check-summary.ts'
import { printLine, printText } from './options.ts'

interface Options {
  readonly config?: string
  readonly json?: boolean
  readonly acceptNoise?: boolean
}

export function register(program: Command): void {
  program
    .command('check')
    .description('check the configuration; report everything that is wrong with it at once')
    .option('-c, --config <file>', `configuration file (default: ${settingsSchema.config.default})`)
    .option('--json', 'print one line of JSON for each problem, and one for the result')
    .option(
      '--accept-noise',
      'accept models that raise more false alarms on their own reference than their budget allows',
    )
    .addHelpText(
      'after',
      '\nReplays the alarm policy of each model on its reference file, and tells the\nfalse alarms to expect. Exits with 0 when the configuration can be used, and\nwith 2 when it cannot.\n\nExample:\n  leeway check -c examples/california/leeway.yaml',
    )
    .action((options: Options) => (options.json ? printJson(options) : print(options)))
}

async function print(options: Options): Promise<void> {
  const document = load(options)
  printText(summaryText(summaryOf(document)))
  const missing = missingFiles(document)
  for (const { path, file } of missing) process.stderr.write(`note: ${path}: ${file} is not on this machine\n`)
  for (const warning of exposedSecrets(document)) process.stderr.write(`note: ${warning}\n`)
  const outcomes = await rehearseAll(document, new Set(missing.map(({ file }) => file)))
  printText(rehearsalText(outcomes))
  refuseNoise(document, tooNoisy(outcomes), options)
}

async function printJson(options: Options): Promise<void> {
  try {
    const document = load(options)
    const missing = missingFiles(document)
    const outcomes = await rehearseAll(document, new Set(missing.map(({ file }) => file)))
    for (const { model, ...outcome } of outcomes) {
      printLine({
        type: 'rehearsal',
        model,
        ...('rehearsal' in outcome ? { ...outcome.rehearsal, ignored: outcome.ignored } : outcome),
      })
    }
    refuseNoise(document, tooNoisy(outcomes), options)
    printLine({
      type: 'check',
      ok: true,
      ...summaryOf(document),
      missingFiles: missing,
      exposedSecrets: exposedSecrets(document),
    })
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    for (const problem of error.problems) printLine({ type: 'problem', ...problem })
    printLine({ type: 'check', ok: false, problems: error.problems.length })
    process.exitCode = 2
  }
}

/** @throws ConfigError for models that break their budget, unless that is accepted */
function refuseNoise({ file }: Document, models: readonly string[], { acceptNoise }: Options): void {
  if (acceptNoise || models.length === 0) return
  const message =
    'raises more false alarms on its own reference than falseAlarmBudget allows; raise minSamples or the budget, name fewer metrics in performance.alarm, leave out presets of other tools, or accept it with --accept-noise'
  throw new ConfigError(models.map((model) => ({ file, line: null, column: null, path: `models.${model}`, message })))
}

/** @throws ConfigError with the problems of the settings and of the document together */
function load({ config }: Options): Document {
  const problems: Problem[] = []
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      problems.push(...error.problems)
      return undefined
    }
  }
  const settings = attempt(() => loadSettings({ flags: { config } }))
  const { env, default: standard } = settingsSchema.config
  const file = settings?.config ?? config ?? process.env[env] ?? standard
  const document = attempt(() => loadDocument(file))
  if (document === undefined || problems.length > 0) throw new ConfigError(problems)
  return document
}
