// The sources that the document names, ready to be read.

import { readSecret } from '../config/secret.ts'
import type { FileSourceSettings, KafkaSourceSettings } from '../config/source-settings.ts'
import { splitRow } from '../events/split-row.ts'
import type { OnProgress } from '../sources/codecs/row-reader.ts'
import { createFileSource } from '../sources/file.ts'
import { createKafkaSource } from '../sources/kafka.ts'
import type { ClientLog, KafkaConnection } from '../sources/kafka-client.ts'
import type { Source } from '../sources/source.ts'

/** A file as a source: labels come when they became known. */
export function fileSourceOf({ name, path, events }: FileSourceSettings, onProgress?: OnProgress): Source {
  const plan =
    events === 'canonical' ? (row: Readonly<Record<string, unknown>>) => [{ at: null, value: row }] : splitRow(events)
  return createFileSource({ name, path, plan, ...(onProgress && { onProgress }) })
}

/** @throws ConfigError when the password cannot be read */
export function connectionOf({ name, brokers, ssl, sasl }: KafkaSourceSettings, log: ClientLog): KafkaConnection {
  const login =
    sasl === null
      ? null
      : {
          mechanism: sasl.mechanism,
          username: sasl.username,
          password: readSecret(sasl.passwordFile, `sources.${name}.sasl.passwordFile`),
        }
  return { brokers, clientId: 'leeway', ssl, sasl: login, log }
}

export function kafkaSourceOf(
  settings: KafkaSourceSettings,
  options: { log: ClientLog; onTrouble: (message: string | null) => void },
): Source {
  return createKafkaSource({
    ...connectionOf(settings, options.log),
    name: settings.name,
    topics: [...settings.topics.keys()],
    onTrouble: options.onTrouble,
  })
}
