// What a source waits for that has brought nothing yet: an event that it would take, and the command that sends one.

import type { EventMapping } from '../events/mapping.ts'
import type { Instant } from '../time.ts'
import { formatInstant } from '../time.ts'

export interface FirstStep {
  readonly source: string
  /** From where it reads: `the topics predictions, labels at localhost:9092`. */
  readonly reads: string
  /** One prediction as it could come, as JSON. */
  readonly event: string
  /** Sends it. */
  readonly command: string
}

export interface FirstStepFacts {
  readonly source: string
  readonly brokers: readonly string[]
  readonly topics: readonly string[]
  readonly format: 'canonical' | EventMapping
  readonly model: string
  /** What the model would put out: a number, or one of its classes; null where a score says enough. */
  readonly prediction: number | string | null
  /** A value for each of the model's features; empty while they are not known. */
  readonly features: Readonly<Record<string, number | string>>
  readonly now: Instant
}

const FEATURES_MAX = 4

export function firstStep(facts: FirstStepFacts): FirstStep {
  const { source, brokers, topics } = facts
  const event = JSON.stringify(exampleEvent(facts))
  const [broker = 'localhost:9092'] = brokers
  const [topic = ''] = topics
  return {
    source,
    reads: `the topic${topics.length === 1 ? '' : 's'} ${topics.join(', ')} at ${brokers.join(', ')}`,
    event,
    command: `printf '%s\\n' ${quoted(event)} | kafka-console-producer.sh --bootstrap-server ${quoted(broker)} --topic ${quoted(topic)}`,
  }
}

function exampleEvent({ format, model, prediction: put, now, ...facts }: FirstStepFacts): object {
  const known = Object.entries(facts.features).slice(0, FEATURES_MAX)
  const features = known.length > 0 ? Object.fromEntries(known) : { feature: 1.5 }
  const time = formatInstant(now)
  if (format === 'canonical')
    return {
      type: 'prediction',
      id: 'first-1',
      model,
      time,
      features,
      ...(put === null ? { score: 0.17 } : { prediction: put }),
    }
  const { id, time: timeColumn, score, prediction } = format
  return {
    [id]: 'first-1',
    ...(timeColumn !== undefined && { [timeColumn]: time }),
    ...features,
    ...(score !== undefined && { [score]: 0.17 }),
    ...(prediction !== undefined && { [prediction]: put ?? 'a class' }),
  }
}

/** One word for a shell. */
function quoted(text: string): string {
  return /^[\w.:/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
