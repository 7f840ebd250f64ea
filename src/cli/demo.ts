import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Command } from 'commander'
import { orchestratorOf } from '../assembly/orchestrators.ts'
import { loadDocument } from '../config/load.ts'
import { usualRule } from '../config/retraining-rules.ts'
import { loadSettings } from '../config/settings.ts'
import { resolveTarget } from '../config/targets/targets.ts'
import { startDaemon } from '../daemon.ts'
import { createOutbound } from '../outbound/outbound.ts'
import { createLog } from '../telemetry/log.ts'
import { printLine, printText, stateFolder } from './options.ts'
import { showProgress } from './progress.ts'
import type { ModelSummary } from './run-record.ts'
import { linesOf, RunRecord } from './run-record.ts'
import { summaryText } from './run-text.ts'
import { packageVersion } from './version.ts'

interface Options {
  readonly exit?: boolean
  readonly json?: boolean
  readonly port?: string
  readonly state?: string
}

/** Longer lines are hard to read, however wide the terminal is. */
const COLUMNS_MAX = 110

const example = join(import.meta.dirname, '..', '..', 'examples', 'california', 'leeway.yaml')

export function register(program: Command): void {
  program
    .command('demo')
    .description('see the main job on real data: a year of a house-price model that meets places it has not seen')
    .option('--exit', 'end when the result is shown (default: serve the web UI, /metrics and the API until Ctrl-C)')
    .option('--json', 'print one line of JSON for each window, incident, message and trigger, and a summary')
    .option(
      '--port <port>',
      'port of /metrics and the API, 0 = any free one (default: 9464, or another if that is taken)',
    )
    .option('--state <dir>', 'keep the state in this folder (default: a temporary one)')
    .addHelpText('after', '\nExample:\n  leeway demo --exit')
    .action(demo)
}

async function demo(options: Options): Promise<void> {
  const settings = loadSettings({ flags: { ...(options.port !== undefined && { port: options.port }) } })
  const { stateDir, remove } = stateFolder(options.state)
  const record = new RunRecord()
  const orchestrator = await startOrchestrator()
  const progress = showProgress('replaying 8,232 predictions and their labels')
  const say = (text: string) =>
    options.json || printText(text, Math.min(COLUMNS_MAX, process.stdout.columns ?? COLUMNS_MAX))
  say(
    'California housing, June 2021 to May 2022: a classifier that was trained on the south of the state moves north.\nLabels come 30 days late. The reference is the eight months before.\n\n',
  )
  const daemon = await startDaemon({
    document: loadDocument(example),
    settings: { ...settings, stateDir },
    log: createLog('warn'),
    version: packageVersion(),
    write: () => {},
    mode: 'replay',
    deliver: false,
    // The stand-in makes no model that could be promoted, and when it answers depends on how busy this machine is.
    retraining: new Map([
      ['california', { ...usualRule('california'), target: 'webhook', on: ['performance'], promote: false }],
    ]),
    orchestrators: new Map([
      [
        'california',
        orchestratorOf(
          'california',
          resolveTarget({ target: 'webhook', url: orchestrator.url, timeout: 15_000 }, { absolute: String, allow: [] }),
          { outbound: createOutbound({ allow: ['127.0.0.1'] }), clock: Date.now },
        ),
      ],
    ]),
    onPlanned: record.planned,
    onProgress: progress.onProgress,
  })
  try {
    await daemon.run()
    progress.stop()
    await daemon.delivered()
    const lines = [...linesOf(record, daemon.store.views, daemon.pipeline)]
    if (options.json) for (const line of lines) printLine(line)
    say(summaryText((lines.at(-1) as { models: ModelSummary[] }).models, record))
    for (const { id, body } of orchestrator.received)
      say(
        `\nThe orchestrator (a stand-in, ${orchestrator.url}) received the request with idempotency-key ${id}, ${body.length} bytes of evidence.\n`,
      )
    if (options.exit) return
    const address = await serveSomewhere(daemon, options.port !== undefined)
    const where = options.json ? process.stderr : process.stdout
    where.write(
      `\nLook:     ${address}/ui/\nMetrics:  ${address}/metrics\nAPI:      ${address}/api/v1/models  ${address}/api/v1/incidents\nNext:     your own file (docs/get-started.md, "2. Your own file")\nCtrl-C ends the demo.\n`,
    )
    await new Promise((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve))
  } finally {
    progress.stop()
    await daemon.stop()
    await orchestrator.close()
    remove()
  }
}

/** A demo should not fail because a port is taken, unless that port was asked for. */
async function serveSomewhere(daemon: Awaited<ReturnType<typeof startDaemon>>, isAskedFor: boolean): Promise<string> {
  try {
    return await daemon.serveHttp()
  } catch (error) {
    if (isAskedFor) throw error
    return await daemon.serveHttp({ port: 0 })
  }
}

interface Orchestrator {
  readonly url: string
  readonly received: ReadonlyArray<{ readonly id: string; readonly body: string }>
  close(): Promise<void>
}

/** A local stand-in for the orchestrator: keeps requests by their idempotency key, and starts one run for each. */
async function startOrchestrator(): Promise<Orchestrator> {
  const received = new Map<string, string>()
  const server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece) => pieces.push(piece))
    request.on('end', () => {
      const id = String(request.headers['idempotency-key'])
      const isNew = !received.has(id)
      if (isNew) received.set(id, Buffer.concat(pieces).toString('utf8'))
      response.writeHead(isNew ? 202 : 409, { 'content-type': 'application/json' }).end(JSON.stringify({ run: id }))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/retrain`,
    get received() {
      return [...received].map(([id, body]) => ({ id, body }))
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
