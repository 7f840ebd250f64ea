import type { Command } from 'commander'
import { loadSettings } from '../config/settings.ts'
import { openDatabase } from '../store/database.ts'
import { dumpState } from '../store/dump.ts'
import { printLine } from './options.ts'

export function register(program: Command): void {
  program
    .command('dump')
    .description(
      'print the whole state as sorted lines of JSON, also while the daemon runs: equal states print equal lines',
    )
    .option('--state <dir>', 'folder of the database (default: ./state, or LEEWAY_STATE_DIR)')
    .addHelpText('after', '\nExample:\n  leeway dump --state ./state > before.ndjson')
    .action(({ state }: { state?: string }) => {
      const settings = loadSettings({ flags: { ...(state !== undefined && { stateDir: state }) } })
      const db = openDatabase(settings.stateDir, { readOnly: true })
      try {
        for (const line of dumpState(db)) printLine(line)
      } finally {
        db.close()
      }
    })
}
