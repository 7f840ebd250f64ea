import { randomUUID } from 'node:crypto'
import { userInfo } from 'node:os'
import Table from 'cli-table3'
import type { Command } from 'commander'
import { connectionOf } from '../assembly/sources.ts'
import { ConfigError } from '../config/config-error.ts'
import type { Document } from '../config/document.ts'
import { suggest } from '../config/explain.ts'
import { loadSettings } from '../config/settings.ts'
import type { KafkaSourceSettings } from '../config/source-settings.ts'
import { kafkaEnds } from '../sources/kafka.ts'
import type { Position } from '../store/changes.ts'
import { openToList } from '../store/database.ts'
import { createViews } from '../store/read.ts'
import { Statements } from '../store/statements.ts'
import { openStore } from '../store/store.ts'
import { formatInstant } from '../time.ts'
import { loadBoth, printLine, withConfig } from './options.ts'
import { plainTable } from './plain-table.ts'

interface ResetOptions {
  readonly config?: string
  readonly state?: string
  readonly source: string
  readonly topic: string
  readonly partition: string
  readonly to: string
}

const stateOption = ['--state <dir>', 'folder of the database (default: ./state, or LEEWAY_STATE_DIR)'] as const

export function register(program: Command): void {
  const positions = program
    .command('positions')
    .description('how far each partition has been read, and where to read on')
    .addHelpText('after', '\nExamples:\n  leeway positions list --state ./state\n  leeway positions reset --help')
  positions
    .command('list')
    .description('print how far each partition has been read, also while the daemon runs')
    .option(...stateOption)
    .option('--json', 'print one line of JSON for each partition')
    .addHelpText('after', '\nExample:\n  leeway positions list --state ./state')
    .action(list)
  withConfig(positions.command('reset'))
    .description('say where a partition is to be read on, for one that is halted; the daemon must be stopped')
    .option(...stateOption)
    .requiredOption('--source <name>', 'the Kafka source')
    .requiredOption('--topic <name>', 'its topic')
    .requiredOption('--partition <number>', 'the partition')
    .requiredOption('--to <offset>', 'earliest, latest, or the offset of the record to read next')
    .addHelpText(
      'after',
      '\nWhat lies between the old position and the new one is not read, or is applied\nagain: predictions and labels that are still known count once all the same. It\nis written into the audit.\n\nExample:\n  leeway positions reset --source production --topic predictions \\\n    --partition 0 --to earliest',
    )
    .action(reset)
}

function list({ state, json = false }: { state?: string; json?: boolean }): void {
  const { stateDir } = loadSettings({ flags: { ...(state !== undefined && { stateDir: state }) } })
  const db = openToList(stateDir)
  try {
    const found = createViews(new Statements(db)).positions()
    if (json) for (const position of found) printLine({ type: 'position', ...position })
    else process.stdout.write(`${tableOf(found)}\n`)
  } finally {
    db.close()
  }
}

function tableOf(positions: readonly Position[]): string {
  const table = new Table({
    head: ['source', 'topic', 'partition', 'next offset', 'last record (time in Kafka)'],
    ...plainTable,
  })
  for (const { source, topic, partition, nextOffset, last } of positions)
    table.push([source, topic, partition, nextOffset, last === null ? '' : formatInstant(last.timestamp)])
  return table.toString()
}

async function reset({ config, state, ...options }: ResetOptions): Promise<void> {
  const { document, settings } = loadBoth({
    ...(config !== undefined && { config }),
    ...(state !== undefined && { stateDir: state }),
  })
  const source = kafkaSource(document, options.source)
  const { topic } = options
  if (!source.topics.has(topic)) refuse('--topic', topic, [...source.topics.keys()])
  const ends = await kafkaEnds(
    connectionOf(source, () => {}),
    topic,
  )
  const partition = wholeNumber(options.partition)
  const end = partition === undefined ? undefined : ends.get(partition)
  if (partition === undefined || end === undefined) return refuse('--partition', options.partition, [...ends.keys()])
  const nextOffset = offsetOf(options.to, end)
  const store = openStore(settings.stateDir)
  try {
    const before = store
      .positions()
      .find((one) => one.source === source.name && one.topic === topic && one.partition === partition)
    const change = inWords(before?.nextOffset, nextOffset)
    store.resetPosition(
      { source: source.name, topic, partition, nextOffset, highestTime: before?.highestTime ?? null, last: null },
      {
        at: Date.now(),
        request: randomUUID(),
        actor: `command line, ${userInfo().username}`,
        role: '',
        remote: '',
        action: 'positions reset',
        target: `${source.name}: ${topic}/${partition}`,
        outcome: 'done',
        detail: change,
      },
    )
    process.stdout.write(`${topic}, partition ${partition} of source ${source.name}: ${change}\n`)
  } finally {
    store.close()
  }
}

function inWords(before: number | undefined, after: number): string {
  const change = `read on at offset ${after}`
  if (before === undefined) return `${change}; it had not been read yet`
  if (before === after) return `${change}, where it stood; what was read is no longer compared with the topic`
  return before < after
    ? `${change}, not at ${before}: offsets ${before} to ${after - 1} are left out`
    : `${change}, not at ${before}: offsets from ${after} on are applied, also where others of that number were`
}

function kafkaSource(document: Document, name: string): KafkaSourceSettings {
  const source = document.sources.get(name)
  if (source?.type === 'kafka') return source
  const names = [...document.sources.values()].filter(({ type }) => type === 'kafka').map((one) => one.name)
  return refuse('--source', name, names)
}

function offsetOf(to: string, { low, high }: { low: number; high: number }): number {
  if (to === 'earliest') return low
  if (to === 'latest') return high
  const offset = wholeNumber(to)
  if (offset !== undefined && offset >= low && offset <= high) return offset
  throw problem('--to', `${JSON.stringify(to)} is not earliest, latest, or an offset from ${low} to ${high}`)
}

function wholeNumber(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

function refuse(option: string, value: string, names: ReadonlyArray<string | number>): never {
  throw problem(
    option,
    `there is no ${JSON.stringify(value)}${suggest(value, names.map(String))}; there is: ${names.join(', ') || 'none'}`,
  )
}

function problem(option: string, message: string): ConfigError {
  return new ConfigError([{ file: null, line: null, column: null, path: option, message }])
}
