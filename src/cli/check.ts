import type { Command } from 'commander'
import type { Problem } from '../config/config-error.ts'
import { ConfigError } from '../config/config-error.ts'
import type { Document } from '../config/document.ts'
import { loadDocument } from '../config/load.ts'
import { loadSettings, settingsSchema } from '../config/settings.ts'
import { missingFiles, summaryOf, summaryText } from './check-summary.ts'

interface Options {
  readonly config?: string
  readonly json?: boolean
}

export function register(program: Command): void {
  program
    .command('check')
    .description('check the configuration; report everything that is wrong with it at once')
    .option('-c, --config <file>', `configuration file (default: ${settingsSchema.config.default})`)
    .option('--json', 'print one line of JSON for each problem, and one for the result')
    .addHelpText(
      'after',
      '\nExits with 0 when the configuration can be used, and with 2 when it cannot.\n\nExample:\n  leeway check -c examples/california/leeway.yaml',
    )
    .action((options: Options) => {
      if (options.json) printJson(options)
      else print(options)
    })
}

function print(options: Options): void {
  const document = load(options)
  process.stdout.write(summaryText(summaryOf(document)))
  for (const { path, file } of missingFiles(document)) {
    process.stderr.write(`note: ${path}: ${file} is not on this machine\n`)
  }
}

function printJson(options: Options): void {
  try {
    const document = load(options)
    writeLine({ type: 'check', ok: true, ...summaryOf(document), missingFiles: missingFiles(document) })
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    for (const problem of error.problems) writeLine({ type: 'problem', ...problem })
    writeLine({ type: 'check', ok: false, problems: error.problems.length })
    process.exitCode = 2
  }
}

function writeLine(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
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
