import type { Command } from 'commander'
import { decoderOf } from '../assembly/intakes.ts'
import { referenceOf } from '../assembly/references.ts'
import { connectionOf, fileSourceOf } from '../assembly/sources.ts'
import { ConfigError } from '../config/config-error.ts'
import type { Document } from '../config/document.ts'
import type { FileSourceSettings, KafkaSourceSettings } from '../config/source-settings.ts'
import { toCanonical } from '../events/encode.ts'
import type { LabelEvent, PredictionEvent } from '../events/event.ts'
import type { Reference } from '../reference/reference.ts'
import { withoutSecrets } from '../secret.ts'
import type { OutgoingRecord, Publisher } from '../sources/publish.ts'
import { createPublisher } from '../sources/publish.ts'
import { loadBoth, withConfig } from './options.ts'
import { showProgress } from './progress.ts'

interface Options {
  readonly config?: string
  readonly source: string
  readonly to: string
  readonly speed?: string
}

const BATCH = 1_000

export function register(program: Command): void {
  withConfig(program.command('produce'))
    .description('publish the events of a file source to Kafka, in the order in which they happened')
    .requiredOption('--source <name>', 'the file source to read')
    .requiredOption('--to <name>', 'the Kafka source whose topics are written to')
    .option('--speed <number>', 'events per second (default: as fast as the broker takes them)')
    .addHelpText(
      'after',
      '\nExits with 4 when no broker answers.\n\nExample:\n  leeway produce --source history --to production --speed 1000',
    )
    .action(produce)
}

async function produce(options: Options): Promise<void> {
  const { document } = loadBoth({ ...(options.config !== undefined && { config: options.config }) })
  const source = sourceOf(document, options.source, 'file', '--source') as FileSourceSettings
  const target = sourceOf(document, options.to, 'kafka', '--to') as KafkaSourceSettings
  const topics = topicsOf(target)
  const eventsPerSecond = speedOf(options.speed)
  const decoder = await fileDecoder(document, source, target)
  let publisher: Publisher
  try {
    publisher = await createPublisher(connectionOf(target, () => {}))
  } catch (error) {
    process.stderr.write(`leeway: ${withoutSecrets(error instanceof Error ? error.message : String(error))}\n`)
    process.exitCode = 4
    return
  }
  const progress = showProgress('publishing')
  const sent = { predictions: 0, labels: 0, unreadable: 0 }
  const pace = paceOf(eventsPerSecond)
  let waiting: Array<{ topic: string; record: OutgoingRecord }> = []
  const flush = async () => {
    const batch = waiting
    waiting = []
    for (const topic of new Set(batch.map((one) => one.topic)))
      await publisher.send(
        topic,
        batch.filter((one) => one.topic === topic).map(({ record }) => record),
      )
    await pace(batch.length)
  }
  const add = (topic: string, event: PredictionEvent | LabelEvent) =>
    waiting.push({ topic, record: { key: event.id, value: toCanonical(event) } })
  const sink = {
    prediction: (event: PredictionEvent) => {
      sent.predictions++
      add(topics.predictions, event)
    },
    label: (event: LabelEvent) => {
      sent.labels++
      add(topics.labels, event)
    },
    rejected: () => {
      sent.unreadable++
    },
  }
  try {
    await fileSourceOf(source, progress.onProgress).run({
      assigned: (partitions) => partitions.map(() => undefined),
      async batch({ records }) {
        for (const { value } of records) {
          decoder.decode(value, sink)
          if (waiting.length >= Math.min(BATCH, eventsPerSecond)) await flush()
        }
      },
    })
    await flush()
  } finally {
    progress.stop()
    await publisher.close()
  }
  const bad = sent.unreadable > 0 ? `; ${sent.unreadable} rows could not be read (leeway replay says why)` : ''
  process.stdout.write(
    `${sent.predictions} predictions to ${topics.predictions}, ${sent.labels} labels to ${topics.labels}${bad}\n`,
  )
}

/** The columns' types come from the reference, so that numbers are published as numbers. */
async function fileDecoder(document: Document, source: FileSourceSettings, target: KafkaSourceSettings) {
  const readers = [...document.models.values()].filter(
    (model) => model.source === source.name || model.source === target.name,
  )
  const references = new Map<string, Reference>()
  for (const model of readers) {
    const reference = await referenceOf(model)
    if (!('firstMs' in reference)) references.set(model.name, reference)
  }
  return decoderOf(source.events, readers, source, { references, limits: document.limits })
}

function sourceOf(document: Document, name: string, type: 'file' | 'kafka', flag: string) {
  const source = document.sources.get(name)
  if (source?.type === type) return source
  const there = [...document.sources.values()].filter((one) => one.type === type).map((one) => one.name)
  const message = `${JSON.stringify(name)} is not a ${type} source; there is: ${there.join(', ') || 'none'}`
  throw new ConfigError([{ file: document.file, line: null, column: null, path: flag, message }])
}

/** Predictions go to the first topic, labels to the second if there is one. */
function topicsOf({ name, topics }: KafkaSourceSettings): { predictions: string; labels: string } {
  const canonical = [...topics].filter(([, format]) => format === 'canonical').map(([topic]) => topic)
  const [predictions, labels = predictions] = canonical
  if (predictions === undefined || labels === undefined) {
    throw new ConfigError([
      {
        file: null,
        line: null,
        column: null,
        path: `sources.${name}.topics`,
        message: 'canonical events are published, but none of its topics has events: canonical',
      },
    ])
  }
  return { predictions, labels }
}

function speedOf(text: string | undefined): number {
  if (text === undefined) return Number.POSITIVE_INFINITY
  const speed = Number(text)
  if (speed > 0) return speed
  throw new ConfigError([
    {
      file: null,
      line: null,
      column: null,
      path: '--speed',
      message: `${JSON.stringify(text)} is not a number above 0 (events per second)`,
    },
  ])
}

/** Waits so that no more than the given number of events a second goes out. */
function paceOf(eventsPerSecond: number): (events: number) => Promise<void> {
  const startedAt = performance.now()
  let sent = 0
  return async (events) => {
    sent += events
    const ahead = (sent / eventsPerSecond) * 1000 - (performance.now() - startedAt)
    if (ahead > 0) await new Promise((resolve) => setTimeout(resolve, ahead))
  }
}
