// The sources that the document names, ready to be read.

import { createHash } from 'node:crypto'
import { accessSync, constants } from 'node:fs'
import type { FileSourceSettings, KafkaSourceSettings, SourceSettings } from '../config/source-settings.ts'
import { splitRow } from '../events/split-row.ts'
import { withoutSecrets } from '../secret.ts'
import type { OnProgress } from '../sources/codecs/row-reader.ts'
import { createFileSource } from '../sources/file.ts'
import type { KafkaSourceOptions } from '../sources/kafka.ts'
import { checkKafkaSource, createKafkaSource } from '../sources/kafka.ts'
import type { ClientLog, KafkaConnection } from '../sources/kafka-client.ts'
import type { Source } from '../sources/source.ts'
import { connectionAt } from './kafka-connection.ts'

/** A file as a source: labels come when they became known. */
export function fileSourceOf({ name, path, events }: FileSourceSettings, onProgress?: OnProgress): Source {
  const plan =
    events === 'canonical' ? (row: Readonly<Record<string, unknown>>) => [{ at: null, value: row }] : splitRow(events)
  return createFileSource({ name, path, plan, ...(onProgress && { onProgress }) })
}

/** @throws as `connectionAt` */
export function connectionOf(settings: KafkaSourceSettings, log: ClientLog): KafkaConnection {
  return connectionAt(`sources.${settings.name}`, settings, log)
}

export function kafkaSourceOf(
  settings: KafkaSourceSettings,
  options: Pick<
    KafkaSourceOptions,
    'log' | 'onTrouble' | 'onHalted' | 'onReconnect' | 'comparesIdentity' | 'isStuck' | 'probe'
  >,
): Source {
  return createKafkaSource({
    ...connectionOf(settings, options.log),
    name: settings.name,
    topics: [...settings.topics.keys()],
    onLoss: settings.onLoss,
    maxRecordBytes: settings.maxRecordBytes,
    maxBatchBytes: settings.maxBatchBytes,
    stallTimeoutMs: settings.stallTimeoutMs,
    ...options,
    onTrouble: (message) => options.onTrouble(message === null ? null : withoutSecrets(message)),
  })
}

/**
 * Tells whether a source that is being read is still the one that the document asks for: where it is read from, and with which
 * secrets. How its records are decoded and timed is none of its business.
 *
 * @throws ConfigError when a secret cannot be read
 */
export function identityOf(settings: SourceSettings): string {
  const from =
    settings.type === 'file'
      ? [settings.path, settings.events]
      : [
          settings.brokers,
          settings.ssl,
          settings.sasl,
          [...settings.topics.keys()].sort(),
          settings.onLoss,
          settings.maxBatchBytes,
          settings.requestTimeoutMs,
          settings.stallTimeoutMs,
        ]
  return createHash('sha256').update(JSON.stringify(from)).digest('hex')
}

/** @throws Error that says what is wrong, when it cannot be read now */
export async function checkSource(settings: SourceSettings, log: ClientLog): Promise<void> {
  const { name } = settings
  if (settings.type === 'file') {
    try {
      return accessSync(settings.path, constants.R_OK)
    } catch (cause) {
      throw new Error(`sources.${name}.path: ${settings.path} cannot be read; name a file that is there`, { cause })
    }
  }
  const { topics } = settings
  await checkKafkaSource({ ...connectionOf(settings, log), name, topics: [...topics.keys()] })
}
