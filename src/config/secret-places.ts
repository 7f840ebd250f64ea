// Where the document says that secrets are.

import type { Document } from './document.ts'
import type { ConnectionSettings } from './kafka-settings.ts'
import { exposureOf } from './secret.ts'
import { secretsOf } from './targets/secret-place.ts'

interface SecretPlace {
  /** The setting: `channels.pager.secretFile`. */
  readonly path: string
  /** A file, or `env:NAME`. */
  readonly place: string
}

/** Every secret that the document names. */
export function* secretPlaces({ sources, channels, retraining }: Document): Iterable<SecretPlace> {
  for (const source of sources.values()) {
    if (source.type === 'kafka') yield* secretsOfConnection(`sources.${source.name}`, source)
  }
  for (const channel of channels.values()) {
    if (channel.type === 'kafka') {
      yield* secretsOfConnection(`channels.${channel.name}`, channel)
      continue
    }
    for (const [setting, place] of secretsOfChannel(channel))
      yield { path: `channels.${channel.name}.${setting}`, place }
  }
  for (const { model, target } of retraining.values()) {
    if ('kafka' in target) yield* secretsOfConnection(`retraining.${model}`, target.kafka)
    else
      for (const { setting, place } of secretsOf(target.http)) yield { path: `retraining.${model}.${setting}`, place }
  }
}

/** Settings of channels whose name ends in `File` are secrets, whatever part of the channel they belong to. */
function* secretsOfChannel(settings: object): Iterable<readonly [setting: string, place: string]> {
  for (const [setting, value] of Object.entries(settings)) {
    if (typeof value === 'string' && setting.endsWith('File')) yield [setting, value]
    else if (typeof value === 'object' && value !== null) yield* secretsOfChannel(value)
  }
}

function* secretsOfConnection(path: string, { ssl, sasl }: ConnectionSettings): Iterable<SecretPlace> {
  if (ssl !== false && ssl.keyFile !== undefined) yield { path: `${path}.ssl.keyFile`, place: ssl.keyFile }
  for (const [setting, place] of Object.entries(sasl ?? {}))
    if (setting.endsWith('File')) yield { path: `${path}.sasl.${setting}`, place: String(place) }
}

/**
 * Secrets that every user of this machine can read, each with its cure.
 *
 * @param tokensFile the file of tokens for the API, which the settings of the process name
 */
export function exposedSecrets(document: Document, tokensFile: string | null = null): string[] {
  const tokens = tokensFile === null ? [] : [{ path: 'LEEWAY_TOKENS_FILE', place: tokensFile }]
  return [...secretPlaces(document), ...tokens].flatMap(({ path, place }) => {
    const exposure = exposureOf(place)
    return exposure === null ? [] : [`${path}: ${exposure}`]
  })
}
