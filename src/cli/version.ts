import { readFileSync } from 'node:fs'
import type { Command } from 'commander'

export function register(program: Command): void {
  program
    .command('version')
    .description('print the version of leeway and of Node')
    .option('--json', 'print one line of JSON')
    .addHelpText('after', '\nExample:\n  leeway version --json')
    .action(({ json }: { json?: boolean }) => {
      const versions = { leeway: packageVersion(), node: process.versions.node }
      const text = json
        ? JSON.stringify({ type: 'version', ...versions })
        : `leeway ${versions.leeway} (Node ${versions.node})`
      process.stdout.write(`${text}\n`)
    })
}

/** The version of this package. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return version
}
