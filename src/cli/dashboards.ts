// Dashboards, provisioning and rules as files, for a Grafana and a Prometheus elsewhere.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import { printLine } from './options.ts'

/** In the package and in the image beside the program, in a checkout beside `src`. */
const folder = fileURLToPath(new URL('../../dashboards/', import.meta.url))

/** What stands in the files for what only their user knows: dashboards/source/provisioning.ts, rule-files.ts. */
const places = {
  prometheus: 'http://prometheus:9090',
  path: '/var/lib/grafana/dashboards/leeway',
  runbooks: 'docs/operations.md#',
}

interface ExportOptions {
  readonly prometheus?: string
  readonly docs?: string
  readonly force?: boolean
  readonly json?: boolean
}

export function register(program: Command): void {
  const dashboards = program
    .command('dashboards')
    .helpCommand(false)
    .description('the dashboards for Grafana, and the rules for Prometheus')
  dashboards
    .command('export')
    .argument('<dir>', 'folder to write to')
    .description('write dashboards, provisioning for Grafana, and rules with their tests for Prometheus')
    .option('--prometheus <url>', `where Grafana finds Prometheus (default: ${places.prometheus})`, asUrl)
    .option('--docs <url>', 'where your people read docs/operations.md, for links in alerts', asUrl)
    .option('--force', 'replace files that differ')
    .option('--json', 'print one line of JSON for each file')
    .addHelpText(
      'after',
      '\nHow to connect Grafana and Prometheus, and who is told by whom: docs/grafana.md\n\nExample:\n  leeway dashboards export /srv/leeway --prometheus http://prometheus:9090',
    )
    .action(exportFiles)
}

function asUrl(text: string): string {
  if (!/^https?:$/.test(URL.parse(text)?.protocol ?? ''))
    throw new InvalidArgumentError('write an address, such as https://example.org/docs')
  return text.replace(/\/+$/, '')
}

/** @throws Error that names what differs, before anything is written */
function exportFiles(dir: string, { prometheus, docs, force = false, json = false }: ExportOptions): void {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(json|ya?ml)$/.test(path) && !path.startsWith('source'))
    .sort()
    .map((path) => {
      const target = join(dir, path)
      const text = readFileSync(join(folder, path), 'utf8')
        .replaceAll(places.path, () => resolve(dir))
        .replaceAll(places.prometheus, () => prometheus ?? places.prometheus)
        .replaceAll(places.runbooks, () => (docs === undefined ? places.runbooks : `${docs}/operations.md#`))
      return { target, text, change: changeOf(target, text) }
    })
  const differing = files.filter(({ change }) => change === 'replaced').map(({ target }) => target)
  if (differing.length > 0 && !force)
    throw new Error(
      `${differing.join(', ')}: differs from what would be written; --force replaces it, another folder leaves it`,
    )
  for (const { target, text, change } of files) {
    if (change !== 'same') {
      mkdirSync(dirname(target), { recursive: true })
      writeFileSync(target, text)
    }
    if (json) printLine({ type: 'file', path: target, change })
    else process.stdout.write(`${target}: ${change}\n`)
  }
}

function changeOf(target: string, text: string): 'written' | 'replaced' | 'same' {
  if (!existsSync(target)) return 'written'
  return readFileSync(target, 'utf8') === text ? 'same' : 'replaced'
}
