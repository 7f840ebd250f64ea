import type { Command } from 'commander'
import { loadDocument } from '../config/load.ts'
import { exposedSecrets } from '../config/secret-places.ts'
import type { DaemonOptions } from '../daemon.ts'
import { startDaemon } from '../daemon.ts'
import { createLog } from '../telemetry/log.ts'
import { loadBoth, withConfig } from './options.ts'
import { packageVersion } from './version.ts'

interface Options {
  readonly config?: string
  readonly state?: string
  readonly host?: string
  readonly port?: string
  readonly rebuild?: true
}

/** A drain that takes longer than this ends the process all the same. */
const DRAIN_MS = 10_000

export function register(program: Command): void {
  withConfig(program.command('serve'))
    .description('watch: read the sources, judge every window, alert, ask for retraining, serve /metrics and the API')
    .option('--state <dir>', 'folder of the database (default: ./state, or LEEWAY_STATE_DIR)')
    .option('--host <host>', 'address to listen on (default: 127.0.0.1)')
    .option('--port <port>', 'port to listen on, 0 = any free one (default: 9464)')
    .option(
      '--rebuild',
      'when the state is empty, read the past quietly: messages are held until the present is reached',
    )
    .addHelpText(
      'after',
      '\nStops in order on SIGTERM or Ctrl-C, within 10 s; a second signal ends it at\nonce. SIGHUP reads the configuration again and puts it into force, whole or not\nat all. Killed at any time, it goes on where it was. Whatever else can be set is\na variable LEEWAY_*: see docs/configuration.md.\n\nExample:\n  leeway serve -c config/leeway.yaml --state /var/lib/leeway',
    )
    .action((options: Options) => serve(options))
}

/**
 * Serves until a signal comes.
 *
 * @param tests what tests of faults look at, or break
 */
export async function serve(
  { state, rebuild, ...flags }: Options,
  tests: Pick<DaemonOptions, 'negativeControl' | 'probe' | 'onCommit'> = {},
): Promise<void> {
  const { document, settings } = loadBoth({
    ...flags,
    ...(state !== undefined && { stateDir: state }),
    ...(rebuild && { rebuild: 'true' }),
  })
  // What is written from here on is nobody else's business.
  process.umask(0o077)
  const log = createLog(settings.logLevel)
  for (const warning of exposedSecrets(document, settings.tokensFile)) log.warn(warning)
  const daemon = await startDaemon({
    document,
    reread: () => loadDocument(settings.config),
    settings,
    log,
    version: packageVersion(),
    write: (text) => process.stderr.write(text),
    mode: 'live',
    deliver: true,
    ...tests,
  })
  const stopped = Promise.withResolvers<NodeJS.Signals>()
  let signals = 0
  const onSignal = (signal: NodeJS.Signals) => {
    if (++signals > 1) process.exit(exitCodeOf(signal))
    setTimeout(() => process.exit(exitCodeOf(signal)), DRAIN_MS).unref()
    stopped.resolve(signal)
  }
  const onHangUp = () => void daemon.reloadForSignal()
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal)
  try {
    const address = await daemon.serveHttp()
    process.on('SIGHUP', onHangUp)
    // Tests and scripts wait for this line.
    log.info({ address, config: settings.config, state: settings.stateDir }, 'ready')
    const signal = await Promise.race([daemon.run().then(() => undefined), stopped.promise])
    if (signal === undefined) {
      log.info('every source has ended; serving what was found until a signal comes')
      process.exitCode = exitCodeOf(await Promise.race([stopped.promise, daemon.failed]))
    } else process.exitCode = exitCodeOf(signal)
  } finally {
    process.off('SIGTERM', onSignal).off('SIGINT', onSignal).off('SIGHUP', onHangUp)
    await daemon.stop()
    log.info('stopped')
  }
}

function exitCodeOf(signal: NodeJS.Signals): number {
  return signal === 'SIGINT' ? 130 : 143
}
