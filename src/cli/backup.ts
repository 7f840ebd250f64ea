import type { Command } from 'commander'
import { loadSettings } from '../config/settings.ts'
import { backupState } from '../store/backup.ts'
import { printLine } from './options.ts'
import { showProgress } from './progress.ts'

export function register(program: Command): void {
  program
    .command('backup')
    .argument('<file>', 'the file to write')
    .description('copy the state into one file, also while the daemon runs, and check the copy')
    .option('--state <dir>', 'folder of the database (default: ./state, or LEEWAY_STATE_DIR)')
    .option('--force', 'replace a file that is there')
    .option('--json', 'print one line of JSON')
    .addHelpText(
      'after',
      '\nTo restore: stop the daemon, and put the file as leeway.db into an empty state\ndirectory; it goes on reading where the backup was made.\n\nExample:\n  leeway backup --state /var/lib/leeway /backups/leeway-$(date +%F).db',
    )
    .action(backup)
}

async function backup(
  file: string,
  { state, force = false, json = false }: { state?: string; force?: boolean; json?: boolean },
): Promise<void> {
  const { stateDir } = loadSettings({ flags: { ...(state !== undefined && { stateDir: state }) } })
  const { onProgress, stop } = showProgress('copying the state')
  const bytes = await backupState(stateDir, file, { force, onProgress }).finally(stop)
  if (json) printLine({ type: 'backup', state: stateDir, file, bytes })
  else process.stdout.write(`${file}: ${bytes} bytes, checked\n`)
}
