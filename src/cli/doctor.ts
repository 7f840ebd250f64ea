import type { Command } from 'commander'
import { examineFit } from '../assembly/fit.ts'
import { loadDocument } from '../config/load.ts'
import { loadSettings } from '../config/settings.ts'
import { examine } from '../store/doctor/examine.ts'
import type { Finding } from '../store/doctor/finding.ts'
import { printLine, printText } from './options.ts'

interface Options {
  readonly config?: string
  readonly state?: string
  readonly json?: boolean
}

export function register(program: Command): void {
  program
    .command('doctor')
    .description('look at a state directory, stopped or running: what is there, what is wrong with it, and what to do')
    .option('-c, --config <file>', 'also say whether the state belongs to this configuration')
    .option('--state <dir>', 'folder of the database (default: ./state, or LEEWAY_STATE_DIR)')
    .option('--json', 'print one line of JSON for each finding, and a summary')
    .addHelpText(
      'after',
      '\nReads every page and row, and changes nothing. Exits with 1 when something is\nbroken.\n\nExample:\n  leeway doctor --state /var/lib/leeway -c config/leeway.yaml',
    )
    .action(doctor)
}

async function doctor({ config, state, json = false }: Options): Promise<void> {
  const { stateDir, stateFreeMinMib } = loadSettings({ flags: { ...(state !== undefined && { stateDir: state }) } })
  const document = config === undefined ? undefined : loadDocument(config)
  const findings = await examine(stateDir, {
    freeMinBytes: stateFreeMinMib * 2 ** 20,
    ...(document !== undefined && { more: (db) => examineFit(document, db) }),
  })
  const count = (severity: Finding['severity']) => findings.filter((one) => one.severity === severity).length
  const counts = { broken: count('broken'), warnings: count('warning'), notes: count('note') }
  if (json) {
    for (const one of findings) printLine({ type: 'finding', ...one })
    printLine({ type: 'summary', state: stateDir, ...counts })
  } else printText(`${findings.map(inWords).join('\n')}\n\n${verdict(stateDir, counts)}\n`)
  if (counts.broken > 0) process.exitCode = 1
}

function inWords({ check, severity, found, advice }: Finding): string {
  const line = `${severity.padEnd(8)} ${check}: ${found}`
  return advice === null ? line : `${line}\n         ${advice}`
}

function verdict(
  stateDir: string,
  { broken, warnings, notes }: Record<'broken' | 'warnings' | 'notes', number>,
): string {
  if (broken > 0) return `${stateDir} is broken: ${broken} of the findings above ${broken === 1 ? 'says' : 'say'} why`
  return `${stateDir} is sound (${counted(warnings, 'warning')}, ${counted(notes, 'note')})`
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
