// Options that several commands share.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import type { Document } from '../config/document.ts'
import { loadDocument } from '../config/load.ts'
import type { Settings } from '../config/settings.ts'
import { loadSettings, settingsSchema } from '../config/settings.ts'
import { jsonLine, terminalText } from '../delivery/text-safety.ts'
import { wrapped } from './wrapped.ts'

export function withConfig(command: Command): Command {
  return command.option('-c, --config <file>', `configuration file (default: ${settingsSchema.config.default})`)
}

export function loadBoth(flags: {
  config?: string
  stateDir?: string
  port?: string
  host?: string
  rebuild?: string
}): {
  document: Document
  settings: Settings
} {
  const settings = loadSettings({ flags })
  return { document: loadDocument(settings.config), settings }
}

/** A folder for the state of a run that ends: the one that was named, or a temporary one that is removed by `remove`. */
export function stateFolder(named: string | undefined): { stateDir: string; remove: () => void } {
  // What is written there is nobody else's business.
  process.umask(0o077)
  if (named !== undefined) return { stateDir: named, remove: () => {} }
  const stateDir = mkdtempSync(join(tmpdir(), 'leeway-'))
  return { stateDir, remove: () => rmSync(stateDir, { recursive: true, force: true }) }
}

/** Prints text of several lines. Names in it come from events and files: none of them gives orders to the terminal. */
export function printText(text: string, columns: number | undefined = process.stdout.columns): void {
  process.stdout.write(wrapped(terminalText(text), columns))
}

export function printLine(line: object): void {
  process.stdout.write(`${jsonLine(line)}\n`)
}
