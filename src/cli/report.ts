import { writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import { openStoredModel } from '../assembly/stored-model.ts'
import { uiAssets } from '../assembly/ui-assets.ts'
import { ConfigError } from '../config/config-error.ts'
import { suggest } from '../config/explain.ts'
import type { WatchedModel } from '../monitors/watched-model.ts'
import { reportView } from '../overview/report.ts'
import type { ReportOrigin } from '../overview/report-view.ts'
import type { Views } from '../store/views.ts'
import type { Instant } from '../time.ts'
import { DAY, formatInstant, parseDuration, parseInstant } from '../time.ts'
import { reportMarkdown } from '../ui/report/markdown.ts'
import { reportHtml } from '../ui/report/page.ts'
import type { WindowSpec } from '../windows/window.ts'
import { loadBoth, withConfig } from './options.ts'
import { packageVersion } from './version.ts'

interface Options {
  readonly config?: string
  readonly state?: string
  readonly model?: string
  readonly version?: string
  readonly window?: string
  readonly from?: string
  readonly to?: string
  readonly format?: string
  readonly output: string
}

const formats = ['html', 'md'] as const
type Format = (typeof formats)[number]

export function register(program: Command): void {
  withConfig(program.command('report'))
    .description('write how a model fared into one file for people who were not there: HTML with charts, or Markdown')
    .option('--state <dir>', 'folder of the database (default: ./state, or LEEWAY_STATE_DIR)')
    .option('--model <name>', 'which model (may be left out when there is one)')
    .option('--version <version>', 'as events name it (default: the one with the newest window)')
    .option('--window <size>', 'which windows (default: the longest)')
    .option('--from <time>', 'windows that end then or later: 2026-11-01, 2026-11-01T08:00Z, or 7d before the last one')
    .option('--to <time>', 'windows that end then or earlier; of a day its whole (default: the last one)')
    .option('--format <format>', 'html or md (default: by the name of the file, else html)')
    .requiredOption('-o, --output <file>', 'the file, which is overwritten; - for stdout')
    .addHelpText(
      'after',
      '\nReads the state and changes nothing, also while the daemon runs. Times are event\ntime, UTC.\n\nExamples:\n  leeway report --model churn --from 30d -o report.html\n  leeway report --model churn --from 2026-11-01 --to 2026-11-30 -o report.md',
    )
    .action(report)
}

async function report(options: Options): Promise<void> {
  const { config, state, output } = options
  const format = formatOf(options)
  const { document, settings } = loadBoth({
    ...(config !== undefined && { config }),
    ...(state !== undefined && { stateDir: state }),
  })
  const stored = await openStoredModel(document, { name: options.model, stateDir: settings.stateDir })
  const origin: ReportOrigin = {
    at: formatInstant(Date.now()),
    version: packageVersion(),
    configuration: { file: document.file, hash: document.hash },
    state: settings.stateDir,
  }
  try {
    const { model, store } = stored
    const window = windowOf(model, options.window)
    const version = versionOf(model, store.views, options.version)
    const stream = model.streams.get(version)
    if (stream === undefined) throw new TypeError('a version that was found is under watch')
    const newest = newestEnd(store.views, { model: model.name, version, window: window.name })
    const from = timeOf('--from', options.from, { newest, isEnd: false })
    const to = timeOf('--to', options.to, { newest, isEnd: true })
    const view = await reportView({ model, stream, store, origin }, { version, window, from, to })
    const text = format === 'md' ? reportMarkdown(view) : reportHtml(view, await style())
    if (output === '-') process.stdout.write(text)
    else writeFileSync(output, text)
  } finally {
    stored.close()
  }
}

function formatOf({ format, output }: Options): Format {
  const named = format ?? (/\.(?:md|markdown)$/i.test(output) ? 'md' : 'html')
  const found = formats.find((one) => one === named)
  if (found === undefined) throw problem('--format', `found ${JSON.stringify(named)}; expected ${formats.join(' or ')}`)
  return found
}

function problem(path: string, message: string): ConfigError {
  return new ConfigError([{ file: null, line: null, column: null, path, message }])
}

function windowOf(model: WatchedModel, size: string | undefined): WindowSpec {
  const { windows } = model.options.settings
  const found =
    size === undefined
      ? windows.reduce((longest, one) => (one.sizeMs > longest.sizeMs ? one : longest))
      : windows.find(({ name }) => name === size)
  if (found !== undefined) return found
  const names = windows.map(({ name }) => name)
  throw problem('--window', `${model.name} has no windows of ${JSON.stringify(size)} (windows: ${names.join(', ')})`)
}

/** Those that are named, or the version whose windows are the newest. */
function versionOf(model: WatchedModel, views: Views, version: string | undefined): string {
  const versions = [...model.streams.keys()]
  if (version !== undefined && versions.includes(version)) return version
  const ends = new Map<string, Instant>()
  for (const { model: name, version: one, end } of views.latestResults())
    if (name === model.name) ends.set(one, Math.max(end, ends.get(one) ?? 0))
  const newest = versions.toSorted((a, b) => (ends.get(b) ?? 0) - (ends.get(a) ?? 0))[0]
  if (version === undefined && newest !== undefined) return newest
  if (version === undefined) {
    const known = [...new Set(views.streams().map(({ model: name }) => name))]
    const instead = known.length === 0 ? 'the state is empty' : `the state knows ${known.join(', ')}`
    throw new Error(
      `nothing is known of ${model.name}: ${instead}; is this the state that leeway serve, or replay --state, works on?`,
    )
  }
  const named = versions.map((one) => (one === '' ? '(none)' : one))
  throw problem(
    '--version',
    `${model.name} has no version ${JSON.stringify(version)}${suggest(
      version,
      versions.filter((one) => one !== ''),
    )} (versions: ${named.join(', ')})`,
  )
}

function newestEnd(views: Views, sequence: { model: string; version: string; window: string }): Instant | undefined {
  return views.results({ ...sequence, order: 'newest', limit: 1 })[0]?.end
}

/** A time, or a time before the last window. */
function timeOf(
  place: string,
  text: string | undefined,
  { newest, isEnd }: { newest: Instant | undefined; isEnd: boolean },
): Instant | null {
  if (text === undefined) return null
  const before = parseDuration(text)
  if (before !== undefined) return newest === undefined ? null : newest - before
  const at = parseInstant(text)
  if (at === undefined)
    throw problem(
      place,
      `found ${JSON.stringify(text)}; expected a time such as 2026-11-01 or 2026-11-01T08:00Z (UTC), or 7d before the last window`,
    )
  if (text.length !== '2026-11-01'.length) return at
  // A window that ends at midnight belongs to the day before.
  return isEnd ? at + DAY : at + 1
}

async function style(): Promise<string> {
  const { files } = await uiAssets()()
  const [, text] = [...files].find(([name]) => /^report-.*\.css$/.test(name)) ?? []
  if (text === undefined) throw new Error('the style sheet of reports is not in what was built: npm run build')
  return text
}
