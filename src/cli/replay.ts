import type { Command } from 'commander'
import type { DaemonOptions } from '../daemon.ts'
import { startDaemon } from '../daemon.ts'
import { createLog } from '../telemetry/log.ts'
import { fromFiles } from './from-files.ts'
import { loadBoth, printLine, printText, stateFolder, withConfig } from './options.ts'
import { showProgress } from './progress.ts'
import type { ModelSummary } from './run-record.ts'
import { linesOf, RunRecord } from './run-record.ts'
import { summaryText } from './run-text.ts'
import { packageVersion } from './version.ts'

interface Options {
  readonly config?: string
  readonly source?: string
  readonly state?: string
  readonly deliver?: boolean
  readonly failOnAlarm?: boolean
  readonly json?: boolean
}

export function register(program: Command): void {
  withConfig(program.command('replay'))
    .description('judge the past: read a file source to its end with event time, and say what would have been found')
    .option('--source <name>', 'read this file source instead of the one that the models name')
    .option('--state <dir>', 'keep the state in this folder (default: a temporary one)')
    .option('--deliver', 'send to the channels and orchestrators of the configuration (default: print only)')
    .option('--fail-on-alarm', 'exit with 3 when an incident fired')
    .option('--json', 'print one line of JSON for each window, incident, message and trigger, and a summary')
    .addHelpText(
      'after',
      '\nExamples:\n  leeway replay -c examples/california/leeway.yaml\n  leeway replay --source history --json | tail -1',
    )
    .action(replay)
}

async function replay(options: Options): Promise<void> {
  const { document, settings } = loadBoth({ ...(options.config !== undefined && { config: options.config }) })
  const { stateDir, remove } = stateFolder(options.state)
  const progress = showProgress('replaying')
  const record = new RunRecord()
  try {
    const daemonOptions: DaemonOptions = {
      document: fromFiles(document, options.source),
      settings: { ...settings, stateDir },
      log: createLog(options.json || settings.logLevel === 'info' ? 'warn' : settings.logLevel),
      version: packageVersion(),
      // What was found is told at the end, as a whole.
      write: () => {},
      mode: 'replay',
      deliver: options.deliver === true,
      onPlanned: record.planned,
      onProgress: progress.onProgress,
    }
    const daemon = await startDaemon(daemonOptions)
    try {
      await daemon.run()
      progress.stop()
      await daemon.delivered()
      const lines = linesOf(record, daemon.store.views, daemon.pipeline)
      if (options.json) for (const line of lines) printLine(line)
      else printSummary([...lines], record)
    } finally {
      progress.stop()
      await daemon.stop()
    }
  } finally {
    remove()
  }
  if (options.failOnAlarm && record.hasAlarmed) process.exitCode = 3
}

function printSummary(lines: readonly object[], record: RunRecord): void {
  const { models } = lines[lines.length - 1] as { models: ModelSummary[] }
  printText(summaryText(models, record))
}
