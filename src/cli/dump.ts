import type { Command } from 'commander'
import { loadSettings } from '../config/settings.ts'
import { openToList } from '../store/database.ts'
import { dumpState } from '../store/dump.ts'
import { dumpExactly } from '../store/dump-exact.ts'
import { printLine } from './options.ts'

export function register(program: Command): void {
  program
    .command('dump')
    .description(
      'print the whole state as sorted lines of JSON, also while the daemon runs: equal states print equal lines',
    )
    .option(
      '--exact',
      'print what two states with the same history have in common, byte for byte: waiting entries and messages in full, no times of the wall clock, no tries, no layout',
    )
    .option('--state <dir>', 'folder of the database (default: ./state, or LEEWAY_STATE_DIR)')
    .addHelpText(
      'after',
      '\nExamples:\n  leeway dump --state ./state > before.ndjson\n  diff <(leeway dump --exact --state ./a) <(leeway dump --exact --state ./b)',
    )
    .action(({ state, exact = false }: { state?: string; exact?: boolean }) => {
      const settings = loadSettings({ flags: { ...(state !== undefined && { stateDir: state }) } })
      const db = openToList(settings.stateDir)
      try {
        for (const line of exact ? dumpExactly(db) : dumpState(db)) printLine(line)
      } finally {
        db.close()
      }
    })
}
