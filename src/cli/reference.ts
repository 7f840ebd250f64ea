import { readFileSync, writeFileSync } from 'node:fs'
import Table from 'cli-table3'
import type { Command } from 'commander'
import { referenceOf } from '../assembly/references.ts'
import { ConfigError } from '../config/config-error.ts'
import type { Document } from '../config/document.ts'
import type { ModelSettings } from '../config/model-settings.ts'
import { safeLine } from '../delivery/text-safety.ts'
import { count, metricName, plainNumber, withInterval } from '../delivery/wording.ts'
import { rowsWithValue } from '../reference/comparison.ts'
import { measurePerformance } from '../reference/performance.ts'
import { choiceOf } from '../reference/phases.ts'
import type { Reference } from '../reference/reference.ts'
import { deserialise, serialise } from '../reference/reference.ts'
import type { Estimator } from '../summaries/estimator.ts'
import type { ColumnCells } from '../summaries/layout.ts'
import { formatInstant } from '../time.ts'
import { registerMade } from './made-references.ts'
import { loadBoth, printLine, printText, withConfig } from './options.ts'
import { plainTable } from './plain-table.ts'

/** Categories of a column that are named. */
const CATEGORIES_SHOWN = 5

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
  registerMade(reference)
}

async function build(options: Options): Promise<void> {
  const reference = await learn(options)
  writeFileSync(options.output as string, serialise(reference))
  printText(`${options.output}: reference ${reference.id} of ${safeLine(reference.model)}, ${reference.rows} rows\n`)
}

async function show(options: Options): Promise<void> {
  const reference =
    options.profile === undefined ? await learn(options) : deserialise(readFileSync(options.profile, 'utf8'))
  if (options.json) printLine(referenceView(reference))
  else printText(referenceText(reference))
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

/** What a column's values are sorted into. */
function extentOf({ column, bins }: ColumnCells) {
  switch (column.kind) {
    case 'numeric':
      return {
        bins,
        spread: column.spread,
        smallest: smallestOf(column.edges),
        largest: column.edges.at(-1) ?? null,
      }
    case 'categorical':
      return {
        categories: column.categories.length + column.others.length,
        frequent: column.categories.slice(0, CATEGORIES_SHOWN),
      }
    case 'embedding':
      return { clusters: bins, dimension: column.dimension }
  }
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
    ...extentOf(cells),
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
    baseline: choiceOf(reference.phases),
    columns,
    ignored,
    performance,
    estimates: estimatesText(reference.estimator),
    noise: windows,
  }
}

/** How performance is estimated while there are no labels. */
function estimatesText(estimator: Estimator | null): string {
  switch (estimator?.task) {
    case undefined:
      return 'not estimated'
    case 'binary':
      return estimator.calibrated ? 'from calibrated scores' : 'from the scores as they are'
    case 'multiclass':
      return `from probabilities, ${estimator.curves.filter((curve) => curve !== null).length} of ${estimator.curves.length} calibrated`
    case 'regression':
      return `from a loss tree of ${estimator.tree.leaves.length} leaves`
  }
}

/** The first edge lies one step of floating point below the smallest value: of 0 that step is not worth showing. */
function smallestOf([first]: Float64Array): number | null {
  return first === undefined ? null : first === -Number.MIN_VALUE ? 0 : first
}

function referenceText(reference: Reference): string {
  const {
    id,
    model,
    task,
    classes,
    source,
    rows,
    labelled,
    from,
    to,
    baseline,
    columns,
    ignored,
    performance,
    estimates,
    noise,
  } = referenceView(reference)
  const head = [
    `reference ${id} of ${safeLine(model)} (${task}${classes.length > 0 ? `: ${safeLine(classes.join(', '), 1_000)}` : ''})`,
    `  from ${source}: ${count(rows)} rows, ${count(labelled)} labelled, ${from} to ${to}`,
    ...(baseline === 'pooled' ? [] : [`  windows are compared with what it says of the same hours: ${baseline}`]),
  ]
  const table = new Table({ ...plainTable, head: ['column', 'role', 'missing', 'values'] })
  for (const column of columns) {
    const missing = rows - column.rowsWithValue
    table.push([
      safeLine(column.name),
      column.role,
      missing === 0 ? '–' : `${count(missing)} (${plainNumber((100 * missing) / rows)} %)`,
      valuesText(column),
    ])
  }
  const metrics = performance.map(
    (one) =>
      `  ${metricName(one.metric)}: ${one.value === null ? one.reason : withInterval(one.value, one.low, one.high)}`,
  )
  const windows = noise.map(
    ({ window, windows: number, calibrated, rowsPerWindow }) =>
      `  ${window}: ${rowsPerWindow === null ? 'longer than the reference' : `about ${count(rowsPerWindow)} rows`}; ${
        calibrated
          ? `how much they differ by chance was learnt from ${number} of them, one after another`
          : `${number} of them with enough rows say too little of how much they differ by chance, a cautious guess is used`
      }`,
  )
  const left = ignored.map(({ name, because }) => `  ${safeLine(name)} is not watched: ${because}`)
  return `${[...head, table.toString(), 'performance', ...metrics, `without labels  ${estimates}`, 'windows', ...windows, ...left].join('\n')}\n`
}

/** What values a column has, in words. */
function valuesText(extent: ReturnType<typeof extentOf>): string {
  if (extent.bins !== undefined) return numericText(extent)
  if (extent.categories !== undefined) return categoricalText(extent)
  return `vectors of ${count(extent.dimension)} numbers, in ${extent.clusters} clusters`
}

function numericText({ smallest, largest }: { smallest: number | null; largest: number | null }): string {
  if (smallest === null || largest === null) return 'numbers'
  const [from, to] = [valueText(smallest), valueText(largest)]
  return from === to ? `always ${to}` : `${from} to ${to}`
}

function valueText(value: number): string {
  return Number(value.toPrecision(6)).toLocaleString('en-US', { maximumSignificantDigits: 6 })
}

function categoricalText({ categories, frequent }: { categories: number; frequent: readonly string[] }): string {
  const more = categories > frequent.length ? `, … (${count(categories)} categories)` : ''
  return `${safeLine(frequent.join(', '))}${more}`
}
