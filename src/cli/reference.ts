import { readFileSync, writeFileSync } from 'node:fs'
import Table from 'cli-table3'
import type { Command } from 'commander'
import { referenceOf } from '../assembly/references.ts'
import { ConfigError } from '../config/config-error.ts'
import type { Document } from '../config/document.ts'
import type { ModelSettings } from '../config/model-settings.ts'
import { metricName, plainNumber, withInterval } from '../delivery/wording.ts'
import { rowsWithValue } from '../reference/comparison.ts'
import { measurePerformance } from '../reference/performance.ts'
import type { Reference } from '../reference/reference.ts'
import { deserialise, serialise } from '../reference/reference.ts'
import { formatInstant } from '../time.ts'
import { loadBoth, printLine, withConfig } from './options.ts'

interface Options {
  readonly config?: string
  readonly model?: string
  readonly output?: string
  readonly profile?: string
  readonly json?: boolean
}

export function register(program: Command): void {
  const reference = program
    .command('reference')
    .description('build or show what production is compared with')
    .addHelpText('after', '\nExample:\n  leeway reference show -c examples/california/leeway.yaml')
  withConfig(reference.command('build'))
    .description('learn the reference of a model from its file, and write it as a profile that can be versioned')
    .option('--model <name>', 'which model (may be left out when there is one)')
    .requiredOption('-o, --output <file>', 'where to write the profile')
    .addHelpText('after', '\nExample:\n  leeway reference build -c examples/california/leeway.yaml -o california.json')
    .action(build)
  withConfig(reference.command('show'))
    .description('show the reference of a model: rows, columns, performance, and how well its noise is known')
    .option('--model <name>', 'which model (may be left out when there is one)')
    .option('--profile <file>', 'show this profile instead of what the configuration names')
    .option('--json', 'print one line of JSON')
    .addHelpText('after', '\nExample:\n  leeway reference show -c examples/california/leeway.yaml')
    .action(show)
}

async function build(options: Options): Promise<void> {
  const reference = await learn(options)
  writeFileSync(options.output as string, serialise(reference))
  process.stdout.write(`${options.output}: reference ${reference.id} of ${reference.model}, ${reference.rows} rows\n`)
}

async function show(options: Options): Promise<void> {
  const reference =
    options.profile === undefined ? await learn(options) : deserialise(readFileSync(options.profile, 'utf8'))
  if (options.json) printLine(referenceView(reference))
  else process.stdout.write(referenceText(reference))
}

async function learn(options: Options): Promise<Reference> {
  const { document } = loadBoth({ ...(options.config !== undefined && { config: options.config }) })
  const model = oneModel(document, options.model)
  const reference = await referenceOf(model)
  if ('firstMs' in reference)
    throw new Error(
      `models.${model.name}.reference: it is learnt from the stream; ask the running daemon: /api/v1/models/${model.name}`,
    )
  return reference
}

function oneModel(document: Document, name: string | undefined): ModelSettings {
  const names = [...document.models.keys()]
  const wanted = name ?? (names.length === 1 ? names[0] : undefined)
  const model = wanted === undefined ? undefined : document.models.get(wanted)
  if (model !== undefined) return model
  const message =
    name === undefined
      ? `say which model with --model: ${names.join(', ')}`
      : `there is no model ${JSON.stringify(name)}; there is: ${names.join(', ')}`
  throw new ConfigError([{ file: document.file, line: null, column: null, path: '--model', message }])
}

function referenceView(reference: Reference) {
  const { id, model, task, classes, source, rows, labelled, from, to, layout, inputs, outcomes, noise, ignored } =
    reference
  const performance = Object.entries(measurePerformance(layout.outcomes, outcomes)).map(([metric, measured]) => ({
    metric,
    ...measured,
  }))
  const columns = layout.inputs.columns.map((cells) => ({
    name: cells.column.name,
    role: cells.column.role,
    kind: cells.kind,
    rowsWithValue: rowsWithValue(cells, inputs),
    ...(cells.column.kind === 'numeric'
      ? { bins: cells.bins, spread: cells.column.spread }
      : { categories: cells.column.categories.length + cells.column.others.length }),
  }))
  const windows = Object.entries(noise).map(([window, { windows: count, calibrated, volume }]) => ({
    window,
    windows: count,
    calibrated,
    rowsPerWindow: volume?.mean ?? null,
  }))
  return {
    type: 'reference',
    id,
    model,
    task,
    classes,
    source,
    rows,
    labelled,
    from: formatInstant(from),
    to: formatInstant(to),
    columns,
    ignored,
    performance,
    noise: windows,
  }
}

function referenceText(reference: Reference): string {
  const { id, model, task, classes, source, rows, labelled, from, to, columns, ignored, performance, noise } =
    referenceView(reference)
  const head = [
    `reference ${id} of ${model} (${task}${classes.length > 0 ? `: ${classes.join(', ')}` : ''})`,
    `  from ${source}: ${rows} rows, ${labelled} labelled, ${from} to ${to}`,
  ]
  const table = new Table({
    head: ['column', 'role', 'kind', 'rows with a value', 'bins or categories'],
    style: { head: [], border: [] },
  })
  for (const column of columns)
    table.push([
      column.name,
      column.role,
      column.kind,
      column.rowsWithValue,
      'bins' in column ? column.bins : column.categories,
    ])
  const metrics = performance.map(
    (one) =>
      `  ${metricName(one.metric)}: ${one.value === null ? one.reason : withInterval(one.value, one.low, one.high)}`,
  )
  const windows = noise.map(
    ({ window, windows: count, calibrated, rowsPerWindow }) =>
      `  ${window}: ${count} disjoint windows${rowsPerWindow === null ? '' : ` of about ${plainNumber(Math.round(rowsPerWindow))} rows`}; noise ${calibrated ? 'learnt' : 'not learnt, a cautious one is assumed'}`,
  )
  const left = ignored.map(({ name, because }) => `  ${name} is not watched: ${because}`)
  return `${[...head, table.toString(), 'performance', ...metrics, 'windows', ...windows, ...left].join('\n')}\n`
}
