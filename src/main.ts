// Arguments to command, errors to exit codes. The only place that tells a person what went wrong.

import { Command, CommanderError } from 'commander'
import { MemorySpent } from './assembly/memory-guard.ts'
import { DaemonUnreachable } from './cli/api-client.ts'
import { commands } from './cli/commands.ts'
import { packageVersion } from './cli/version.ts'
import { ConfigError } from './config/config-error.ts'
import { terminalText } from './delivery/text-safety.ts'
import { withoutSecrets } from './secret.ts'

export const EXIT_OK = 0
export const EXIT_FAILURE = 1
export const EXIT_USAGE = 2
const EXIT_UNREACHABLE = 4
/** Memory is spent: to be started again. As `EX_TEMPFAIL` of sysexits.h. */
export const EXIT_START_AGAIN = 75

/**
 * Runs one command to its end.
 *
 * A command that ends well but has something to say by its exit code (3: an alarm was found, 4: a dependency is unreachable) sets
 * `process.exitCode`.
 *
 * @param args the arguments, without `node` and the program
 * @returns the exit code: 0 ok, 1 runtime failure, 2 usage or configuration
 */
export async function main(args: readonly string[]): Promise<number> {
  // It stays: what was written last may fail after everything else has ended.
  if (!process.stdout.listeners('error').includes(ignoreClosedPipe)) {
    process.stdout.on('error', ignoreClosedPipe)
    process.on('uncaughtException', endUntold)
  }
  try {
    await createProgram().parseAsync(args, { from: 'user' })
    return typeof process.exitCode === 'number' ? process.exitCode : EXIT_OK
  } catch (error) {
    return report(error)
  }
}

/** Whoever read our output (`| head`) has seen enough: what was begun is still cleaned up. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}

/** An error that nobody waited for ends the process, as it would by itself; but what is printed of it holds no secret. */
function endUntold(error: unknown): void {
  tell(error instanceof Error ? (error.stack ?? error.message) : String(error))
  process.exit(EXIT_FAILURE)
}

function createProgram(): Command {
  const program = new Command('leeway')
    .description(
      'Watches machine-learning models in production: drift and performance from Kafka, alerts and retraining requests out',
    )
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpCommand(false)
    // What stands behind a command is the command's: `report --version 7` does not ask for ours.
    .enablePositionalOptions()
    .configureHelp({ sortSubcommands: false })
    // Its errors are thrown, and told below like all others.
    .configureOutput({ outputError: () => {} })
    .exitOverride()
    .addHelpText(
      'after',
      '\nExamples:\n  leeway demo\n  leeway check -c config/leeway.yaml\n  leeway serve -c config/leeway.yaml\n\nleeway COMMAND --help says more about a command.\n\nExit codes: 0 ok, 1 failure, 2 usage or configuration, 3 an alarm was found\n(replay --fail-on-alarm), 4 a dependency is unreachable, 75 memory is spent:\nstart it again.',
    )
  for (const register of commands) register(program)
  for (const command of program.commands) command.helpCommand(false)
  return program
}

/** Tells a person what went wrong. @returns the exit code */
function report(error: unknown): number {
  if (error instanceof CommanderError) return reportUsage(error)
  if (error instanceof ConfigError) {
    const count = error.problems.length
    tell(count === 1 ? error.message : `${count} problems\n${error.message.replace(/^/gm, '  ')}`)
    return EXIT_USAGE
  }
  const wantsStack = ['debug', 'trace'].includes(process.env['LEEWAY_LOG_LEVEL'] ?? '')
  const { message, stack } = error instanceof Error ? error : new Error(String(error))
  tell(wantsStack && stack !== undefined ? stack : message.replace(/\s*\n\s*/g, ' '))
  if (error instanceof DaemonUnreachable) return EXIT_UNREACHABLE
  return error instanceof MemorySpent ? EXIT_START_AGAIN : EXIT_FAILURE
}

/** Help and version come this way too: they have been printed, and nothing is wrong. */
function reportUsage({ exitCode, code, message }: CommanderError): number {
  if (exitCode === 0) return EXIT_OK
  if (code !== 'commander.help') tell(message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' '))
  return EXIT_USAGE
}

function tell(text: string): void {
  process.stderr.write(`leeway: ${terminalText(withoutSecrets(text))}\n`)
}
