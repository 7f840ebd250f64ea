import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Command } from 'commander'
import { makeSenders } from '../assembly/senders.ts'
import { ConfigError } from '../config/config-error.ts'
import type { Document } from '../config/document.ts'
import { suggest } from '../config/explain.ts'
import type { Message } from '../delivery/notification.ts'
import type { Outcome, Sender } from '../delivery/sender.ts'
import { cleaned } from '../secret.ts'
import { createLog } from '../telemetry/log.ts'
import { loadBoth, printLine, printText, withConfig } from './options.ts'

interface Options {
  readonly config?: string
  readonly channel: string
  readonly json?: boolean
}

/** Channels on which something stays open until it is said to be over. */
const stays: ReadonlySet<string> = new Set(['pagerduty', 'alertmanager'])
const EXIT_UNREACHABLE = 4

export function register(program: Command): void {
  const alerts = program
    .command('alerts')
    .description('whether messages reach people')
    .addHelpText('after', '\nExample:\n  leeway alerts test --channel ml-team')
  withConfig(alerts.command('test'))
    .description('send a test message to a channel, as it stands in the configuration, and say what became of it')
    .requiredOption('--channel <name>', 'the channel')
    .option('--json', 'print one line of JSON for each message')
    .addHelpText(
      'after',
      '\nNeeds no daemon. Rates, silences and fallbacks do not apply; a channel with\ndryRun is not sent to. What stays open (PagerDuty, Alertmanager) is resolved at\nonce. Exits with 1 when the message is refused, and with 4 when the receiver\nis unreachable.\n\nExample:\n  leeway alerts test --channel ml-team -c config/leeway.yaml',
    )
    .action(test)
}

async function test({ config, channel: name, json = false }: Options): Promise<void> {
  const { document, settings } = loadBoth({ ...(config !== undefined && { config }) })
  const channel = document.channels.get(name)
  if (channel === undefined) throw noSuchChannel(document, name)
  const sender = only(document, name)
  try {
    const id = `test-${randomUUID()}`
    const firing = await send(sender, message(id, 'firing', name, settings.publicUrl))
    const isFollowed = firing.result === 'delivered' && stays.has(channel.type)
    const resolved = isFollowed ? await send(sender, message(id, 'resolved', name, settings.publicUrl)) : undefined
    for (const [what, outcome] of [
      ['firing', firing],
      ['resolved', resolved],
    ] as const) {
      if (outcome === undefined) continue
      if (json) printLine({ type: 'test', channel: name, message: what, ...outcome })
      else printText(`${name}: the test message${what === 'resolved' ? ' that it is over' : ''} ${inWords(outcome)}\n`)
    }
    process.exitCode = Math.max(...[firing, resolved ?? firing].map(exitCodeOf))
  } finally {
    await sender.close()
  }
}

function noSuchChannel({ file, channels }: Document, name: string): ConfigError {
  const names = [...channels.keys()]
  const message = `there is no channel called ${name}${suggest(name, names)} (channels: ${names.join(', ')})`
  return new ConfigError([{ file, line: null, column: null, path: '--channel', message }])
}

/** The sender of one channel alone: secrets of others need not be readable. */
function only(document: Document, name: string): Sender {
  const channels = new Map([...document.channels].filter(([other]) => other === name))
  const alone = { ...document, channels, retraining: new Map() }
  const options = { clock: Date.now, write: (text: string) => printText(text), deliver: true, log: createLog('warn') }
  return makeSenders(alone, options).get(name) as Sender
}

async function send(sender: Sender, message: Message): Promise<Outcome> {
  const now = Date.now()
  const key = `${message.incidentId}:${message.change}:${sender.name}`
  const envelope = { kind: 'message', channel: sender.name, message } as const
  const row = { key, lane: message.incidentId, order: 1, envelope, attempts: 0, dueAt: now, queuedAt: now }
  return cleaned(await sender.send(row, AbortSignal.timeout(30_000)))
}

function message(
  incidentId: string,
  change: 'firing' | 'resolved',
  channel: string,
  publicUrl: string | null,
): Message {
  return {
    change,
    incidentId,
    model: 'leeway-test',
    version: '',
    kind: 'quality',
    severity: 'warning',
    title: change === 'firing' ? 'leeway test: nothing is wrong' : 'leeway test: it is over, nothing was wrong',
    paragraphs: [
      `Somebody has asked leeway on ${hostname()} whether channel ${channel} works ("leeway alerts test"). Nothing needs to be done.`,
    ],
    features: [],
    link: publicUrl,
    at: Date.now(),
  }
}

function inWords(outcome: Outcome): string {
  switch (outcome.result) {
    case 'delivered':
      return `was delivered${outcome.detail === undefined ? '' : `: ${outcome.detail}`}`
    case 'refused':
      return `was refused: ${outcome.because}`
    case 'retry':
      return `could not be delivered: ${outcome.because}`
    case 'unknown':
      return `may have arrived: ${outcome.because}`
  }
}

function exitCodeOf({ result }: Outcome): number {
  if (result === 'delivered') return 0
  return result === 'retry' ? EXIT_UNREACHABLE : 1
}
