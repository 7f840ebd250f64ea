// The channel `kafka`: CloudEvents on a topic.

import { z } from 'zod'
import type { ConnectionSettings, Surroundings } from '../kafka-settings.ts'
import { kafkaConnection, resolveConnection, topic } from '../kafka-settings.ts'

const sourceForm = 'a URI or a path that tells this leeway from others, such as /leeway/production'

export const kafkaInput = z.strictObject({
  type: z.literal('kafka'),
  ...kafkaConnection,
  topic: topic.describe('Where events go; it must be there'),
  source: z
    .string(sourceForm)
    .regex(/^[\w.~:/?#@!$&'()*+,;=%-]{1,256}$/, sourceForm)
    .default('/leeway')
    .describe('Who says so: the attribute source of every event'),
})

export interface KafkaChannel extends ConnectionSettings {
  readonly type: 'kafka'
  readonly name: string
  readonly topic: string
  readonly source: string
}

export function resolveKafka(
  name: string,
  { type, topic, source, ...connection }: z.output<typeof kafkaInput>,
  surroundings: Surroundings,
): KafkaChannel {
  return { type, name, topic, source, ...resolveConnection(connection, surroundings) }
}
